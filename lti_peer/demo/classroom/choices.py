"""What a page lets one choose from: the values of its radio buttons."""

from collections import defaultdict
from html.parser import HTMLParser


def choices(html: str) -> dict[str, list[str]]:
    """Return the values of every group of radio buttons, by the group's name, in page order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return dict(reader.found)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = defaultdict(list)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input" and given.get("type") == "radio":
            self.found[given.get("name", "")].append(given.get("value", "on"))
