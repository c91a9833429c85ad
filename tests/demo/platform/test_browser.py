import flask
import pytest
from flask import Flask, redirect

from lti_peer.demo.platform import LmsBrowser
from lti_peer.demo.platform.page_forms import forms_of

PAGE = """
<form id="first" action="/a" method="POST">
  <input type="hidden" name="csrf" value="x&amp;y"><input name="title" value="Old">
  <textarea name="text">
One
 two</textarea>
  <select name="level"><option value="1">a<option value="2" selected>b</select>
  <select name="plain"><option value="p">a</option><option value="q">b</option></select>
  <input type="checkbox" name="yes" checked><input type="checkbox" name="no" value="n">
  <input type="radio" name="mark" value="1"><input type="radio" name="mark" value="2" checked>
  <input name="off" value="1" disabled><input type="file" name="file">
  <button name="act" value="save">Save</button><button type="button" name="b">No</button>
</form>
<form id="second" action="/b"></form>
<input form="second" name="late" value="1">
<button form="second" formaction="/c" name="go">Go</button>
"""


def test_a_form_sends_what_a_browser_would_send():
    assert forms_of(PAGE)[0].fields == [
        ("csrf", "x&y"),
        ("title", "Old"),
        ("text", "One\n two"),
        ("level", "2"),
        ("plain", "p"),
        ("yes", "on"),
        ("mark", "2"),
    ]


def test_elements_outside_join_their_form():
    second = forms_of(PAGE)[1]

    assert (second.method, second.fields) == ("get", [("late", "1")])
    assert [button.action for button in second.buttons] == ["/c"]


def test_fields_take_the_place_of_what_the_page_wrote():
    filled = forms_of(PAGE)[0].filled({"title": "New", "yes": [], "many": ["1", "2"]})

    assert ("title", "New") in filled
    assert ("title", "Old") not in filled
    assert "yes" not in dict(filled)
    assert filled[-2:] == [("many", "1"), ("many", "2")]


@pytest.fixture(params=["127.0.0.1", "localhost"])
def site(serve, request):
    """A site that shows what it was sent, and sets cookies."""
    app, host = Flask("site"), request.param

    @app.get("/")
    def page():
        response = app.make_response(PAGE)
        response.set_cookie("__Host-good", "1", secure=True, samesite="None", partitioned=True)
        response.set_cookie("__Host-bad", "1", path="/a", secure=True)
        response.headers.add("Set-Cookie", "__Host-open=1; Path=/")
        for number in range(40):
            response.set_cookie(f"__Host-visit-{number}", "1", secure=True)
        return response

    @app.route("/a", methods=["POST"])
    @app.get("/c")
    def show():
        return {"sent": flask.request.values.to_dict(), "cookies": sorted(flask.request.cookies)}

    @app.get("/again")
    def again():
        form = '<form method="post" action="/again">'
        return f'{form}<input type="hidden" name="JWT" value="1"></form>'

    @app.post("/again")
    def back():
        return redirect("/again", 303)

    server = serve(host)
    server.start(app)
    return server.url


@pytest.fixture
def browser(site):
    with LmsBrowser(site, "3") as browser:
        yield browser


def test_a_named_form_is_sent_with_its_button(browser):
    page = browser.get("/")

    sent = browser.submit(page, {"title": "New"}, form="first", button="act").json()["sent"]

    assert (sent["csrf"], sent["title"], sent["act"]) == ("x&y", "New", "save")


def test_a_button_may_lead_to_another_address(browser):
    page = browser.submit(browser.get("/"), form="second", button="go")

    assert page.url.endswith("/c?late=1&go=")


def test_cookies_are_kept_as_a_browser_on_loopback_keeps_them(browser):
    cookies = browser.submit(browser.get("/"), form="first").json()["cookies"]

    assert {"__Host-good", "demo_lms_user"} <= set(cookies)
    assert not {"__Host-bad", "__Host-open"} & set(cookies)
    assert sum(name.startswith("__Host-visit-") for name in cookies) == 40


def test_a_form_that_is_not_there_is_named_in_the_error(browser):
    with pytest.raises(LookupError, match="first"):
        browser.submit(browser.get("/"), form="third")


def test_a_button_that_is_not_there_is_named_in_the_error(browser):
    with pytest.raises(LookupError, match="delete"):
        browser.submit(browser.get("/"), form="first", button="delete")


def test_a_circle_of_forms_ends(browser):
    with pytest.raises(RuntimeError, match="posting themselves"):
        browser.get("/again")
