"""What pages load is small, kept for a year, and never mixed between releases."""

import re
from html.parser import HTMLParser

import pytest
from web.gallery import PAGES

from lti_peer.web import assets


class Tags(HTMLParser):
    """Collects every tag of a page with its attributes."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def weight(suffix):
    return sum(len(file.packed) for name, file in assets.FILES.items() if name.endswith(suffix))


def test_the_style_stays_below_6_kilobytes():
    assert 0 < weight(".css") <= 6_000


def test_all_scripts_together_stay_below_12_kilobytes():
    assert 0 < weight(".js") <= 12_000


def test_the_fingerprint_changes_with_one_byte(tmp_path):
    (tmp_path / "a.css").write_bytes(b"a{}")
    before = assets.fingerprint(assets.read(tmp_path))
    (tmp_path / "a.css").write_bytes(b"b{}")

    assert assets.fingerprint(assets.read(tmp_path)) != before


def test_the_fingerprint_tells_which_file_a_byte_belongs_to(tmp_path):
    (tmp_path / "a.js").write_bytes(b"12")
    (tmp_path / "b.js").write_bytes(b"3")
    before = assets.fingerprint(assets.read(tmp_path))
    (tmp_path / "a.js").write_bytes(b"1")
    (tmp_path / "b.js").write_bytes(b"23")

    assert assets.fingerprint(assets.read(tmp_path)) != before


def test_a_file_that_is_no_asset_is_not_served(tmp_path):
    (tmp_path / "notes.txt").write_text("not for everybody")

    assert assets.read(tmp_path) == {}


def test_an_asset_is_kept_for_a_year(gallery):
    with gallery.test_request_context("/"):
        address = assets.asset("app.css")
    answer = gallery.test_client().get(address)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_nobody_keeps_todays_file_under_the_address_of_another_release(gallery):
    answer = gallery.test_client().get("/static/0123456789abcdef/app.js")

    assert answer.data == assets.FILES["app.js"].body
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["nothing.css", "../assets.py", "..%2fassets.py", "app.css/x"])
def test_what_is_no_asset_is_not_found(gallery, name):
    assert gallery.test_client().get(f"/static/{assets.FINGERPRINT}/{name}").status_code == 404


def test_a_browser_that_takes_gzip_gets_the_same_bytes_in_fewer(gallery):
    client = gallery.test_client()
    address = f"/static/{assets.FINGERPRINT}/app.css"
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": "gzip, br"})

    assert assets.compress(plain.data, mtime=0) == packed.data
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in plain.headers


def test_a_wrong_name_in_a_template_fails_at_once(show):
    with pytest.raises(KeyError, match=r"app\.cs"):
        show("{{ asset('app.cs') }}")


def test_every_module_that_a_script_imports_is_there():
    for name, file in assets.FILES.items():
        wanted = re.findall(r'"\./([a-z.]+)"', file.body.decode()) if name.endswith(".js") else []
        assert set(wanted) <= assets.FILES.keys(), name


def test_no_asset_names_another_host():
    for name, file in assets.FILES.items():
        hosts = re.findall(rb"https?://([a-z0-9][a-z0-9.-]+)", file.body)
        assert set(hosts) <= {b"www.w3.org"}, name


@pytest.mark.parametrize("page", PAGES)
def test_no_page_has_an_inline_style_script_or_handler(gallery, page):
    tags = Tags(gallery.test_client().get(f"/{page}").text).found

    assert {tag for tag, _ in tags if tag == "style"} == set()
    assert [given for tag, given in tags if tag == "script" and not given.get("src")] == []
    assert {name for _, given in tags for name in given if name.startswith("on")} == set()
    assert [given for _, given in tags if "style" in given] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_only_assets_of_this_release(gallery, page):
    tags = Tags(gallery.test_client().get(f"/{page}").text).found
    loaded = [given.get("src") or given["href"] for tag, given in tags if tag in {"script", "link"}]

    assert loaded
    assert all(address.startswith(f"/static/{assets.FINGERPRINT}/") for address in loaded)
    assert not {tag for tag, _ in tags} & {"img", "iframe", "object", "embed"}
