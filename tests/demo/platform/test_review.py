"""From a grade in the grade book to the work in the tool (LTI Submission Review)."""

import pytest
from demo.platform.fake_tool import BLOCK, LTI

AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"


@pytest.fixture
def shown(lms, tool):
    """A tool that shows work to staff."""
    tool.metadata[BLOCK]["messages"].append({"type": "LtiSubmissionReviewRequest"})
    return tool


def test_the_message_says_whose_work_and_which_column(lms, shown, link, browse):
    teacher, learner, column = browse(lms.instructor), lms.learners[2], lms.gradebook.columns[0]
    teacher.get(f"/review/{column.id}/{learner.id}")
    said = shown.launches[-1]

    assert (said["sub"], said[LTI + "for_user"]["user_id"]) == (lms.instructor.id, learner.id)
    assert said[LTI + "message_type"] == "LtiSubmissionReviewRequest"
    assert said[AGS]["lineitem"] == lms.addresses.line_item("2", column.id, "1")
    assert said[LTI + "resource_link"]["id"] == link.id


def test_the_page_of_a_grade_leads_there(lms, shown, link, browse):
    path = f"/grades/1/{lms.learners[0].id}"
    assert "Look at the work in the tool" in browse(lms.instructor).get(path).text
    assert "Look at the work" not in browse(lms.learners[0]).get(path).text


def test_a_tool_that_shows_no_work_is_not_asked_for_it(lms, link, browse):
    teacher = browse(lms.instructor)
    assert "Look at the work" not in teacher.get(f"/grades/1/{lms.learners[0].id}").text
    assert teacher.get(f"/review/1/{lms.learners[0].id}").status_code == 404


def test_learners_look_at_nobodys_work(lms, shown, link, browse):
    assert browse(lms.learners[0]).get(f"/review/1/{lms.learners[1].id}").status_code == 403


@pytest.mark.parametrize("path", ["/review/9/3", "/review/1/nobody"])
def test_what_is_not_there_is_not_looked_at(lms, shown, link, browse, path):
    assert browse(lms.instructor).get(path).status_code == 404
