"""How gunicorn serves the tool: `gunicorn --config config/gunicorn.conf.py`.

Run `lti-peer db upgrade` before it, and `lti-peer worker` beside it, with
LTI_PEER_WORKER_IN_WEB=false. A line that gunicorn would log for each request is left out: it has
addresses of people and paths of visits in it; the tool logs its own.
"""

import multiprocessing
import os

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
