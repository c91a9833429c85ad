"""`lti-peer keys`, `outbox` and `admin`: what is done, said and written to the audit."""

import getpass
import json
from datetime import timedelta
from uuid import uuid4

import factories
import pytest
from admin.office import acts, item, put
from sqlalchemy import select

from lti_peer.cli.acting import account
from lti_peer.core.models import Standing
from lti_peer.core.outbox import Channel, Delivery
from lti_peer.lti import checks
from lti_peer.lti.models import ToolKey

LMS = (
    *("--issuer", "https://lms.example", "--client-id", "7"),
    *("--auth-url", "https://lms.example/auth", "--token-url", "https://lms.example/token"),
    *("--jwks-url", "https://lms.example/jwks", "--name", "Example LMS"),
)


def test_what_is_done_to_lmss_is_in_the_audit(run, kept):
    made = run("platform", "add", *LMS, "--json")
    for act in ("disable", "approve", "remove"):
        run("platform", act, made["id"], "--json")
    run("registration", "invite", "--json")
    done = ["added", "disabled", "approved", "removed"]
    assert [act for _, act in acts(kept)] == [
        *(f"platform_{one}" for one in done),
        "invitation_made",
    ]


def test_a_disabled_lms_is_listed_as_such(run, kept):
    made = run("platform", "add", *LMS, "--json")
    assert run("platform", "disable", made["id"], "--json")["state"] == "disabled"
    assert run("platform", "list", "--json")[0]["state"] == "disabled"


def test_keys_are_rotated_listed_and_audited(run, kept):
    run("keys", "rotate", "--json")
    newest, first = run("keys", "rotate", "--wait", "2d", "--json")
    assert (newest["phase"], first["phase"]) == ("waiting", "signing")
    assert first["signs_until"] == newest["signs_from"]
    assert run("keys", "list", "--json") == [newest, first]
    assert acts(kept) == [(f"{account()}, command line", "keys_rotated")] * 2


def test_a_wait_that_is_no_length_of_time_is_a_wrong_argument(run):
    done = run("keys", "rotate", "--wait", "soon", fails=True)
    assert done.exit_code == 2
    assert "not like 15m, 24h or 7d" in done.stderr


def test_a_compromised_key_is_dropped_only_when_somebody_says_yes(run, kept):
    run("keys", "rotate", "--json")
    run("keys", "rotate", "--compromised", typed="n\n", fails=True)
    assert len(run("keys", "rotate", "--compromised", "--yes", "--json")) == 1


def test_what_was_refused_is_listed_without_what_it_says(run, kept):
    put(kept)
    dead = put(kept, error="The store refused it (400).")
    (found,) = run("outbox", "list", "--json")["items"]
    assert found["id"] == str(dead)
    assert found["error"] == "The store refused it (400)."
    assert "payload" not in found


def test_keys_of_the_record_store_are_in_the_audit(run, kept):
    run("records", "key", "add", "Reports", "--scope", "all", "--json")
    run("records", "key", "remove", "Reports", "--json")
    assert [act for _, act in acts(kept)] == ["records_key_made", "records_key_removed"]


def test_the_doctor_names_who_waits_what_fails_and_a_key_that_is_old(run, kept):
    with kept.transaction() as session:
        factories.platform(session, name="Omega", state=Standing.PENDING)
        alpha = factories.platform(session, name="Alpha")
    checks.token_failed(kept, alpha.id, "The LMS gave no access token (401).")
    run("keys", "rotate", "--json")
    with kept.transaction() as session:
        session.scalars(select(ToolKey)).one().signs_from -= timedelta(days=401)
    found = {one["check"]: one["words"] for one in run("doctor", "--json")}
    assert found["waits for approval"].startswith("Omega")
    assert found["LMS"] == "Alpha: The LMS gave no access token (401)."
    assert "signed for 401 days. Replace it" in found["signing key"]


def test_one_item_is_shown_and_the_audit_says_who_read_it(run, kept):
    statement = factories.statement()
    found = run("outbox", "show", str(put(kept, payload=statement)), "--json")
    assert found["payload"] == statement
    assert acts(kept) == [(f"{account()}, command line", "delivery_read")]


def test_one_item_is_due_again(run, kept):
    ids = [put(kept, error="Refused.") for _ in range(2)]
    assert run("outbox", "retry", str(ids[0]), "--json") == {"due_again": 1}
    assert [item(kept, each).state for each in ids] == [Delivery.PENDING, Delivery.DEAD]


def test_one_channel_is_due_again(run, kept):
    grade = put(kept, Channel.AGS, {"grade": str(uuid4())}, error="No.")
    statement = put(kept, error="No.")
    run("outbox", "retry", "--channel", "xapi", "--json")
    assert item(kept, grade).state is Delivery.DEAD
    assert item(kept, statement).state is Delivery.PENDING


def test_a_mended_statement_is_sent_instead(run, kept):
    statement = factories.statement()
    dead = put(kept, payload={**statement, "verb": {}}, error="It has no verb.")
    text = json.dumps(statement)
    assert run("outbox", "retry", str(dead), "--with", "-", "--json", typed=text) == {
        "due_again": 1
    }
    assert item(kept, dead).payload == statement


def test_a_statement_that_is_still_wrong_stays_where_it_is(run, kept):
    dead = put(kept, error="It has no verb.")
    done = run("outbox", "retry", str(dead), "--with", "-", typed="{}", fails=True)
    assert "Nothing was changed" in done.stderr
    assert item(kept, dead).state is Delivery.DEAD


def test_a_mended_text_needs_an_item_to_be_for(run):
    done = run("outbox", "retry", "--with", "-", typed="{}", fails=True)
    assert done.exit_code == 2


@pytest.mark.parametrize("act", ["show", "retry"])
def test_an_item_that_is_not_there_is_said_to_be(run, act):
    assert "no such item" in run("outbox", act, str(uuid4()), fails=True).stderr


def test_a_link_to_the_admin_page_is_good_for_a_quarter_of_an_hour(run, kept):
    found = run("admin", "link", "--name", "kim", "--json")
    assert found["url"].startswith("https://tool.example/admin/sign-in/")
    assert len(found["url"].rpartition("/")[2]) == 43
    assert acts(kept) == [(f"{account()}, command line", "admin_link_made")]


def test_a_link_for_a_week_is_refused(run):
    assert "a day at most" in run("admin", "link", "--for", "7d", fails=True).stderr


def test_everybody_is_signed_out_by_one_command(run, kept):
    run("admin", "link", "--json")
    assert run("admin", "sign-out", "--json") == {"ended": 1}


def test_an_account_without_a_name_has_a_number(monkeypatch):
    def nobody():
        raise KeyError

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert account().startswith("account ")
