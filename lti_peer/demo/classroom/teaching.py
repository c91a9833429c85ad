"""What a synthetic learner does in a teach-back: signs up, meets, answers, rates."""

from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urljoin

from requests import Response

from lti_peer.demo.classroom import texts
from lti_peer.demo.classroom.choices import choices
from lti_peer.demo.classroom.crowd import expect
from lti_peer.demo.classroom.links import links
from lti_peer.demo.classroom.seat import Seat, has_form
from lti_peer.demo.platform.model import ResourceLink
from lti_peer.demo.platform.page_forms import forms_of

KIND = "teaching"
MOST_ACTS = 20
"""What one learner does at most before others must act."""

Clock = Callable[[], datetime]


def sign_up(seat: Seat, link: ResourceLink) -> int:
    """Sign up and leave the choice of topics to the tool; return 1, or 0 when that was done."""
    home = seat.open(link)
    if has_form(home, "/withdraw"):
        return 0
    page = expect(seat.browser.get(urljoin(home.url, "sign-up")), "signing up")
    if not has_form(page, "/sign-up"):
        return 0
    expect(seat.browser.submit(page, {"teach": "any", "learn": "any"}, form="/sign-up"), "sign-up")
    return 1


def meet(clock: Clock) -> Callable[[Seat, ResourceLink], int]:
    """Return what a learner does with partners: agree on a time, answer, meet, rate.

    `clock` is the class's; meetings are proposed for this moment. The act returns how many things
    were done; 0 when it is the others' turn, or everything is done.
    """
    over: dict[str, set[str]] = {}

    def act(seat: Seat, link: ResourceLink) -> int:
        finished = over.setdefault(seat.person_id, set())
        home = seat.open(link)
        addresses = {one.partition("#")[0] for one in links(home.text) if "/meetings/" in one}
        done = 0
        for address in sorted(addresses - finished):
            page = expect(seat.browser.get(urljoin(home.url, address)), "a meeting")
            while done < MOST_ACTS and (after := _act(seat, page, clock)):
                page, done = after, done + 1
            if not forms_of(page.text) and not _rate_link(page):
                finished.add(address)
        return done

    return act


def _act(seat: Seat, page: Response, clock: Clock) -> Response | None:
    """Do what the page of a meeting asks for, and return the page that follows.

    None when it asks for nothing, or for something that others must do first.
    """
    rate = _rate_link(page)
    if has_form(page, "/check"):
        option = texts.level(f"{seat.person_id}{page.url}", 2)
        return _send(seat, page, "/check", {"option": choices(page.text)["option"][option]})
    if has_form(page, "/held"):
        return _send(seat, page, "/held", {})
    if has_form(page, "/confirm"):
        return _send(seat, page, "/confirm", {})
    if rate:
        return _rate(seat, expect(seat.browser.get(urljoin(page.url, rate)), "a rating"))
    if has_form(page, "/propose") and not has_form(page, "/cancel"):
        now = f"{clock():%Y-%m-%dT%H:%M}"
        return _send(seat, page, "/propose", {"starts_at": now, "place": "Room 1 (synthetic)"})
    return None


def _rate_link(page: Response) -> str:
    return next((one for one in links(page.text) if "/rate/" in one), "")


def _rate(seat: Seat, page: Response) -> Response | None:
    marks = {
        name: values[texts.level(f"{page.url}{name}", len(values))]
        for name, values in choices(page.text).items()
        if name.startswith("mark-")
    }
    action = page.url.partition("?")[0].rsplit("/", 1)[-1]
    return _send(seat, page, action, {**marks, "comment": texts.comment(page.url)})


def _send(seat: Seat, page: Response, action: str, fields: Mapping[str, str]) -> Response | None:
    """Send a form; None when the tool says that it is not time for it yet (403)."""
    answer = seat.browser.submit(page, fields, form=action)
    if answer.status_code == 403:  # noqa: PLR2004 - HTTP's own number
        return None
    return expect(answer, action)
