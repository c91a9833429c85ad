"""Whatever happens on the way, the LMS ends with the last grade (security.md R3, R5)."""

import json
import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from lti.services.conftest import answered, given_token
from sqlalchemy import update

from lti_peer.core import outbox
from lti_peer.core.outbox import Channel, OutboxItem
from lti_peer.lti.ags import GradeSender
from lti_peer.lti.http import Unreachable
from lti_peer.lti.services import Services
from lti_peer.lti.tokens import Tokens

STEPS = 25
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class TemperamentalLms:
    """Takes scores as Moodle or Canvas does, with a clock of its own, and with its moods."""

    def __init__(self, dice, *, moodle):
        self.dice, self.moodle, self.calm = dice, moodle, False
        self.skew = timedelta(seconds=dice.choice([-90, -1, 0, 0, 1, 90]))
        self.given, self.stored = {}, {}
        self.tokens, self.taken = set(), []

    def post_form(self, _url, _fields):
        if self._moody():
            return answered(503)
        token = f"t-{self.dice.random()}"
        self.tokens.add(token)
        return given_token(token)

    def get(self, url, *, headers=None):
        subject = url.partition("user_id=")[2]
        result = {"userId": subject, "resultScore": self.given.get(subject), "resultMaximum": 20}
        return answered(200, [result]) if self._knows(headers) else answered(401)

    def send(self, _method, _url, body, *, headers=None):
        if not self._knows(headers):
            return answered(401)
        mood = self._moody() and self.dice.choice(["away", "busy", "forgetful", "deaf"])
        if mood == "away":
            raise Unreachable("lms.example did not answer.")
        if mood == "forgetful":
            self.tokens.clear()
        if mood == "busy":
            return answered(self.dice.choice([429, 500, 502, 503]))
        taken = self._take(json.loads(body))
        if mood == "deaf":  # it has taken the score, but its answer is lost
            raise Unreachable("lms.example did not answer in time.")
        return taken

    def _take(self, score):
        now = datetime.now(UTC) + self.skew
        sent, subject = datetime.fromisoformat(score["timestamp"]), score["userId"]
        whole = (lambda at: at.replace(microsecond=0)) if self.moodle else (lambda at: at)
        if subject in self.stored and whole(sent) <= whole(self.stored[subject]):
            return answered(409, date=format_datetime(now, usegmt=True))
        self.stored[subject] = now if self.moodle else sent
        self.given[subject] = score["scoreGiven"]
        self.taken.append(sent)
        return answered(204)

    def _moody(self):
        return not self.calm and self.dice.random() < 0.4

    def _knows(self, headers):
        return headers["Authorization"].removeprefix("Bearer ") in self.tokens


@pytest.mark.parametrize("moodle", [True, False])
@pytest.mark.parametrize("seed", range(8))
def test_r3_the_lms_ends_with_the_last_grade(database, vault, keys, graded, post, seed, moodle):
    dice = random.Random(seed)  # noqa: S311 - repeats a history, keeps no secret
    lms = TemperamentalLms(dice, moodle=moodle)
    services = Services(lms, Tokens(database, vault, keys, lms))
    last = {}

    def work(*, dies=False):
        with database.transaction() as session:
            session.execute(update(OutboxItem).values(due_at=LONG_AGO))
            claims = outbox.claim(session, Channel.AGS, 20)
        results = GradeSender(database, services)(claims)
        if not dies:
            with database.transaction() as session:
                outbox.settle(session, results)
        return claims

    for _ in range(STEPS):
        who = dice.randrange(2)
        if dice.random() < 0.6:
            last[who] = dice.randrange(101) / 100
            post(last[who], who)
        else:
            work(dies=dice.random() < 0.3)
    lms.calm = True
    for _ in range(10):
        if not work():
            break

    found = {who: lms.given[graded.people[who].subject] / 20 for who in last}
    assert found == pytest.approx(last)
