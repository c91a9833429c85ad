"""The words of our learning records: verbs, activity types and extensions, each with its source.

Existing IRIs come first; a word of our own exists only where nothing published fits. A source in
brackets says where the IRI was found defined:

[A]  ADL's authored profiles (github.com/adlnet/xapi-authored-profiles)
[R]  the TinCan registry (registry.tincanapi.com)
[T]  the Total Learning Architecture profile (adlnet/tla-profile)
[P]  our own profile, published below PROFILE

A word is a frozen value. Its display text is English; whoever shows statements in another language
translates by the IRI.
"""

from dataclasses import dataclass
from typing import Final

PROFILE: Final = "https://w3id.org/xapi/peer-learning"
"""The IRI of our xAPI Profile; every word of our own lies below it."""

PROFILE_VERSION: Final = f"{PROFILE}/v1.0.0"
"""The IRI of the profile's version; statements name it as their category (xAPI Profiles 5.0)."""


@dataclass(frozen=True, slots=True)
class Verb:
    """What somebody did: an IRI and its English display text in the past tense."""

    id: str
    display: str


@dataclass(frozen=True, slots=True)
class ActivityType:
    """What kind of thing it was done to: an IRI and its English name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Extension:
    """The key of an additional value in a result or a context: an IRI and what the value is."""

    id: str
    meaning: str


# --- Verbs: coming and going ----------------------------------------------------------------------

LAUNCHED = Verb("http://adlnet.gov/expapi/verbs/launched", "launched")
"""Somebody opened the activity from the LMS. [A]"""

INITIALIZED = Verb("http://adlnet.gov/expapi/verbs/initialized", "initialized")
"""Somebody began their part of the activity for the first time. [A, cmi5]"""

COMPLETED = Verb("http://adlnet.gov/expapi/verbs/completed", "completed")
"""Somebody did everything that the activity asked of them. [A, cmi5]"""

SCORED = Verb("https://w3id.org/xapi/tla/verbs/scored", "scored")
"""Somebody earned a score in the activity; the actor is the one who earned it. [T]"""

# --- Verbs: peer review ---------------------------------------------------------------------------

SUBMITTED = Verb("http://activitystrea.ms/submit", "submitted")
"""Somebody handed in a submission. [A]"""

REVISED = Verb(f"{PROFILE}/verbs/revised", "revised")
"""Somebody handed in a new version of a submission after feedback. [P]"""

WAS_ASSIGNED = Verb("https://w3id.org/xapi/acrossx/verbs/was-assigned", "was assigned")
"""A review was given to somebody to write; the actor is the reviewer. [A]"""

DECLINED_REVIEW = Verb(f"{PROFILE}/verbs/declined-review", "declined to review")
"""Somebody gave an assigned review back. [P]"""

REVIEWED = Verb("http://id.tincanapi.com/verb/reviewed", "reviewed")
"""Somebody gave feedback on a peer's submission; in round 2, on its revision. [R]"""

EXPERIENCED = Verb("http://adlnet.gov/expapi/verbs/experienced", "experienced")
"""Somebody read something, as the feedback on their work. [A]"""

VIEWED = Verb("http://id.tincanapi.com/verb/viewed", "viewed")
"""Somebody opened a page of information. [R]"""

RATED = Verb("http://id.tincanapi.com/verb/rated", "rated")
"""Somebody gave feedback on feedback, on a meeting or on a peer. [R]"""

FLAGGED = Verb("http://activitystrea.ms/flag-as-inappropriate", "flagged")
"""Somebody called for a human to look at something. [A]"""

APPEALED = Verb(f"{PROFILE}/verbs/appealed", "appealed")
"""Somebody asked for a score to be looked at again. [P]"""

MODERATED = Verb(f"{PROFILE}/verbs/moderated", "moderated")
"""A teacher released, hid or corrected feedback. [P]"""

EVALUATED = Verb("https://w3id.org/xapi/acrossx/verbs/evaluated", "evaluated")
"""A teacher judged a submission or a review; or a goal of theirs was judged at its date. [A]"""

COMMENTED = Verb("http://adlnet.gov/expapi/verbs/commented", "commented")
"""Somebody wrote a comment. [A]"""

# --- Verbs: peer teaching -------------------------------------------------------------------------

REGISTERED = Verb("http://adlnet.gov/expapi/verbs/registered", "registered")
"""Somebody signed up to teach or to learn a topic. [A]"""

SCHEDULED = Verb("http://activitystrea.ms/schedule", "scheduled")
"""Somebody proposed a time for a meeting. [A]"""

ACCEPTED = Verb("http://activitystrea.ms/accept", "accepted")
"""Somebody confirmed a proposed meeting. [A]"""

REJECTED = Verb("http://activitystrea.ms/reject", "rejected")
"""Somebody refused or cancelled a proposed meeting. [A]"""

ATTENDED = Verb("http://adlnet.gov/expapi/verbs/attended", "attended")
"""Somebody was at a meeting. [A]"""

TAUGHT = Verb(f"{PROFILE}/verbs/taught", "taught")
"""Somebody taught a peer in a meeting; a broad match of MENTORED. [P]"""

MENTORED = Verb("http://id.tincanapi.com/verb/mentored", "mentored")
"""Somebody accompanied a peer over some time. [R]"""

EXPLAINED = Verb("https://w3id.org/xapi/dod-isd/verbs/explained", "explained")
"""Somebody explained something to a peer. [A]"""

ASKED = Verb("http://adlnet.gov/expapi/verbs/asked", "asked")
"""Somebody asked a question. [A]"""

ANSWERED = Verb("http://adlnet.gov/expapi/verbs/answered", "answered")
"""Somebody answered a question, as the check before or after a meeting. [A]"""

# --- Verbs: the specification's own ---------------------------------------------------------------

VOIDED = Verb("http://adlnet.gov/expapi/verbs/voided", "voided")
"""A statement takes another one back (xAPI 1.0.3, part 2, 2.3.2). [A]"""

# --- Activity types -------------------------------------------------------------------------------

COURSE = ActivityType("http://adlnet.gov/expapi/activities/course", "Course")
"""A course of the LMS: an LTI context. [A]"""

GROUP = ActivityType("http://activitystrea.ms/group", "Group")
"""People whom the LMS or the activity puts together. [A]"""

QUESTION = ActivityType("http://adlnet.gov/expapi/activities/question", "Question")
"""A question with an answer, as a check question. [A]"""

INTERACTION = ActivityType("http://adlnet.gov/expapi/activities/cmi.interaction", "Interaction")
"""A question whose answers the specification describes (part 2, 2.4.4.1). [A]"""

REVIEW = ActivityType("http://activitystrea.ms/review", "Review")
"""One filled rubric about a submission. [A]"""

COMMENT = ActivityType("http://activitystrea.ms/comment", "Comment")
"""A remark in words. [A]"""

PROFILE_TYPE = ActivityType("http://adlnet.gov/expapi/activities/profile", "Profile")
"""The type of the category that names a profile's version (xAPI Profiles 5.0). [A]"""

PEER_REVIEW_ACTIVITY = ActivityType(
    f"{PROFILE}/activity-types/peer-review-activity", "Peer review activity"
)
"""An activity in which people review each other's work. [P]"""

PEER_TEACHING_ACTIVITY = ActivityType(
    f"{PROFILE}/activity-types/peer-teaching-activity", "Peer teaching activity"
)
"""An activity in which people teach each other. [P]"""

PEER_TEACHING_SESSION = ActivityType(
    f"{PROFILE}/activity-types/peer-teaching-session", "Peer teaching session"
)
"""One meeting in which somebody teaches somebody. [P]"""

SUBMISSION = ActivityType(f"{PROFILE}/activity-types/submission", "Submission")
"""What a participant handed in. [P]"""

REVIEW_TASK = ActivityType(f"{PROFILE}/activity-types/review-task", "Review task")
"""The duty to write one review. [P]"""

FEEDBACK = ActivityType(f"{PROFILE}/activity-types/feedback", "Feedback")
"""All the feedback that one person received on one submission. [P]"""

TOPIC = ActivityType(f"{PROFILE}/activity-types/topic", "Topic")
"""Something that can be taught and learnt. [P]"""

GOAL = ActivityType(f"{PROFILE}/activity-types/goal", "Goal")
"""What a teacher wants of an activity by a date, measured by itself. [P]"""

# --- Extensions -----------------------------------------------------------------------------------

CRITERIA = Extension(
    f"{PROFILE}/extensions/criteria",
    "Result: a list of {criterion: IRI, raw, min, max, scaled, comment: whether one was written}.",
)
"""The marks of a filled rubric, line by line. [P]"""

AGREEMENT = Extension(
    f"{PROFILE}/extensions/agreement", "Result: closeness to the consensus of the reviews, 0 to 1."
)
"""How near one review is to the others of the same submission. [P]"""

WORD_COUNT = Extension(f"{PROFILE}/extensions/word-count", "Result: words written, a whole number.")
"""The length of a text whose words are not in the statement. [P]"""

GAIN = Extension(f"{PROFILE}/extensions/gain", "Result: score after minus score before, -1 to 1.")
"""What a learner gained from before to after a meeting. [P]"""

GOAL_OUTCOME = Extension(
    f"{PROFILE}/extensions/goal-outcome",
    "Result: {state, metric, amount, unit, target, value, low, high, count, whole}; what is not "
    "known is left out; state is one of reached, not-reached, too-few-data.",
)
"""What a goal came to at its date, with its 90 % interval; numbers of a class, of no person. [P]"""

ROUND = Extension(f"{PROFILE}/extensions/round", "Context: the round, a whole number from 1.")
"""Which round of reviewing it was. [P]"""

ANONYMITY = Extension(f"{PROFILE}/extensions/anonymity", 'Context: "single", "double" or "open".')
"""Who could see whose name. [P]"""

REVIEWER_ROLE = Extension(
    f"{PROFILE}/extensions/reviewer-role", 'Context: "peer", "self" or "teacher".'
)
"""In what role the reviewer gave the feedback. [P]"""

TEACHING_ROLE = Extension(f"{PROFILE}/extensions/teaching-role", 'Context: "teacher" or "learner".')
"""In what role somebody was at a meeting. [P]"""

CHECK_MOMENT = Extension(f"{PROFILE}/extensions/check-moment", 'Context: "before" or "after".')
"""Whether a check question was answered before or after the meeting. [P]"""

SUBMISSION_VERSION = Extension(
    f"{PROFILE}/extensions/submission-version", "Context: the version, a whole number from 1."
)
"""Which version of the submission it was. [P]"""

RUBRIC_VERSION = Extension(
    f"{PROFILE}/extensions/rubric-version", "Context: the version, a whole number from 1."
)
"""Which version of the rubric was used. [P]"""

INVOLVED = Extension(
    f"{PROFILE}/extensions/involved",
    "Context, 1.0.3 only: a list of {homePage, name, types: IRIs}; contextAgents under 2.0.0.",
)
"""Whom the statement concerns beside its actor. [P]"""

LTI_CONTEXT = Extension(f"{PROFILE}/extensions/lti-context", "Context: the LTI context id, a text.")
"""Which course of the LMS it was. [P]"""

LTI_RESOURCE_LINK = Extension(
    f"{PROFILE}/extensions/lti-resource-link", "Context: the LTI resource link id, a text."
)
"""Which placement in the course it was. [P]"""

ASSIGNMENT_ALGORITHM = Extension(
    f"{PROFILE}/extensions/assignment-algorithm", "Context: name and version, a text."
)
"""By which method the review was allocated. [P]"""

KINDS: Final = {"peer_review": PEER_REVIEW_ACTIVITY, "teaching": PEER_TEACHING_ACTIVITY}
"""The type of a whole activity, by the name of its kind."""
