"""The pages about record stores: nothing is shown of a secret, and nothing waits in silence."""

import re
from datetime import timedelta

import factories
import pytest
from admin.office import acts
from sqlalchemy import select, update
from support import faulty_store

from lti_peer.admin.record_stores import in_words
from lti_peer.app import create_app
from lti_peer.core import endpoints, outbox
from lti_peer.core.db import now
from lti_peer.core.endpoints import RecordEndpoint
from lti_peer.core.outbox import Channel, OutboxItem

KEY, SECRET = "key-of-the-tool", "secret-of-the-store"
FORM = {"name": "faculty", "url": "https://lrs.example/xapi", "key": KEY, "secret": SECRET}


@pytest.fixture
def app(settings, database):
    """The application, which may go to the loopback."""
    return create_app(settings.model_copy(update={"allow_private_hosts": True}), database)


@pytest.fixture
def add(signed_in):
    """Add a store by the form and return the path of its page."""

    def added(**more):
        there = signed_in.post("/stores/new", **{**FORM, **more}).headers["Location"]
        return there.removeprefix("/admin")

    return added


def kept(database):
    with database.transaction(read_only=True) as session:
        return session.scalars(select(RecordEndpoint)).one()


def say(database, error="", wait=timedelta(0)):
    """Put one statement into the outbox; for the further store it failed if there is an error."""
    said = factories.statement()
    with database.transaction() as session:
        tenant = factories.course(session).deployment_id
        outbox.put(session, tenant, Channel.XAPI, said["id"], said)
        session.execute(
            update(OutboxItem)
            .where(OutboxItem.endpoint_id != endpoints.OWN)
            .values(last_error=error, due_at=now(session) + wait)
        )


def test_without_a_further_store_the_own_one_is_there_and_the_page_says_what_to_do(signed_in):
    text = signed_in.get("/stores")
    assert "embedded, at /xAPI" in text
    assert "Further record stores will be here." in text


def test_a_store_is_added_with_its_terms_and_its_key_and_secret_are_never_shown(
    signed_in, add, database, app
):
    page = add(version="2.0.0", kind="teaching", pseudonyms="yes", most="50")
    one = kept(database)
    assert (one.version, one.kinds, one.most_statements) == ("2.0.0", " teaching ", 50)
    assert app.extensions["vault"].decrypt(one.secret) == SECRET
    for text in (signed_in.get("/stores"), signed_in.get(page), signed_in.get("/audit")):
        assert "faculty" in text
        assert not {KEY, SECRET, one.secret} & set(re.findall(r"[\w=-]+", text))
    assert acts(database)[-1] == ("kim, admin page", "records_endpoint_added")


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "default", "choose another name"),
        ("name", "a\0b", "characters that can be printed"),
        ("url", f"https://lrs.example/{'x' * 2000}", "at most 2000 characters"),
        ("url", "ftp://lrs.example", "It must be like https://lrs.example.org/xapi."),
        ("secret", "", "The secret is missing."),
        ("most", "5000", "This must be from 1 to 1000."),
        ("deployment", "x", "Choose one of these."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(signed_in, database, field, value, words):
    text = signed_in.post("/stores/new", 422, **{**FORM, field: value}).text
    assert words in text
    assert SECRET not in text
    assert acts(database)[-1][1] == "admin_signed_in"


def test_a_paused_store_keeps_what_waits_until_it_is_resumed(signed_in, add, database):
    page = add()
    signed_in.post(f"{page}/pause")
    say(database)
    assert "Send what waits" in signed_in.get(page)
    signed_in.post(f"{page}/resume")
    assert [act for _, act in acts(database)][-2:] == [
        f"records_endpoint_{act}" for act in ("paused", "resumed")
    ]
    signed_in.post(f"{page}/drop", 422)


def test_a_store_that_is_away_is_named_with_the_reason_and_when_it_is_asked_again(
    signed_in, add, database
):
    page = add()
    say(database, "No answer: ConnectionError.", timedelta(minutes=4, seconds=30))
    text = signed_in.get("/stores")
    assert "faculty does not take what it is sent." in text
    assert "One statement waits, and nothing is lost: No answer comes from this address." in text
    assert "It is asked again in 4 minutes." in signed_in.get(page)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("No answer: SSLError.", "certificate is not trusted"),
        ("401: <b>who?</b>", "does not know this key"),
        ("503: Later.", "503: Later."),
        ("No whole answer in 60 seconds.", "No whole answer in 60 seconds."),
    ],
)
def test_an_error_is_in_plain_words_where_we_know_what_it_means(error, words):
    assert words in in_words(error)


def test_another_key_sends_at_once_what_waits(signed_in, add, database, app):
    page = add()
    say(database, "401.", timedelta(minutes=5))
    assert "The secret is missing." in signed_in.post(f"{page}/key", 422, key="k2").text
    signed_in.post(f"{page}/key", key="k2", secret="another")
    assert app.extensions["vault"].decrypt(kept(database).secret) == "another"
    with database.transaction() as session:
        assert outbox.claim(session, Channel.XAPI, 5, kept(database).id)


def test_a_store_is_tried_over_http_and_nothing_is_stored(signed_in, add, database):
    with faulty_store.running() as store:
        page = add(url=store.url)
        assert "It answers, and the key may write." in signed_in.post(f"{page}/try", 200).text
        assert store.kept == {}
        store.down = True
        assert "No answer comes from this address." in signed_in.post(f"{page}/try", 200).text
    assert acts(database)[-1] == ("kim, admin page", "records_endpoint_tried")


def test_a_removed_store_is_gone_with_what_waits_for_it(signed_in, add, database):
    page = add()
    say(database)
    assert "One statement that waits will not reach it" in signed_in.get(page)
    assert signed_in.post(f"{page}/remove").headers["Location"] == "/admin/stores"
    signed_in.get(page, 404)
    with database.transaction(read_only=True) as session:
        assert set(session.scalars(select(OutboxItem.endpoint_id))) == {endpoints.OWN}
