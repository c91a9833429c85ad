from datetime import timedelta
from types import SimpleNamespace

import factories
import pytest

from lti_peer.peerwork import phases
from lti_peer.peerwork.scores import Score
from lti_peer.reports import across, activity, changes, course, institution, standing
from lti_peer.reports.choice import EVERYTHING, Choice
from lti_peer.rules import intervals
from lti_peer.rules.phases import Window


def score(session, what, who, share):
    """Store the score of somebody's work in an activity."""
    session.add(
        Score(
            deployment_id=what.deployment_id, activity_id=what.id, person_id=who.id, number=1,
            component="work", share=share, method="mean@1", inputs={}, at=factories.NOW,
        )
    )  # fmt: skip
    session.flush()


@pytest.fixture
def weeks(deeds, session):
    """Two released activities: 0.1, 0.2 … 0.6 of the points in the first; in the second, more.

    Person 0 gains 10 points of 100, and each other 5.
    """
    first = deeds.activity
    second = factories.activity(session, deeds.visit.course, title="Week 2")
    first.released_at = second.released_at = factories.NOW
    second.created_at += timedelta(days=7)
    for place, who in enumerate(deeds.people):
        share = 0.1 * (place + 1)
        score(session, first, who, share)
        score(session, second, who, share + (0.05 if place else 0.1))
    return SimpleNamespace(deeds=deeds, session=session, first=first, second=second)


def later(weeks, chosen=EVERYTHING):
    chapters = activity.figures(weeks.session, weeks.deeds.visit, chosen)
    return next(one for mine in chapters.values() for one in mine if one.key == "later")


GAINS = [0.1, 0.05, 0.05, 0.05, 0.05, 0.05]


def test_later_performance_is_the_mean_of_each_persons_difference(weeks):
    figure = later(weeks)
    title, people, before, after, *change = figure.table.rows[0]
    assert (title, people) == ("Week 2", 6)
    assert (before, after) == pytest.approx((0.35, 0.35 + sum(GAINS) / 6))
    assert change == pytest.approx([sum(GAINS) / 6, *intervals.mean(GAINS)])
    assert "+6 points of 100 on average there, most likely between +4 and +8." in figure.sentence
    assert "no proof of why" in figure.sentence
    assert figure.picture.count('class="bar"') == 2


def test_of_fewer_than_five_nothing_is_told_but_how_many(weeks):
    for person in list(weeks.deeds.people)[:2]:
        weeks.session.query(Score).filter_by(person_id=person.id).delete()
    figure = later(weeks)
    assert figure.table.rows == [("Week 2", 4, None, None, None, None, None)]
    assert figure.picture is None
    assert "4 learners have a score" in figure.sentence


def test_before_grades_are_released_it_says_when_it_is_known(weeks):
    weeks.second.released_at = None
    assert later(weeks).sentence.startswith("This is known once grades are released")
    assert later(weeks).table.rows == []


def test_the_next_activity_is_the_one_that_is_due_next(weeks, session):
    between = factories.activity(session, weeks.deeds.visit.course, title="Between")
    for what, days in ((weeks.first, 1), (between, 2), (weeks.second, 3)):
        due = Window(due=factories.NOW + timedelta(days=days))
        phases.set_dates(session, what, {"submit": due})
    factories.activity(session, weeks.deeds.visit.course, kind="teaching", title="Of another kind")
    assert "“Between”" in later(weeks).sentence


def test_scores_after_the_last_day_and_of_other_groups_do_not_count(weeks):
    yesterday = (factories.NOW - timedelta(days=1)).date()
    assert later(weeks, Choice(last=yesterday)).table.rows[0][1] == 0
    found = standing.scores(weeks.session, [weeks.first.id])
    person = weeks.deeds.people[0].id.hex
    mine = changes.of_work(found, weeks.first.id.hex)
    assert changes.compare(mine, mine, {person}) == changes.Change(1)


def test_of_several_scores_of_a_person_the_newest_counts(weeks):
    weeks.deeds.score(0, 0.9, number=2)
    assert later(weeks).table.rows[0][2] == pytest.approx((2.1 - 0.1 + 0.9) / 6)
    found = standing.scores(weeks.session, [weeks.first.id, weeks.second.id])
    assert standing.means(found)[weeks.first.id]["work"] == pytest.approx(2.9 / 6)


def test_a_course_shows_each_step_and_its_file_has_the_same(weeks, app):
    figure = next(
        one for one in course.figures(weeks.session, weeks.deeds.visit) if one.key == "course-later"
    )
    assert [row[:3] for row in figure.table.rows] == [("An activity", "Week 2", 6)]
    weeks.session.commit()
    staff = weeks.deeds.world.enter(app, weeks.deeds.teacher, "instructor")
    lines = staff.get("/reports/course-later.csv").text.splitlines()
    assert lines[1].startswith("An activity,Week 2,6,0.35")


def test_an_institution_has_it_of_each_course_unless_it_is_about_a_few(weeks):
    (found,) = across.courses(
        weeks.session, weeks.deeds.teacher.platform_id, weeks.deeds.visit.base_url
    )
    assert sorted(found.later) == pytest.approx(sorted(GAINS))
    figure = institution.figures([found])[0]
    place = [column.key for column in figure.table.columns].index("later")
    assert figure.table.shown()[0][place] == "+6"
    found.seen_later = {"a", "b", "c", "d"}
    assert institution.figures([found])[0].table.rows[0][place] is None
