"""From what a browser sent to plain values; what cannot be used comes back as Invalid."""

import re
from collections.abc import Sequence
from typing import Final

from lti_peer.activities.peer_review.settings import MOST_REVIEWS, Counted, Dates, Opens, Settings
from lti_peer.activities.peer_review.steering import Plan
from lti_peer.core.errors import Invalid
from lti_peer.core.models import NAME_LENGTH
from lti_peer.peerwork.feedback import Said
from lti_peer.rules.rubric import Criterion, Level
from lti_peer.web import fields, text
from lti_peer.web.fields import Form

MOST_CRITERIA: Final = 10
MOST_LEVELS: Final = 6
LONGEST_LABEL: Final = 120
LONGEST_WORDS: Final = 2_000
"""Characters of one comment on a criterion, a reason, a criterion's description."""
HEAVIEST: Final = 100


def review(form: Form, criteria: Sequence[Criterion]) -> Said:
    """Return the filled rubric: fields `mark-<key>`, `comment-<key>` and `comment`.

    Raises Invalid that names every criterion without a mark or with one that is no level of it,
    and TextRefused when the comment on the whole is too long.
    """
    faults = {}
    marks, comments = {}, {}
    for criterion in criteria:
        sent = form.get(f"mark-{criterion.key}", "")
        points = {str(level.points): level.points for level in criterion.levels}
        if sent in points:
            marks[criterion.key] = points[sent]
        else:
            faults[f"mark-{criterion.key}"] = (
                f"Choose one of the levels of “{criterion.title}”."
                if sent
                else f"“{criterion.title}” has no mark yet."
            )
        words = form.get(f"comment-{criterion.key}", "").strip()
        if len(words) > LONGEST_WORDS:
            faults[f"comment-{criterion.key}"] = (
                f"Shorten your words on “{criterion.title}” to {LONGEST_WORDS} characters."
            )
        elif words:
            comments[criterion.key] = words
    if faults:
        raise Invalid("Your review is not complete yet; nothing has been sent.", faults)
    comment = form.get("comment", "").strip()
    count = text.words(comment) + sum(text.words(one) for one in comments.values())
    return Said(marks, comment, str(text.render(comment)), count, comments)


def seen(form: Form) -> int | None:
    """Return the number of the version that a second look was written at, if the page said it."""
    sent = form.get("seen", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None  # noqa: PLR2004


def review_draft(form: Form, criteria: Sequence[Criterion]) -> dict[str, str]:
    """Return what is being written, as it is; raises TextRefused when it is too long to keep."""
    names = [f"{sort}-{one.key}" for one in criteria for sort in ("mark", "comment")]
    fields = {name: form[name] for name in (*names, "comment") if form.get(name)}
    for value in fields.values():
        text.check(value)
    return fields


def rating(form: Form, token: str) -> Said:
    """Return how helpful a review was: `helpful-<token>` is 0, 1 or 2, `reason-<token>` says why.

    Raises Invalid when there is no answer, or too long a reason.
    """
    sent, reason = form.get(f"helpful-{token}", ""), form.get(f"reason-{token}", "").strip()
    if sent not in {"0", "1", "2"}:
        raise Invalid(
            "Nothing was kept yet.", {f"helpful-{token}": "Say whether the review was helpful."}
        )
    if len(reason) > LONGEST_WORDS:
        raise Invalid(
            "Your reason is too long.",
            {f"reason-{token}": f"Shorten it to {LONGEST_WORDS} characters."},
        )
    return Said({"helpful": int(sent)}, reason, "", text.words(reason))


def revision(form: Form) -> tuple[str, str]:
    """Return the revised text and what its author says of it; raises Invalid for what cannot be."""
    source, note = form.get("text", ""), form.get("note", "").strip()
    faults = {}
    if not source.strip():
        faults["text"] = "Write something before you hand it in."
    if len(note) > LONGEST_WORDS:
        faults["note"] = f"Shorten this to {LONGEST_WORDS} characters."
    if faults:
        raise Invalid("Nothing has been handed in yet.", faults)
    return source, note


def plan(form: Form, zone: str) -> Plan:
    """Return what the settings page decides; raises Invalid that names every field at fault."""
    faults: dict[str, str] = {}
    title = form.get("title", "").strip()
    if not title or len(title) > NAME_LENGTH:
        faults["title"] = f"Give the activity a title of at most {NAME_LENGTH} characters."
    reviews = fields.whole(form, "reviews", 1, MOST_REVIEWS, faults)
    dates = _dates(form, zone, faults)
    criteria = _criteria(form, faults)
    instructions = form.get("instructions", "").strip()
    try:
        text.render(instructions)
    except text.TextRefused as fault:
        faults["instructions"] = str(fault)
    if faults or dates is None:
        raise Invalid("Nothing has been saved yet.", faults)
    chosen = Settings(
        reviews=reviews,
        blind="blind" in form,
        must_hand_in="must_hand_in" in form,
        late_work="late_work" in form,
        feedback=Opens.FINISHED if form.get("feedback") == Opens.FINISHED else Opens.CLOSED,
        revise="revise" in form,
        counted=Counted.FINAL if form.get("counted") == Counted.FINAL else Counted.BETTER,
    )
    return Plan(title, instructions, chosen, dates, criteria)


def _dates(form: Form, zone: str, faults: dict[str, str]) -> Dates | None:
    submit_due, review_due = (
        fields.moment(form, name, zone, faults) for name in ("submit_due", "review_due")
    )
    opens = None  # with the end of handing in
    if form.get("review_opens", "").strip():
        opens = fields.moment(form, "review_opens", zone, faults)
    if submit_due is None or review_due is None:
        return None
    if review_due <= submit_due:
        faults.setdefault("review_due", "Reviews must be due after the work is due.")
    if opens is not None and opens >= review_due:
        faults.setdefault("review_opens", "Reviewing must open before reviews are due.")
    if "revise" not in form:
        return Dates(submit_due, review_due, opens)
    revise_due, look_due = (
        fields.moment(form, name, zone, faults) for name in ("revise_due", "look_due")
    )
    if revise_due and revise_due <= review_due:
        faults.setdefault("revise_due", "Revisions must be due after the reviews are due.")
    if revise_due and look_due and look_due <= revise_due:
        faults.setdefault("look_due", "Second looks must be due after the revisions are due.")
    return Dates(submit_due, review_due, opens, revise_due, look_due)


def _criteria(form: Form, faults: dict[str, str]) -> list[Criterion]:
    found: list[Criterion] = []
    for row in range(MOST_CRITERIA):
        name = f"criterion-{row}"
        title = form.get(f"{name}-title", "").strip()
        if not title:
            continue  # an emptied title takes the criterion away
        levels = _levels(form, name, faults)
        if len({level.points for level in levels}) < 2:  # noqa: PLR2004 - one step is no choice
            faults.setdefault(
                f"{name}-title", f"“{title}” needs at least two levels with different points."
            )
        weight = fields.whole(form, f"{name}-weight", 1, HEAVIEST, faults)
        words = form.get(f"{name}-words", "").strip()[:LONGEST_WORDS]
        key = _key(form.get(f"{name}-key", ""), {one.key for one in found}, row)
        found.append(Criterion(key, title[:LONGEST_LABEL], tuple(levels), words, weight))
    if not found:
        faults["criterion-0-title"] = "A rubric needs at least one criterion."
    return found


def _levels(form: Form, criterion: str, faults: dict[str, str]) -> list[Level]:
    levels = []
    for row in range(MOST_LEVELS):
        name = f"{criterion}-level-{row}"
        label = form.get(f"{name}-label", "").strip()
        if not label:
            continue
        points = fields.whole(form, f"{name}-points", 0, HEAVIEST, faults)
        words = form.get(f"{name}-words", "").strip()
        levels.append(Level(points, label[:LONGEST_LABEL], words[:LONGEST_WORDS]))
    return sorted(levels, key=lambda level: level.points)


def _key(sent: str, taken: set[str], row: int) -> str:
    """Return the key that a criterion has had, or a new one for a new criterion."""
    if re.fullmatch(r"[a-z0-9_]{1,40}", sent) and sent not in taken:
        return sent
    numbers = (f"c{number}" for number in range(row + 1, row + 2 + len(taken)))
    return next(key for key in numbers if key not in taken)
