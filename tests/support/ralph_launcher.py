"""Start Ralph on a free port of the loopback; run by the Python of `.venv-ralph`.

Arguments: an empty folder, a user name and a password. The first line of output is the port.
"""

import json
import os
import socket
import sys
from pathlib import Path

import bcrypt
import uvicorn

folder, user, password = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
account = {
    "username": user,
    # The least work that bcrypt does: the password protects an empty store for some seconds.
    "hash": bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode(),
    "scopes": ["all"],
    "agent": {"mbox": "mailto:tests@example.org"},
}
(folder / "auth.json").write_text(json.dumps([account]))
os.environ.update(
    RALPH_AUTH_FILE=str(folder / "auth.json"),
    RALPH_HISTORY_FILE=str(folder / "history.json"),  # else all write into one in the home folder
    RALPH_BACKENDS__LRS__FS__DEFAULT_DIRECTORY_PATH=str(folder / "statements"),
    RALPH_RUNSERVER_BACKEND="fs",
)

# Ralph reads its settings when it is imported.
from ralph.api import app  # noqa: E402
from ralph.backends.data.base import BaseOperationType  # noqa: E402
from ralph.backends.lrs.fs import FSLRSBackend  # noqa: E402

# Its file back end creates its file on every write, so the second one fails; no setting changes it.
FSLRSBackend.default_operation_type = BaseOperationType.APPEND

listener = socket.create_server(("127.0.0.1", 0))
sys.stdout.write(f"{listener.getsockname()[1]}\n")
sys.stdout.flush()
uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
