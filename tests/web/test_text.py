"""What people write is shown as they meant it, and harms nobody who reads it (X1, X4, X7, Y6)."""

import time
from contextlib import suppress
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from web.hostile import FRAGMENTS

from lti_peer.web import text

VOID = {"br", "hr"}
LINK = {"href", "title", "target", "rel"}
markdown = st.lists(
    st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=5)),
    max_size=25,
).map("".join)


class Tree(HTMLParser):
    """Reads HTML as a browser's parser does, and notes what is not allowed."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.open, self.faults = [], []
        self.feed(html)
        self.close()
        self.faults += [f"{tag} not closed" for tag in self.open]

    def handle_starttag(self, tag, attrs):
        allowed = LINK if tag == "a" else {"start"} if tag == "ol" else set()
        if tag not in text.TAGS or {name for name, _ in attrs} - allowed:
            self.faults.append(f"{tag} {attrs}")
        if tag == "a":
            self.check_link(dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"/{tag} closes nothing")

    def check_link(self, link):
        href = link.get("href")
        if href is not None and urlsplit(href).scheme not in {"http", "https", "mailto"}:
            self.faults.append(f"leads to {href}")
        if set(link.get("rel", "").split()) != {"noopener", "noreferrer", "nofollow"}:
            self.faults.append("a link that tells where it was followed from")

    def handle_decl(self, decl):
        self.faults.append(decl)

    def handle_comment(self, data):
        self.faults.append(data)

    handle_pi = unknown_decl = handle_decl


def faults(html):
    return Tree(html).faults


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(markdown)
def test_any_text_becomes_only_allowed_tags_attributes_and_schemes(source):
    assert faults(text.render(source)) == []


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(markdown)
def test_cleaning_again_changes_nothing(source):
    html = str(text.render(source))

    assert text.clean(html) == html


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(markdown)
def test_the_cleaner_alone_holds_against_html(source):
    assert faults(text.clean(source)) == []


def test_the_oracle_sees_what_is_not_allowed():
    bad = '<p onclick="x"><script>1</script><a href="javascript:x">y</a><!-- z --><em></p>'

    assert len(faults(bad)) >= 6


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <s>c</s> <code>d</code></p>\n"),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>\n"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>\n'),
        ("> a", "<blockquote>\n<p>a</p>\n</blockquote>\n"),
        ("```py\na<b\n```", "<pre><code>a&lt;b\n</code></pre>\n"),
        ("[a](javascript:x)", "<p>[a](javascript:x)</p>\n"),
        ("", ""),
    ],
)
def test_markdown_is_shown_as_it_was_meant(source, html):
    assert text.render(source) == html


def test_a_table_stays_a_table():
    html = text.render("|a|b|\n|:-:|-|\n|1|2|")

    assert "<th>a</th>" in html
    assert "<td>2</td>" in html


def test_headings_stand_below_those_of_the_page_without_a_gap():
    html = text.render("# One\n\n### Three\n\n# Again")

    assert html == "<h3>One</h3>\n<h4>Three</h4>\n<h3>Again</h3>\n"


def test_a_link_opens_elsewhere_and_tells_nothing():
    html = text.render("[a](https://a.example)")

    assert 'target="_blank"' in html
    assert 'rel="noopener noreferrer nofollow"' in html


def test_an_image_becomes_a_link_so_that_its_host_never_learns_who_reads():
    html = text.render('![A *map* "here"](https://a.example/x.png)')

    assert "<img" not in html
    assert '<a href="https://a.example/x.png"' in html
    assert ">Image: A map &quot;here&quot;</a>" in html or '>Image: A map "here"</a>' in html


@pytest.mark.parametrize("link", ["/v/1/", "//a.example/x", "#f-title", "?a=1", "x", "http://[x"])
def test_a_link_into_the_tool_itself_leads_nowhere(link):
    html = text.render(f"[kept]({link})")

    assert "href" not in html
    assert "kept</a>" in html


@pytest.mark.parametrize("source", ["![x](javascript:alert(1))", "![](data:text/html,x)"])
def test_an_image_with_another_scheme_leads_nowhere(source):
    assert "href" not in text.render(source)


def test_32_kibibytes_are_taken():
    assert len(text.render("a " * (text.MOST_BYTES // 2))) > 30_000


@pytest.mark.parametrize("source", ["a" * (text.MOST_BYTES + 1), "漢" * 11_000, "a" * 65_536])
def test_more_than_32_kibibytes_are_refused_with_what_to_do(source):
    with pytest.raises(text.TextTooLong, match=r"Please shorten it by about \d+ percent"):
        text.render(source)


def test_a_lone_surrogate_is_no_fault_of_ours():
    assert text.render("a\ud800b")


@pytest.mark.parametrize("marks", ["> " * 11, "- " * 5, "1. " * 5, "> - " * 3])
def test_text_within_the_deepest_level_is_kept(marks):
    assert "kept" in text.render(marks + "kept")


@pytest.mark.parametrize("source", ["> " * 13 + "lost", "- " * 7 + "lost", "*a " * 13 + "b*" * 13])
def test_deeper_text_is_refused_and_never_cut(source):
    with pytest.raises(text.TextTooDeep, match="inside one another"):
        text.render(source)


@pytest.mark.slow
def test_a_small_text_cannot_become_a_large_page():
    with pytest.raises(text.TextTooLong):
        text.render("|a" * 1000 + "\n" + "|-" * 1000 + "\n" + "|\n" * 14_000)


def test_a_link_definition_is_plain_text():
    assert text.render("[a]: https://a.example\n\n[a]").count("<a ") == 0


def hostile(size=text.MOST_BYTES):
    """Inputs on which parsers and cleaners of this family have taken the square of the length."""
    lazy = "a\n" * 20_000
    starts = [
        "> " * 11 + "a\n" + lazy,
        ("> " * 11 + "a\n" + "a\n" * 400) * 40,
        "[a]: /" + "u" * 9_000,
    ]
    repeated = [
        "![[",
        "[",
        "](",
        "![a",
        "![](",
        "[![",
        "*a ",
        "**_a",
        "<",
        "&",
        "`a",
        "- a\n",
        "a\n=\n",
    ]
    table = "|a" * 200 + "\n" + "|-" * 200 + "\n" + "|\n" * 1000
    return [source[:size] for source in [*starts, table, *(mark * size for mark in repeated)]]


@pytest.mark.slow
@pytest.mark.parametrize("source", hostile())
def test_the_worst_text_renders_within_a_second(source):
    began = time.thread_time()
    with suppress(text.TextRefused):
        text.render(source)

    assert time.thread_time() - began < 2  # of the processor: machines of a check are slow


@pytest.mark.parametrize("source", ["x" * 65_536, "![[" * 30_000])
def test_too_much_is_refused_at_once(source):
    began = time.thread_time()
    with pytest.raises(text.TextTooLong):
        text.render(source)

    assert time.thread_time() - began < 0.05


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("", 0),
        ("one two", 2),
        ("# One - two", 2),
        ("don't 3.14 x_y", 3),
        ("* * *", 0),
        ("é\n漢字", 2),
    ],
)
def test_words_are_counted_without_marks(source, count):
    assert text.words(source) == count


def test_templates_show_text_by_a_filter(show):
    assert show("{{ '*a*'|render_text }} {{ 'a b'|words }}") == "<p><em>a</em></p>\n 2"
