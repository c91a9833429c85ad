"""What a synthetic learner does in a peer review."""

from urllib.parse import urljoin, urlsplit

from requests import Response

from lti_peer.demo.classroom import texts
from lti_peer.demo.classroom.choices import choices
from lti_peer.demo.classroom.crowd import expect
from lti_peer.demo.classroom.seat import Seat, has_form
from lti_peer.demo.platform.browser import LmsBrowser
from lti_peer.demo.platform.model import ResourceLink
from lti_peer.demo.platform.page_forms import forms_of

KIND = "peer_review"
REVIEWS_AT_ONCE = 3
"""How many somebody writes before they get up; the preset asks for as many."""


def hand_in(seat: Seat, link: ResourceLink) -> int:
    """Open the activity and hand in a text; return 1, or 0 when there is one or it is too late."""
    home, browser = seat.open(link), seat.browser
    if f'"{urljoin(urlsplit(home.url).path, "work")}"' in home.text:
        return 0
    page = browser.get(urljoin(home.url, "work/edit"))
    if not has_form(page, "/work/edit"):
        return 0
    seed = f"{link.id}.{browser.user_id}"
    expect(browser.submit(page, {"text": texts.essay(seed)}, form="/work/edit"), "handing in")
    return 1


def review(seat: Seat, link: ResourceLink) -> int:
    """Take reviews and write them, three at most; return how many."""
    page, browser = seat.open(link), seat.browser
    for done in range(REVIEWS_AT_ONCE):
        taken = _take(browser, page)
        if taken is None:
            return done
        page = _write(browser, taken)
    return REVIEWS_AT_ONCE


def read(seat: Seat, link: ResourceLink) -> int:
    """Read the feedback and say of one review whether it helped; return how many answers."""
    home, browser = seat.open(link), seat.browser
    page = expect(browser.get(urljoin(home.url, "feedback")), "feedback")
    answers = [form.action for form in forms_of(page.text) if form.action.endswith("/rating")]
    for action in answers[:1]:
        name = f"helpful-{action.split('/')[-2]}"
        helpful = str(texts.level(f"{browser.user_id}{action}", 3))
        page = expect(browser.submit(page, {name: helpful}, form=action), "an answer")
    if has_form(page, "/feedback/read"):
        expect(browser.submit(page, form="/feedback/read"), "having read it")
    return len(answers[:1])


def _take(browser: LmsBrowser, page: Response) -> Response | None:
    """Return the page of a review that was taken, or None when the page offers none.

    Somebody who has one begun is offered no other: it may be a person's, in the middle of it.
    """
    if not has_form(page, "/reviews"):
        return None
    taken = expect(browser.submit(page, form="/reviews"), "taking a review")
    return taken if "/reviews/" in taken.url else None


def _write(browser: LmsBrowser, page: Response) -> Response:
    path = page.url.partition("?")[0]
    seed = f"{browser.user_id} {path}"
    marks = {
        name: values[texts.level(f"{seed}{name}", len(values))]
        for name, values in choices(page.text).items()
        if name.startswith("mark-")
    }
    fields = {**marks, "comment": texts.comment(seed)}
    form = path.rsplit("/", 1)[-1]
    return expect(browser.submit(page, fields, form=form), "sending a review")
