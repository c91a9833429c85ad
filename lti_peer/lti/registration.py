"""The LMSs that the tool knows: added by an administrator, approved, listed, removed.

How an LMS registers the tool by itself stands in `dynamic_registration`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_peer.core import db
from lti_peer.core.errors import Conflict, Invalid, NotFound
from lti_peer.core.models import ID_LENGTH, Course, Deployment, Platform, Standing
from lti_peer.lti import hosts


@dataclass(frozen=True)
class Entry:
    """What is known of an LMS before the first launch. Addresses are absolute."""

    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    jwks_url: str
    audience: str = ""
    """The `aud` of service assertions where it is not the token URL (Brightspace)."""
    name: str = ""
    family: str = ""
    deployments: tuple[str, ...] = ()
    """Deployment ids that are known already; others are met at their first launch."""
    hosts: tuple[str, ...] = ()
    """Further hosts (with a port unless it is the default one) of its services."""
    scopes: tuple[str, ...] = ()
    """The scopes that the LMS granted; none when it did not say."""


def add_platform(
    session: Session,
    entry: Entry,
    *,
    state: Standing = Standing.ACTIVE,
    private: bool = False,
) -> Platform:
    """Keep a new LMS and its deployments, and return it; a known one is never overwritten.

    `private` allows http and loopback (LTI_PEER_ALLOW_PRIVATE_HOSTS). Raises Invalid with the
    wrong fields, and Conflict when this issuer and client id are known.
    """
    _check(entry, private=private)
    known = session.scalar(
        select(Platform).where(
            Platform.issuer == entry.issuer, Platform.client_id == entry.client_id
        )
    )
    if known is not None:
        raise Conflict(
            f"The client id {entry.client_id} of {entry.issuer} is registered already; "
            "nothing was changed.",
            code="platform_known",
        )
    platform = _stored(entry, state, db.now(session))
    session.add(platform)
    session.flush()
    return platform


def list_platforms(session: Session) -> Sequence[Platform]:
    """Return every LMS, oldest first."""
    return session.scalars(select(Platform).order_by(Platform.created_at, Platform.id)).all()


def find_platform(session: Session, platform_id: UUID) -> Platform:
    """Return one LMS; else raise NotFound."""
    platform = session.get(Platform, platform_id)
    if platform is None:
        raise NotFound(f"There is no platform {platform_id}.")
    return platform


def approve(
    session: Session,
    platform_id: UUID,
    *,
    further_hosts: Sequence[str] = (),
    deployments: Sequence[str] = (),
) -> Platform:
    """Let a waiting or disabled LMS be used, and return it; saying so twice is harmless.

    `further_hosts` are approved for its services beside those that it registered with, and
    `deployments` may launch from now on. Raises NotFound, and Invalid when one of them cannot be.
    """
    platform = find_platform(session, platform_id)
    _demand(_wrong_hosts(further_hosts) | _wrong_deployments(deployments))
    platform.state = Standing.ACTIVE
    known = [str(each) for each in platform.hosts]
    platform.hosts = list(dict.fromkeys([*known, *(each.lower() for each in further_hosts)]))
    there = {one.deployment_key: one for one in platform.deployments}
    for key in dict.fromkeys(deployments):
        if key in there:
            there[key].state = Standing.ACTIVE
        else:
            platform.deployments.append(Deployment(deployment_key=key, created_at=db.now(session)))
    session.flush()
    return platform


def courses_of(session: Session, platform_id: UUID) -> int:
    """Return how many courses of the LMS have work here."""
    count = session.scalar(
        select(func.count())
        .select_from(Course)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .where(Deployment.platform_id == platform_id, Course.sandbox_of.is_(None))
    )
    return count or 0


def remove_platform(session: Session, platform_id: UUID, *, with_courses: bool = False) -> Platform:
    """Forget an LMS, and return what was forgotten.

    Its courses, people and their work go with it, so that must be asked for: raises Conflict
    when there are courses and not `with_courses`, and NotFound.
    """
    platform = find_platform(session, platform_id)
    courses = courses_of(session, platform_id)
    if courses and not with_courses:
        raise Conflict(
            f"{platform.name} has {courses} course{'s' if courses > 1 else ''} here, "
            "and all work in there would go with it; "
            "nothing was changed.",
            code="platform_in_use",
        )
    session.delete(platform)
    session.flush()
    return platform


def _stored(entry: Entry, state: Standing, moment: datetime) -> Platform:
    return Platform(
        issuer=entry.issuer,
        client_id=entry.client_id,
        name=entry.name or hosts.host(entry.issuer),
        family=entry.family,
        auth_url=entry.auth_url,
        token_url=entry.token_url,
        jwks_url=entry.jwks_url,
        audience=entry.audience,
        hosts=[each.lower() for each in entry.hosts],
        scopes=list(entry.scopes),
        state=state,
        created_at=moment,
        deployments=[
            Deployment(deployment_key=key, created_at=moment)
            for key in dict.fromkeys(entry.deployments)
        ],
    )


def _check(entry: Entry, *, private: bool) -> None:
    addresses = {
        "issuer": entry.issuer,
        "auth_url": entry.auth_url,
        "token_url": entry.token_url,
        "jwks_url": entry.jwks_url,
    }
    wrong = {
        name: "must be an https address, without a user name in it"
        for name, url in addresses.items()
        if not hosts.secure(url, private=private)
    }
    if not 0 < len(entry.client_id) <= ID_LENGTH:
        wrong["client_id"] = f"must have 1 to {ID_LENGTH} characters"
    _demand(wrong | _wrong_hosts(entry.hosts) | _wrong_deployments(entry.deployments))


def _wrong_deployments(keys: Sequence[str]) -> dict[str, str]:
    fine = all(0 < len(key) <= ID_LENGTH for key in keys)
    return {} if fine else {"deployments": f"must each have 1 to {ID_LENGTH} characters"}


def _wrong_hosts(names: Sequence[str]) -> dict[str, str]:
    fine = all(
        name.isascii() and hosts.host(f"https://{name}/") == name.lower() != "" for name in names
    )
    return {} if fine else {"hosts": "must each be like lms.example.org or lms.example.org:8443"}


def _demand(wrong: Mapping[str, str]) -> None:
    if wrong:
        sentences = "; ".join(f"{name} {sentence}" for name, sentence in wrong.items())
        raise Invalid(f"Nothing was changed: {sentences}.", wrong)
