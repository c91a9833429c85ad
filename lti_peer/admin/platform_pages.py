"""The pages about LMSs: the list, one LMS, an invitation, an LMS added by hand."""

from typing import Any
from uuid import UUID

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lti_peer.admin import blocking, health, registrations
from lti_peer.admin.pages import pages, who
from lti_peer.admin.trials import Trials
from lti_peer.core import db, outbox
from lti_peer.core.errors import Conflict, Invalid
from lti_peer.core.models import NAME_LENGTH, Standing
from lti_peer.core.outbox import Delivery
from lti_peer.lti import registration
from lti_peer.lti.registration import Entry
from lti_peer.web import policy

LATE_S = 300
"""Seconds that a delivery may wait before somebody should look (xapi.md 3.3)."""
ADDRESSES = ("issuer", "client_id", "auth_url", "token_url", "jwks_url", "audience")
LABELS = {
    "issuer": "Issuer",
    "client_id": "Client id",
    "auth_url": "Authentication address",
    "token_url": "Token address",
    "jwks_url": "Key set address",
    "audience": "Token audience",
    "deployments": "Deployment ids",
    "hosts": "Further hosts",
}
"""What the form calls them."""


@pages.get("/")
@policy.admin
def platforms() -> str:
    """List the LMSs, and say first what waits for an administrator."""
    session = db.session()
    lines = registrations.overview(session)
    counts = outbox.backlog(session)
    total = {
        state: sum(count for (_, found), count in counts.items() if found is state)
        for state in Delivery
    }
    lag = outbox.lag(session)
    return render_template(
        "admin/platforms.html",
        lines=lines,
        waiting=[line for line in lines if line.platform.state is Standing.PENDING or line.waiting],
        trouble=health.trouble(session, [line.platform for line in lines]),
        invitations=registrations.open_invitations(session),
        pending=total[Delivery.PENDING],
        dead=total[Delivery.DEAD],
        lag=lag,
        late=lag.total_seconds() > LATE_S,
        last_launch=registrations.last_launch(lines),
    )


@pages.get("/platforms/<uuid:platform_id>")
@policy.admin
def platform(platform_id: UUID) -> str:
    """Show one LMS: what it is, how its services do, its deployments and hosts."""
    session = db.session()
    found = registration.find_platform(session, platform_id)
    return render_template(
        "admin/platform.html",
        platform=found,
        health=health.of(session, found),
        placements=registrations.placements(session, found),
        blocked=blocking.blocked(session, found.id),
    )


@pages.post("/platforms/<uuid:platform_id>/approve")
@policy.admin
def approve(platform_id: UUID) -> Response:
    """Let the LMS be used."""
    registrations.approve(db.session(), who().actor, platform_id)
    return _to(platform_id)


@pages.post("/platforms/<uuid:platform_id>/disable")
@policy.admin
def disable(platform_id: UUID) -> Response:
    """Let nobody of the LMS in any more."""
    registrations.disable(db.session(), who().actor, platform_id)
    return _to(platform_id)


@pages.post("/platforms/<uuid:platform_id>/hosts")
@policy.admin
def add_host(platform_id: UUID) -> Response:
    """Approve a further host of the LMS's services."""
    _demand_active(platform_id)
    host = request.form.get("host", "").strip()
    registrations.approve(db.session(), who().actor, platform_id, hosts=[host])
    return _to(platform_id)


@pages.post("/platforms/<uuid:platform_id>/deployments")
@policy.admin
def add_deployment(platform_id: UUID) -> Response:
    """Approve a deployment that is known by its id alone."""
    _demand_active(platform_id)
    key = request.form.get("deployment", "").strip()
    registrations.approve(db.session(), who().actor, platform_id, deployments=[key])
    return _to(platform_id)


@pages.post("/platforms/<uuid:platform_id>/deployments/<uuid:deployment_id>/<word>")
@policy.admin
def set_deployment(platform_id: UUID, deployment_id: UUID, word: str) -> Response:
    """Approve or disable one deployment."""
    standing = {"approve": Standing.ACTIVE, "disable": Standing.DISABLED}.get(word)
    if standing is None:
        raise Invalid("A deployment is approved or disabled.")
    registrations.set_standing(db.session(), who().actor, platform_id, deployment_id, standing)
    return _to(platform_id)


@pages.post("/platforms/<uuid:platform_id>/try")
@policy.admin
def try_services(platform_id: UUID) -> Response:
    """Ask the LMS's services now. The request's own transaction is never begun."""
    given = current_app.extensions
    trials = Trials(given["database"], given["vault"], given["key_ring"], private=_private())
    trials.run(who().actor, platform_id)
    return _to(platform_id)


@pages.post("/platforms/<uuid:platform_id>/people/<word>")
@policy.admin
def set_person(platform_id: UUID, word: str) -> Response:
    """Let a person of the LMS in no more, or again."""
    act = {"block": blocking.block, "unblock": blocking.unblock}.get(word)
    if act is None:
        raise Invalid("A person is blocked or unblocked.")
    session = db.session()
    found = blocking.find(session, request.form.get("who", "").strip(), platform_id)
    act(session, who().actor, found)
    return _to(platform_id)


@pages.get("/platforms/invite")
@policy.admin
def invitation_form() -> str:
    """Ask what the LMS is to be called."""
    return render_template("admin/invite.html")


@pages.post("/platforms/invite")
@policy.admin
def invite() -> str:
    """Show the one-time address. It is kept nowhere, so this answer is no redirect."""
    url = registrations.invite(
        db.session(),
        who().actor,
        current_app.config["BASE_URL"],
        request.form.get("name", "").strip()[:NAME_LENGTH],
        activate=request.form.get("activate") == "yes",
    )
    return render_template("admin/invited.html", url=url)


@pages.get("/platforms/new")
@policy.admin
def platform_form() -> str:
    """Ask for the addresses of an LMS."""
    return _form({}, {})


@pages.post("/platforms/new")
@policy.admin
def add_platform() -> Any:
    """Keep an LMS whose addresses are known, or show again what was wrong with them."""
    given = {name: request.form.get(name, "").strip() for name in (*ADDRESSES, "name")}
    given["name"] = given["name"][:NAME_LENGTH]
    lists = {name: tuple(request.form.get(name, "").split()) for name in ("deployments", "hosts")}
    shown = given | {name: " ".join(values) for name, values in lists.items()}
    try:
        entry = Entry(**given, **lists)  # type: ignore[arg-type]  # each word where it belongs
        made = registrations.add(db.session(), who().actor, entry, private=_private())
    except Invalid as problem:
        wrong = {name: f"{LABELS[name]} {words}." for name, words in problem.fields.items()}
        return _form(shown, wrong), problem.status
    except Conflict as problem:
        return _form(shown, {"client_id": problem.message}), problem.status
    return _to(made.id)


def _form(values: dict[str, str], wrong: dict[str, str]) -> str:
    return render_template(
        "admin/platform_new.html",
        values=values,
        wrong=wrong,
        labels=LABELS,
        base_url=current_app.config["BASE_URL"],
    )


def _demand_active(platform_id: UUID) -> None:
    """Refuse to let a waiting or disabled LMS in by the way: approving it is an act of its own."""
    found = registration.find_platform(db.session(), platform_id)
    if found.state is not Standing.ACTIVE:
        raise Conflict("Approve the LMS itself first; nothing was changed.")


def _to(platform_id: UUID) -> Response:
    return redirect(url_for("admin.platform", platform_id=platform_id), code=303)


def _private() -> bool:
    return bool(current_app.config["ALLOW_PRIVATE_HOSTS"])
