"""The pages about record stores: the list, one store, one added."""

from typing import Any
from uuid import UUID

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from lti_peer.activities import registry
from lti_peer.admin import record_stores
from lti_peer.admin.pages import pages, who
from lti_peer.admin.record_stores import KEY_LENGTH, Trial
from lti_peer.core import db, endpoints
from lti_peer.core.endpoints import RecordEndpoint
from lti_peer.core.errors import Invalid
from lti_peer.core.keys import WrongSecretError
from lti_peer.web import policy

VERSIONS = ("1.0.3", "2.0.0")
MOST_STATEMENTS = 1_000
LEAST_KIB, MOST_KIB = 16, 10_240


@pages.get("/stores")
@policy.admin
def stores() -> str:
    """List the record stores, and how each does."""
    lines = record_stores.overview(db.session())
    return render_template("admin/stores.html", lines=lines, own=_own())


@pages.get("/stores/<uuid:store_id>")
@policy.admin
def store(store_id: UUID) -> str:
    """Show one record store: how it does, its terms, what can be done."""
    return _page(store_id)


@pages.post("/stores/<uuid:store_id>/try")
@policy.admin
def try_store(store_id: UUID) -> str:
    """Ask the store now, with no transaction open, and show its answer."""
    database = current_app.extensions["database"]
    with database.transaction(read_only=True) as session:
        one = record_stores.find(session, store_id)
    trial = _asked(one)
    record_stores.note_trial(db.session(), who().actor, one, trial)
    return _page(store_id, trial=trial)


@pages.post("/stores/<uuid:store_id>/<word>")
@policy.admin
def set_store(store_id: UUID, word: str) -> Response:
    """Pause a store, or send it what waits."""
    if word not in ("pause", "resume"):
        raise Invalid("A record store is paused or resumed.")
    session = db.session()
    one = record_stores.find(session, store_id)
    record_stores.set_active(session, who().actor, one, active=word == "resume")
    return redirect(url_for("admin.store", store_id=store_id), code=303)


@pages.post("/stores/<uuid:store_id>/key")
@policy.admin
def rekey_store(store_id: UUID) -> Any:
    """Use another key for a store."""
    session, vault = db.session(), current_app.extensions["vault"]
    one = record_stores.find(session, store_id)
    key, secret = request.form.get("key", "").strip(), request.form.get("secret", "")
    try:
        record_stores.rekey(session, vault, who().actor, one, key, secret)
    except Invalid as problem:
        return _page(store_id, wrong=problem.fields), problem.status
    return redirect(url_for("admin.store", store_id=store_id), code=303)


@pages.post("/stores/<uuid:store_id>/remove")
@policy.admin
def remove_store(store_id: UUID) -> Response:
    """Tell a store nothing more."""
    session = db.session()
    record_stores.remove(session, who().actor, record_stores.find(session, store_id))
    return redirect(url_for("admin.stores"), code=303)


@pages.get("/stores/new")
@policy.admin
def store_form() -> str:
    """Ask where the store is, and what it is told."""
    return _form(MultiDict(), {})


@pages.post("/stores/new")
@policy.admin
def add_store() -> Any:
    """Tell a further store from now on, or show again what was wrong."""
    session, vault, form = db.session(), current_app.extensions["vault"], request.form
    try:
        one = _given()
        record_stores.add(
            session, vault, who().actor, one, pseudonyms="pseudonyms" in form, private=_private()
        )
    except Invalid as problem:
        return _form(form, problem.fields), problem.status
    return redirect(url_for("admin.store", store_id=one.id), code=303)


def _given() -> RecordEndpoint:
    """Return the endpoint that the form describes; raises Invalid for what no form of ours sends.

    What a person can get wrong is for `record_stores.add` to say.
    """
    form = request.form
    kinds = {kind.name for kind in registry.KINDS}.intersection(form.getlist("kind"))
    return RecordEndpoint(
        name=form.get("name", "").strip(),
        url=form.get("url", "").strip(),
        key=form.get("key", "").strip()[:KEY_LENGTH],
        secret=form.get("secret", ""),
        version=form.get("version") if form.get("version") in VERSIONS else VERSIONS[0],
        deployment_id=_owner(form.get("deployment", "")),
        kinds=endpoints.words(sorted(kinds)),
        verbs=endpoints.words(form.get("verbs", "").split()),
        most_statements=_within("most", 1, MOST_STATEMENTS, 100),
        most_bytes=1024 * _within("most_kib", LEAST_KIB, MOST_KIB, 512),
    )


def _owner(word: str) -> UUID | None:
    """Return the deployment whose records are told; None for all."""
    if not word:
        return None
    found = {str(one): one for one, _ in record_stores.owners(db.session())}
    if word not in found:
        raise Invalid("There is no such deployment.", {"deployment": "Choose one of these."})
    return found[word]


def _within(name: str, low: int, high: int, usual: int) -> int:
    given = request.form.get(name, usual, type=int)
    if not low <= given <= high:
        words = f"This must be from {low} to {high}."
        raise Invalid(words, {name: words})
    return given


def _asked(one: RecordEndpoint) -> Trial:
    try:
        with current_app.extensions["open_store"](one) as opened:
            return record_stores.ask(opened)
    except WrongSecretError as fault:
        return Trial(writes=False, speaks=[], words=str(fault), reason=str(fault))


def _page(
    store_id: UUID, *, trial: Trial | None = None, wrong: dict[str, str] | None = None
) -> str:
    session = db.session()
    found = record_stores.line(session, store_id)
    chosen = found.endpoint.kinds.split() if found.endpoint else []
    return render_template(
        "admin/store.html",
        line=found,
        owner=dict(record_stores.owners(session)),
        kinds=[kind.label for kind in registry.KINDS if kind.name in chosen],
        trial=trial,
        wrong=wrong or {},
    )


def _form(values: MultiDict[str, str], wrong: dict[str, str]) -> str:
    return render_template(
        "admin/store_new.html",
        values=values,
        wrong=wrong,
        owners=[(str(one), name) for one, name in record_stores.owners(db.session())],
        kinds=registry.KINDS,
        most=(MOST_STATEMENTS, LEAST_KIB, MOST_KIB),
    )


def _own() -> str:
    """Return the address of the tool's own store; empty for the embedded one."""
    return str(current_app.config["RECORD_STORE"])


def _private() -> bool:
    return bool(current_app.config["ALLOW_PRIVATE_HOSTS"])
