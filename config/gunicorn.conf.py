"""How gunicorn serves the tool: `gunicorn --config config/gunicorn.conf.py`.

Run `lti-peer db upgrade` before it, and `lti-peer worker` beside it, with
LTI_PEER_WORKER_IN_WEB=false. A line that gunicorn would log for each request is left out: it has
addresses of people and paths of visits in it; the tool logs its own.
"""

import multiprocessing
import os
from typing import Any

from prometheus_client.multiprocess import mark_process_dead

wsgi_app = "lti_peer.cli.serving:application()"
bind = os.environ.get("LTI_PEER_BIND", "0.0.0.0:8000")
workers = int(os.environ.get("LTI_PEER_WEB_PROCESSES", str(multiprocessing.cpu_count())))
worker_class = "gthread"
threads = int(os.environ.get("LTI_PEER_WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 30
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = None
forwarded_allow_ips = ""


def child_exit(_server: object, worker: Any) -> None:
    """Let the numbers of a process that has ended go, where processes share them (/metrics)."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # theirs has no types
