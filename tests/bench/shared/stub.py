"""Another side that answers at once, or after a set time, in a process of its own.

`python stub.py [milliseconds] [file]`: every GET is answered with the file, and every POST with an
empty list once that time is over. It prints its port.
"""

import subprocess
import sys
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"


class Stub(BaseHTTPRequestHandler):
    """Takes everything."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    seconds = 0.0
    file = None

    def do_GET(self):
        """Answer with the file."""
        body = self.file.read_bytes()
        self.wfile.write(HEAD % (len(body), body))

    def do_POST(self):
        """Answer as a record store does that has stored a batch."""
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(self.seconds)
        self.wfile.write(HEAD % (2, b"[]"))

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def running(seconds=0.0, file=""):
    """Run a stub and give its address."""
    command = [sys.executable, __file__, str(seconds), str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


def main():
    """Answer until the process is ended."""
    Stub.seconds, Stub.file = float(sys.argv[1]), Path(sys.argv[2])
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
