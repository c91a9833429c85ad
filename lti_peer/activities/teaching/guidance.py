"""What a participant does next, and the steps they are on: sentences from facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, auto
from typing import Any
from uuid import UUID

from flask import url_for
from markupsafe import Markup

from lti_peer.activities.teaching.models import Moment, SignUp
from lti_peer.activities.teaching.pages import names
from lti_peer.activities.teaching.pairs import Pair
from lti_peer.activities.teaching.settings import MEET, SIGN_UP
from lti_peer.core.models import Membership
from lti_peer.core.visit import Visit
from lti_peer.peerwork.meetings import Meeting, MeetingState
from lti_peer.rules.phases import Window
from lti_peer.web.dates import deadline
from lti_peer.web.dates import moment as spoken


class Act(IntEnum):
    """What a pair waits for from one of its members, the most pressing first."""

    SAY_WHETHER_MET = auto()
    CHECK_AFTER = auto()
    RATE = auto()
    CONFIRM = auto()
    CHECK_BEFORE = auto()
    PROPOSE = auto()
    MEET = auto()
    """Nothing until the agreed time."""
    WAIT = auto()
    """Nothing until the other confirms."""
    DONE = auto()


@dataclass(frozen=True)
class Situation:
    """Where one participant stands."""

    sign_up: SignUp | None
    """None too when it was withdrawn."""
    pairs: Sequence[Pair]
    """Those that stand and in which the participant is."""
    windows: Mapping[str, Window]
    begun: bool
    """Whether partners are given out."""

    def window(self, key: str) -> Window:
        """Return the participant's dates in a phase."""
        return self.windows.get(key, Window())

    def teaches(self, person_id: UUID) -> list[Pair]:
        """Return the pairs in which the participant explains."""
        return [one for one in self.pairs if one.explainer.person_id == person_id]

    def learns(self, person_id: UUID) -> list[Pair]:
        """Return the pairs in which the participant listens."""
        return [one for one in self.pairs if one.explainer.person_id != person_id]


def act(pair: Pair, person_id: UUID, now: datetime) -> Act:
    """Return what a pair waits for from this member."""
    listens = pair.explainer.person_id != person_id
    if pair.held:
        if listens and (person_id, Moment.AFTER) not in pair.answers:
            return Act.CHECK_AFTER
        unrated = [
            one for one in pair.to_rate(person_id) if (person_id, one.id) not in pair.ratings
        ]
        return Act.RATE if unrated else Act.DONE
    if listens and (person_id, Moment.BEFORE) not in pair.answers:
        return Act.CHECK_BEFORE
    return _about_time(pair.meeting, person_id, now)


def _about_time(meeting: Meeting | None, person_id: UUID, now: datetime) -> Act:
    """Return what is to do about the time of a meeting that has not been held."""
    if meeting is None:
        return Act.PROPOSE
    over = now >= meeting.starts_at
    if meeting.state is MeetingState.CONFIRMED:
        return Act.SAY_WHETHER_MET if over else Act.MEET
    if meeting.proposed_by != person_id:
        return Act.CONFIRM
    return Act.PROPOSE if over else Act.WAIT


def next_part(visit: Visit, members: Mapping[UUID, Membership], now: Situation) -> dict[str, Any]:
    """Return the arguments of the part `next` for the first page."""
    if now.sign_up is None:
        return _sign_up_part(visit, now)
    me = visit.person.id
    waiting = sorted(now.pairs, key=lambda pair: act(pair, me, visit.now))
    pressing = [pair for pair in waiting if act(pair, me, visit.now) < Act.MEET]
    if pressing:
        return pair_part(visit, members, now, pressing[0])
    if not now.begun:
        return _before_matching(visit, now)
    if not now.learns(me):
        return _unserved(visit, now)
    unfinished = [pair for pair in waiting if act(pair, me, visit.now) < Act.DONE]
    return pair_part(visit, members, now, unfinished[0]) if unfinished else _end_part(visit, now)


def _end_part(visit: Visit, now: Situation) -> dict[str, Any]:
    part = {"label": "See your results", "href": url_for("teaching.results"), "calm": True}
    if now.teaches(visit.person.id):
        return {**part, "sentence": "You have done everything. Thank you."}
    return {
        **part,
        "sentence": "You have learnt your topic. Nobody waits for your explanation just now.",
        "note": "If somebody needs it, you are asked here. If not, nothing is counted off.",
    }


def pair_part(
    visit: Visit, members: Mapping[UUID, Membership], now: Situation, pair: Pair
) -> dict[str, Any]:
    """Return the arguments of the part `next` for one pair; its button leads to the pair's page."""
    me = visit.person.id
    due_act = act(pair, me, visit.now)
    others = names(members, pair.others(me))
    sentence, label, note = _words(visit, pair, due_act, others)
    meeting = pair.meeting
    due: Markup | None = None
    if due_act is Act.MEET and meeting:
        due = deadline(meeting.starts_at, visit.now, visit.zone)
    elif (end := now.window(MEET).due) is not None and due_act is not Act.DONE:
        due = deadline(end, visit.now, visit.zone)
    return {
        "sentence": sentence,
        "label": label,
        "href": url_for("teaching.meeting_page", allocation_id=pair.allocation.id) + "#do",
        "due": due,
        "note": note,
        "calm": due_act >= Act.MEET,
    }


def steps(visit: Visit, members: Mapping[UUID, Membership], now: Situation) -> list[dict[str, Any]]:
    """Return the steps of the first page: sign up, teach, learn, results."""
    me = visit.person.id
    signed = now.sign_up is not None
    due = now.window(SIGN_UP).due
    first = {
        "title": "Sign up",
        "state": "done" if signed else "now" if now.window(SIGN_UP).admits(visit.now) else "missed",
        "when": deadline(due, visit.now, visit.zone) if due and not signed else None,
        "href": url_for("teaching.sign_up_page") if signed and not now.pairs else None,
    }
    finished = (
        signed
        and bool(now.pairs)
        and all(act(pair, me, visit.now) is Act.DONE for pair in now.pairs)
    )
    last = {
        "title": "See what you gained",
        "state": "now" if finished else "later",
        "href": url_for("teaching.results") if signed else None,
    }
    return [
        first,
        *_pair_steps(visit, members, now, now.teaches(me), "Teach"),
        *_pair_steps(visit, members, now, now.learns(me), "Learn"),
        last,
    ]


def _pair_steps(
    visit: Visit,
    members: Mapping[UUID, Membership],
    now: Situation,
    pairs: Sequence[Pair],
    verb: str,
) -> list[dict[str, Any]]:
    me, end = visit.person.id, now.window(MEET).due
    when = deadline(end, visit.now, visit.zone) if end else None
    if not pairs:
        words = {"Teach": "Teach a topic", "Learn": "Learn a topic"}[verb]
        return [{"title": words, "state": "later", "when": when}]
    found = []
    for pair in pairs:
        joint = "to" if verb == "Teach" else "from"
        others = names(members, pair.others(me) if verb == "Teach" else [pair.explainer])
        done = act(pair, me, visit.now) is Act.DONE
        found.append(
            {
                "title": f"{verb} “{pair.topic.title}” {joint} {others}",
                "state": "done" if done else "now",
                "when": None if done else when,
                "note": None if done else _words(visit, pair, act(pair, me, visit.now), others)[0],
                "href": url_for("teaching.meeting_page", allocation_id=pair.allocation.id),
            }
        )
    return found


def _words(visit: Visit, pair: Pair, due_act: Act, others: str) -> tuple[str, str, str | None]:
    """Return the sentence, the button and a note for what a pair waits for."""
    topic, meeting = f"“{pair.topic.title}”", pair.meeting
    at = spoken(meeting.starts_at, visit.now, visit.zone) if meeting else ""
    return {
        Act.SAY_WHETHER_MET: (f"Did you meet {others} about {topic}?", "Say whether you met", None),
        Act.CHECK_AFTER: (
            f"Answer the check question on {topic} once more.", "Answer the question",
            "It takes a minute. Then you see what you gained.",
        ),
        Act.RATE: (f"Say how the meeting with {others} went.", "Rate the meeting",
                   "A few clicks. You read each other's when both have answered."),
        Act.CONFIRM: (f"{others} proposes to meet on {at}.", "Answer", None),
        Act.CHECK_BEFORE: (
            f"Answer one question on {topic} before you meet {others}.", "Answer the question",
            "You need not know it yet: it shows later what the meeting brought.",
        ),
        Act.PROPOSE: (f"Propose a time to {others}, to talk about {topic}.", "Propose a time",
                      None),
        Act.MEET: (f"You meet {others} about {topic}.", "See the meeting", None),
        Act.WAIT: (f"{others} has yet to confirm {at}.", "See the meeting",
                   "You need do nothing until then."),
        Act.DONE: (f"You have met {others} about {topic}.", "See the meeting", None),
    }[due_act]  # fmt: skip


def _sign_up_part(visit: Visit, now: Situation) -> dict[str, Any]:
    window = now.window(SIGN_UP)
    if not window.admits(visit.now):
        return {
            "sentence": "Sign-up has closed.",
            "note": "If you want to take part, ask your instructor for more time.",
            "calm": True,
        }
    late = window.due is not None and visit.now > window.due
    end = window.closes if late else window.due
    return {
        "sentence": "Sign up to teach one topic and to learn another.",
        "label": "Choose topics",
        "href": url_for("teaching.sign_up_page"),
        "due": deadline(end, visit.now, visit.zone) if end else None,
        "note": "You get a partner at once." if now.begun else "It takes two minutes.",
    }


def _before_matching(visit: Visit, now: Situation) -> dict[str, Any]:
    due = now.window(SIGN_UP).due
    return {
        "sentence": "You are signed up. You get your partners when sign-up ends.",
        "due": deadline(due, visit.now, visit.zone) if due else None,
        "note": "Until then you can change your topics.",
        "label": "Change your topics",
        "href": url_for("teaching.sign_up_page"),
        "calm": True,
    }


def _unserved(visit: Visit, now: Situation) -> dict[str, Any]:
    """Promise, with a date, to somebody whom nobody teaches; one click widens the choice."""
    due = now.window(MEET).due
    flexible = now.sign_up is not None and now.sign_up.learn_id is None
    return {
        "sentence": "Nobody is free to teach you just now. You get the next person who is.",
        "due": deadline(due, visit.now, visit.zone) if due else None,
        "note": "We look again whenever somebody signs up or changes partners, and your "
        "instructor knows. If nobody is found by the date below, nothing is counted off.",
        "label": None if flexible else "Take any topic",
        "href": url_for("teaching.match_me"),
        "post": not flexible,
        "calm": True,
    }
