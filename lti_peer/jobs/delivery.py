"""One round of deliveries: claim, send with no transaction open, settle (house.md 6, step 5).

A process that dies between any two steps leaves a lease that runs out, so every item is told at
least once; the effect is idempotent, so it counts once.
"""

from collections.abc import Callable, Sequence

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
    with database.transaction() as session:
        claims = outbox.claim(session, channel, limit, endpoint.id if endpoint else OWN)
    if not claims:
        return 0
    results = _send(channel, sender, claims)
    with database.transaction() as session:
        outbox.settle(session, results)
    _tell(channel, results, endpoint.name if endpoint else OWN_NAME)
    return len(claims)


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
