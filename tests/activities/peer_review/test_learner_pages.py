import re
from datetime import timedelta

import pytest

from lti_peer.peerwork import submissions
from lti_peer.peerwork.submissions import Draft, Submission

TOO_LONG = "word " * (64 * 1024 // 5)
MARKS = {"mark-answer": "3", "mark-reasons": "2", "mark-clarity": "1"}


def path_of_review(answer):
    return re.search(r"/peer_review(/reviews/[0-9a-f-]+)", answer.location)[1]


@pytest.fixture
def ada(build, pages):
    """The pages of a learner in a class where nobody has done anything."""
    classroom = build()
    return pages(classroom, classroom.people[0])


@pytest.fixture
def reviewer(classroom, pages):
    """The pages of a learner who has handed in, while reviewing is open."""
    return pages(classroom, classroom.people[0], classroom.reviewing)


def test_home_asks_first_for_the_work(ada):
    page = ada.read()

    assert "Hand in your work." in page
    words = re.sub("<[^>]+>", "", page).replace("\xa0", " ")
    assert "Mon 30 Nov, 23:59 UTC – 7 days left" in words


def test_handing_in_answers_with_a_receipt(ada):
    answer = ada.post("/work/edit", text="My **text**.")

    assert answer.status_code == 303
    page = ada.read("/work?done=handed_in")
    assert "Version 1" in page
    assert "<strong>text</strong>" in page
    assert "Your work is handed in." in page


def test_a_text_of_64_kib_is_refused_kept_in_the_form_and_not_stored(ada, session):
    answer = ada.post("/work/edit", text=TOO_LONG)

    assert answer.status_code == 413
    assert "too long" in answer.text
    assert TOO_LONG.strip() in answer.text
    assert not session.query(Submission).count()


def test_an_empty_text_is_refused_with_a_link_to_the_field(ada):
    answer = ada.post("/work/edit", text="  \n")

    assert answer.status_code == 422
    assert 'href="#f-text"' in answer.text


def test_a_text_that_comes_after_the_end_is_refused_and_kept_in_the_form(build, pages):
    classroom = build()
    late = pages(classroom, classroom.people[0], classroom.after)

    answer = late.post("/work/edit", text="One minute too late.")

    assert answer.status_code == 403
    assert "Handing in closed on" in answer.text
    assert "One minute too late." in answer.text


def test_a_draft_is_kept_and_shown_again(ada):
    answer = ada.post("/work/draft", text="Half a", version="0")

    assert answer.json == {"saved": "09:00", "version": 1}
    assert "Half a</textarea>" in ada.read("/work/edit")


def test_a_draft_from_two_windows_answers_with_the_other_text(ada):
    ada.post("/work/draft", text="From the laptop", version="0")

    answer = ada.post("/work/draft", text="From the phone", version="0")

    assert answer.status_code == 409
    assert answer.json["fields"] == {"text": "From the laptop"}
    assert answer.json["version"] == 1


def test_a_draft_that_is_too_long_is_refused_with_a_sentence(ada, session):
    answer = ada.post("/work/draft", text=TOO_LONG, version="0")

    assert answer.status_code == 413
    assert "too long" in answer.json["message"]
    assert not session.query(Draft).count()


def test_the_preview_is_safe_html_and_stores_nothing(ada):
    answer = ada.post("/preview", text="**bold** <script>alert(1)</script>")

    assert "<strong>bold</strong>" in answer.text
    assert "<script" not in answer.text


def test_taking_a_review_leads_to_the_text_beside_the_rubric(reviewer):
    answer = reviewer.post("/reviews")

    page = reviewer.read(path_of_review(answer))
    assert answer.status_code == 303
    assert "Text number" in page
    assert "Answers the question" in page


def test_sending_a_review_counts_it_on_the_home_page(reviewer):
    path = path_of_review(reviewer.post("/reviews"))

    answer = reviewer.post(path, **MARKS, comment="Clear.", **{"comment-answer": "Yes."})

    assert answer.status_code == 303
    page = reviewer.read("/?done=review_sent")
    assert "1 of 3 sent" in page
    assert "You have 2 reviews left." in page


def test_who_sends_more_reviews_than_are_asked_is_not_told_two_of_one(build, pages):
    classroom = build(learners=3, reviews=1)
    for who in classroom.people:
        classroom.hand_in(who)
    for _ in "ab":
        classroom.review(classroom.people[0])
    page = pages(classroom, classroom.people[0], classroom.reviewing).read()

    assert "2 sent" in page
    assert "2 of 1" not in page


def test_sending_a_review_twice_is_one_review(reviewer, session):
    path = path_of_review(reviewer.post("/reviews"))
    for _ in range(2):
        assert reviewer.post(path, **MARKS).status_code == 303

    assert session.query(submissions.Submission).count() == 4
    assert "1 of 3 sent" in reviewer.read()


def test_a_mark_out_of_range_is_refused_and_nothing_typed_is_lost(reviewer):
    path = path_of_review(reviewer.post("/reviews"))

    answer = reviewer.post(path, **{**MARKS, "mark-reasons": "9"}, comment="Long thought.")

    assert answer.status_code == 422
    assert 'href="#f-mark-reasons"' in answer.text
    assert "Long thought." in answer.text
    assert "0 of 3 sent" in reviewer.read()


def test_a_comment_of_64_kib_is_refused_and_kept_in_the_form(reviewer):
    path = path_of_review(reviewer.post("/reviews"))

    answer = reviewer.post(path, **MARKS, comment=TOO_LONG)

    assert answer.status_code == 413
    assert TOO_LONG.strip() in answer.text
    assert "0 of 3 sent" in reviewer.read()


def test_a_review_that_comes_after_the_end_is_refused_and_nothing_typed_is_lost(
    reviewer, classroom, travel
):
    path = path_of_review(reviewer.post("/reviews"))
    travel(classroom.reviewing + timedelta(days=7))

    answer = reviewer.post(path, **MARKS, comment="Late thought.")

    assert answer.status_code == 403
    assert "Reviewing closed on" in answer.text
    assert "Late thought." in answer.text


def test_a_draft_of_a_review_is_kept(reviewer):
    path = path_of_review(reviewer.post("/reviews"))

    reviewer.post(f"{path}/draft", **MARKS, comment="Half a", version="0")

    page = reviewer.read(path)
    assert "Half a</textarea>" in page
    assert page.count(" checked") >= 3


def test_a_review_that_cannot_be_written_is_replaced(reviewer):
    path = path_of_review(reviewer.post("/reviews"))

    answer = reviewer.post(f"{path}/decline", reason="cannot_open", words="Blank")

    assert answer.status_code == 303
    assert path_of_review(answer) != path
    assert "You gave this review back." in reviewer.read(path)


def test_giving_a_review_back_without_a_reason_is_refused(reviewer):
    path = path_of_review(reviewer.post("/reviews"))

    assert reviewer.post(f"{path}/decline", reason="bored").status_code == 422


def test_when_there_is_nothing_to_review_the_page_says_so_with_a_date(build, pages):
    classroom = build()
    classroom.hand_in(classroom.people[0])
    alone = pages(classroom, classroom.people[0], classroom.reviewing)

    assert alone.post("/reviews").status_code == 303
    page = alone.read("/?done=nothing")
    assert "There is nothing for you to review just now." in page
    assert "as soon as somebody hands in" in page
    assert "Mon 7 Dec, 23:59 UTC" in page


def test_somebody_elses_review_is_not_found(reviewer, classroom, enter):
    path = path_of_review(reviewer.post("/reviews"))
    other = enter(classroom, classroom.people[1], classroom.reviewing)

    assert other.get(f"/peer_review{path}").status_code == 404


def test_received_feedback_is_shown_by_criterion_and_can_be_answered(classroom, pages):
    classroom.review_all()
    author = pages(classroom, classroom.people[0], classroom.after)

    page = author.read("/feedback")
    token = re.search(r"/feedback/([0-9a-f]+)/rating", page)[1]
    assert "Name your source." in page
    assert "Reviewer 3" in page
    answer = author.post(
        f"/feedback/{token}/rating", **{f"helpful-{token}": "2", f"reason-{token}": "Concrete."}
    )
    assert answer.status_code == 303
    assert author.post("/feedback/read").status_code == 303
    assert "You have done everything." in author.read()


def test_the_reviewer_sees_the_answer_to_a_review(classroom, pages):
    classroom.review_all()
    author = pages(classroom, classroom.people[0], classroom.after)
    tokens = set(re.findall(r"/feedback/([0-9a-f]+)/rating", author.read("/feedback")))
    for token in tokens:
        author.post(f"/feedback/{token}/rating", **{f"helpful-{token}": "1"})

    assert "partly helpful" in pages(classroom, classroom.people[1], classroom.after).read()


def test_an_answer_without_a_choice_is_refused(classroom, pages):
    classroom.review_all()
    author = pages(classroom, classroom.people[0], classroom.after)
    token = re.search(r"/feedback/([0-9a-f]+)/rating", author.read("/feedback"))[1]

    answer = author.post(f"/feedback/{token}/rating", **{f"reason-{token}": "Because."})

    assert answer.status_code == 422
    assert "Because." in answer.text
    assert author.post("/feedback/0000/rating").status_code == 404


def test_a_score_is_shown_only_after_the_release(classroom, pages):
    classroom.review_all()
    author = pages(classroom, classroom.people[0], classroom.after)
    assert "89 of 100" not in author.read("/feedback") + author.read()

    pages(classroom, classroom.world.teacher, classroom.after).post("/grades")

    page = author.read("/feedback")
    assert "89 of 100, most likely between 89 and 89, from 3 reviews." in page
    assert "How was this computed?" in page


def test_staff_do_not_review(classroom, pages):
    assert (
        pages(classroom, classroom.world.teacher, classroom.reviewing).post("/reviews").status_code
        == 403
    )


def test_a_form_without_its_token_changes_nothing(reviewer):
    reviewer.inside.token = "forged"

    assert reviewer.post("/reviews").status_code == 403
