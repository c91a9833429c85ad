"""Rounds of deliveries: claim, send with no transaction open, settle (house.md 6, step 5).

A process that dies between any two steps leaves a lease that runs out, so every item is told at
least once; the effect is idempotent, so it counts once.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog

from lti_peer.core import outbox
from lti_peer.core.db import Database
from lti_peer.core.endpoints import OWN, OWN_NAME, RecordEndpoint
from lti_peer.core.outbox import Channel, Claim, Outcome

log = structlog.get_logger()

Results = list[tuple[Claim, Outcome]]
"""What became of each claim, in any order; a claim that is missing comes again after its lease."""

Sender = Callable[[Sequence[Claim]], Results]
"""Tells another system; it has no transaction open while it talks, and a deadline for each call."""

MOST_FAULTS = 10
"""Tries after which an item that our own code cannot send is put aside (security.md R14)."""


AHEAD_S = outbox.LEASE.total_seconds() / 2
"""Seconds after which a batch that was claimed ahead is given back, as its lease might end."""
HEAD_START_S = 0.006
"""Seconds in which a request gets out before the next claim works beside it: two threads that both
work take turns of 5 ms, and a request would wait for several."""
NOT_REACHED = Outcome("Not reached in time.", blameless=True)


def drain(
    database: Database,
    channel: Channel,
    sender: Sender,
    limit: int,
    endpoint: RecordEndpoint | None = None,
) -> int:
    """Deliver up to `limit` due items of one channel; return how many were claimed.

    They are those for `endpoint`, or those for the tool's own store. 0 means that nothing is due.
    What the sender raises is a fault of ours: it is logged, the items are tried one by one, and
    the one at fault waits, so that it holds up nobody else.
    """
    line = Line(database, channel, sender, lambda: limit, endpoint)
    claimed = line.turn([])
    if claimed.items:
        line.turn(line.send(claimed), claims=False)
    return len(claimed.items)


@dataclass(frozen=True)
class _Claimed:
    items: Sequence[Claim] = ()
    at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Line:
    """The way of one channel's items to one endpoint, or to the tool's own store."""

    database: Database
    channel: Channel
    sender: Sender
    limit: Callable[[], int]
    """How many items make a batch just now."""
    endpoint: RecordEndpoint | None = None

    def stream(self, goes_on: Callable[[], bool]) -> int:
        """Deliver batch after batch until nothing is due; return how many items were claimed.

        While a batch is on its way, what became of the one before it is written down and the one
        after it is claimed, in one transaction: else a store that takes 50 ms for a batch would
        wait for us half of the time. `goes_on` is asked before a further batch is claimed.
        """
        results: Results = []
        total = 0
        with ThreadPoolExecutor(1, "ahead") as ahead:
            claimed = self.turn(results)
            while claimed.items:
                total += len(claimed.items)
                full = len(claimed.items) >= self.limit() and goes_on()
                following = ahead.submit(self._turn_beside, results) if full else None
                sent = self.send(claimed)
                claimed, results = (
                    (following.result(), sent) if following else (_Claimed(), results + sent)
                )
        if results:
            self.turn(results, claims=False)
        return total

    def turn(self, results: Results, *, claims: bool = True) -> _Claimed:
        """Settle what was sent and claim what is due, in one transaction."""
        with self.database.transaction() as session:
            if results:
                outbox.settle(session, results)
            if not claims:
                return _Claimed()
            endpoint = self.endpoint.id if self.endpoint else OWN
            return _Claimed(outbox.claim(session, self.channel, self.limit(), endpoint))

    def _turn_beside(self, results: Results) -> _Claimed:
        time.sleep(HEAD_START_S)
        return self.turn(results)

    def send(self, claimed: _Claimed) -> Results:
        """Send what was claimed, unless that is too long ago, and return what became of it."""
        if time.monotonic() - claimed.at > AHEAD_S:
            return [(claim, NOT_REACHED) for claim in claimed.items]
        results = _send(self.channel, self.sender, claimed.items)
        _tell(self.channel, results, self.endpoint.name if self.endpoint else OWN_NAME)
        return results


def _send(channel: Channel, sender: Sender, claims: Sequence[Claim]) -> Results:
    try:
        return sender(claims)
    except Exception as fault:
        log.exception("sender_failed", channel=channel, items=len(claims))
        if len(claims) > 1:
            return [result for claim in claims for result in _send(channel, sender, [claim])]
        last = claims[0].attempts + 1 >= MOST_FAULTS
        return [(claims[0], Outcome(f"A fault of ours: {type(fault).__name__}", dead=last))]


def _tell(channel: Channel, results: Results, endpoint: str) -> None:
    failed = [outcome for _, outcome in results if outcome.error]
    dead = sum(outcome.dead for outcome in failed)
    about = {"channel": channel, "endpoint": endpoint, "items": len(results)}
    if failed:
        log.warning("not_delivered", **about, failed=len(failed), dead=dead)
    else:
        log.info("delivered", **about)
