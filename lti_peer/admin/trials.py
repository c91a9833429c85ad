"""Asking an LMS now whether its services answer, because somebody wants to see it.

Four calls with a short deadline each, and no transaction open. They change nothing in the LMS: a
key set, a token, one grade column of one course, one page of one roster.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_peer.core import audit
from lti_peer.core.db import Database
from lti_peer.core.keys import Vault
from lti_peer.core.models import Course, Deployment, Platform
from lti_peer.lti import checks, claims, registration
from lti_peer.lti.checks import Service
from lti_peer.lti.http import Client, EgressError
from lti_peer.lti.jwks import LARGEST_SET, usable
from lti_peer.lti.services import Call, NotApproved, Services, asking
from lti_peer.lti.tokens import AccessToken, Signer, TokenRefused, Tokens

DEADLINE_S = 5.0
"""Of each call; four of them are the longest that the page can take."""
GRADES = frozenset({claims.SCOPE_LINE_ITEM})
ROSTER = frozenset({claims.SCOPE_ROSTER})


class NotTried(Exception):
    """Nothing could be asked, which says nothing about the service."""


class Failed(Exception):
    """The service does not do what we need; the text says why, for an administrator."""


@dataclass(frozen=True)
class Asked:
    """What is tried, read before the first call."""

    platform: Platform
    line_items_url: str
    roster_url: str


class Trials:
    """Tries the services of one LMS after another."""

    def __init__(self, database: Database, vault: Vault, signer: Signer, *, private: bool) -> None:
        """Sign with `signer`; `private` allows http and loopback."""
        self._database = database
        self._client = Client(allow_private=private, total_s=DEADLINE_S)
        self._tokens = Tokens(database, vault, signer, self._client)
        self._services = Services(self._client, self._tokens, private=private)

    def run(self, actor: str, platform_id: UUID) -> None:
        """Try every service of an LMS and keep what was found; raises NotFound."""
        with self._database.transaction(read_only=True) as session:
            asked = _read(session, platform_id)
        tries: dict[Service, Callable[[], str]] = {
            Service.KEY_SET: partial(self._keys, asked),
            Service.TOKEN: partial(self._token, asked),
            Service.GRADES: partial(self._grades, asked),
            Service.ROSTER: partial(self._roster, asked),
        }
        tried = {service: _outcome(attempt) for service, attempt in tries.items()}
        found = {service: outcome for service, outcome in tried.items() if outcome}
        self._client.close()
        with self._database.transaction() as session:
            for service, (works, words) in found.items():
                checks.keep(session, platform_id, service, words, works=works)
            bad = [service.value for service, (works, _) in found.items() if not works]
            name, about = asked.platform.name, str(platform_id)
            audit.record(session, actor, "services_tried", platform=about, name=name, failed=bad)

    def _keys(self, asked: Asked) -> str:
        answer = self._client.get(asked.platform.jwks_url, limit=LARGEST_SET)
        document = answer.json() if answer.ok else None
        if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
            raise Failed(f"Its key set does not come ({answer.status}). Compare the address.")
        count = len(usable(document))
        if not count:
            raise Failed("It publishes no key that we can use: RSA, 2048 bits or more, RS256.")
        return f"It publishes {count} key{'s' if count > 1 else ''} that we can use."

    def _token(self, asked: Asked) -> str:
        """Ask for a token anew: one that is kept says nothing about today."""
        with self._database.transaction() as session:
            session.execute(delete(AccessToken).where(AccessToken.platform_id == asked.platform.id))
        self._tokens.get(asked.platform, GRADES)
        return "It gave us a token."

    def _grades(self, asked: Asked) -> str:
        if not asked.line_items_url:
            raise NotTried
        url = asking(asked.line_items_url, limit="1")
        self._ask(asked, Call("GET", url, GRADES, accept=claims.LINE_ITEMS_TYPE), "grade columns")
        return "It listed the grade columns of a course."

    def _roster(self, asked: Asked) -> str:
        if not asked.roster_url:
            raise NotTried
        url = asking(asked.roster_url, limit="1")
        self._ask(asked, Call("GET", url, ROSTER, accept=claims.ROSTER_TYPE), "people")
        return "It gave us the people of a course."

    def _ask(self, asked: Asked, call: Call, what: str) -> None:
        answer = self._services.call(asked.platform, call)
        if not answer.ok:
            raise Failed(
                f"It does not list the {what} of a course ({answer.status}). "
                "Is the tool allowed to do that?"
            )


def _outcome(attempt: Callable[[], str]) -> tuple[bool, str] | None:
    """Return whether it works, and a sentence; None when there was nothing to ask."""
    try:
        return True, attempt()
    except NotTried:
        return None
    except Failed as fault:
        return False, str(fault)
    except TokenRefused as fault:
        return False, (
            f"It gives us no token ({fault.status}). Compare client id and token address, and "
            "whether it knows our key set."
        )
    except NotApproved as fault:
        return False, f"{fault.host} is not an approved host of this LMS. Approve it below."
    except EgressError as fault:
        return False, str(fault)


def _read(session: Session, platform_id: UUID) -> Asked:
    """Return what to ask: the newest course that names each service."""
    platform = registration.find_platform(session, platform_id)
    newest = (
        select(Course)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .where(Deployment.platform_id == platform_id)
        .order_by(Course.created_at.desc())
        .limit(1)
    )
    graded = session.scalar(newest.where(Course.line_items_url != ""))
    listed = session.scalar(newest.where(Course.roster_url != ""))
    return Asked(
        platform,
        graded.line_items_url if graded else "",
        listed.roster_url if listed else "",
    )
