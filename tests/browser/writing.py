"""Typing into the editor, and seeing that it is kept."""

import re

from support.clicks import follow

SAVED = re.compile(r"^Saved \d\d:\d\d$")
SOON = 3_000
"""Milliseconds after a pause (ux.md 3.2, requirement 5)."""
TO_THE_EDITOR = re.compile("^(Write your work|Go on writing)$")


def open_editor(frame):
    """Go from the first page to the editor."""
    follow(frame.get_by_role("link", name=TO_THE_EDITOR))
    field(frame).wait_for()


def field(frame):
    """Return where the text is written."""
    return frame.get_by_label("Your text", exact=True)


def write(frame, text):
    """Type a text in the place of what is there."""
    frame.evaluate("() => { document.querySelector('auto-save').textContent = '' }")
    field(frame).fill(text)


def kept(frame, within=SOON):
    """Wait until the page says that what was written last is kept on the server."""
    frame.locator("auto-save", has_text=SAVED).wait_for(timeout=within)
