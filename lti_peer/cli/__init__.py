"""The command `lti-peer`.

Exit codes: 0 done, 1 not done or something is wrong, 2 a setting or an argument is wrong,
3 the database cannot be used as it is.
"""

import importlib
from collections.abc import Mapping

import click

from lti_peer import __version__


class LazyGroup(click.Group):
    """Commands that are imported when they are called, so that `--help` alone loads them all."""

    def __init__(self, *, commands_at: Mapping[str, str], help: str) -> None:  # noqa: A002 - click's own word
        """Take where each command is, as "package.module:name"."""
        super().__init__(help=help)
        self._commands_at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order in which people meet them."""
        del ctx
        return list(self._commands_at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, or None."""
        del ctx
        if cmd_name not in self._commands_at:
            return None
        module, _, name = self._commands_at[cmd_name].partition(":")
        found = getattr(importlib.import_module(module), name)
        assert isinstance(found, click.Command)
        return found


cli = LazyGroup(
    help="Peer review and peer teaching inside the LMS that you already have.",
    commands_at={
        "demo": "lti_peer.cli.demonstration:demo",
        "serve": "lti_peer.cli.serving:serve",
        "worker": "lti_peer.cli.serving:worker",
        "db": "lti_peer.cli.schema:db",
        "platform": "lti_peer.cli.platforms:platform",
        "registration": "lti_peer.cli.platforms:registration",
        "person": "lti_peer.cli.people:person",
        "outbox": "lti_peer.cli.deliveries:outbox",
        "keys": "lti_peer.cli.keys:keys",
        "admin": "lti_peer.cli.admin:admin",
        "records": "lti_peer.cli.records:records",
        "doctor": "lti_peer.cli.doctor:doctor",
    },
)
cli = click.version_option(__version__, prog_name="lti-peer")(cli)


def main() -> None:
    """Run the command; this is what `lti-peer` starts."""
    cli.main(prog_name="lti-peer")
