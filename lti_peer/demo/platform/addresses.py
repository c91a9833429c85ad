"""Where everything of the LMS is: the one place that knows its addresses."""

from dataclasses import dataclass
from urllib.parse import quote

CONFIGURATION = "/.well-known/openid-configuration"
REGISTRATION = "/lti/register"
AUTHORIZATION = "/lti/auth"
TOKEN = "/lti/token"  # noqa: S105  a path
JWKS = "/lti/certs"
DEEP_LINKING_RETURN = "/lti/deep-linking/return"
LINE_ITEMS = "/lti/services/CourseSection/<course_id>/lineitems"
MEMBERSHIPS = "/lti/services/CourseSection/<course_id>/bindings/memberships"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Absolute addresses below `root`: scheme, host and port, no slash at the end.

    Most service addresses carry a query and upper case, as real ones do: a tool that appends to
    them as text, or writes them small, fails here and not at its first customer.
    """

    root: str
    query: bool = True
    """Whether service addresses carry the deployment in a query."""

    @property
    def configuration(self) -> str:
        """The OpenID configuration, for dynamic registration."""
        return self.root + CONFIGURATION

    @property
    def registration(self) -> str:
        """Where a tool registers itself."""
        return self.root + REGISTRATION

    @property
    def authorization(self) -> str:
        """The OIDC authentication endpoint."""
        return self.root + AUTHORIZATION

    @property
    def token(self) -> str:
        """The OAuth 2 token endpoint, also the audience of client assertions."""
        return self.root + TOKEN

    @property
    def jwks(self) -> str:
        """The LMS's public keys."""
        return self.root + JWKS

    def deep_linking_return(self, course_id: str, session_key: str = "") -> str:
        """Return where a tool sends the chosen content items; a key in there names the request."""
        key = f"&sesskey={quote(session_key)}" if session_key else ""
        return f"{self.root}{DEEP_LINKING_RETURN}?course={quote(course_id)}{key}"

    def line_items(self, course_id: str, type_id: str) -> str:
        """Return the container of a course's columns; `type_id` is the deployment."""
        path = LINE_ITEMS.replace("<course_id>", quote(course_id))
        return self._service(path, type_id)

    def line_item(self, course_id: str, line_item_id: str, type_id: str) -> str:
        """Return one column."""
        path = LINE_ITEMS.replace("<course_id>", quote(course_id))
        return self._service(f"{path}/{quote(line_item_id)}/lineitem", type_id)

    def memberships(self, course_id: str, type_id: str) -> str:
        """Return the roster."""
        return self._service(MEMBERSHIPS.replace("<course_id>", quote(course_id)), type_id)

    def _service(self, path: str, type_id: str) -> str:
        return f"{self.root}{path}" + (f"?type_id={quote(type_id)}" if self.query else "")
