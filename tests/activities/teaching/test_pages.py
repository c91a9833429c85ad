"""The pages over HTTP: every role, every form, every refusal."""

import re

import pytest

from lti_peer.activities.teaching.models import Answer, SignUp, Topic
from lti_peer.core.grades import Grade
from lti_peer.core.models import Role
from lti_peer.core.outbox import OutboxItem
from lti_peer.peerwork.allocations import Allocation
from lti_peer.peerwork.feedback import Feedback
from lti_peer.peerwork.flags import Flag, FlagState
from lti_peer.peerwork.meetings import Meeting, MeetingState
from lti_peer.peerwork.phases import Extension

STAFF_PAGES = ("/", "/people", "/pairs", "/calls", "/grades", "/settings", "/numbers")


def fields(page):
    """Return the fields of a page's forms as a browser would send them, texts and choices."""
    text = page.get_data(as_text=True)
    found = dict(re.findall(r'<input[^>]* name="([\w-]+)"[^>]* value="([^"]*)"', text))
    found |= {n: v for v, n in re.findall(r'value="([^"]*)" id="[^"]*" name="([\w-]+)"', text)}
    for name, value in re.findall(
        r'type="radio" name="([\w-]+)" value="([^"]*)"[^>]* checked', text
    ):
        found[name] = value
    found |= dict(re.findall(r'<textarea[^>]* name="([\w-]+)"[^>]*>\n([^<]*)</textarea>', text))
    return found


def test_the_first_page_says_what_to_do(room):
    page = room.learners[0].get("/teaching/").get_data(as_text=True)

    assert "Sign up to teach one topic and to learn another." in page


def test_a_get_changes_nothing(room):
    for path in ("/teaching/", "/teaching/sign-up", "/teaching/results"):
        assert room.learners[0].get(path).status_code == 200

    assert room.select(SignUp) == []


def test_signing_up_answers_with_another_page_and_is_kept(room):
    teach, learn = room.select(Topic.id)[:2]
    answer = room.learners[0].post("/teaching/sign-up", {"teach": teach, "learn": learn})

    assert answer.status_code == 303
    assert room.select(SignUp.teach_id) == [teach]


def test_a_refused_sign_up_keeps_the_choice(room):
    topic = str(room.select(Topic.id)[0])
    answer = room.learners[0].post("/teaching/sign-up", {"teach": topic, "learn": topic})
    page = answer.get_data(as_text=True)

    assert answer.status_code == 422
    assert re.search(f'value="{topic}"[^>]* checked', page)
    assert "Choose another topic than the one you teach." in page
    assert room.select(SignUp) == []


def test_a_topic_of_nowhere_is_refused(room):
    form = {"teach": "nonsense", "learn": "any"}

    assert room.learners[0].post("/teaching/sign-up", form).status_code == 422


def test_a_form_without_its_token_is_refused(room):
    answer = room.learners[0].post("/teaching/match-me", {"csrf_token": "forged"})

    assert answer.status_code == 403
    assert room.select(SignUp) == []


def test_a_pair_goes_all_the_way(room):
    page, explainer, listener = room.pair()
    right = room.select(Topic.right_option)
    path = room.agree(page, explainer, listener)
    assert listener.post(f"{page}/check", {"option": "0"}).status_code == 303
    assert explainer.post(f"{path}/held").status_code == 303
    assert listener.post(f"{page}/check", {"option": "1"}).status_code == 303

    shown = listener.get(page).get_data(as_text=True)
    assert "The right answer:" in shown
    assert len(room.select(Answer.id)) == 2
    assert right


def test_the_right_answer_is_not_told_before_the_second_check(room):
    page, explainer, listener = room.pair()
    listener.post(f"{page}/check", {"option": "0"})
    path = room.agree(page, explainer, listener)
    before = listener.get(page).get_data(as_text=True)
    explainer.post(f"{path}/held")
    between = listener.get(page).get_data(as_text=True)

    for shown in (before, between, explainer.get(page).get_data(as_text=True)):
        assert "right answer:" not in shown.lower()


def test_an_answer_that_is_not_chosen_is_asked_for(room):
    page, _, listener = room.pair()
    answer = listener.post(f"{page}/check")

    assert answer.status_code == 422
    assert "Choose one of the answers." in answer.get_data(as_text=True)


def test_a_refused_proposal_keeps_what_was_typed(room):
    page, explainer, _ = room.pair()
    form = {"starts_at": "2020-01-01T10:00", "minutes": "45", "place": "Under the oak"}
    answer = explainer.post(f"{page}/propose", form)

    assert answer.status_code == 422
    assert "Under the oak" in answer.get_data(as_text=True)
    assert "This time is over." in answer.get_data(as_text=True)
    assert room.select(Meeting) == []


@pytest.mark.parametrize("place", ["javascript:alert(1)", "data:text/html,x", "Room 4"])
def test_only_an_address_of_the_web_becomes_a_link(room, place):
    page, explainer, listener = room.pair()
    form = {"starts_at": room.now_field(60), "minutes": "30", "place": place}
    explainer.post(f"{page}/propose", form)

    assert f'href="{place}' not in listener.get(page).get_data(as_text=True)


def test_a_double_click_proposes_once(room):
    page, explainer, _ = room.pair()
    form = {"starts_at": room.now_field(60), "minutes": "30", "place": "Room 4"}
    for _ in range(2):
        assert explainer.post(f"{page}/propose", form).status_code == 303

    assert len(room.select(Meeting.id)) == 1


def test_a_meeting_that_was_missed_can_be_proposed_again(room):
    page, explainer, listener = room.pair()
    path = room.agree(page, explainer, listener)
    explainer.post(f"{path}/missed", {"who": "me"})

    assert room.select(Meeting.state) == [MeetingState.MISSED]
    assert "did not take place" in listener.get(page).get_data(as_text=True)


def test_ratings_are_shown_when_both_have_rated(room):
    page, explainer, listener = room.pair()
    room.meet(page, explainer, listener)
    forms = {
        explainer: {"mark-prepared": "2", "mark-took_part": "1"},
        listener: {"mark-correct": "2", "mark-simple": "2", "mark-example": "1",
                   "mark-misconception": "0", "comment": "Your picture **helped**."},
    }  # fmt: skip
    for who, form in forms.items():
        rate = re.search(r'href="[^"]*(/teaching/meetings/[^"]*/rate/[^"]*)"',
                         who.get(page).get_data(as_text=True)).group(1)  # fmt: skip
        assert "<strong>helped</strong>" not in explainer.get("/teaching/results").text
        assert who.post(rate, form).status_code == 303

    assert "<strong>helped</strong>" in explainer.get("/teaching/results").text


def test_an_incomplete_rating_keeps_what_was_chosen(room):
    page, explainer, listener = room.pair()
    room.meet(page, explainer, listener)
    rate = re.search(r"(/teaching/meetings/[^\"]*/rate/[^\"]*)\"", listener.get(page).text).group(1)
    answer = listener.post(rate, {"mark-correct": "2", "comment": "Typed."})

    assert answer.status_code == 422
    assert re.search(r'name="mark-correct" value="2"[^>]* checked', answer.text)
    assert "Typed." in answer.text
    assert room.select(Feedback) == []


def test_who_parts_finds_the_first_page_with_what_comes_next(room):
    page, _, listener = room.pair()
    answer = listener.post(f"{page}/part", {"reason": "time"}, follow_redirects=True)

    assert answer.status_code == 200
    assert "You are not paired any more." in answer.text


@pytest.mark.parametrize("path", STAFF_PAGES)
def test_staff_pages_show_an_empty_and_a_running_class(room, path):
    assert room.staff.get(f"/teaching{path}").status_code == 200
    room.pair()
    assert room.staff.get(f"/teaching{path}").status_code == 200


@pytest.mark.parametrize("path", STAFF_PAGES[1:])
def test_learners_do_not_see_the_pages_of_staff(room, path):
    assert room.learners[0].get(f"/teaching{path}").status_code == 403


def test_a_designer_lands_on_the_settings_and_sees_no_people(room):
    designer = room.enter(room.world.people[0], Role.DESIGNER)

    assert designer.get("/teaching/").headers["Location"].endswith("/teaching/settings")
    assert designer.get("/teaching/people").status_code == 403


def test_a_stranger_does_not_see_a_meeting(room):
    page, explainer, listener = room.pair()
    for inside in room.learners:
        expected = 200 if inside in (explainer, listener) else 404
        assert inside.get(page).status_code == expected


def test_settings_saved_as_they_are_change_nothing(room):
    form = fields(room.staff.get("/teaching/settings"))
    before = room.select(Topic.title)
    answer = room.staff.post("/teaching/settings", form)

    assert answer.status_code == 303
    assert room.select(Topic.title) == before
    assert room.select(Topic.retired) == [False] * 4


def test_a_topic_can_be_added_and_taken_away(room):
    form = fields(room.staff.get("/teaching/settings"))
    form |= {"topic-4-title": "Mind maps", "topic-4-question": "What is one?",
             "topic-4-option-0": "A map", "topic-4-option-1": "A mind", "topic-4-right": "1",
             "topic-0-title": ""}  # fmt: skip
    assert room.staff.post("/teaching/settings", form).status_code == 303

    page = room.learners[0].get("/teaching/sign-up").text
    assert "Mind maps" in page
    assert "Retrieval practice" not in page


def test_refused_settings_keep_what_was_typed(room):
    form = fields(room.staff.get("/teaching/settings"))
    form |= {"topic-4-title": "Half a topic", "title": ""}
    answer = room.staff.post("/teaching/settings", form)

    assert answer.status_code == 422
    assert "Half a topic" in answer.text
    assert len(room.select(Topic.id)) == 4


def test_a_check_that_was_answered_stays_as_it_is(room):
    page, _, listener = room.pair()
    listener.post(f"{page}/check", {"option": "0"})
    form = fields(room.staff.get("/teaching/settings"))
    form |= {name: "1" if value == "0" else "0" for name, value in form.items()
             if name.endswith("-right")}  # fmt: skip
    answer = room.staff.post("/teaching/settings", form)

    assert answer.status_code == 422
    assert "has been answered, so it stays as it is" in answer.text


def test_an_extension_is_kept_and_a_past_one_refused(room):
    person = f"/teaching/people/{room.world.people[0].id}"
    late = {"phase": "meet", "due": "2099-01-01T10:00"}
    assert room.staff.post(f"{person}/extension", late).status_code == 303
    past = room.staff.post(f"{person}/extension", {"phase": "meet", "due": "2020-01-01T10:00"})

    assert past.status_code == 422
    assert "Choose a date and time that is to come." in past.text
    assert len(room.select(Extension.id)) == 1


def test_grades_are_previewed_released_and_sent_once(room):
    room.pair()
    assert "Release the grades of 4 people" in room.staff.get("/teaching/grades").text
    assert room.select(Grade) == []
    for _ in range(2):
        assert room.staff.post("/teaching/grades").status_code == 303

    assert [grade.version for grade in room.select(Grade)] == [1, 1, 1, 1]
    page = room.staff.get("/teaching/grades").text
    assert page.index("In the LMS") < page.index("Participation of 100")


def test_a_call_is_shown_and_answered(room):
    page, _, listener = room.pair()
    listener.post(f"{page}/part", {"reason": "conduct", "words": "Please look."})
    flag = next(one for one in room.select(Flag) if one.reason == "conduct")
    assert "Please look." in room.staff.get("/teaching/calls").text
    assert "1" in room.staff.get("/teaching/").text
    room.staff.post(f"/teaching/calls/{flag.id}", {"resolution": "Talked to both."})

    assert "Please look." not in room.staff.get("/teaching/calls").text
    states = {one.id: one.state for one in room.select(Flag)}
    assert states[flag.id] is FlagState.RESOLVED


def test_staff_end_a_pair_and_its_people_are_matched_anew(room):
    page, *_ = room.pair()
    answer = room.staff.post(f"/teaching/pairs/{page.rsplit('/', 1)[-1]}/end")

    assert answer.status_code == 303
    assert [one.state.value for one in room.select(Allocation) if str(one.id) in page] == [
        "cancelled"
    ]


def test_a_closed_phase_is_refused_with_its_date_and_nothing_is_kept(room):
    room.pass_days(60)
    answer = room.learners[0].post("/teaching/match-me")

    assert answer.status_code == 403
    assert "closed on" in answer.text
    assert room.select(SignUp) == []


def test_too_long_a_text_is_refused_and_kept_on_the_page(room):
    form = fields(room.staff.get("/teaching/settings"))
    form["instructions"] = "word " * 13_000
    answer = room.staff.post("/teaching/settings", form)

    assert answer.status_code == 422
    assert "too long" in answer.text
    assert form["instructions"][:200] in answer.text


def test_every_statement_that_is_said_belongs_to_the_profile(room):
    page, explainer, listener = room.pair()
    room.agree(page, explainer, listener)
    said = [one.payload for one in room.select(OutboxItem) if "verb" in one.payload]

    assert len(said) > 8
    assert all(one["context"]["contextActivities"]["category"] for one in said)
