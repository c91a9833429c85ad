"""How one LMS differs from another, as tools meet it: what the simulated one can be told to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from lti_peer.demo.platform.model import CourseRole


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A manner of behaving. The defaults are those of the plain simulated LMS: Moodle's, mostly.

    What each LMS does was observed or read in its source or its vendor's documents; see
    `profiles`, where each is named.
    """

    name: str = "plain"
    """Its word on the command line."""
    label: str = "Simulated LMS"
    product: str = "lti-peer-demo"
    """The product family code in launches and configurations."""

    # Who it is, and how it names things.
    shared_issuer: str = ""
    """The issuer of all its customers; empty: the address of this LMS."""
    registers: bool = True
    """Whether tools register themselves; else an administrator adds them by hand."""
    fetches: bool = False
    """Whether a tool is added by hand by the address of its configuration, and not by fields."""
    person_id: Callable[[int], str] = str
    """Makes the `sub` of the person with this number."""
    client_id: Callable[[int], str] | None = None
    """Makes a client id of a number that is never given twice; None: any word."""
    deployment_id: Callable[[int], str] = str
    """Makes the deployment id of the tool with this number."""
    query: bool = True
    """Whether service addresses carry a query, which a tool must bring back."""

    # Logins and launches.
    token_seconds: int = 60
    """How long a launch token lives."""
    login_method: str = "post"
    """How the browser is sent to the tool's login; both `get` and `post` are allowed by LTI."""
    login_extras: Mapping[str, str] = field(default_factory=dict)
    """Further parameters of the login; `{deployment}` stands for the deployment id."""
    login_hint: Callable[[str], str] = str
    """Writes the login hint of a person id; it must come back letter by letter."""
    launches_once: bool = False
    """Whether a launch that was fetched is gone: a reload is answered with an error."""
    forgives_query: bool = False
    """Whether a redirect URI may have a query that the registered one has not."""
    names_party: bool = False
    """Whether tokens say `azp` though there is one audience."""
    further_roles: Mapping[CourseRole, tuple[str, ...]] = field(default_factory=dict)
    """Roles in institution and system that launches carry beside the one in the course."""
    repeats_custom: bool = True
    """Whether custom parameters come a second time, their names in small letters."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Variables that it fills in beside the common ones; any other comes as it was written."""
    reviews: bool = False
    """Whether staff come from the grade book to somebody's work in the tool."""
    gives_data: bool = True
    """Whether a deep linking request carries `data`; else its return address knows the request."""
    accepts: tuple[str, ...] = ("ltiResourceLink",)
    """The types of content items that it takes."""
    takes_several: bool = True
    takes_columns: bool = True
    """Whether a column may come with an activity."""
    targets: tuple[str, ...] = ("frame", "iframe", "window")
    """Where it can show what was placed."""
    hides_columns: bool = True
    """Whether a launch names no column once the activity has two."""

    # Access to services.
    audience: str = ""
    """The `aud` of client assertions; empty: the token URL."""
    token_kind: str = "Bearer"  # noqa: S105  a kind of token, not a secret
    token_media: str = "application/json"  # noqa: S105  a media type
    token_life: timedelta = timedelta(hours=1)
    """How long an access token lives."""
    demands_agent: bool = False
    """Whether requests without a User-Agent are refused."""
    demands_types: bool = True
    """Whether any other media type than the specification's is refused."""
    curly_links: bool = False
    """Whether Link headers of columns have typographic quotes and `&amp;` in them."""

    # Rosters.
    roster: bool = True
    roster_page: int | None = None
    """The most members in one answer; None: all of them."""
    short_roles: bool = True
    """Whether members' roles are short words, and not URIs."""
    forgets_filter: bool = False
    """Whether the link to the next page has lost the filter by role."""

    # Grades.
    whole_seconds: bool = False
    """Whether timestamps are compared by whole seconds."""
    keeps_arrival: bool = False
    """Whether a column that came with its activity keeps when a score came, not when it was."""
    older: tuple[int, str] = (409, "timestamp_not_newer")
    """Status and word for a score that is not newer."""
    stranger: int = 400
    """The status for a score of somebody who is no learner of the course."""
    clears: bool = True
    """Whether a score that is not final clears the grade; else it is not looked at."""
    attempts: int | None = None
    """How many attempts a learner has, where a score counts as one unless it says otherwise."""
    flattens: bool = False
    """Whether comments lose their line breaks."""
    column_needs_id: bool = False
    """Whether a column is made only with a resourceId or a resourceLinkId."""
    keeps_columns: int = 0
    """The status that answers the deletion of a column; 0: columns may be deleted."""
