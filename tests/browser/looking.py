"""What is looked at on every page, and how a walk through all pages of a visit goes."""

import re
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT

MOST_BYTES = 60_000
MOST_REQUESTS = 12
WHOLE = {
    "resultTypes": ["violations"],
    "iframes": False,
    "rules": {"target-size": {"enabled": True}},
}
COLOURS = {
    "resultTypes": ["violations"],
    "iframes": False,
    "runOnly": ["color-contrast", "link-in-text-block"],
}
"""What can differ between light and dark."""
MAIN_VIEWS = ((1280, "light", WHOLE), (320, "dark", WHOLE))
VIEWS = (*MAIN_VIEWS, (1280, "dark", COLOURS), (320, "light", COLOURS))
"""For whatever brings colours of its own: each width with each scheme."""
SHAPE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
MOST_OF_A_SHAPE = 2
"""Pages that differ by an id alone: so many of them are looked at."""


STRUCTURE = """(page) => {
  const faults = [], all = (what) => [...page.querySelectorAll(what)];
  if (all('h1').length !== 1) faults.push(`${all('h1').length} h1`);
  for (const chart of all('svg[role=img], figure svg:not([aria-hidden])'))
    if (!chart.closest(':is(figure, section, article):has(table)'))
      faults.push('chart without table');
  const ids = all('[id]').map((one) => one.id);
  const twice = ids.filter((id, place) => ids.indexOf(id) !== place);
  faults.push(...twice.map((id) => `twice: ${id}`));
  faults.push(...all('[tabindex]').filter((one) => one.tabIndex > 0).map(() => 'tabindex'));
  faults.push(...all('[style], style').map(() => 'inline style'));
  return faults; }"""
PEEK = f"""async (address) => {{
  const answer = await fetch(address), words = await answer.text();
  const page = new DOMParser().parseFromString(words, 'text/html');
  const parts = [...page.querySelectorAll('body :not(svg *)')].map((one) =>
    `${{one.tagName}}.${{one.className}}.${{one.type ?? ''}}.${{one.hidden}}.${{one.disabled}}`);
  const links = [...page.querySelectorAll('a[href]:not([download])')].map((one) =>
    new URL(one.getAttribute('href'), answer.url).href.split('#')[0]);
  return {{ status: answer.status, title: page.title, url: answer.url.split('?')[0],
    parts: [...new Set(parts)], links, faults: ({STRUCTURE})(page) }}; }}"""
"""What a page is made of, without drawing it: its links, and which elements with which classes."""


def axe(page, options=WHOLE):
    """Return what axe finds on the page, as (rule, element)."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("(options) => axe.run(document, options)", options)["violations"]
    return [(fault["id"], node["html"]) for fault in found for node in fault["nodes"]]


def overflow(page):
    """Return by how many pixels the page is wider than its window."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def faults_in_all_views(page, views=MAIN_VIEWS):
    """Return what is wrong with the page at both widths, light and dark."""
    found = []
    for width, scheme, options in views:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [(width, scheme, *fault) for fault in axe(page, options)]
        found += [(width, scheme, "overflow", by) for by in [overflow(page)] if by > 0]
    return found


def faults_in_structure(page):
    """Return what is wrong with headings, charts and focus order, whatever the width."""
    return page.evaluate(f"({STRUCTURE})(document)")


class Walk:
    """Walks through all pages that links lead to, one visit after another in the same window."""

    def __init__(self, page):
        self.page = page
        self.visit = ""
        self._sent = []
        cache_off = page.context.new_cdp_session(page)
        cache_off.send("Network.enable")
        cache_off.send("Network.setCacheDisabled", {"cacheDisabled": True})
        page.on("requestfinished", self._note)

    def start(self, address):
        """Begin a visit by an address that leads into it."""
        self.page.goto(address)
        self.visit = re.match(r"/v/[^/]+/", urlsplit(self.page.url).path)[0]

    def _note(self, request):
        if request.resource_type != "fetch":  # numbers that renew themselves as time goes on
            self._sent.append(request)

    def pages(self):
        """Give each page's shape, and what a peek at it found, one page after another."""
        waiting, known, shapes = [self.page.url], {self.page.url}, []
        while waiting:
            address = waiting.pop(0)
            found = self.page.evaluate(PEEK, address)
            assert found["status"] == 200, address
            yield self.shape(address), address, found
            for target in found["links"]:
                shape = self.shape(target)
                if (
                    target not in known
                    and urlsplit(target).path.startswith(self.visit)
                    and shapes.count(shape) < MOST_OF_A_SHAPE
                ):
                    known.add(target)
                    shapes.append(shape)
                    waiting.append(target)

    def open(self, address):
        """Open a page, as somebody who was never there."""
        self._sent.clear()
        self.page.goto(address, wait_until="load")

    def shape(self, address):
        """Return the path below the visit, an ellipsis for each id, without what was done."""
        path = urlsplit(address).path.removeprefix(self.visit)
        return SHAPE.sub("…", path)

    def weight(self):
        """Return (bytes, requests) of the page that was opened last, head and body."""
        sizes = [request.sizes() for request in self._sent]
        parts = ("responseBodySize", "responseHeadersSize")
        return sum(size[part] for size in sizes for part in parts), len(sizes)
