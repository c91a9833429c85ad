"""The statement templates: which sentence has which verb and object, and what it must say.

A template's determining properties are its verb, the type of its object and, where two kinds share
both, the type of its parent. No two templates share all of them, so a statement of ours follows
exactly one.
"""

from dataclasses import dataclass
from typing import Final, Literal

from xapi.vocabulary import (
    ACCEPTED,
    ANONYMITY,
    ANSWERED,
    ASSIGNMENT_ALGORITHM,
    ATTENDED,
    CHECK_MOMENT,
    COMPLETED,
    DECLINED_REVIEW,
    EVALUATED,
    EXPERIENCED,
    EXPLAINED,
    FEEDBACK,
    FLAGGED,
    GOAL,
    GOAL_OUTCOME,
    LAUNCHED,
    PEER_REVIEW_ACTIVITY,
    PEER_TEACHING_ACTIVITY,
    PEER_TEACHING_SESSION,
    PROFILE,
    QUESTION,
    RATED,
    REGISTERED,
    REJECTED,
    REVIEW,
    REVIEW_TASK,
    REVIEWED,
    REVIEWER_ROLE,
    REVISED,
    RUBRIC_VERSION,
    SCHEDULED,
    SCORED,
    SUBMISSION,
    SUBMISSION_VERSION,
    SUBMITTED,
    TAUGHT,
    TEACHING_ROLE,
    TOPIC,
    WAS_ASSIGNED,
    WORD_COUNT,
    ActivityType,
    Extension,
    Verb,
)

Presence = Literal["included", "excluded", "recommended"]
Location = tuple[str, ...]
"""Where something stands in a statement: the keys to it, from the outermost."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What must, must not or should stand at one place of a statement (xAPI Profiles 9.1)."""

    location: Location
    presence: Presence = "included"
    any_of: tuple[str, ...] = ()
    """The values that may stand there; empty allows all."""


@dataclass(frozen=True, slots=True)
class Template:
    """One sentence of ours."""

    key: str
    """The last part of its IRI."""
    name: str
    says: str
    """What it means, for whoever reads the records."""
    verb: Verb
    object: ActivityType
    parent: ActivityType | None
    """The type of the activity that the thing is a part of; none when the thing is the activity."""
    rules: tuple[Rule, ...] = ()

    @property
    def id(self) -> str:
        """Its IRI."""
        return f"{PROFILE}/templates/{self.key}"


REVIEWING, TEACHING = PEER_REVIEW_ACTIVITY, PEER_TEACHING_ACTIVITY
SHARE: Final = Rule(("result", "score", "scaled"))
DONE: Final = Rule(("result", "completion"))

COMMON: Final = (
    Rule(("actor", "account", "homePage")),
    Rule(("actor", "account", "name")),
    Rule(("actor", "name"), "excluded"),
    Rule(("actor", "mbox"), "excluded"),
    Rule(("timestamp",)),
    Rule(("context", "registration")),
    Rule(("context", "platform")),
    Rule(("context", "contextActivities", "category")),
    Rule(("context", "contextActivities", "grouping")),
    Rule(("result", "response"), "excluded"),
)
"""What every sentence keeps: whose, when and where it belongs; never a name, address or text."""


def _context(extension: Extension, *values: str) -> Rule:
    return Rule(("context", "extensions", extension.id), any_of=values)


WORDS: Final = Rule(("result", "extensions", WORD_COUNT.id))
WHO_SEES: Final = _context(ANONYMITY, "double", "open")
OUTCOME: Final = Rule(("result", "extensions", GOAL_OUTCOME.id))
ROLE: Final = _context(TEACHING_ROLE, "teacher", "learner")

TEMPLATES: Final = (
    Template(
        "review-launched", "Opened a peer review",
        "Somebody opened the activity from the LMS, once for each launch.",
        LAUNCHED, REVIEWING, None,
    ),
    Template(
        "teaching-launched", "Opened a peer teaching",
        "Somebody opened the activity from the LMS, once for each launch.",
        LAUNCHED, TEACHING, None,
    ),
    Template(
        "submission-submitted", "Handed in work",
        "Somebody handed in a version of their work; its length in words, never the words.",
        SUBMITTED, SUBMISSION, REVIEWING,
        (WORDS, _context(SUBMISSION_VERSION)),
    ),
    Template(
        "submission-revised", "Revised work",
        "Somebody handed in a version of their work after feedback on an earlier one; its length "
        "in words, never the words.",
        REVISED, SUBMISSION, REVIEWING,
        (WORDS, _context(SUBMISSION_VERSION)),
    ),
    Template(
        "review-assigned", "Was given a review",
        "A review, or a second look at a revision, was given to somebody to write, and by which "
        "method it was chosen.",
        WAS_ASSIGNED, REVIEW_TASK, REVIEWING,
        (_context(ASSIGNMENT_ALGORITHM),),
    ),
    Template(
        "review-declined", "Gave a review back",
        "Somebody gave a review back that they had been given.",
        DECLINED_REVIEW, REVIEW_TASK, REVIEWING,
    ),
    Template(
        "submission-flagged", "Called for a human",
        "Somebody called for a human to look at a piece of work.",
        FLAGGED, SUBMISSION, REVIEWING,
    ),
    Template(
        "review-submitted", "Reviewed work",
        "Somebody reviewed a peer's work: the share of the rubric's points that they gave, the "
        "length of their words, which version of the work and of the rubric. Round 2 is a second "
        "look, at a revision. Whose work it is, is not said.",
        REVIEWED, SUBMISSION, REVIEWING,
        (
            SHARE, WORDS, WHO_SEES, _context(RUBRIC_VERSION), _context(SUBMISSION_VERSION),
            _context(REVIEWER_ROLE, "peer", "self", "teacher"),
        ),
    ),
    Template(
        "feedback-read", "Read the feedback",
        "Somebody said that they have read the feedback on their work.",
        EXPERIENCED, FEEDBACK, REVIEWING,
    ),
    Template(
        "review-rated", "Rated a review",
        "An author said how helpful a review of their work was: 0, 0.5 or 1.",
        RATED, REVIEW, REVIEWING,
        (SHARE, WORDS, WHO_SEES),
    ),
    Template(
        "review-scored", "Earned a score in a peer review",
        "The actor earned this share of the points for their work, once grades are released.",
        SCORED, REVIEWING, None,
        (SHARE,),
    ),
    Template(
        "review-completed", "Did everything in a peer review",
        "Somebody handed in and wrote every review that was asked of them.",
        COMPLETED, REVIEWING, None,
        (DONE,),
    ),
    Template(
        "teaching-registered", "Signed up for any topic",
        "Somebody signed up to teach, or to learn, whatever topic there is room for.",
        REGISTERED, TEACHING, None,
        (ROLE,),
    ),
    Template(
        "topic-registered", "Signed up for a topic",
        "Somebody signed up to teach, or to learn, one topic.",
        REGISTERED, TOPIC, TEACHING,
        (ROLE,),
    ),
    Template(
        "teaching-assigned", "Was given a partner",
        "Somebody was brought together with a partner, to teach or to be taught.",
        WAS_ASSIGNED, PEER_TEACHING_SESSION, TEACHING,
        (ROLE, _context(ASSIGNMENT_ALGORITHM)),
    ),
    Template(
        "teaching-scheduled", "Proposed a time",
        "Somebody proposed a time for a meeting.",
        SCHEDULED, PEER_TEACHING_SESSION, TEACHING,
    ),
    Template(
        "teaching-accepted", "Confirmed a time",
        "Somebody agreed to the proposed time of a meeting.",
        ACCEPTED, PEER_TEACHING_SESSION, TEACHING,
    ),
    Template(
        "teaching-rejected", "Called a meeting off",
        "Somebody called off a meeting that was proposed or confirmed.",
        REJECTED, PEER_TEACHING_SESSION, TEACHING,
    ),
    Template(
        "teaching-attended", "Was at a meeting",
        "Somebody was at a meeting, as teacher or as learner, and how long it was to last.",
        ATTENDED, PEER_TEACHING_SESSION, TEACHING,
        (ROLE, Rule(("result", "duration"))),
    ),
    Template(
        "teaching-taught", "Taught",
        "Somebody taught a peer in a meeting.",
        TAUGHT, PEER_TEACHING_SESSION, TEACHING,
        (Rule(("result", "duration")),),
    ),
    Template(
        "topic-explained", "Explained a topic",
        "Somebody explained a topic to a peer.",
        EXPLAINED, TOPIC, TEACHING,
    ),
    Template(
        "check-answered", "Answered a check question",
        "Somebody answered a topic's question, before or after the meeting, and whether rightly.",
        ANSWERED, QUESTION, TEACHING,
        (Rule(("result", "success")), _context(CHECK_MOMENT, "before", "after")),
    ),
    Template(
        "teaching-rated", "Rated a partner",
        "Somebody rated their partner by a short rubric: the share of its points.",
        RATED, PEER_TEACHING_SESSION, TEACHING,
        (SHARE, WORDS, ROLE),
    ),
    Template(
        "teaching-scored", "Earned a score in a peer teaching",
        "The actor earned this share of the points, once grades are released.",
        SCORED, TEACHING, None,
        (SHARE,),
    ),
    Template(
        "teaching-completed", "Did everything in a peer teaching",
        "Somebody has taught, has been taught, and has done all that was theirs to do.",
        COMPLETED, TEACHING, None,
        (DONE,),
    ),
    Template(
        "review-goal", "A goal of a peer review was evaluated",
        "A goal that the actor set was evaluated at its date, from statements: what it came to, "
        "and whether that is what was wanted.",
        EVALUATED, GOAL, REVIEWING,
        (OUTCOME,),
    ),
    Template(
        "teaching-goal", "A goal of a peer teaching was evaluated",
        "A goal that the actor set was evaluated at its date, from statements: what it came to, "
        "and whether that is what was wanted.",
        EVALUATED, GOAL, TEACHING,
        (OUTCOME,),
    ),
)  # fmt: skip
"""Every sentence that the tool says."""
