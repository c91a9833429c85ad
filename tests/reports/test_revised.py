from datetime import timedelta
from types import SimpleNamespace

import factories
import pytest

from lti_peer.peerwork.feedback import Target
from lti_peer.reports import across, activity, course, institution, revised, taking_part
from lti_peer.reports.choice import EVERYTHING, Choice
from lti_peer.rules import intervals

CHANGES = [0.1, 0.2, 0.2, 0.2, 0.3]


@pytest.fixture
def again(deeds, session):
    """Five of six revised; each got 0.4 from the next person, who then gave more (`CHANGES`).

    The work of person 0 has a second reviewer, who gave 1.0 and did not look again.
    """
    work = [deeds.hand_in(who) for who in range(6)]
    for who, change in enumerate(CHANGES):
        deeds.review(who + 1, work[who], 0.4)
        deeds.revise(work[who])
        deeds.say(who + 1, Target.REVISION, work[who].id, 0.4 + change)
    deeds.review(5, work[0], 1.0)
    deeds.review(0, work[5], 0.1)
    return SimpleNamespace(deeds=deeds, work=work, session=session, visit=deeds.visit)


def figure_of(again, chosen=EVERYTHING):
    again.session.flush()
    chapters = activity.figures(again.session, again.visit, chosen)
    return next(one for mine in chapters.values() for one in mine if one.key == "revision")


def test_the_change_is_that_of_reviewers_who_judged_both(again):
    figure = figure_of(again)
    _, works, before, after, *change = figure.table.rows[0]
    assert works == 5
    assert (before, after) == pytest.approx((0.4, 0.6))
    assert change == pytest.approx([0.2, *intervals.mean(CHANGES)])
    assert "+20 points of 100 on average for the revision" in figure.sentence
    assert figure.picture.count('class="bar"') == 2


def test_a_second_look_that_was_changed_counts_as_it_stands(again):
    look = again.deeds.say(2, Target.REVISION, again.work[0].id, 0.9)
    again.deeds.review(2, again.work[0], 0.5)
    again.deeds.say(2, Target.REVISION, again.work[0].id, 0.7, replaces_id=look.id)
    found = revised.shares(again.session, [again.visit.activity.id])
    mine = found[again.visit.activity.id.hex]
    assert mine.finals[again.work[0].id.hex] == pytest.approx((0.5 + 0.7) / 2)


def test_of_fewer_than_five_works_nothing_is_told_but_how_many(again):
    person = again.deeds.people[0].id.hex
    others = {one.id.hex for one in again.deeds.people} - {person}
    figure = revised.from_draft_to_final(again.session, again.visit, others, EVERYTHING)
    assert figure.table.rows == [("Revised works", 4, None, None, None, None, None)]
    assert figure.picture is None


def test_who_revised_is_a_stage_and_nobody_is_lost_by_leaving_it_out(again):
    facts = again.deeds.facts()
    assert len(dict(taking_part.stages(facts))["Revised"]) == 5
    again.deeds.complete(0)
    told = taking_part.participation(again.deeds.facts())
    assert "revised" not in told.sentence
    row = course.figures(again.session, again.visit)[0].table
    assert row.rows[0][[column.key for column in row.columns].index("revised")] == 5


def test_days_leave_out_revisions_of_others(again):
    tomorrow = Choice(first=(factories.NOW + timedelta(days=1)).date())
    assert again.deeds.facts(tomorrow).revised == frozenset()
    assert len(again.deeds.facts(Choice(last=factories.NOW.date())).revised) == 5


def test_a_course_and_its_file_have_it_by_activity(again, app):
    figure = next(
        one for one in course.figures(again.session, again.visit) if one.key == revised.COURSE_KEY
    )
    assert figure.table.rows[0][:2] == ("An activity", 5)
    again.session.commit()
    staff = again.deeds.world.enter(app, again.deeds.teacher, "instructor")
    assert staff.get("/reports/course-revised.csv").text.splitlines()[1].startswith("An activity,5")


def test_an_institution_has_it_of_each_course_unless_it_is_about_a_few(again):
    found = across.courses(again.session, again.deeds.teacher.platform_id, "https://tool.example")
    figure = institution.figures(found)[0]
    keys = [column.key for column in figure.table.columns]
    shown = dict(zip(keys, figure.table.shown()[0], strict=True))
    assert (shown["revised"], shown["bettered"]) == ("83 %", "+20")
    found[0].bettered_by.pop()
    found[0].revised.pop()
    row = dict(zip(keys, institution.figures(found)[0].table.rows[0], strict=True))
    assert (row["revised"], row["bettered"]) == (None, None)


def test_where_nobody_revised_reports_say_nothing_of_it(busy, session):
    chapters = activity.figures(session, busy.deeds.visit)
    assert "revision" not in [one.key for mine in chapters.values() for one in mine]
    figures = course.figures(session, busy.deeds.visit)
    assert revised.COURSE_KEY not in [one.key for one in figures]
