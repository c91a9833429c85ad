"""Role names, and the one role that they give in a course (security.md 4.1)."""

import pytest

from lti_peer.core.models import Role
from lti_peer.lti.roles import course_role

LIS = "http://purl.imsglobal.org/vocab/lis/v2/"
M = LIS + "membership"

CASES = [
    ([M + "#Instructor"], Role.INSTRUCTOR),
    ([M + "#Administrator"], Role.INSTRUCTOR),
    ([M + "#ContentDeveloper"], Role.DESIGNER),
    ([M + "#Learner"], Role.LEARNER),
    ([M + "#Mentor"], Role.MENTOR),
    ([M + "#Manager"], Role.NONE),
    ([M + "#Member"], Role.NONE),
    ([M + "#"], Role.NONE),
    (["Instructor"], Role.INSTRUCTOR),
    (["Learner"], Role.LEARNER),
    (["TeachingAssistant"], Role.TA),
    ([M + "/Instructor#TeachingAssistant"], Role.TA),
    ([M + "/Instructor#TeachingAssistantSection", M + "#Instructor"], Role.TA),
    ([M + "/Instructor#Grader"], Role.TA),
    ([M + "/Instructor#GuestInstructor"], Role.INSTRUCTOR),
    ([M + "/Learner#Instructor"], Role.LEARNER),
    ([M + "/Learner#GuestLearner"], Role.LEARNER),
    ([M + "/Instructor"], Role.NONE),
    ([M + "/Instructor#"], Role.NONE),
    ([M + "/Nobody#Instructor"], Role.NONE),
    ([M + "#Learner", M + "#Instructor"], Role.INSTRUCTOR),
    ([M + "#Learner", M + "#Mentor"], Role.LEARNER),
    ([M + "#ContentDeveloper", M + "#Learner"], Role.DESIGNER),
    ([M + "#Learner", LIS + "institution/person#Faculty"], Role.LEARNER),
    ([LIS + "system/person#Administrator"], Role.NONE),
    ([M + "#Learner", LIS + "system/person#TestUser"], Role.PREVIEW),
    ([M + "#Instructor", "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"],
     Role.PREVIEW),
    ([M + "#Instructor ", ""], Role.NONE),
    ([M.upper() + "#Instructor"], Role.NONE),
    (["https" + M.removeprefix("http") + "#Instructor"], Role.NONE),
    ([], Role.NONE),
]  # fmt: skip


@pytest.mark.parametrize(("names", "role"), CASES)
def test_role_names_give_the_role_of_the_table(names, role):
    assert course_role(names) is role
