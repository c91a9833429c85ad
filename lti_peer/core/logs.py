"""Logs: one line for each event, JSON for machines or words for a terminal, nothing of a person.

What may be logged is a list. A key that is not on it is dropped, so a name that somebody logs by
mistake does not reach the disk. Messages of exceptions are left out as well, because a database
quotes the row that it refused; type and place are enough to find the line.
"""

import logging
import sys
import traceback
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

ALLOWED: Final = frozenset(
    {
        *("event", "level", "timestamp", "logger", "fault", "trace"),
        *("code", "status", "reference", "endpoint", "method", "milliseconds", "bytes"),
        *("person", "activity", "platform", "deployment", "visit", "course", "goal"),
        *("whole", "added", "left", "returned"),
        *(
            "channel",
            "items",
            "failed",
            "dead",
            "loop",
            "clean",
            "wait_s",
            "reason",
            "grade",
            "fate",
        ),
        *("constraint", "host", "port", "version", "kind", "threads", "url_host", "attempts"),
    }
)
"""What a line may say. People, activities and platforms are named by our own random ids alone."""

STRUCTLOGS_OWN: Final = frozenset({"_record", "_from_structlog"})
"""What structlog hands on from processor to processor; it is gone before a line is written."""
MOST_FRAMES = 12


def set_up(level: str, stream: TextIO | None = None) -> None:
    """Send our own and the libraries' logs to `stream` (standard error), from `level` on.

    A terminal gets words, anything else one JSON document a line.
    """
    out = stream or sys.stderr
    render: Any = (
        structlog.dev.ConsoleRenderer(colors=True)
        if out.isatty()
        else structlog.processors.JSONRenderer()
    )
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *IMPERSONAL,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
            foreign_pre_chain=shared,
        )
    )
    handler.addFilter(_without_arguments)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("alembic", "urllib3", "werkzeug", "waitress.queue"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def allow(_logger: WrappedLogger, _name: str, line: EventDict) -> EventDict:
    """Return the line with what may be logged alone; the names of what was dropped stay."""
    kept = {key: value for key, value in line.items() if key in ALLOWED | STRUCTLOGS_OWN}
    dropped = sorted(line.keys() - kept.keys())
    return {**kept, "reason": f"not logged: {', '.join(dropped)}"} if dropped else kept


def _fault(_logger: WrappedLogger, _name: str, line: EventDict) -> EventDict:
    """Replace an exception by its type and the places that it went through, without its message."""
    info = line.pop("exc_info", None)
    if not info:
        return line
    fault = info if isinstance(info, BaseException) else None
    if info is True:
        fault = sys.exc_info()[1]
    elif isinstance(info, tuple):
        fault = info[1]
    if fault is None:
        return line
    return {**line, "fault": type(fault).__name__, "trace": _places(fault.__traceback__)}


IMPERSONAL: Final[tuple[Processor, ...]] = (_fault, allow)
"""What takes people out of a line."""


def _places(trace: TracebackType | None) -> list[str]:
    frames: Iterable[traceback.FrameSummary] = traceback.extract_tb(trace)[-MOST_FRAMES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def _without_arguments(record: logging.LogRecord) -> bool:
    """Keep a library's sentence and drop what it fills in: an address, a row, a header."""
    if not hasattr(record, "_logger"):
        record.args = ()
    return True
