"""Where a learner sits: a browser, and the pages of the activities that are open in it."""

from types import TracebackType
from typing import Self

from requests import Response

from lti_peer.demo.classroom.crowd import expect
from lti_peer.demo.platform.browser import LmsBrowser
from lti_peer.demo.platform.model import ResourceLink
from lti_peer.demo.platform.page_forms import forms_of


class Seat:
    """One person's browser; an activity is launched once, and then stays open in a tab."""

    def __init__(self, lms_url: str, person_id: str) -> None:
        """Take the LMS's address and who sits here."""
        self.person_id = person_id
        self.browser = LmsBrowser(lms_url, person_id)
        self._tabs: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Return this seat."""
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _fault: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Close the connections; cookies and tabs stay, so that one can sit down again."""
        self.browser.close()

    def open(self, link: ResourceLink) -> Response:
        """Return the activity's first page: of its tab, or launched anew.

        Raises ActFailedError when it does not come.
        """
        if link.id in self._tabs:
            return expect(self.browser.get(self._tabs[link.id]), link.title)
        page = expect(self.browser.launch(link.id), "launch")
        self._tabs[link.id] = page.url
        return page


def has_form(page: Response, action: str) -> bool:
    """Return whether the page has a form whose address ends so."""
    return any(form.action.endswith(action) for form in forms_of(page.text))
