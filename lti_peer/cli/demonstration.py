"""`lti-peer demo`: the tool inside a small simulated LMS, on this computer alone."""

import json
import secrets
import shutil
import signal
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event

import click

from config.settings import Settings
from lti_peer import migrations
from lti_peer.app import create_app
from lti_peer.cli import parts
from lti_peer.core import logs
from lti_peer.core.db import Database
from lti_peer.demo import admission, houses, servers, walkthrough
from lti_peer.demo.classroom.crowd import ActFailedError
from lti_peer.demo.houses import LMS_HOST, TOOL_HOST, Plan
from lti_peer.demo.platform.profile import Profile
from lti_peer.demo.platform.profiles import PLAIN, PROFILES
from lti_peer.demo.programs import DidNotStartError, MortalWorker, Programs
from lti_peer.demo.stage import Stage
from lti_peer.demo.tally import Tally
from lti_peer.jobs import senders
from lti_peer.jobs.worker import Worker
from lti_peer.lti import invitations

FOLDER = Path(".demo")
MOST_LEARNERS = 1_000
PROCESSES = 3
"""Of the tool in a walkthrough, on two cores: one that waits to write leaves the others to read."""


lms_option = click.option(
    "--lms",
    default=PLAIN.name,
    show_default=True,
    type=click.Choice(list(PROFILES)),
    help="Whose manners the simulated LMS has.",
)


@click.command()
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1024, 65_000))
@click.option(
    "--scale", "--students", default=24, show_default=True, type=click.IntRange(3, MOST_LEARNERS)
)
@lms_option
@click.option("--reset", is_flag=True, help="Begin anew, and forget what was done.")
@click.option("--open", "show", is_flag=True, help="Open the page in a browser.")
@click.option("--walkthrough", "walks", is_flag=True, help="Do the whole job headless, and count.")
@click.option(
    "--kill-worker", "kills", default=0, type=click.IntRange(0, 500), help="Kill it so often."
)
@parts.as_json
def demo(
    *,
    port: int,
    scale: int,
    lms: str,
    reset: bool,
    show: bool,
    walks: bool,
    kills: int,
    as_json: bool,
) -> None:
    """Try the tool in a course of a simulated LMS; nothing leaves this computer."""
    logs.set_up("ERROR" if walks else "WARNING")
    try:
        if walks:
            made = plan(port, scale, None, PROFILES[lms])
            _walk(made, kills, as_json=as_json)
        else:
            made = plan(port, scale, FOLDER / "lms.json", PROFILES[lms])
            _play(made, reset=reset, show=show)
    except servers.NoPortError as fault:
        raise parts.Stop(str(fault)) from None


def _play(made: Plan, *, reset: bool, show: bool) -> None:
    if reset:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(exist_ok=True)
    with brought_up(made, FOLDER) as stage:
        clock = FOLDER / "clock"
        if clock.exists():
            stage.move(timedelta(seconds=float(clock.read_text(encoding="utf-8"))))
        if not stage.lms.tools:
            admission.admit(stage)
        click.echo(
            f"\n  The simulated LMS is at  {made.lms_url}\n\n"
            "  You are the instructor of a course. Add an activity, then switch to a learner.\n"
            "  Stop with Ctrl-C; it goes on where it was. Begin anew with --reset.\n"
        )
        if show:
            webbrowser.open(made.lms_url)
        _wait()
        clock.write_text(str(stage.database.shift.total_seconds()), encoding="utf-8")


def _walk(made: Plan, kills: int, *, as_json: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="lti-peer-") as folder:
        settings = _settings(made, Path(folder))
        found = _walked(made, settings, kills, _teller(quiet=as_json))
    _report(found, as_json=as_json)
    if found.faults:
        raise SystemExit(parts.WRONG)


def _walked(made: Plan, settings: Settings, kills: int, say: walkthrough.Say) -> Tally:
    """Walk against the production commands, each a process of its own; return what was found."""
    database = Database(settings.database)
    migrations.upgrade(database)
    outside = {**_variables(settings), "LTI_PEER_WORKER_IN_WEB": "false"}
    try:
        with (
            Programs(outside, PROCESSES, made.tool_port.sockets) as tool,
            MortalWorker(outside, kills) as worker,
            houses.opened(made, None, database, _inviter(database, settings)) as stage,
        ):
            tool.await_answer(f"{made.tool_url}/healthz")
            return walkthrough.walk(stage, say, worker.finish)
    except (ActFailedError, DidNotStartError) as fault:
        raise parts.Stop(f"The walkthrough stopped: {fault}") from None
    finally:
        made.tool_port.close()
        database.close()


@contextmanager
def brought_up(plan: Plan, folder: Path) -> Iterator[Stage]:
    """Give the stage with everything running: LMS, tool, worker; all ends with the block."""
    settings = _settings(plan, folder)
    database = Database(settings.database)
    try:
        migrations.upgrade(database)
        app = create_app(settings, database)
        told, chores = senders.build(settings, database), senders.chores(settings, database)
        worker = Worker(database, told, settings.base_url, chores)

        with houses.opened(plan, app, database, _inviter(database, settings)) as stage:
            worker.start()
            try:
                yield stage
            finally:
                worker.stop()
    finally:
        database.close()


def _inviter(database: Database, settings: Settings) -> Callable[[], str]:
    def invite() -> str:
        with database.transaction() as session:
            return invitations.invite(session, settings.base_url, name="Demo", activate=True)

    return invite


def _variables(settings: Settings) -> dict[str, str]:
    """Return the settings as the variables that another process reads."""
    return {
        "LTI_PEER_SECRET_KEY": settings.secret_key.get_secret_value(),
        "LTI_PEER_BASE_URL": settings.base_url,
        "LTI_PEER_DATA_DIR": str(settings.data_dir),
        "LTI_PEER_DATABASE_URL": settings.database_url,
        "LTI_PEER_ALLOW_PRIVATE_HOSTS": "true",
        "LTI_PEER_LOG_LEVEL": "ERROR",
        "LTI_PEER_WEB_THREADS": "1",  # several wait for each other within a process
    }


def _settings(plan: Plan, folder: Path) -> Settings:
    """Return settings of the demo's own; only where the database is may be said from outside."""
    secret = folder / "secret"
    if not secret.exists():
        secret.write_text(secrets.token_urlsafe(48), encoding="utf-8")
    return Settings(
        secret_key=secret.read_text(encoding="utf-8"),  # type: ignore[arg-type]  # becomes a SecretStr
        base_url=plan.tool_url,
        data_dir=folder,
        allow_private_hosts=True,
    )


def plan(port: int, learners: int, keep: Path | None, profile: Profile = PLAIN) -> Plan:
    """Take two ports from `port` on; raises NoPortError. `keep` is where the LMS is kept."""
    lms = servers.take(LMS_HOST, port)
    return Plan(lms, servers.take(TOOL_HOST, lms.number + 1), learners, keep, profile)


def _teller(*, quiet: bool) -> walkthrough.Say:
    """Return what shows the progress: one line on a terminal, nothing elsewhere."""
    shown = sys.stderr.isatty() and not quiet

    def say(what: str, done: int, total: int) -> None:
        if shown:
            click.echo(f"\r\033[K{what}: {done} of {total}", nl=False, err=True)

    return say


def _report(found: Tally, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2))
        return
    click.echo("\r\033[K" if sys.stderr.isatty() else "", nl=False, err=True)
    for name, value in found.as_json().items():
        if name != "faults":
            click.echo(f"{name.replace('_', ' '):24} {value}")
    for fault in found.faults:
        click.echo(f"wrong: {fault}", err=True)


def _wait() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    over = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    over.wait()
