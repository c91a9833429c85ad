"""What people write: Markdown, made into HTML that is safe to show to others.

Two walls: the parser knows no HTML, and an allow-list cleans what it makes. Three caps keep
the cost of one text bounded, because parser and cleaner take time by the square of some inputs.
"""

from collections.abc import Iterator, MutableMapping, Sequence
from functools import lru_cache
from typing import Any

import nh3
from flask import Flask
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup, escape

MOST_BYTES = 32 * 1024
"""Of one text, in UTF-8."""

MOST_HTML = 8 * MOST_BYTES
"""Characters of HTML from one text: rows of a table are filled up, 30 KiB can become 700."""

DEEPEST = 12
"""Levels within one another: twelve quotations, or six lists with their items. The time that 32 KiB
can take grows with it: half a second at 12, six seconds at 100."""

TAGS = frozenset(
    "p br hr h3 h4 h5 h6 strong em s code pre blockquote ul ol li a table thead tbody tr th td".split()  # noqa: E501, SIM905  reads best as one line
)
ATTRIBUTES = {"a": {"href", "title", "target"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}

HIGHEST = 3
"""The rank of the highest heading in a text: the page has first and second ones of its own."""


class TextRefused(ValueError):
    """A text that cannot be shown; the message tells its author what to do."""


class TextTooLong(TextRefused):
    """More than `MOST_BYTES`, or than `MOST_HTML` once it is rendered."""


class TextTooDeep(TextRefused):
    """More than `DEEPEST` levels within one another."""


def render(source: str) -> Markup:
    """Return the Markdown as HTML: only `TAGS`, links that leak nothing, no image, no style.

    Raises TextTooLong or TextTooDeep, both ValueError. Any other text renders, hostile ones
    within a second. Rendering what `render` gave, cleaned again, changes nothing.
    """
    check(source)
    tokens = _MARKDOWN.parse(source.encode(errors="replace").decode())
    if any(token.level > DEEPEST for token in _walk(tokens)):
        raise TextTooDeep("Your text has too many lists or quotations inside one another.")
    _rank(tokens)
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    if len(html) > MOST_HTML:
        raise TextTooLong("Your text has too many list items or table cells. Please shorten it.")
    return Markup(clean(html))  # noqa: S704  this is the place that makes it safe


def check(source: str) -> None:
    """Raise TextTooLong when the text is over the limit; cheap, so a draft is checked too."""
    size = len(source.encode(errors="surrogatepass"))
    if size > MOST_BYTES:
        over = -(-100 * (size - MOST_BYTES) // size)
        raise TextTooLong(f"Your text is too long. Please shorten it by about {over} percent.")


def clean(html: str) -> str:
    """Return the HTML with nothing but `TAGS`, `ATTRIBUTES` and `SCHEMES`, links made harmless.

    A link without a scheme would lead into this tool; it keeps its words and leads nowhere.
    """
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def words(source: str) -> int:
    """Return how many words the text has: runs between spaces that hold a letter or a digit.

    The editor's script counts by the same rule. A language without spaces counts as few words.
    """
    return sum(any(map(str.isalnum, run)) for run in source.split())


def register(app: Flask) -> None:
    """Give the templates the filters `render_text` and `words`."""
    app.jinja_env.filters["render_text"] = lru_cache(maxsize=64)(render)  # the task, on each page
    app.jinja_env.filters["words"] = words


def _walk(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield every token; those inside a line count their level from their block's."""
    for token in tokens:
        yield token
        for child in token.children or ():
            child.level += token.level
            yield child


def _rank(tokens: Sequence[Token]) -> None:
    """Give the headings ranks from `HIGHEST` on, without a gap whatever marks the author took."""
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    used = sorted({token.tag for token in headings})
    for token in headings:
        token.tag = f"h{min(6, HIGHEST + used.index(token.tag))}"


def _image_as_link(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: MutableMapping[str, Any],
) -> str:
    """Return a link where the text has an image: an outside image tells its host who reads."""
    image = tokens[index]
    name = renderer.renderInlineAsText(image.children, options, env) or "without a name"
    return str(
        Markup('<a href="{}">Image: {}</a>').format(escape(image.attrGet("src") or ""), name)
    )


def _parser() -> MarkdownIt:
    """Return CommonMark with tables and strike-through, without HTML and link definitions.

    A definition used 5,000 times makes 40 MB out of 32 KiB.
    """
    # Deep enough to see one level too many: the parser drops what is deeper without a word.
    made = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST + 2})
    made.enable(["table", "strikethrough"]).disable(["reference"])
    made.add_render_rule("image", _image_as_link)
    return made


_MARKDOWN = _parser()
