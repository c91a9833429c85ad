"""`lti-peer serve` and `lti-peer worker`: what runs as long as the tool does."""

import gc
import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn

import click
import structlog
from flask import Flask
from waitress.server import create_server

from config.settings import Settings
from lti_peer.app import create_app
from lti_peer.cli import parts
from lti_peer.core.db import Database
from lti_peer.jobs import senders
from lti_peer.jobs.worker import Worker
from xapi.lrs.views import MAX_BODY

log = structlog.get_logger()

CONNECTIONS = 1_000
"""Browsers that may be connected at once; waitress's own 100 is a class of 300 too few."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65_535))
@click.option(
    "--socket",
    "numbers",
    multiple=True,
    type=click.IntRange(3),
    help="Listen on this open file instead, as systemd and other processes hand it over.",
)
def serve(host: str, port: int, numbers: tuple[int, ...]) -> None:
    """Answer browsers and LMSs, and deliver what is to be told."""
    found = parts.settings()
    with parts.database(found) as database:
        helper = _worker(found, database) if found.worker_in_web else None
        where = {"sockets": _taken_over(numbers)} if numbers else {"host": host, "port": port}
        server = _listen(found, database, where)
        signal.signal(signal.SIGTERM, _quit)
        log.info("serving", host=host, port=port, threads=found.web_threads)
        if helper:
            helper.start()
        try:
            server.run()
        finally:
            server.close()
            if helper:
                helper.stop()


@click.command()
@click.option("--once", is_flag=True, help="Do what is due and end, for cron.")
@parts.as_json
def worker(once: bool, as_json: bool) -> None:
    """Deliver the outbox and turn the phases, without answering anybody."""
    found = parts.settings()
    with parts.database(found) as database:
        ours = _worker(found, database)
        if not once:
            _set_aside()
            ours.run()
            return
        count = ours.once()
    parts.show(as_json, {"items": count}, f"{count} items were due.")


def application() -> Callable[..., Any]:
    """Return the WSGI application for gunicorn, which calls this once in each process."""
    found = parts.settings()
    database = parts.database(found).__enter__()
    if found.worker_in_web:
        _worker(found, database).start()
    return _app(found, database)


def _app(found: Settings, database: Database) -> Flask:
    made = create_app(found, database)
    _set_aside()
    return made


def _set_aside() -> None:
    """Set all that is there by now aside from the garbage collector.

    Programs and tables stay as long as the process. To look at them again took a tenth of a second
    of every fourth page or so, and a sixth of a worker's time.
    """
    gc.collect()
    gc.freeze()


def _worker(found: Settings, database: Database) -> Worker:
    told, chores = senders.build(found, database), senders.chores(found, database)
    beside = senders.endpoints(found, database)
    return Worker(database, told, found.base_url, chores, beside)


def _taken_over(numbers: tuple[int, ...]) -> list[socket.socket]:
    """Return sockets that listen already: several processes may answer at one of them."""
    try:
        return [socket.socket(fileno=number) for number in numbers]
    except OSError as fault:
        raise parts.Stop(f"There is no open socket to take over: {fault.strerror}.") from None


def _listen(found: Settings, database: Database, where: dict[str, Any]) -> Any:
    """Return a server; `where` is a host and a port, or sockets that listen already."""
    app = _app(found, database)
    try:
        return create_server(
            app,
            **where,
            threads=found.web_threads,
            connection_limit=CONNECTIONS,
            max_request_body_size=MAX_BODY,
            ident=None,
            clear_untrusted_proxy_headers=not found.trusted_proxies,
        )
    except OSError as fault:
        shown = f"{where['host']} port {where['port']}" if "host" in where else "The socket"
        raise parts.Stop(f"{shown} cannot be used: {fault.strerror}.") from None


def _quit(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
