import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from lti_peer.activities.peer_review import forms, queries, revising, service, setup, steering
from lti_peer.core.errors import Invalid, NotAllowed
from lti_peer.core.outbox import Channel, OutboxItem
from lti_peer.peerwork import allocations, phases, scores, submissions
from lti_peer.rules.rubric import dump
from xapi.profile.check import check as fits
from xapi.validate import check
from xapi.vocabulary import REVIEWED, REVISED, ROUND, SUBMISSION_VERSION, WAS_ASSIGNED

EDITOR = "/revision"


@pytest.fixture
def pair(build):
    """Two people who handed in and reviewed each other, the first well and the second poorly."""
    made = build(learners=2, reviews=1).let_revise()
    for number, who in enumerate(made.people):
        made.hand_in(who, source=f"Text number {number}.")
    ada, ben = made.people
    made.review(ada, marks={"answer": 2, "reasons": 2, "clarity": 2})
    made.review(ben, marks={"answer": 1, "reasons": 1, "clarity": 1})
    return made


def share_of(pair, who):
    return scores.of_person(pair.session, pair.staff, who.id)["work"].share


def statements_of(pair, verb):
    found = pair.session.scalars(select(OutboxItem).where(OutboxItem.channel == Channel.XAPI))
    said = [one.payload for one in found if one.payload["verb"]["id"] == verb.id]
    return sorted(said, key=lambda one: one["timestamp"])


def words(page):
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page)).replace("\xa0", " ")


def test_an_author_is_offered_to_revise_once_feedback_is_read(pair, pages):
    ada = pages(pair, pair.people[0], pair.after)
    assert "The feedback on your work is here." in ada.read()
    ada.post("/feedback/read")
    home = words(ada.read())
    assert "Revise your work, if you like." in home
    assert "It is never asked of you" not in home
    assert "If you like: it is never asked of you." in home
    assert EDITOR in ada.read("/feedback?done=read")


def test_the_editor_has_the_last_version_beside_the_feedback_and_keeps_what_is_typed(pair, pages):
    ada = pages(pair, pair.people[0], pair.after)
    page = ada.read(EDITOR)
    assert "Text number 0.</textarea>" in page
    assert "Name your source." in page
    assert "Reviewer 1" in page
    assert ada.post("/revision/draft", text="Half", note="So", version="0").json["version"] == 1
    page = ada.read(EDITOR)
    assert "Half</textarea>" in page
    assert "So</textarea>" in page


def test_a_revision_leaves_what_was_reviewed_as_it_was(pair, pages):
    ada = pages(pair, pair.people[0], pair.after)
    answer = ada.post(EDITOR, text="A **better** text.", note="Reviewer 1 asked for sources.")
    assert answer.status_code == 303
    page = ada.read("/work?done=revised")
    assert "Your revision is handed in." in page
    assert "<strong>better</strong>" in page
    assert "Text number 0." in page
    assert "This is about version 1" in ada.read("/feedback")
    assert "<strong>better</strong>" not in ada.read("/feedback")


def test_its_reviewers_are_asked_to_look_again_with_their_marks_filled_in(pair, pages):
    pair.revise(pair.people[0], note="I named my sources.")
    ben = pages(pair, pair.people[1], pair.looking)
    ben.post("/feedback/read")
    home = ben.read()
    assert "One text that you reviewed has been revised." in home
    path = re.search(r"/peer_review(/second-looks/[0-9a-f-]+)", home)[1]
    page = ben.read(path)
    assert "I named my sources." in page
    assert "A better text." in page
    assert "Text number 0." in page
    assert len(re.findall(r'value="1"[^>]* checked', page)) == 3
    assert pair.people[0].name not in page
    sent = {"mark-answer": "3", "mark-reasons": "3", "mark-clarity": "2"}
    assert ben.post(f"{path}/draft", **sent, version="0").status_code == 200
    assert ben.post(path, comment="Clearer.").status_code == 422
    assert ben.post(path, **sent, comment="Much clearer.").status_code == 303
    assert "You have sent this second look." in ben.read(path)
    assert ben.get(path.replace("second-looks", "reviews")).status_code == 404


def test_the_author_reads_both_and_which_score_counts(pair, pages):
    ada, ben = pair.people
    pair.revise(ada)
    pair.look(ben, pair.good)
    steering.release(pair.session, pair.staff)
    page = words(pages(pair, ada, pair.looking).read("/feedback"))
    assert "Your first text: 33 of 100. Your revision: 89. The better of both counts." in page
    assert "After your revision: Fully 3 of 3 points" in page
    assert ", second look" in page
    assert "Better." in page


def test_a_revision_never_costs_points_unless_the_final_score_is_to_count(pair):
    ada, ben = pair.people
    pair.revise(ada)
    pair.look(ben, pair.poor)
    assert share_of(pair, ada) == pytest.approx(1 / 3)
    pair.let_revise(counted="final")
    pair.look(ben, pair.poor | {"answer": 1, "reasons": 0})
    assert share_of(pair, ada) == pytest.approx(1 / 9)


def test_where_nobody_looks_the_first_score_stands(pair, pages):
    ada = pair.people[0]
    pair.revise(ada)
    steering.release(pair.session, pair.staff)
    assert share_of(pair, ada) == pytest.approx(1 / 3)
    page = pages(pair, ada, pair.looking + timedelta(days=9)).read("/feedback")
    assert "the score of your first text stands" in page


def test_who_did_not_look_counts_with_the_marks_that_they_gave(build):
    made = build(learners=3, reviews=2).let_revise()
    for number, who in enumerate(made.people):
        made.hand_in(who, source=f"Text number {number}.")
    for who in made.people * 2:
        made.review(who, marks={"answer": 1, "reasons": 1, "clarity": 1})
    ada, ben, _ = made.people
    made.revise(ada)
    made.look(ben, {"answer": 3, "reasons": 3, "clarity": 3})
    assert share_of(made, ada) == pytest.approx((1 + 1 / 3) / 2)


def test_the_text_that_was_reviewed_is_no_revision(pair, pages):
    ada = pages(pair, pair.people[0], pair.after)
    answer = ada.post(EDITOR, text=" Text number 0.\n", note="Nothing")
    assert answer.status_code == 422
    assert "Change something" in answer.text
    assert "Nothing</textarea>" in answer.text
    assert ada.post(EDITOR, text=" ").status_code == 422
    assert ada.post(EDITOR, text="x" * 70_000).status_code == 413


def test_what_comes_too_late_is_refused_and_stays_in_the_form(pair, pages):
    ada = pages(pair, pair.people[0], pair.looking)
    answer = ada.post(EDITOR, text="One minute too late.")
    assert answer.status_code == 403
    assert "Revising closed on" in answer.text
    assert "One minute too late." in answer.text
    assert ada.post("/revision/draft", text="x", version="0").status_code == 422
    assert ada.get(EDITOR).status_code == 403


def test_there_is_nothing_to_revise_before_reviewing_is_over_or_without_a_review(build):
    made = build(learners=2, reviews=1).let_revise()
    made.hand_in(made.people[0])
    with pytest.raises(NotAllowed, match="Nobody has reviewed"):
        made.revise(made.people[0])
    with pytest.raises(NotAllowed):
        made.revise(made.people[0], now=made.reviewing)
    made.let_revise(revise=False)
    with pytest.raises(NotAllowed, match="not revised in this activity"):
        made.revise(made.people[0])


def test_a_revision_can_be_changed_until_somebody_has_begun_to_look(pair):
    ada, ben = pair.people
    pair.revise(ada)
    assert pair.revise(ada, "Still better.").newest.number == 3
    assert pair.revise(ada, "Still better.").newest.number == 3
    (asked,) = queries.looks_to_send(pair.session, pair.visit(ben))
    phases.extend(pair.session, pair.staff, "revise", ada.id, pair.looking)
    revising.begin_look(pair.session, pair.visit(ben, pair.looking), asked)
    with pytest.raises(NotAllowed, match="begun to look"):
        pair.revise(ada, "Too late.", now=pair.looking)


def test_second_looks_are_taken_in_their_time_by_those_who_were_asked(pair, pages):
    ada, ben = pair.people
    pair.revise(ada)
    (asked,) = queries.looks_to_send(pair.session, pair.visit(ben))
    path = f"/second-looks/{asked.id}"
    assert pages(pair, ada, pair.looking).get(path).status_code == 404
    early = pages(pair, ben, pair.after)
    assert early.get(path).status_code == 403
    assert path not in early.read()
    late = pages(pair, ben, pair.looking + timedelta(days=9))
    assert "nothing was sent" in late.read(path)
    assert late.post(path, **{f"mark-{key}": "3" for key in pair.good}).status_code == 403


def test_who_has_left_the_course_is_not_asked(pair):
    ada, ben = pair.people
    steering.people.member(pair.session, pair.staff, ben.id).active = False
    work = pair.revise(ada)
    assert queries.looks_asked(pair.session, work) == {}


def test_a_revision_and_a_second_look_are_said_without_a_word_of_them(pair):
    ada, ben = pair.people
    pair.revise(ada, "SECRET text", "SECRET note")
    pair.look(ben)
    (revised,) = statements_of(pair, REVISED)
    looked = statements_of(pair, REVIEWED)[-1]
    extensions = looked["context"]["extensions"]
    assert (extensions[SUBMISSION_VERSION.id], extensions[ROUND.id]) == (2, 2)
    assert looked["object"]["id"] == revised["object"]["id"]
    assert looked["result"]["score"]["scaled"] == pytest.approx(8 / 9)
    asked = statements_of(pair, WAS_ASSIGNED)[-1]
    assert asked["actor"]["account"]["name"] == ben.subject
    for one in (revised, looked, asked):
        assert not check(one)
        assert not fits(one)
        assert "SECRET" not in str(one)


def test_first_reviews_say_which_version_they_judge(pair):
    extensions = statements_of(pair, REVIEWED)[0]["context"]["extensions"]
    assert extensions[SUBMISSION_VERSION.id] == 1
    assert ROUND.id not in extensions


def test_staff_see_how_far_revising_is_and_both_texts(pair, pages):
    ada, ben = pair.people
    pair.revise(ada, note="Sources named.")
    pair.look(ben)
    staff = pages(pair, pair.world.teacher, pair.looking)
    page = words(staff.read())
    assert "Reviewers look at what was revised." in page
    assert "Looking again" in page
    assert "second looks sent" in page
    person = staff.read(f"/people/{ada.id}")
    assert "Sources named." in person
    assert "Text number 0." in person
    assert "Second looks, at the revision" in person
    assert "The first text: 33 of 100. The revision: 89." in person
    assert "Second looks, at revisions" in staff.read(f"/people/{ben.id}")


def test_once_somebody_has_revised_the_promise_stays(pair, pages):
    staff = pages(pair, pair.world.teacher, pair.after)
    form = dict(re.findall(r'name="(\w+)"[^>]* value="([^"]*)"', staff.read("/settings")))
    rubric = setup.rubric_fields(dump(steering.RUBRIC))
    sent = {
        **form, **rubric, "title": "T", "reviews": "1", "blind": "yes", "must_hand_in": "yes",
        "late_work": "yes", "revise": "yes", "counted": "better",
    }  # fmt: skip
    assert staff.post("/settings", **sent).status_code == 303
    pair.revise(pair.people[0])
    pair.session.commit()
    assert staff.post("/settings", **{**sent, "counted": "final"}).status_code == 422
    del sent["revise"]
    answer = staff.post("/settings", **sent)
    assert answer.status_code == 422
    assert "somebody has revised" in answer.text
    assert staff.post("/settings", **sent, revise="yes").status_code == 303


def test_a_note_that_is_too_long_is_refused_at_its_field():
    with pytest.raises(Invalid) as refused:
        forms.revision({"text": "A text", "note": "x" * 2_001})
    assert set(refused.value.fields) == {"note"}


def test_an_activity_that_nobody_revises_in_says_nothing_of_it(classroom, pages):
    classroom.review_all()
    after = pages(classroom, classroom.people[0], classroom.after)
    assert "evise" not in after.read()
    assert after.get(EDITOR).status_code == 403
    assert service.may_revise(classroom.session, classroom.visit(classroom.people[0])) is False
    assert (
        submissions.own(classroom.session, classroom.visit(classroom.people[0])).revised_at is None
    )
    assert not allocations.of(classroom.session, classroom.staff, queries.SECOND_LOOK)


def test_who_has_read_feedback_early_is_told_from_when_on_to_revise(pair, pages):
    pair.let_revise(feedback="finished")
    ada = pages(pair, pair.people[0], pair.reviewing)
    ada.post("/feedback/read")
    home = words(ada.read())
    assert "You have done everything for now." in home
    assert "on you may revise your work." in home


def test_a_second_look_is_at_the_version_that_the_reviewer_saw(pair, pages):
    ada, ben = pair.people
    pair.revise(ada)
    steering.extend(pair.session, pair.staff, ada.id, "revise", pair.looking + timedelta(days=1))
    (asked,) = allocations.mine(pair.session, pair.visit(ben), queries.SECOND_LOOK)
    path = f"/second-looks/{asked.id}"
    assert 'name="seen" value="2"' in pages(pair, ben, pair.looking).read(path)
    pair.revise(ada, "A third text.", now=pair.looking)
    marks = {f"mark-{key}": "3" for key in pair.good}
    answer = pages(pair, ben, pair.looking).post(path, seen="2", **marks)
    assert answer.status_code == 409
    assert "The author has revised the text once more." in answer.text
    assert "A third text." in answer.text
    assert pages(pair, ben, pair.looking).post(path, seen="3", **marks).status_code == 303


def test_who_did_not_revise_is_not_told_to_do_so_later_once_it_is_over(pair, pages):
    ada, ben = pair.people
    pair.revise(ada)
    assert "Revise your work" in pages(pair, ada, pair.looking).read()
    assert "Revise your work" not in pages(pair, ben, pair.looking).read()
