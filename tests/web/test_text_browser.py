"""What people write, read by a real browser with the page's policy switched off (X1, X2)."""

from contextlib import suppress
from random import Random

import pytest
from web.hostile import FRAGMENTS

from lti_peer.web import text

pytestmark = pytest.mark.browser

INSERT = """(html) => { const main = document.querySelector("main"); main.innerHTML = html;
const all = [...main.querySelectorAll("*")];
return [all.length, [...new Set(all.map((part) => part.localName))],
  [...new Set(all.flatMap((part) => part.getAttributeNames()))],
  [...new Set([...main.querySelectorAll("a[href]")].map((link) => link.protocol))]]; }"""


def written(count, seed):
    """So many texts put together from hostile pieces; the seed makes them the same each time."""
    dice = Random(seed)  # noqa: S311  no secret
    for _ in range(count):
        with suppress(text.TextRefused):
            yield text.render("".join(dice.choices([*FRAGMENTS, " ", "\n\n"], k=24)))


def test_no_text_runs_loads_or_shows_what_is_not_allowed(tab):
    page = tab("/problem", bypass_csp=True)
    happened = []
    page.on("request", lambda request: happened.append(request.url))
    page.on("dialog", lambda dialog: (happened.append(dialog.message), dialog.dismiss()))
    count, tags, attributes, schemes = page.evaluate(INSERT, "".join(written(3000, seed=7)))
    page.wait_for_timeout(500)

    assert count > 3000
    assert set(tags) <= text.TAGS
    assert set(attributes) <= {"href", "title", "target", "rel", "start"}
    assert set(schemes) <= {"http:", "https:", "mailto:"}
    # The browser asks for the page's own icon when it likes.
    assert [what for what in happened if not what.endswith("/icon.svg")] == []
