"""Clicks that are sure to arrive.

Chromium leads a click inside another site's frame by what its compositor drew last. On a busy
machine that can lag behind the page, and the click falls beside it: a person would see that nothing
happens, and click again. So do these, only once it is sure that nothing came of the first.
"""

import time

CLICKS = 5
SOON_S = 3.0
"""So long a click has time to show that it arrived."""
PATIENCE_S = 30.0
LOOK_MS = 10


def follow(target):
    """Click a link or button, and wait for the page that comes; a locator."""
    page, asked, came = target.page, [], []

    def ask(request):
        if request.is_navigation_request():
            asked.append(request.url)

    def come(frame):
        if asked:
            came.append(frame.url)

    page.on("request", ask)
    page.on("framenavigated", come)
    until(target, lambda: asked)
    assert _within(PATIENCE_S, page, lambda: came), f"no page came after {asked}"
    page.remove_listener("request", ask)
    page.remove_listener("framenavigated", come)


def unfold(summary):
    """Click the words of what is folded until it is open."""
    until(summary, lambda: summary.evaluate("one => one.closest('details').open"))


def choose(control):
    """Click a radio button or a box until it is checked."""
    until(control, control.is_checked)


def until(target, came):
    """Click until `came` says that it has come of it, and never after that."""
    for _ in range(CLICKS):
        target.click()
        if _within(SOON_S, target.page, came):
            return
    raise AssertionError(f"nothing came of {CLICKS} clicks on {target}")


def _within(seconds, page, true):
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        page.wait_for_timeout(LOOK_MS)  # which lets the events in
    return True
