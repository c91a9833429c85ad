"""A browser without a window: it walks through LMS and tool over real HTTP, as a person would."""

from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from http.cookiejar import Cookie, DefaultCookiePolicy
from typing import Any, Self
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import Request

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import get_cookie_header

from lti_peer.demo.platform.current import COOKIE
from lti_peer.demo.platform.page_forms import Button, FieldValue, Form, forms_of

_TIMEOUT = 30.0
_MOST_FORMS = 10
"""Forms that may post themselves one after another; more is a circle."""
_BY_THEMSELVES = (
    frozenset({"iss", "login_hint", "target_link_uri"}),
    frozenset({"id_token", "state"}),
    frozenset({"error", "state"}),
    frozenset({"JWT"}),
)
"""The forms of the protocol, by their fields: these a real browser's script would post."""


class LmsBrowser:
    """One person's browser. It keeps cookies as a browser on loopback does; not for threads.

    Every method that returns a response returns the page at which a person would look, whatever
    its status: the caller checks `status_code`.
    """

    def __init__(self, lms_url: str, user_id: str, *, timeout: float = _TIMEOUT) -> None:
        """Be this person in the LMS at this address; wait at most `timeout` seconds a request."""
        self.lms_url = lms_url.rstrip("/")
        self.user_id = user_id
        self._timeout = timeout
        self.session = requests.Session()
        self.session.headers["User-Agent"] = "lti-peer demo browser"
        self.session.headers["Accept"] = "text/html,*/*;q=0.8"
        self.session.trust_env = False
        self.session.cookies.set_policy(_Policy())
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, _CookieAdapter(self.session))
        host = urlsplit(self.lms_url).hostname or ""
        # The standard library's jar knows a name without a dot only with this ending (RFC 2965).
        domain = host if "." in host else f"{host}.local"
        self.session.cookies.set(COOKIE, user_id, domain=domain, path="/")

    def __enter__(self) -> Self:
        """Return this browser."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close its connections."""
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self.session.close()

    def get(self, url: str) -> requests.Response:
        """Open an address; a path alone is one of the LMS."""
        address = urljoin(self.lms_url + "/", url)
        return self.follow(self.session.get(address, timeout=self._timeout))

    def launch(self, link_id: str) -> requests.Response:
        """Open an activity as its frame does; return the tool's page behind the launch."""
        return self.get(f"/launch/{link_id}")

    def deep_link(self, client_id: str = "") -> requests.Response:
        """Begin to add an activity; return the tool's page that lets the instructor choose.

        Without `client_id` the tool that was registered last is meant.
        """
        return self.get(f"/deep-linking/{client_id}" if client_id else "/deep-linking")

    def register_tool(self, address: str) -> requests.Response:
        """Give the LMS a tool's registration address; return the tool's page in the frame."""
        page = self.get("/tools/add")
        framed = self.submit(page, {"address": address}, form="add-tool")
        return self.get(_frame_of(framed.text))

    def submit(
        self,
        page: requests.Response,
        fields: Mapping[str, FieldValue] | None = None,
        *,
        form: str = "",
        button: str = "",
    ) -> requests.Response:
        """Fill a form of the page and send it; return the page that follows.

        `fields` replace what the page wrote (see `Form.filled`). `form` is the form's id, name or
        the end of its action, needed when there are several. `button` is the name of the button
        that is pressed, `name=value` if several have that name.

        Raises LookupError when there is no such form or button, or more than one such form.
        """
        chosen = _choose(forms_of(page.text), form, page.url)
        return self.follow(self._send(page, chosen, fields or {}, button))

    def follow(self, page: requests.Response) -> requests.Response:
        """Post the forms that post themselves, and press "go on", until a page is for a person.

        Raises RuntimeError when that never happens.
        """
        for _ in range(_MOST_FORMS):
            found = [form for form in forms_of(page.text) if any(map(form.has, _BY_THEMSELVES))]
            onwards = _read(page.text).onwards if 'go-on"' in page.text else None
            if onwards is not None:
                page = self.session.get(urljoin(page.url, onwards), timeout=self._timeout)
            elif not _is_page(page) or len(found) != 1:
                return page
            else:
                page = self._send(page, found[0], {}, "")
        raise RuntimeError(f"The forms at {page.url} go on posting themselves.")

    def _send(
        self, page: requests.Response, form: Form, fields: Mapping[str, FieldValue], button: str
    ) -> requests.Response:
        pairs, action = form.filled(fields), form.action
        if button:
            pressed = _press(form, button)
            pairs.append((pressed.name, pressed.value))
            action = action if pressed.action is None else pressed.action
        address = urljoin(page.url, action or page.url)
        if form.method == "get":
            address = f"{address.partition('?')[0]}?{urlencode(pairs)}"
            return self.session.get(address, timeout=self._timeout)
        parts = urlsplit(page.url)
        headers = {"Origin": f"{parts.scheme}://{parts.netloc}"}
        return self.session.post(address, data=pairs, headers=headers, timeout=self._timeout)


class _Policy(DefaultCookiePolicy):
    """What Chromium does on loopback: `Secure` holds over http, and `__Host-` names have rules."""

    def __init__(self) -> None:
        super().__init__(secure_protocols=("https", "http"))

    def set_ok_name(self, cookie: Cookie, request: Request) -> bool:
        """Refuse a `__Host-` cookie that is not Secure, has a Domain or another path than `/`."""
        if cookie.name.startswith("__Host-"):
            bound = cookie.secure and cookie.path == "/" and not cookie.domain_specified
            return bound and bool(super().set_ok_name(cookie, request))
        return bool(super().set_ok_name(cookie, request))


class _CookieAdapter(HTTPAdapter):
    """Sends the session's own cookies.

    requests copies them into a jar with the default policy, which holds `Secure` ones back.
    """

    def __init__(self, session: requests.Session) -> None:
        super().__init__()
        self._session = session

    def add_headers(self, request: requests.PreparedRequest, **_: Any) -> None:
        request.headers.pop("Cookie", None)
        header = get_cookie_header(  # type: ignore[no-untyped-call]
            self._session.cookies, request
        )
        if header:
            request.headers["Cookie"] = header


def _choose(forms: Sequence[Form], wanted: str, url: str) -> Form:
    found = [
        form
        for form in forms
        if not wanted or wanted in (form.id, form.name) or form.action.endswith(wanted)
    ]
    if len(found) != 1:
        known = [form.id or form.name or form.action for form in forms]
        raise LookupError(f"{len(found)} forms at {url} are {wanted!r}; there are {known}.")
    return found[0]


def _press(form: Form, wanted: str) -> Button:
    name, _, value = wanted.partition("=")
    found = [each for each in form.buttons if each.name == name and value in ("", each.value)]
    if not found:
        raise LookupError(f"The form has no button {wanted!r}, but {form.buttons}.")
    return found[0]


def _frame_of(html: str) -> str:
    """Return the address of the page's first frame. Raises LookupError."""
    address = _read(html).frame
    if address is None:
        raise LookupError("The page has no frame.")
    return address


def _read(html: str) -> "_Links":
    reader = _Links()
    reader.feed(html)
    return reader


class _Links(HTMLParser):
    frame: str | None = None
    """Where the first frame is."""
    onwards: str | None = None
    """Where a page leads that asks the LMS to keep something first: its script would go there."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "iframe" and self.frame is None:
            self.frame = given.get("src")
        elif tag == "a" and (given.get("id") or "").endswith("go-on"):
            self.onwards = given.get("href")


def _is_page(response: requests.Response) -> bool:
    return response.headers.get("Content-Type", "").startswith("text/html")
