"""From what a browser sent to plain values; what cannot be used comes back as Invalid."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from lti_peer.activities.teaching.settings import MOST_OPTIONS, MOST_TOPICS, Question
from lti_peer.activities.teaching.steering import Plan
from lti_peer.core.errors import Invalid
from lti_peer.core.models import NAME_LENGTH
from lti_peer.peerwork.feedback import Said
from lti_peer.rules.rubric import Criterion
from lti_peer.web import fields, text
from lti_peer.web.fields import Form

ANY: Final = "any"
"""What a wish says when the choice is ours."""

LONGEST_PLACE: Final = 300
LONGEST_OPTION: Final = 300
LONGEST_QUESTION: Final = 1_000
LONGEST_WORDS: Final = 2_000
SHORTEST_MEETING: Final = 5
LONGEST_MEETING: Final = 240


@dataclass(frozen=True)
class Proposal:
    """A time in UTC, a length in minutes, and a room or a link."""

    starts_at: datetime
    minutes: int
    place: str


def wishes(form: Form) -> tuple[UUID | None, UUID | None]:
    """Return the topics to teach and to learn, None for no wish; raises Invalid for neither."""
    faults: dict[str, str] = {}
    found = [_wish(form, name, faults) for name in ("teach", "learn")]
    if faults:
        raise Invalid("You are not signed up yet.", faults)
    return found[0], found[1]


def proposal(form: Form, zone: str) -> Proposal:
    """Return the proposed meeting; raises Invalid that names every field at fault."""
    faults: dict[str, str] = {}
    starts_at = fields.moment(form, "starts_at", zone, faults)
    minutes = fields.whole(form, "minutes", SHORTEST_MEETING, LONGEST_MEETING, faults)
    place = form.get("place", "").strip()
    if not place or len(place) > LONGEST_PLACE:
        faults["place"] = f"Say where: a room or a link, at most {LONGEST_PLACE} characters."
    if faults or starts_at is None:
        raise Invalid("Nobody was asked yet.", faults)
    return Proposal(starts_at, minutes, place)


def option(form: Form) -> int:
    """Return the place of the chosen answer; raises Invalid when there is none."""
    sent = form.get("option", "")
    if not (sent.isascii() and sent.isdigit() and len(sent) == 1):
        raise Invalid("Nothing was kept yet.", {"option": "Choose one of the answers."})
    return int(sent)


def rating(form: Form, criteria: Sequence[Criterion]) -> Said:
    """Return the filled rubric: fields `mark-<key>` and `comment`.

    Raises Invalid that names every criterion without one of its levels, and too long a comment.
    """
    faults, marks = {}, {}
    for criterion in criteria:
        points = {str(level.points): level.points for level in criterion.levels}
        sent = form.get(f"mark-{criterion.key}", "")
        if sent in points:
            marks[criterion.key] = points[sent]
        else:
            faults[f"mark-{criterion.key}"] = f"“{criterion.title}” has no mark yet."
    comment = form.get("comment", "").strip()
    if len(comment) > LONGEST_WORDS:
        faults["comment"] = f"Shorten your words to {LONGEST_WORDS} characters."
    if faults:
        raise Invalid("Your rating is not complete yet; nothing has been sent.", faults)
    return Said(marks, comment, str(text.render(comment)), text.words(comment))


def plan(form: Form, zone: str) -> Plan:
    """Return what the settings page decides; raises Invalid that names every field at fault."""
    faults: dict[str, str] = {}
    title = form.get("title", "").strip()
    if not title or len(title) > NAME_LENGTH:
        faults["title"] = f"Give the activity a title of at most {NAME_LENGTH} characters."
    instructions = form.get("instructions", "").strip()
    _check_text(instructions, "instructions", faults)
    minutes = fields.whole(form, "minutes", SHORTEST_MEETING, LONGEST_MEETING, faults)
    sign_up_due = fields.moment(form, "sign_up_due", zone, faults)
    meet_due = fields.moment(form, "meet_due", zone, faults)
    if sign_up_due and meet_due and meet_due <= sign_up_due:
        faults["meet_due"] = "Meetings must be due after sign-up is due."
    topics = _topics(form, faults)
    if faults or sign_up_due is None or meet_due is None:
        raise Invalid("Nothing has been saved yet.", faults)
    return Plan(title, instructions, minutes, sign_up_due, meet_due, topics)


def identifier(sent: str) -> UUID | None:
    """Return the id in a field; None when it is none."""
    try:
        return UUID(sent)
    except ValueError:
        return None


def _wish(form: Form, name: str, faults: dict[str, str]) -> UUID | None:
    sent = form.get(name, "")
    found = identifier(sent)
    if found is None and sent != ANY:
        faults[name] = "Choose a topic, or leave the choice to us."
    return found


def _topics(form: Form, faults: dict[str, str]) -> list[tuple[UUID | None, Question]]:
    found = []
    for row in range(MOST_TOPICS):
        name = f"topic-{row}"
        title = form.get(f"{name}-title", "").strip()
        if title:  # an emptied title takes the topic away
            found.append((identifier(form.get(f"{name}-id", "")), _question(form, name, faults)))
    if len(found) < 2:  # noqa: PLR2004 - one to teach, one to learn
        faults["topic-0-title"] = "Give at least two topics: one to teach and one to learn."
    ids = [one for one, _ in found if one]
    if len(ids) != len(set(ids)):
        faults["topic-0-title"] = "One topic was sent twice. Reload the page and try again."
    return found


def _question(form: Form, name: str, faults: dict[str, str]) -> Question:
    title = form[f"{name}-title"].strip()
    if len(title) > NAME_LENGTH:
        faults[f"{name}-title"] = f"A title has at most {NAME_LENGTH} characters."
    asked = form.get(f"{name}-question", "").strip()
    if not asked or len(asked) > LONGEST_QUESTION:
        faults[f"{name}-question"] = (
            f"Ask a check question for “{title}”, at most {LONGEST_QUESTION} characters."
        )
    words = form.get(f"{name}-words", "").strip()
    _check_text(words, f"{name}-words", faults)
    rows = [
        (place, form.get(f"{name}-option-{place}", "").strip()) for place in range(MOST_OPTIONS)
    ]
    options = [(place, words) for place, words in rows if words]
    right = form.get(f"{name}-right", "")
    place_of = {str(place): number for number, (place, _) in enumerate(options)}
    if len({words for _, words in options}) < max(2, len(options)):
        faults[f"{name}-option-0"] = f"Give “{title}” two to six different answers."
    elif any(len(words) > LONGEST_OPTION for _, words in options):
        faults[f"{name}-option-0"] = f"An answer has at most {LONGEST_OPTION} characters."
    elif right not in place_of:
        faults[f"{name}-right"] = f"Mark the right answer of “{title}”."
    texts = tuple(words for _, words in options)
    return Question(title, words, asked, texts, place_of.get(right, 0))


def _check_text(words: str, name: str, faults: dict[str, str]) -> None:
    try:
        text.render(words)
    except text.TextRefused as fault:
        faults[name] = str(fault)
