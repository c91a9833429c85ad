"""The links of a page."""

from html.parser import HTMLParser


def links(html: str) -> list[str]:
    """Return where the page's links lead, in page order, without what leads within the page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("href") or ""
        if tag == "a" and address and not address.startswith("#"):
            self.found.append(address)
