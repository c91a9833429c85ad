"""What the synthetic instructor does: registers the tool, adds activities, closes, releases."""

from urllib.parse import urljoin

from requests import Response

from lti_peer.demo.classroom.crowd import ActFailedError, expect
from lti_peer.demo.platform.browser import LmsBrowser
from lti_peer.demo.platform.model import ResourceLink
from lti_peer.demo.stage import Stage


def register(stage: Stage) -> None:
    """Give the tool's invitation to the LMS, which registers the tool by itself.

    Raises ActFailedError when there is no tool in the LMS afterwards.
    """
    with stage.browser(stage.lms.instructor.id) as browser:
        expect(browser.register_tool(stage.invite()), "registration")
    if not stage.lms.tools:
        raise ActFailedError("The tool did not register.")


def place(stage: Stage, kind: str, title: str) -> ResourceLink:
    """Add an activity of a kind to the course by deep linking, and return its link."""
    before = {link.id for link in stage.lms.links}
    with stage.browser(stage.lms.instructor.id) as browser:
        page = expect(browser.deep_link(), "deep linking")
        page = expect(browser.submit(page, form=f"choose-{kind}"), "choosing a kind")
        page = expect(browser.submit(page, {"title": title}, form="/settings"), "settings")
        expect(browser.submit(page, form="add"), "adding to the course")
    added = [link for link in stage.lms.links if link.id not in before]
    if len(added) != 1:
        raise ActFailedError(f"Deep linking placed {len(added)} activities.")
    return added[0]


def press(browser: LmsBrowser, link: ResourceLink, action: str, path: str = "") -> Response:
    """Open the activity, then the page `path` of it, and press the button that leads to `action`.

    Raises ActFailedError when the page has no such button.
    """
    page = expect(browser.launch(link.id), "launch")
    if path:
        page = expect(browser.get(urljoin(page.url, path)), path)
    try:
        return expect(browser.submit(page, form=action), action)
    except LookupError as missing:
        raise ActFailedError(str(missing)) from None
