"""Lists in pages (S10, N5): what a Link header may look like, and where a list ends."""

import pytest
from lti.services.conftest import answered
from lti.services.test_services import services

from lti_peer.lti import links
from lti_peer.lti.http import Refused
from lti_peer.lti.services import Call, NotApproved

__all__ = ["services"]

BASE = "https://lms.example/a/members?type_id=1"
MOODLE = "<https://lms.example/a?from=2&Token=WyJD>; rel=“next”"


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ('<https://lms.example/P?page=WyJD>; rel="next"', "https://lms.example/P?page=WyJD"),
        ("<https://lms.example/2>; rel=next", "https://lms.example/2"),
        (MOODLE, "https://lms.example/a?from=2&Token=WyJD"),
        (MOODLE.encode().decode("latin-1"), "https://lms.example/a?from=2&Token=WyJD"),
        ('<https://x/1>; rel="prev", <https://x/3>; rel="next"', "https://x/3"),
        ('<https://x/1>; title="a, b"; rel="next last", <https://x/9>; rel=self', "https://x/1"),
        ('<?page=2>; REL="Next"', "https://lms.example/a/members?page=2"),
        ('</b/2>; rel="next"', "https://lms.example/b/2"),
        ('<https://x/1>; rel="nextish"', ""),
        ('<https://x/1>; title="next"', ""),
        (f'<https://x/{"y" * 3000}>; rel="next"', ""),
        ("", ""),
        ("<", ""),
        (";;;<>;rel", ""),
    ],
)
def test_s10_a_further_page_is_found_however_its_address_is_written(header, found):
    assert links.find(answered(link=header), "next", BASE) == found


def page(platform, number, following=None, **headers):
    link = f'<{platform.issuer}/list?page={following}>; rel="next"' if following else ""
    return answered(200, [number], link=link, **headers)


@pytest.fixture
def walk(services, platform):
    def through(**more):
        call = Call("GET", f"{platform.issuer}/list", frozenset({"scope"}))
        return [answer.json()[0] for _, answer in links.pages(services, platform, call, **more)]

    return through


def test_s10_every_page_is_read_to_the_last(walk, client, platform):
    client.answers = [page(platform, 1, 2), page(platform, 2, 3), page(platform, 3)]
    assert walk() == [1, 2, 3]


def test_s10_a_list_that_leads_back_to_itself_stops(walk, client, platform):
    client.answers = [page(platform, 1, 2), page(platform, 2, 2)]
    with pytest.raises(Refused, match="no end"):
        walk()
    assert len(client.sent) == 2


def test_n5_a_list_without_end_stops_after_a_hundred_pages(walk, client, platform):
    client.answers = [page(platform, n, n + 1) for n in range(1, 10_000)]
    with pytest.raises(Refused, match="no end"):
        walk()
    assert len(client.sent) == links.MOST_PAGES == 100


def test_a_list_that_takes_longer_than_two_minutes_stops(walk, client, platform):
    ticks = iter(range(0, 10_000, 50))
    client.answers = [page(platform, n, n + 1) for n in range(1, 100)]
    with pytest.raises(Refused, match="no end"):
        walk(clock=lambda: next(ticks))
    assert len(client.sent) == 2


@pytest.mark.parametrize("other", ["https://evil.example/2", "https://grades.example/2", "ftp://x"])
def test_s10_a_page_on_another_host_gets_no_request(walk, client, platform, other):
    platform.hosts = ["grades.example"]
    client.answers = [answered(200, [1], link=f'<{other}>; rel="next"')]
    with pytest.raises(NotApproved):
        walk()
    assert len(client.sent) == 1


def test_a_page_that_is_no_success_is_the_last(walk, client, platform):
    client.answers = [page(platform, 1, 2), answered(500, [5], link='</3>; rel="next"')]
    assert walk() == [1, 5]
