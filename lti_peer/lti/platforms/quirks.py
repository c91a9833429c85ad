"""What may differ from one LMS to another: a value for each difference that was met."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Offer:
    """The tool as it presents itself to an LMS."""

    name: str
    description: str
    base_url: str
    scopes: tuple[str, ...]
    custom: Mapping[str, str]
    """Custom parameters that every launch should carry."""

    @property
    def launch_url(self) -> str:
        """Where every message goes."""
        return f"{self.base_url}/lti/launch"


@dataclass(frozen=True)
class Quirks:
    """How one family of LMSs departs from the rule; the defaults are the rule."""

    family: str = ""
    """Its product family code, as launches and configurations say it, in small letters."""
    name: str = ""
    """Our own word for it: what a file of its settings is called."""
    issuers: frozenset[str] = frozenset()
    """Issuers that many institutions share, each with hosts of its own."""
    domains: tuple[str, ...] = ()
    """Domains, with a dot in front, below which everything of these issuers lives."""
    framers: tuple[str, ...] = ()
    """Further origins that show the tool in a frame, as a content security policy names them."""
    audience: str = ""
    """The `aud` of our service assertions where it is not the token URL."""
    score: Mapping[str, Any] = field(default_factory=dict)
    """Further members of every score."""
    line_break: str = "\n"
    """What begins a new line in the comment of a score."""
    throttle_word: bytes = b""
    """What the body of a 403 says when the LMS means "later" and not "never"."""
    placements: tuple[str, ...] = ("ContentArea",)
    """Where it offers deep linking to instructors."""
    registration: Mapping[str, Any] = field(default_factory=dict)
    """Further members of the tool configuration in a dynamic registration."""
    paste: Callable[[Offer], dict[str, Any]] | None = None
    """Returns what an administrator gives the LMS in the place of a registration."""

    def comment(self, text: str) -> str:
        """Return a comment whose lines stay lines in this LMS."""
        return text.replace("\r\n", "\n").replace("\n", self.line_break)
