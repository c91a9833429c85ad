import pytest
from demo.platform.conftest import NRPS


@pytest.fixture
def roster(lms, service):
    return lambda query="": service("GET", lms.addresses.memberships("2", "1") + query, NRPS)


def test_the_roster_has_everybody_with_short_roles(lms, roster):
    members = roster().json()["members"]

    assert [member["user_id"] for member in members] == [person.id for person in lms.people]
    assert [member["roles"] for member in members[:2]] == [["Instructor"], ["Learner"]]
    assert members[1]["name"] == "Ada Example (synthetic)"
    assert "given_name" not in members[1], "the tool did not ask for it"


@pytest.mark.parametrize(
    "role", ["Learner", "http%3A%2F%2Fpurl.imsglobal.org%2Fvocab%2Flis%2Fv2%2Fmembership%23Learner"]
)
def test_the_roster_filters_by_role(lms, roster, role):
    assert len(roster(f"&role={role}").json()["members"]) == len(lms.learners)


def test_the_roster_comes_in_pages_that_keep_the_filter(lms, roster, service):
    page, found = roster("&role=Learner&limit=2"), []
    while True:
        found += [member["user_id"] for member in page.json()["members"]]
        if "next" not in page.links:
            break
        page = service("GET", page.links["next"]["url"], NRPS)

    assert found == [person.id for person in lms.learners]


def test_the_lms_may_limit_a_page(lms, roster):
    lms.roster_page = 4

    assert len(roster("&limit=100").json()["members"]) == 4


def test_the_roster_of_an_activity_carries_its_custom_parameters(roster, link):
    member = roster(f"&rlid={link.id}").json()["members"][0]

    custom = "https://purl.imsglobal.org/spec/lti/claim/custom"
    assert member["message"][0][custom] == {"activityId": "a-1"}


@pytest.mark.parametrize(("query", "status"), [("&rlid=9", 404), ("&limit=x", 400)])
def test_a_wrong_question_is_refused(roster, query, status):
    assert roster(query).status_code == status
