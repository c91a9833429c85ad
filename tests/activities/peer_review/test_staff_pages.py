import re
from datetime import timedelta

import pytest
from werkzeug.datastructures import MultiDict

from lti_peer.activities.peer_review import queries, service
from lti_peer.core import db, grades, rosters
from lti_peer.core.grades import GradeState
from lti_peer.core.models import Activity, Course, Role
from lti_peer.core.rosters import Roster
from lti_peer.peerwork import phases


@pytest.fixture
def teacher(classroom, pages):
    """The pages of the instructor while a class reviews; one review is sent."""
    classroom.review(classroom.people[0])
    return pages(classroom, classroom.world.teacher, classroom.reviewing)


@pytest.fixture
def ended(classroom, pages):
    """The pages of the instructor after a whole class has reviewed."""
    classroom.review_all()
    return pages(classroom, classroom.world.teacher, classroom.after)


def form_of(page):
    """Return a page's fields as a browser would send them, the first settings form of it."""
    form = page.partition("<main")[2].split('action="')[1]
    fields = MultiDict()
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        chosen = "checked" in tag or not re.search(r'type="(checkbox|radio)"', tag)
        if name and chosen:
            fields[name[1]] = value[1] if value else ""
    for name, text in re.findall(
        r'<textarea[^>]*name="([^"]*)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL
    ):
        fields[name] = text
    return fields.to_dict()


def test_the_dashboard_counts_and_names_everybody(teacher):
    page = re.sub(r"<[^>]+>|\s+", " ", teacher.read())

    assert re.search(r"handed in +4 +of +4", page)
    assert re.search(r"reviews sent +1 +12 wanted, 0 being written", page)
    assert re.search(r"reviews missing +11", page)
    for number in range(1, 5):
        assert f"Person {number} (synthetic)" in page


def test_the_counts_come_alone_for_the_page_to_renew(teacher):
    page = teacher.read("/counts")

    assert "<html" not in page
    assert "reviews missing" in page


def test_the_table_is_sorted_by_links_in_both_directions(teacher):
    for column in ("name", "handed_in", "given", "received", "score", "nonsense"):
        rising = teacher.read(f"/?sort={column}")
        falling = teacher.read(f"/?sort={column}&order=falling")

        names = [re.findall(r"Person (\d) \(synthetic\)</bdi>", page) for page in (rising, falling)]
        assert sorted(names[0]) == sorted(names[1]) == ["1", "2", "3", "4"]
        assert 'aria-sort="descending"' in falling
    assert re.findall(r"Person (\d)", teacher.read("/?sort=name&order=falling")) == list("4321")


def test_an_empty_course_says_who_will_be_there(build, pages):
    classroom = build(learners=0)

    assert (
        "Everybody in the course will be here." in pages(classroom, classroom.world.teacher).read()
    )


def test_the_matrix_has_a_picture_and_its_table(teacher):
    page = teacher.read("/matrix")

    assert "<svg" in page
    assert "The same as a table" in page


def test_before_any_review_the_matrix_says_when_it_begins(build, pages):
    classroom = build()

    assert "That begins when reviewing opens." in pages(classroom, classroom.world.teacher).read(
        "/matrix"
    )


def test_a_persons_page_shows_who_wrote_their_reviews(ended, classroom):
    page = ended.read(f"/people/{classroom.people[0].id}")

    assert "Text number 0." in page
    assert page.count("100") >= 3
    assert "Person 2 (synthetic)" in page


def test_a_stranger_is_not_found(ended, classroom):
    assert ended.get(f"/people/{classroom.staff.activity.id}").status_code == 404


def test_more_time_is_given_in_the_zone_of_the_instructor(teacher, classroom):
    ada = classroom.people[0]

    answer = teacher.post(f"/people/{ada.id}/extension", phase="review", due="2026-12-24T12:00")

    assert answer.status_code == 303
    window = phases.windows(classroom.session, classroom.visit(ada))["review"]
    assert window.due.isoformat() == "2026-12-24T12:00:00+00:00"


def test_a_date_that_cannot_be_given_is_refused_at_its_field(teacher, classroom):
    for due in ("", "soon", "2020-01-01T00:00", "99999-01-01T00:00"):
        answer = teacher.post(
            f"/people/{classroom.people[0].id}/extension", phase="review", due=due
        )

        assert answer.status_code == 422
        assert 'href="#f-due"' in answer.text


def test_closing_reviewing_opens_the_feedback(teacher, classroom, pages):
    assert teacher.post("/phases/review/close").status_code == 303

    author = pages(classroom, classroom.people[1], classroom.reviewing + timedelta(minutes=1))
    assert author.get("/feedback").status_code == 200


def test_grades_are_shown_before_they_are_released_with_the_reason_of_who_has_none(build, pages):
    classroom = build(learners=3)
    for who in classroom.people[:2]:
        classroom.hand_in(who)
    classroom.review(classroom.people[0])
    page = pages(classroom, classroom.world.teacher, classroom.after).read("/grades")

    assert "Release one grade to the LMS." in page
    assert "Nobody has reviewed the work yet" in page
    assert "Has not handed in" in page
    assert page.index("In the LMS") < page.index("Score of 100")  # what a phone shows first


def test_releasing_posts_each_grade_once(ended, classroom):
    for _ in range(2):
        assert ended.post("/grades").status_code == 303

    told = grades.of(classroom.session, classroom.staff.activity)
    assert [(grade.version, grade.state) for grade in told] == [(1, GradeState.WAITING)] * 4
    assert "On its way" in ended.read("/grades")


def test_a_grade_that_the_lms_refused_is_shown_with_its_reason(ended, classroom):
    ended.post("/grades")
    with classroom.world.database.transaction() as session:
        grade = grades.of(session, session.get(Activity, classroom.world.activity.id))[0]
        grade.state, grade.problem = GradeState.REFUSED, "The course is over."

    page = ended.read("/grades")
    assert "The course is over." in page
    assert "One grade was refused by the LMS." in page
    again = re.search(r'action="[^"]*(/lms/grades/retry)"', page)
    assert again


def test_a_refused_grade_is_sent_again_and_nothing_else_is(ended, classroom):
    ended.post("/grades")
    with classroom.world.database.transaction() as session:
        activity = session.get(Activity, classroom.world.activity.id)
        first, *_ = grades.of(session, activity)
        first.state, first.problem = GradeState.REFUSED, "The course is over."

    assert [grades.retry(classroom.session, classroom.staff) for _ in range(2)] == [1, 0]
    classroom.session.commit()

    assert "The course is over." not in ended.read("/grades")


def test_a_grade_that_somebody_changed_in_the_lms_is_shown_with_both_numbers(ended, classroom):
    ended.post("/grades")
    with classroom.world.database.transaction() as session:
        grade = grades.of(session, session.get(Activity, classroom.world.activity.id))[0]
        grade.state, grade.found_share = GradeState.CHANGED, 0.815

    page = ended.read("/grades")

    assert "One grade was changed in the LMS by somebody." in page
    assert "81.5 in the LMS" in page
    assert f"/lms/grades/{grade.id}/insist" in page


def test_the_page_says_when_grades_are_stopped_and_offers_the_way_back(ended, classroom):
    ended.post("/grades")
    assert "Stop sending" in ended.read("/grades")
    grades.stop(classroom.session, classroom.staff)
    classroom.session.commit()

    page = ended.read("/grades")

    assert "You have stopped the sending of grades." in page
    assert "Stop sending" not in page


def test_the_class_page_says_how_old_the_list_of_the_lms_is(teacher, classroom):
    assert "no list of the course" in teacher.read()
    with classroom.world.database.transaction() as session:
        course = session.get(Course, classroom.world.course.id)
        course.roster_url = "https://lms.example/roster"
        rosters.ask(session, course, db.now(session))
        session.flush()
        found = session.get(Roster, course.id)
        found.read_at, found.due_at = db.now(session), db.now(session) + timedelta(hours=1)

    page = re.sub(r"<[^>]+>|\s+", " ", teacher.read())

    assert re.search(r"4 +learners +by the list of the LMS; read just now\.", page), page[:3000]


def test_a_call_is_shown_with_the_text_and_answered(classroom, pages):
    ada = classroom.people[0]
    visit = classroom.visit(ada, classroom.reviewing)
    service.decline_review(
        classroom.session, visit, classroom.take(ada).id, "cannot_open", "It is blank."
    )
    teacher = pages(classroom, classroom.world.teacher, classroom.reviewing)
    assert "One call waits for you." in teacher.read()

    page = teacher.read("/calls")
    assert "It is blank." in page
    path = re.search(r"/peer_review(/calls/[0-9a-f-]+)", page)[1]
    assert teacher.post(path, resolution="Asked for a new text.").status_code == 303
    assert "Calls from people will be here." in teacher.read("/calls")


def test_the_settings_as_they_are_can_be_saved_unchanged(build, pages):
    classroom = build()
    teacher = pages(classroom, classroom.world.teacher)
    fields = form_of(teacher.read("/settings"))

    answer = teacher.post("/settings", **fields)

    assert answer.status_code == 303, answer.text
    assert form_of(teacher.read("/settings")) == fields
    rubric = service.feedback.rubric(classroom.session, classroom.staff.activity)
    assert rubric.version == 1


def test_settings_are_changed(build, pages):
    classroom = build()
    teacher = pages(classroom, classroom.world.teacher)
    fields = form_of(teacher.read("/settings"))
    changed = {**fields, "title": "Essay", "reviews": "4", "criterion-1-title": ""}
    del changed["late_work"]

    teacher.post("/settings", **changed)

    classroom.session.expire_all()
    activity = classroom.staff.activity
    assert (activity.title, queries.settings(classroom.staff).reviews) == ("Essay", 4)
    assert not queries.settings(classroom.staff).late_work
    rubric = service.feedback.rubric(classroom.session, activity)
    assert [one.key for one in rubric.parsed] == ["answer", "clarity"]


def test_a_new_criterion_is_added_by_filling_the_empty_row(build, pages):
    classroom = build()
    teacher = pages(classroom, classroom.world.teacher)
    fields = form_of(teacher.read("/settings"))
    new = {"criterion-3-title": "Is kind", "criterion-3-level-0-label": "No",
           "criterion-3-level-0-points": "0", "criterion-3-level-1-label": "Yes",
           "criterion-3-level-1-points": "2"}  # fmt: skip

    assert teacher.post("/settings", **{**fields, **new}).status_code == 303
    assert 'value="Is kind"' in teacher.read("/settings")


def test_settings_that_cannot_be_are_refused_at_their_field_and_all_is_kept(build, pages):
    teacher = pages(made := build(), made.world.teacher)
    fields = {**form_of(teacher.read("/settings")), "title": "", "instructions": "New words."}

    answer = teacher.post("/settings", **fields)

    assert answer.status_code == 422
    assert 'href="#f-title"' in answer.text
    assert "New words.</textarea>" in answer.text
    assert "New words." not in teacher.read("/settings")


def test_a_designer_lands_on_the_settings_and_sees_nobody(classroom, pages):
    designer = pages(classroom, classroom.world.teacher, classroom.now, Role.DESIGNER)

    assert designer.get("/").location.endswith("/peer_review/settings")
    assert designer.get("/grades").status_code == 403


def test_learners_see_no_page_of_staff(classroom, pages):
    learner = pages(classroom, classroom.people[0], classroom.reviewing)

    person = f"/people/{classroom.people[0].id}"
    for path in ("/counts", "/matrix", "/grades", "/calls", "/settings", person):
        assert learner.get(path).status_code == 403


def test_a_page_shows_no_more_than_the_fixed_notices(teacher):
    assert "Hello" not in teacher.read("/?done=Hello")
