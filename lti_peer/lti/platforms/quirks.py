"""What may differ from one LMS to another: a value for each difference that was met."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Quirks:
    """How one family of LMSs departs from the rule; the defaults are the rule."""

    family: str = ""
    """Its product family code, as launches and configurations say it, in small letters."""
    issuers: frozenset[str] = frozenset()
    """Issuers that many institutions share, each with hosts of its own."""
    domains: tuple[str, ...] = ()
    """Domains, with a dot in front, below which everything of these issuers lives."""
    score: Mapping[str, Any] = field(default_factory=dict)
    """Further members of every score."""
    throttle_word: bytes = b""
    """What the body of a 403 says when the LMS means "later" and not "never"."""
    placements: tuple[str, ...] = ("ContentArea",)
    """Where it offers deep linking to instructors."""
    registration: Mapping[str, Any] = field(default_factory=dict)
    """Further members of the tool configuration in a dynamic registration."""
