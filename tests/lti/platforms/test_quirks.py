"""What differs between LMSs stands in one place, and is asked for by name nowhere else."""

import ast
import json
from pathlib import Path

import factories
import pytest

import config
import lti_peer
from lti_peer.lti import dynamic_registration, hosts, platforms
from lti_peer.lti.dynamic_registration import Configuration, read_configuration, request
from lti_peer.lti.platforms import KNOWN, ORDINARY

pytestmark = pytest.mark.one_database


BLOCK = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
SOURCES = Path(lti_peer.__file__).parent
OWN = (SOURCES / "lti" / "platforms", SOURCES / "demo" / "platform")
NAMES = {each.name for each in KNOWN} | {each.family for each in KNOWN}
ISSUERS = {issuer for each in KNOWN for issuer in each.issuers}


def asks(node):
    """Return whether a name, or a text that is one, is in the code (sentences are not)."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.lower() in NAMES | ISSUERS
    word = {ast.Name: "id", ast.Attribute: "attr", ast.FunctionDef: "name", ast.alias: "name"}
    said = getattr(node, word.get(type(node), ""), "")
    return bool(NAMES & set(said.lower().replace(".", "_").split("_")))


def test_no_other_module_asks_which_lms_it_is():
    asking = {
        f"{path.relative_to(SOURCES)}:{node.lineno}"
        for path in SOURCES.rglob("*.py")
        if not any(own in path.parents for own in OWN)
        for node in ast.walk(ast.parse(path.read_text()))
        if asks(node)
    }
    assert asking == set()


def test_every_lms_has_a_name_and_a_family_of_its_own():
    assert len(NAMES) == 2 * len(KNOWN) - len(
        {each.name for each in KNOWN if each.name == each.family}
    )
    assert len({each.name for each in KNOWN}) == len(KNOWN) == 6


@pytest.mark.parametrize(
    ("family", "name"),
    [("moodle", "moodle"), ("Canvas", "canvas"), ("desire2learn", "brightspace"),
     ("BlackboardLearn", "blackboard"), ("sakai", "sakai"), ("openedx", "openedx"), ("wut", "")],
)  # fmt: skip
def test_an_lms_is_known_by_what_it_calls_itself(family, name):
    assert platforms.named(family, "https://lms.example").name == name


def test_an_issuer_that_institutions_share_is_known_before_the_first_launch():
    assert platforms.named("", "https://blackboard.com").name == "blackboard"
    assert hosts.shared("https://blackboard.com", "campus.blackboard.com")
    assert not hosts.shared("https://blackboard.com", "blackboard.com.evil.example")


def configured(family, **over):
    given = {
        "issuer": "https://lms.example",
        "authorization_endpoint": "https://lms.example/auth",
        "token_endpoint": "https://lms.example/token",
        "jwks_uri": "https://lms.example/keys",
        "registration_endpoint": "https://lms.example/register",
        "scopes_supported": ["openid", dynamic_registration.WANTED[3]],
        PLATFORM: {"product_family_code": family},
        **over,
    }
    return read_configuration("https://lms.example/.well-known/x", given, private=False)


def test_what_an_lms_says_of_its_audience_goes_before_what_is_known_of_its_family():
    known = configured("desire2learn").audience
    assert known == "https://api.brightspace.com/auth/token"
    said = configured("desire2learn", authorization_server="https://other.example/token")
    assert said.audience == "https://other.example/token"
    assert configured("moodle").audience == ""


@pytest.mark.parametrize("family", [*sorted(each.family for each in KNOWN), ""])
def test_what_an_lms_registers_asks_for_what_it_offers_and_no_more(family):
    asked = request(configured(family), "https://tool.example")
    block = asked[BLOCK]

    assert asked["scope"] == dynamic_registration.WANTED[3]
    assert block["domain"] == "tool.example"
    assert block["messages"][1]["placements"] == list(platforms.named(family, "").placements)
    assert json.loads(json.dumps(asked)) == asked


def test_an_lms_that_names_no_family_at_all_is_an_ordinary_one():
    found = configured("", **{PLATFORM: "nothing"})
    assert isinstance(found, Configuration)
    assert platforms.named(found.family, found.issuer) is ORDINARY


def test_pages_of_a_shared_issuer_are_framed_by_the_institutions_alone(database):
    with database.transaction() as session:
        canvas = factories.platform(session, family="canvas")
        plain = factories.platform(session, family="moodle")
    assert platforms.framers(canvas) == ("https://*.instructure.com",)
    assert platforms.framers(plain) == ()


def test_lines_of_a_comment_stay_lines():
    assert platforms.named("BlackboardLearn", "").comment("a\r\nb") == "a<br/>b"
    assert ORDINARY.comment("a\r\nb") == "a\nb"


def test_a_pasted_configuration_names_the_tool_that_gives_it(app):
    given = app.test_client().get("/lti/config/canvas.json", base_url="https://tool.example")

    assert given.json["oidc_initiation_url"] == "https://tool.example/lti/login"
    assert given.json["extensions"][0]["domain"] == "tool.example"


@pytest.mark.parametrize("name", ["moodle", "nothing"])
def test_an_lms_that_takes_no_configuration_gets_none(app, name):
    given = app.test_client().get(f"/lti/config/{name}.json", base_url="https://tool.example")
    assert given.status_code == 404


def test_the_file_to_paste_is_what_the_address_gives():
    pasted = json.loads((Path(config.__file__).parent / "canvas.json").read_text())
    assert pasted == dynamic_registration.pasted("canvas", "https://peer.example.org")
