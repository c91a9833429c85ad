"""The memory of the whole demo, one process with the LMS, the tool and the worker, under use.

`lti-peer demo` is started as a person starts it. A class of 24 hands in, reviews, reads and rates;
the instructor looks at every page of an activity. Private and shared memory come from the kernel.
"""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urljoin

import requests
from bench.shared.bars import Bars

from lti_peer.demo.classroom.crowd import expect
from lti_peer.demo.platform.browser import LmsBrowser
from lti_peer.demo.platform.lms import Lms
from lti_peer.demo.servers import take

BAR_MB = 250
STEPS = (
    ("hand-in", None),
    (None, "next"),
    ("review", None),
    (None, "next"),
    ("read", None),
)
"""What the class does, and how the clock moves in between."""
PAGES = ("", "matrix", "grades", "settings", "../reports/", "../reports/course")
PATIENCE_S = 50


def megabytes(process, name):
    """Return what the kernel says of a process: `Rss`, what it holds, or `Pss`."""
    lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1000


def reach(process):
    """Wait until the demo says where it is."""
    if not any("The simulated LMS is at" in line for line in process.stdout):
        raise SystemExit("The demo did not start.")


def press(url, path, **fields):
    """Press a button of the demo's pages, and wait until what it began is done."""
    requests.post(f"{url}/demo/{path}", data=fields, timeout=30).raise_for_status()
    until = time.monotonic() + PATIENCE_S
    while "<progress" in requests.get(f"{url}/demo/class", timeout=30).text:
        if time.monotonic() > until:
            raise SystemExit("The class did not end.")
        time.sleep(0.2)


def place(browser):
    """Add a peer review to the course."""
    page = expect(browser.deep_link(), "deep linking")
    page = expect(browser.submit(page, form="choose-peer_review"), "choosing a kind")
    page = expect(browser.submit(page, {"title": "A text"}, form="/settings"), "settings")
    expect(browser.submit(page, form="add"), "adding to the course")


def use(url):
    """Let everybody do everything once."""
    with LmsBrowser(url, Lms(url, learners=24).instructor.id) as browser:
        place(browser)
        for offer, step in STEPS:
            if offer:
                press(url, "class", offer=offer)
            else:
                press(url, "clock", step=step)
        link = re.search(r'<h2><a href="/activities/([^"]+)"', browser.get("/").text)[1]
        frame = browser.launch(link)
        for name in PAGES:
            expect(browser.get(urljoin(frame.url, name)), name)


def main():
    """Print the table."""
    bars = Bars(
        "The whole demo in one process (memory, MB)", "24 learners, as `make demo` starts it"
    )
    port = take("127.0.0.1", 18_080)
    port.close()
    url = f"http://127.0.0.1:{port.number}"
    command = [sys.executable, "-m", "lti_peer", "demo", "--port", str(port.number), "--reset"]
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)  # noqa: S603
        try:
            reach(process)
            bars.tell("as it starts, held (RSS)", megabytes(process, "Rss"), "MB")
            use(url)
            bars.at_most(
                "after the class has acted, held (RSS)", megabytes(process, "Rss"), BAR_MB, "MB"
            )
            bars.tell("… with its part of what others share (PSS)", megabytes(process, "Pss"), "MB")
        finally:
            process.terminate()
            process.wait(30)


if __name__ == "__main__":
    sys.exit(main())
