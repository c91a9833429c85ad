"""`lti-peer outbox`: what waits to be told to LMSs and record stores."""

import click

from lti_peer.cli import parts
from lti_peer.core import outbox as items
from lti_peer.core.outbox import Delivery


@click.group()
def outbox() -> None:
    """Look at what waits to be told, and try again what was refused."""


@outbox.command()
@parts.as_json
def status(as_json: bool) -> None:
    """Count the items of each channel, and say how long the oldest has waited."""
    found = parts.settings()
    with parts.database(found) as database, database.transaction(read_only=True) as session:
        counts, lag = items.backlog(session), items.lag(session)
        problems = items.problems(session)
    rows = [
        {
            "channel": channel.value,
            **{state.value: counts.get((channel, state), 0) for state in Delivery},
        }
        for channel in items.Channel
    ]
    answer = {"channels": rows, "lag_s": round(lag.total_seconds(), 3), "problems": problems}
    text = [parts.table(rows, ""), f"The oldest has waited {lag.total_seconds():.0f} s."]
    parts.show(as_json, answer, "\n".join([*text, parts.table(problems, "")]).rstrip())


@outbox.command()
@parts.as_json
def retry(as_json: bool) -> None:
    """Make everything due again that was refused for good."""
    with parts.database(parts.settings()) as database, database.transaction() as session:
        count = items.retry(session)
    parts.show(as_json, {"due_again": count}, f"{count} items are due again.")
