"""Machines that watch the tool learn how it is, and nothing about anybody."""

import re

import factories
import pytest
from sqlalchemy import text

from lti_peer import migrations
from lti_peer.app import create_app
from lti_peer.core import outbox
from lti_peer.core.db import Database
from lti_peer.core.outbox import Channel


@pytest.fixture
def current(database):
    """The database, marked as being at the newest step."""
    with database.transaction() as session:
        session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        session.execute(
            text("INSERT INTO alembic_version VALUES (:head)"), {"head": migrations.head()}
        )
    yield database
    with database.transaction() as session:
        session.execute(text("DROP TABLE alembic_version"))


@pytest.fixture
def ask(app):
    """GET from this machine unless `come_from` says otherwise."""

    def get(path, come_from="127.0.0.1", **headers):
        return app.test_client().get(path, environ_base={"REMOTE_ADDR": come_from}, headers=headers)

    return get


def test_a_process_that_answers_is_alive(ask):
    assert ask("/healthz").json == {"status": "ok"}


def test_the_tool_is_ready_with_the_right_tables(current, ask):
    answer = ask("/readyz")
    assert (answer.status_code, answer.json["tables"], answer.json["queue"]) == (200, "ok", "ok")


def test_the_tool_is_not_ready_without_them(ask):
    answer = ask("/readyz")
    assert (answer.status_code, answer.json["tables"]) == (503, "wrong: lti-peer db upgrade")


def test_the_tool_is_not_ready_without_its_database(settings, tmp_path):
    away = Database(f"sqlite:///{tmp_path}/no-such-folder/x.db")
    answer = create_app(settings, away).test_client().get("/readyz")
    assert (answer.status_code, answer.json["database"]) == (503, "away")


def test_a_long_queue_is_told_and_takes_nobody_out_of_service(current, ask):
    with current.transaction() as session:
        tenant = factories.course(session).deployment_id
        outbox.put(session, tenant, Channel.XAPI, "1", {})
        session.flush()
        session.execute(text("UPDATE outbox_item SET sequence = '2020-01-01 00:00:00'"))
    answer = ask("/readyz")
    assert (answer.status_code, answer.json["queue"]) == (200, "late")


def test_metrics_count_requests_by_endpoint_and_status(ask):
    ask("/healthz")
    ask("/no-such-page/of-somebody")
    body = ask("/metrics").text
    assert 'lti_peer_requests_total{endpoint="health.alive",status="200"} 1.0' in body
    assert 'lti_peer_requests_total{endpoint="none",status="404"} 1.0' in body
    assert "of-somebody" not in body


def test_metrics_tell_the_outbox(database, ask):
    with database.transaction() as session:
        tenant = factories.course(session).deployment_id
        outbox.put(session, tenant, Channel.XAPI, "1", {})
    body = ask("/metrics").text
    assert 'lti_peer_outbox_items{channel="xapi",state="pending"} 1.0' in body
    assert 'lti_peer_outbox_items{channel="ags",state="dead"} 0.0' in body
    assert re.search(r"^lti_peer_outbox_lag_seconds \d", body, re.MULTILINE)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-Ip"])
def test_metrics_without_a_token_answer_nobody_behind_a_proxy(ask, header):
    assert ask("/metrics", **{header: "203.0.113.7"}).status_code == 404


def test_metrics_without_a_token_answer_this_machine_alone(ask):
    assert ask("/metrics", come_from="203.0.113.7").status_code == 404
    assert ask("/metrics", come_from="::1").status_code == 200


def test_metrics_with_a_token_want_it_from_everybody(settings, database):
    guarded = settings.model_copy(update={"metrics_token": type(settings.secret_key)("let me in")})
    client = create_app(guarded, database).test_client()
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer no"}).status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer let me in"}).status_code == 200
