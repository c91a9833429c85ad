"""The audit as people read it."""

import re
from datetime import timedelta
from pathlib import Path

import factories
import pytest
from sqlalchemy import select

import lti_peer
from lti_peer.admin import acts
from lti_peer.core import audit, db
from lti_peer.core.audit import AuditEntry
from lti_peer.core.models import Platform, Role

WRITTEN = re.compile(r'(?:record|_note)\(\s*session,\s*[\w.()]+,\s*"(\w+)"')


def lines(database, before=None):
    with database.transaction(read_only=True) as session:
        return acts.history(session, before)


def test_administrators_and_staff_stand_in_one_list_newest_first(database, world):
    world.build()
    visit = factories.visit(world.teacher, world.activity, Role.INSTRUCTOR)
    with database.transaction() as session:
        audit.note(session, visit, "released_grades", count=24)
        audit.record(
            session, "kim, admin page", "platform_approved", name="Ours", hosts=["a.example"]
        )
    newest = sorted(lines(database)[0], key=lambda line: line.by_admin)
    staff, admin_line = newest
    assert (staff.who, staff.words) == ("Person 0 (synthetic)", "released 24 grades")
    assert staff.where == "Peer Learning 101, An activity"
    assert (admin_line.words, admin_line.more) == ("approved the LMS Ours", "hosts: a.example")


def test_an_act_of_somebody_who_was_erased_is_still_there(database, world):
    world.build()
    with database.transaction() as session:
        audit.note(session, factories.visit(world.teacher, world.activity), "matched", count=1)
        session.flush()
        session.scalars(select(AuditEntry)).one().person_id = None
    assert lines(database)[0][0].who == "staff of a course"


@pytest.mark.parametrize("act", ["brand_new_act", "keys_rotated", "platform_added"])
def test_an_act_or_a_detail_that_is_not_known_breaks_no_page(database, act):
    with database.transaction() as session:
        audit.record(session, "kim", act, odd={"x": [1]})
    assert lines(database)[0][0].words


def test_every_act_is_listed_once_across_pages(database, monkeypatch):
    monkeypatch.setattr(acts, "PAGE", 3)
    with database.transaction() as session:
        same = db.now(session)
        for number in range(8):
            at = same - timedelta(seconds=number // 4)
            session.add(AuditEntry(actor="kim", act="x", detail={}, at=at))
    seen, mark = [], ""
    while True:
        before = (seen[-1].at, seen[-1].id) if seen else None
        page, mark = lines(database, before)
        seen += page
        if not mark:
            break
    assert len({line.id for line in seen}) == len(seen) == 8
    assert [line.at for line in seen] == sorted((line.at for line in seen), reverse=True)


def test_the_mark_of_a_page_leads_to_the_next(signed_in, database, monkeypatch):
    monkeypatch.setattr(acts, "PAGE", 1)
    first = signed_in.get("/audit")
    assert "Signed in" in first
    older = first.partition('href="/admin/audit?before=')[2].partition('"')[0]
    assert "Made a sign-in link for kim" in signed_in.get(f"/audit?before={older}")


@pytest.mark.parametrize("mark", ["x", "2026-01-01~x", "2026-01-01T00:00:00~" + "0" * 32, "~"])
def test_a_silly_mark_shows_the_newest(signed_in, mark):
    assert "Signed in" in signed_in.get(f"/audit?before={mark}")


def test_what_administrators_did_outlives_the_lms_it_was_done_to(database):
    with database.transaction() as session:
        one = factories.platform(session)
        audit.record(session, "kim", "platform_added", platform=str(one.id), name=one.name)
        session.delete(session.get_one(Platform, one.id))
    assert lines(database)[0][0].words == "added the LMS An LMS"


def test_every_act_of_an_administrator_has_a_sentence():
    sources = Path(lti_peer.__file__).parent.rglob("*.py")
    written = {act for path in sources for act in WRITTEN.findall(path.read_text())}
    assert len(written) > 15
    assert written <= set(acts.SENTENCES)
