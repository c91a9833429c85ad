"""What an instructor chooses, and what the LMS is given; live/ has a whole round with an LMS."""

import html
import re
import struct
from uuid import uuid4

import factories
import jwt
import pytest
from factories import Inside
from lti.minting import PROBE, key
from sqlalchemy import select

from lti_peer.core.models import Activity, ActivityState, LineItem, Role
from lti_peer.lti import claims, content_items, keys
from lti_peer.lti.claims import CONTENT_ITEMS, DEEP_LINKING, DEEP_LINKING_DATA
from lti_peer.peerwork import phases
from lti_peer.rules.phases import Window
from lti_peer.web import visits

PAGES = "/deep-linking/"
PICTURES = ("icon", "thumbnail")


@pytest.fixture
def lms(world, app, monkeypatch):
    monkeypatch.setattr(keys, "generate_private_key", lambda **_: key("tool"))
    app.extensions["key_ring"].ensure()
    return world.build().course.deployment.platform


@pytest.fixture
def enter(world, lms, app):
    """Begin an instructor's visit to the picker; return a client inside it."""

    def begin(settings=None, role=Role.INSTRUCTOR, activity=None, **over):
        asked = {"deep_link_return_url": f"{lms.issuer}/return?course=2", **over}
        with world.database.transaction() as session:
            guest = visits.Guest(
                world.teacher, world.course, role, activity,
                deep_link=asked if settings is None else settings or None,
            )  # fmt: skip
            return Inside(app, visits.begin(session, guest))

    return begin


@pytest.fixture
def bare(world, lms):
    """A link that the LMS has placed by itself, and that is nothing yet."""
    with world.database.transaction() as session:
        course = session.merge(world.course)
        made = factories.activity(session, course, kind="", title="Essay week")
        made.state, made.resource_link_key = ActivityState.DRAFT, "bare"
        return made


def stored(world):
    with world.database.transaction(read_only=True) as session:
        found = session.scalars(select(Activity).where(Activity.kind == PROBE.name)).all()
        return found[0] if found else None


def given_back(page, app, lms):
    """The claims of the answer that the page carries to the LMS, verified."""
    token = re.search(r'name="JWT" value="([^"]+)"', page.text)[1]
    (published,) = app.extensions["key_ring"].public_jwks()["keys"]
    return jwt.decode(token, jwt.PyJWK(published), ["RS256"], audience=lms.issuer)


def test_the_picker_shows_every_kind_with_its_sentence(enter):
    page = enter().get(PAGES)

    assert page.status_code == 200
    assert PROBE.summary in page.text
    assert f'name="kind" value="{PROBE.name}"' in page.text


def test_a_choice_makes_a_draft_and_leads_to_its_settings(enter, world):
    answer = enter().post(PAGES, {"kind": PROBE.name})
    made = stored(world)

    assert (answer.status_code, answer.location[-7:]) == (303, "/probe/")
    assert (made.state, made.resource_link_key) == (ActivityState.DRAFT, None)
    assert (made.title, made.created_by) == (PROBE.label, world.teacher.id)


def test_a_kind_that_does_not_exist_is_refused(enter, world):
    assert enter().post(PAGES, {"kind": "nonsense"}).status_code == 422
    assert stored(world) is None


@pytest.mark.parametrize("role", [Role.LEARNER, Role.PREVIEW, Role.MENTOR, Role.NONE])
def test_t6_nobody_but_who_sets_up_a_course_may_choose(enter, world, role):
    inside = enter(role=role)

    assert inside.get(PAGES).status_code == 403
    assert inside.post(PAGES, {"kind": PROBE.name}).status_code == 403
    assert inside.post(PAGES + "confirm").status_code == 403
    assert stored(world) is None


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.TA, Role.DESIGNER])
def test_who_sets_up_a_course_may_choose(enter, role):
    assert enter(role=role).post(PAGES, {"kind": PROBE.name}).status_code == 303


def test_settings_that_are_saved_lead_to_the_last_look(enter, app, world):
    inside = enter()
    inside.post(PAGES, {"kind": PROBE.name})
    page = inside.get(PAGES + "confirm")

    assert page.status_code == 200
    assert PROBE.label in page.text
    assert "One column of 100 points" in page.text
    assert f'action="{inside.root}{PAGES}confirm"' in page.text


def test_before_a_choice_the_last_look_leads_to_the_picker(enter):
    assert enter().get(PAGES + "confirm").location.endswith(PAGES)


def added(enter, app, lms, **asked):
    inside = enter(**asked)
    inside.post(PAGES, {"kind": PROBE.name})
    page = inside.post(PAGES + "confirm")
    return page, given_back(page, app, lms)


def test_the_answer_is_ours_for_this_lms_and_short_lived(enter, app, lms, world):
    _, given = added(enter, app, lms)

    assert (given["iss"], given["aud"]) == (lms.client_id, lms.issuer)
    assert given["exp"] - given["iat"] == 300
    assert len(given["nonce"]) >= 22
    assert given[claims.MESSAGE_TYPE] == "LtiDeepLinkingResponse"
    assert given[claims.VERSION] == "1.3.0"
    assert given[claims.DEPLOYMENT_ID] == world.course.deployment.deployment_key


def test_the_link_names_its_activity_and_its_column(enter, app, lms, world):
    _, given = added(enter, app, lms)
    (item,) = given[CONTENT_ITEMS]
    activity = str(stored(world).id)
    assert given[DEEP_LINKING + "msg"] == f"Chosen: {PROBE.label}"
    assert given[DEEP_LINKING + "log"] == f"ltiResourceLink {activity}"

    assert {name: value for name, value in item.items() if name not in PICTURES} == {
        "type": "ltiResourceLink",
        "title": PROBE.label,
        "text": PROBE.summary,
        "url": "https://tool.example/lti/launch",
        "custom": {"activity": activity, **content_items.HISTORY},
        "lineItem": {
            "scoreMaximum": 100.0, "label": PROBE.label, "resourceId": activity, "tag": "work",
            "submissionReview": content_items.REVIEWABLE,
        },
    }  # fmt: skip


def test_an_lms_can_show_the_pictures_of_a_link_which_are_as_large_as_it_says(enter, app, lms):
    (item,) = added(enter, app, lms)[1][CONTENT_ITEMS]
    for name in PICTURES:
        sent = app.test_client().get(item[name]["url"])
        size = (item[name]["width"], item[name]["height"])
        assert (sent.content_type, struct.unpack(">II", sent.data[16:24])) == ("image/png", size)
        assert sent.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_the_link_carries_the_dates_of_the_first_phase_and_no_end(enter, app, lms, world):
    inside = enter()
    inside.post(PAGES, {"kind": PROBE.name})
    first = Window(opens=factories.NOW, due=factories.NOW.replace(day=30))
    with world.database.transaction() as session:
        activity = session.get_one(Activity, stored(world).id)
        phases.set_dates(session, activity, {"submit": first, "review": Window(opens=first.due)})
    (item,) = given_back(inside.post(PAGES + "confirm"), app, lms)[CONTENT_ITEMS]

    assert item["available"] == {"startDateTime": "2026-11-23T09:00:00+00:00"}
    assert item["submission"] == {
        "startDateTime": "2026-11-23T09:00:00+00:00", "endDateTime": "2026-11-30T09:00:00+00:00",
    }  # fmt: skip


@pytest.mark.parametrize(("targets", "shown"), [
    (["frame"], {}),
    (["window", "iframe"], {"iframe": {"height": 900}}),
    (["window"], {"window": {"targetName": "_blank"}}),
])  # fmt: skip
def test_the_link_opens_where_the_lms_can_show_it(enter, app, lms, targets, shown):
    _, given = added(enter, app, lms, accept_presentation_document_targets=targets)
    (item,) = given[CONTENT_ITEMS]
    assert {name: item[name] for name in ("iframe", "window") if name in item} == shown


def test_where_the_lms_takes_no_column_none_is_sent_and_none_promised(enter, app, lms):
    inside = enter(accept_lineitem=False)
    inside.post(PAGES, {"kind": PROBE.name})
    assert "this place in your LMS takes none" in inside.get(PAGES + "confirm").text
    (item,) = given_back(inside.post(PAGES + "confirm"), app, lms)[CONTENT_ITEMS]
    assert (item["type"], "lineItem" in item) == ("ltiResourceLink", False)


@pytest.mark.parametrize("types", [["file", "html"], ["html", "link"]])
def test_where_the_lms_takes_no_resource_link_it_gets_what_it_takes(enter, app, lms, world, types):
    inside = enter(accept_types=types)
    inside.post(PAGES, {"kind": PROBE.name})
    with world.database.transaction() as session:
        session.get_one(Activity, stored(world).id).title = "Essay <b>&"
    assert "takes a plain web link" in inside.get(PAGES + "confirm").text
    url = f"https://tool.example/lti/open/{stored(world).id}"
    words = f'<a href="{url}" target="_blank">Essay &lt;b&gt;&amp;</a>'
    last = {"url": url} if "link" in types else {"html": words}
    (item,) = given_back(inside.post(PAGES + "confirm"), app, lms)[CONTENT_ITEMS]
    assert set(PICTURES) & set(item) == (set(PICTURES) if "link" in types else set())
    kept = {name: value for name, value in item.items() if name not in PICTURES}
    assert kept == {"type": types[-1], "title": "Essay <b>&", "text": PROBE.summary, **last}


@pytest.mark.parametrize("data", ["opaque <&> data", ""])
def test_data_comes_back_letter_by_letter(enter, app, lms, data):
    assert added(enter, app, lms, data=data)[1][DEEP_LINKING_DATA] == data


def test_data_that_was_not_given_is_not_invented(enter, app, lms):
    assert DEEP_LINKING_DATA not in added(enter, app, lms)[1]


def test_the_answer_may_go_to_the_lms_alone(enter, app, lms):
    page, _ = added(enter, app, lms)
    policy = page.headers["Content-Security-Policy"]

    assert f"form-action 'self' {lms.issuer};" in policy
    action = re.search(r'<form method="post" action="([^"]+)"', page.text)[1]
    assert html.unescape(action) == f"{lms.issuer}/return?course=2"


def test_s13_a_return_address_cannot_break_out_of_the_page(enter, app, lms):
    page, _ = added(enter, app, lms, deep_link_return_url=f'{lms.issuer}/r?"><script>x</script>')

    assert "<script>x" not in page.text


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/return",
        "javascript:alert(1)",
        "https://{host}@evil.example/return",
        "https://user@{host}/return",
        "http://{host}/return",
        "",
    ],
)
def test_t6_the_answer_goes_to_no_other_address(enter, lms, address):
    host = lms.issuer.removeprefix("https://")
    inside = enter(deep_link_return_url=address.format(host=host))
    inside.post(PAGES, {"kind": PROBE.name})
    page = inside.post(PAGES + "confirm")

    assert page.status_code == 403
    assert "JWT" not in page.text


def test_several_links_go_back_at_once_where_the_lms_takes_several(enter, app, lms):
    inside = enter(accept_multiple=True)
    inside.post(PAGES, {"kind": PROBE.name})
    answer = inside.post(PAGES + "another")
    assert answer.location.endswith(PAGES)
    assert inside.get(PAGES).status_code == 200
    inside.post(PAGES, {"kind": PROBE.name})
    assert "Add all 2 to course" in inside.get(PAGES + "confirm").text

    items = given_back(inside.post(PAGES + "confirm"), app, lms)[CONTENT_ITEMS]
    assert len({item["custom"]["activity"] for item in items}) == 2


@pytest.mark.parametrize("asked", [{}, {"accept_multiple": False}])
def test_where_the_lms_takes_one_link_nobody_chooses_another(enter, world, asked):
    inside = enter(**asked)
    inside.post(PAGES, {"kind": PROBE.name})
    assert "Choose one more" not in inside.get(PAGES + "confirm").text
    assert inside.post(PAGES + "another").status_code == 409
    assert inside.get(PAGES + "confirm").status_code == 200


def test_before_a_choice_there_is_nothing_to_put_aside(enter):
    assert enter(accept_multiple=True).post(PAGES + "another").status_code == 404


def test_no_more_links_are_put_aside_than_one_answer_carries(enter):
    inside = enter(accept_multiple=True, chosen=[str(uuid4())] * 19)
    inside.post(PAGES, {"kind": PROBE.name})
    assert inside.post(PAGES + "another").status_code == 409


def test_who_cancels_goes_back_with_nothing(enter, app, lms, world):
    given = given_back(enter().post(PAGES + "cancel"), app, lms)

    assert given[CONTENT_ITEMS] == []
    said = {DEEP_LINKING + name for name in ("msg", "log", "errormsg", "errorlog")}
    assert not said & set(given)


def test_a_place_that_takes_no_links_is_explained_and_told(enter, app, lms):
    inside = enter(accept_types=["file", "image"])
    page = inside.get(PAGES)
    given = given_back(inside.post(PAGES + "cancel"), app, lms)

    assert "takes none" in page.text
    assert 'name="kind"' not in page.text
    assert "takes none" in given[DEEP_LINKING + "errormsg"]
    assert "asked for ['file', 'image']" in given[DEEP_LINKING + "errorlog"]


def test_a_bare_link_becomes_what_was_chosen_and_is_published(enter, world, bare):
    answer = enter(settings={}, activity=bare).post(PAGES, {"kind": PROBE.name})
    made = stored(world)

    assert answer.status_code == 303
    assert (made.id, made.state) == (bare.id, ActivityState.PUBLISHED)
    assert (made.title, made.resource_link_key) == ("Essay week", "bare")


def test_who_chooses_second_for_a_bare_link_changes_nothing(enter, world, bare):
    first, second = (enter(settings={}, activity=bare) for _ in range(2))
    first.post(PAGES, {"kind": PROBE.name})
    answer = second.post(PAGES, {"kind": "peer_review"})

    assert answer.status_code == 409
    assert stored(world).id == bare.id


def test_a_bare_link_has_nothing_to_give_back(enter, bare):
    inside = enter(settings={}, activity=bare)
    inside.post(PAGES, {"kind": PROBE.name})

    assert inside.get(PAGES + "confirm").status_code == 404
    assert inside.post(PAGES + "confirm").status_code == 404


def test_the_picker_of_an_activity_that_is_set_up_leads_to_it(enter, world, bare):
    inside = enter(settings={}, activity=bare)
    inside.post(PAGES, {"kind": PROBE.name})

    assert inside.get(PAGES).location.endswith("/probe/")


def test_a_copied_link_is_said_to_start_empty(enter, bare):
    page = enter(settings={}, activity=bare).get(PAGES + "?copied=1")

    assert "nobody&#39;s work comes along" in page.text


def test_a_choice_that_another_site_posts_changes_nothing(enter, world):
    inside = enter()
    inside.token = "forged"

    assert inside.post(PAGES, {"kind": PROBE.name}).status_code == 403
    assert stored(world) is None


def test_choosing_makes_no_column_and_tells_the_lms_nothing(enter, world):
    enter().post(PAGES, {"kind": PROBE.name})

    with world.database.transaction(read_only=True) as session:
        assert session.scalars(select(LineItem)).all() == []
