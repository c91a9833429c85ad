"""Whether the tool lives, whether it is ready, and how it does: for machines that watch it.

`/healthz` says that the process answers. `/readyz` says that it can serve people: the database
answers and has the right tables. A record store or an LMS that is away leaves the tool fully usable
(security.md Q6), so a long queue is told and takes nobody out of service. `/metrics` is for
Prometheus. None of them names a person, and all leave no line in the log.
"""

import hmac
import os
import time
from collections.abc import Callable, Iterator

import structlog
from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from lti_peer.core import outbox
from lti_peer.core.db import Database
from lti_peer.core.errors import NotFound
from lti_peer.core.outbox import Channel, Delivery
from lti_peer.web import policy

log = structlog.get_logger()

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds; the promises are 60 ms and 150 ms for a learner's page."""
LATE_S = 300.0
"""Seconds after which what waits should be looked at (xapi.md 3.3)."""
LOOPBACK = frozenset({"127.0.0.1", "::1"})
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-Ip")

health = Blueprint("health", __name__)

Current = Callable[[Database], bool]
"""Says whether a database has the tables of this version of the program."""


class Deliveries(Collector):
    """The outbox, counted when somebody asks."""

    def __init__(self, database: Database) -> None:
        """Take the database that has the outbox."""
        self._database = database

    def collect(self) -> Iterator[Metric]:
        """Give the items of each channel and state, and the age of the oldest that waits."""
        with self._database.transaction(read_only=True) as session:
            counts, lag = outbox.backlog(session), outbox.lag(session)
        items = GaugeMetricFamily(
            "lti_peer_outbox_items", "Items of the outbox.", labels=["channel", "state"]
        )
        for channel in Channel:
            for state in Delivery:
                items.add_metric([channel, state], counts.get((channel, state), 0))
        yield items
        yield GaugeMetricFamily(
            "lti_peer_outbox_lag_seconds",
            "How long the oldest pending item has waited.",
            value=lag.total_seconds(),
        )

    def describe(self) -> list[Metric]:
        """Return nothing, so that registering asks no database."""
        return []


class Watch:
    """What is counted of the requests of one application."""

    def __init__(self, database: Database, is_current: Current) -> None:
        """Begin to count at nothing."""
        self.database = database
        self.is_current = is_current
        self.registry = CollectorRegistry(auto_describe=False)
        self.requests = Counter(
            "lti_peer_requests", "Requests.", ["endpoint", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "lti_peer_request_seconds",
            "Seconds until the answer was ready.",
            ["endpoint"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.registry.register(Deliveries(database))

    def count(self, response: Response) -> Response:
        """Count an answer, and log it: the endpoint and never the address."""
        endpoint = request.endpoint or "none"
        took = time.perf_counter() - g.get("began", time.perf_counter())
        self.requests.labels(endpoint, str(response.status_code)).inc()
        self.seconds.labels(endpoint).observe(took)
        if request.blueprint != health.name:
            log.info(
                "request",
                endpoint=endpoint,
                method=request.method,
                status=response.status_code,
                milliseconds=round(took * 1000, 1),
                bytes=response.content_length,
            )
        return response


def register(app: Flask, database: Database, is_current: Current, token: str) -> None:
    """Give the app its three addresses, and count its requests from now on.

    `token` is what /metrics wants as a bearer token; while it is empty, /metrics answers this
    machine alone. Register it before what answers requests, so that all of the work is measured.
    """
    watch = Watch(database, is_current)
    app.extensions["watch"] = watch
    app.config["METRICS_TOKEN"] = token
    app.before_request(_begin)
    app.after_request(watch.count)
    app.register_blueprint(health)


@health.get("/healthz")
@policy.public
def alive() -> Response:
    """Say that the process answers."""
    return jsonify(status="ok")


@health.get("/readyz")
@policy.public
def ready() -> Response:
    """Say whether people can be served, with 503 when they cannot."""
    watch: Watch = current_app.extensions["watch"]
    found: dict[str, object] = {"database": "ok", "tables": "ok", "queue": "ok"}
    try:
        if not watch.is_current(watch.database):
            found["tables"] = "wrong: lti-peer db upgrade"
        else:
            with watch.database.transaction(read_only=True) as session:
                age = outbox.lag(session).total_seconds()
            found |= {"queue": "late" if age > LATE_S else "ok", "queue_seconds": round(age)}
    except SQLAlchemyError:
        found["database"] = "away"
    answer = jsonify(found)
    well = found["database"] == found["tables"] == "ok"
    answer.status_code = 200 if well else 503
    return answer


@health.get("/metrics")
@policy.public
def metrics() -> Response:
    """Return what is counted, in Prometheus's text format; 404 for whoever may not see it."""
    if not _may_see():
        raise NotFound("There is nothing at this address.")
    watch: Watch = current_app.extensions["watch"]
    return Response(generate_latest(_registry(watch)), content_type=CONTENT_TYPE_LATEST)


def _begin() -> None:
    g.began = time.perf_counter()


def _registry(watch: Watch) -> CollectorRegistry:
    """Return what this process has counted, or all of gunicorn's where they share a folder."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return watch.registry
    together = CollectorRegistry(auto_describe=False)
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    together.register(Deliveries(watch.database))
    return together


def _may_see() -> bool:
    token = str(current_app.config["METRICS_TOKEN"])
    if token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    forwarded = any(name in request.headers for name in FORWARDED)
    return request.remote_addr in LOOPBACK and not forwarded
