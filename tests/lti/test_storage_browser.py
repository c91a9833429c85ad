"""The LMS's Platform Storage in a real Chromium: it answers, it is silent, it is an impostor.

The LMS's page is on 127.0.0.1 and the tool on localhost, so the tool's frame is another site's. A
browser that keeps no cookie at all is played by taking the cookies out of what reaches the tool.
"""

import json
from contextlib import contextmanager
from io import BytesIO
from threading import Thread
from urllib.parse import parse_qs, urlencode

import factories
import pytest
from flask import Flask, render_template_string, request
from lti.minting import PROBE, Wire, sign
from sqlalchemy import select
from werkzeug.serving import make_server
from werkzeug.test import run_wsgi_app

from lti_peer.activities import registry
from lti_peer.app import create_app
from lti_peer.core.models import Deployment
from lti_peer.core.visit import VisitRecord

pytestmark = pytest.mark.browser

COURSE = """<!doctype html><title>LMS</title>
<iframe name="keeper" src="/keeper"></iframe>
<iframe id="tool" src="{{ src }}" width="800" height="500"></iframe>
<script>const silent = {{ silent|tojson }}; const kept = {};
addEventListener("message", (event) => {
  const { subject, message_id, key, value } = event.data;
  if (silent || event.origin !== {{ tool|tojson }}) return;
  if (subject === "lti.put_data") kept[key] = value;
  event.source.postMessage(
    { subject: `${subject}.response`, message_id, key, value: kept[key] }, event.origin);
});</script>"""
KEEPER = COURSE.partition("</iframe>\n<iframe")[0].partition("<iframe")[0] + (
    "<script>" + COURSE.partition("<script>")[2]
)
POST = """<!doctype html><form method="post" action="{{ action }}">
<input name="id_token" value="{{ token }}"><input name="state" value="{{ state }}"></form>
<script>document.forms[0].submit()</script>"""


@contextmanager
def serving(app):
    """Serve an application on a port of its own; gives the port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


class Stage:
    """A course page with the tool in a frame; `course` says how its storage behaves."""

    def __init__(self):
        self.lms = Flask("lms")
        self.silent, self.target, self.cookies = False, "_parent", False
        self.lms.add_url_rule("/course", view_func=self.course)
        self.lms.add_url_rule("/keeper", view_func=self.keeper)
        self.lms.add_url_rule("/auth", view_func=self.auth)
        self.wsgi = None
        self.said, self.confirmed = [], []

    def tool(self, environ, start_response):
        """Answer as the tool, after taking the browser's cookies away if it keeps none."""
        if not self.cookies:
            environ.pop("HTTP_COOKIE", None)
        if environ["PATH_INFO"] == "/lti/launch/confirm":
            sent = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            environ["wsgi.input"] = BytesIO(sent)
            self.confirmed += parse_qs(sent.decode(), keep_blank_values=True)["value"]
        parts, status, headers = run_wsgi_app(self.wsgi, environ, buffered=True)
        body = b"".join(parts)
        self.said.append(body.decode(errors="replace"))
        start_response(status, headers.to_wsgi_list())
        return [body]

    def course(self):
        query = self.wire.fields(lti_storage_target=self.target, target_link_uri=self.target_uri)
        src = f"{self.url}/lti/login?{urlencode(query)}"
        silent = self.silent or self.target != "_parent"
        return render_template_string(COURSE, src=src, tool=self.url, silent=silent)

    def keeper(self):
        return render_template_string(KEEPER, tool=self.url, silent=self.silent)

    def auth(self):
        login = type("Login", (), {"nonce": request.args["nonce"]})
        claims = self.wire.claims(login, target_link_uri=self.target_uri)
        return render_template_string(
            POST, action=self.target_uri, token=sign(claims), state=request.args["state"]
        )


@pytest.fixture
def stage(settings, database, monkeypatch):
    """An LMS and the tool on two sites, over real HTTP."""
    monkeypatch.setattr(registry, "KINDS", (*registry.KINDS, PROBE))
    made = Stage()
    with serving(made.lms) as lms, serving(made.tool) as port:
        made.url, made.issuer = f"http://localhost:{port}", f"http://127.0.0.1:{lms}"
        made.target_uri = f"{made.url}/lti/launch"
        changed = {"base_url": made.url, "allow_private_hosts": True}
        made.wsgi = create_app(settings.model_copy(update=changed), database)
        made.wire = Wire(made.wsgi, database)
        with database.transaction() as session:
            made.wire.platform = made.wire.register(
                session, issuer=made.issuer, auth_url=f"{made.issuer}/auth", key="1"
            )
            deployments = {one.platform_id: one for one in session.scalars(select(Deployment))}
            deployment = deployments[made.wire.platform.id]
            course = factories.course(session, deployment=deployment, context_key="2")
            factories.activity(session, course, "probe", resource_link_key="9")
        yield made


def patience(milliseconds):
    """Return what serves the script with another patience than its second."""

    def serve(route):
        answer = route.fetch()
        assert "PATIENCE_MS = 1000;" in answer.text()
        route.fulfill(response=answer, body=answer.text().replace("= 1000;", f"= {milliseconds};"))

    return serve


@pytest.fixture
def course(window, stage):
    """A function that opens the course page; with a script, it runs first in every frame.

    Nobody waits a second for a storage that does not answer; where one must, it gets longer,
    because a second is short on a busy machine.
    """

    def opened(script="", waits=150):
        page = window()
        page.add_init_script(script)
        page.route("**/lti_storage.js", patience(waits))
        page.goto(f"{stage.issuer}/course")
        return page

    return opened


def shown(stage, page, words):
    """Wait until the tool has answered with a page that has these words.

    The tool is asked, because the browser's driver at times loses a frame of another process that
    sends itself on while it loads.
    """
    for _ in range(600):
        if any(words in one for one in stage.said):
            return True
        page.wait_for_timeout(50)
    return False


WELCOME = "Tess Teacher (synthetic)|instructor|An activity"
NEW_WINDOW = ">Open in a new window</button>"


@pytest.mark.parametrize("target", ["_parent", "keeper"])
def test_b2_the_storage_vouches_for_a_browser_without_cookies(stage, course, target):
    stage.target = target
    assert shown(stage, course(waits=25_000), WELCOME)
    (visit,) = stage.wire.all(VisitRecord)
    assert visit.in_path


def test_b1_a_frame_of_another_site_keeps_its_cookie_and_needs_no_storage(stage, course):
    stage.cookies = True
    page = course()
    assert shown(stage, page, WELCOME)
    (visit,) = stage.wire.all(VisitRecord)
    (cookie,) = [one for one in page.context.cookies() if one["name"].endswith(visit.id.hex)]
    assert not visit.in_path
    assert cookie["name"].startswith("__Host-")
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "None")
    assert cookie["partitionKey"] == "http://127.0.0.1"


def test_a_storage_that_never_answers_does_not_stop_a_browser_with_cookies(stage, course):
    stage.cookies, stage.silent = True, True
    assert shown(stage, course(), WELCOME)


@pytest.mark.parametrize("target", ["_parent", "keeper", "nobody"])
def test_b2_without_cookies_and_answer_a_new_window_is_offered(stage, course, target):
    stage.silent, stage.target = True, target
    assert shown(stage, course(), NEW_WINDOW)
    assert stage.wire.count(VisitRecord) == 0


def test_b7_an_impostor_around_the_frame_is_not_asked(stage, course):
    with stage.wire.database.transaction() as session:
        platform = session.merge(stage.wire.platform)
        platform.auth_url = platform.auth_url.replace("127.0.0.1", "localhost")
    assert shown(stage, course(), NEW_WINDOW)
    assert stage.wire.count(VisitRecord) == 0


FORGED = """Crypto.prototype.getRandomValues = (array) => array.fill(0);
setInterval(() => {
  const { act, key } = document.querySelector("#lti-storage")?.dataset ?? {};
  if (act !== "get") return;
  const data = { subject: "lti.get_data.response", message_id: "0000", key, value: "forged" };
  for (const origin of %s) dispatchEvent(new MessageEvent("message", { origin, data }));
}, 20);"""


def wrong_forms(origin):
    """Return twenty origins that are not `origin`, each near to it in its way."""
    host, port = origin.removeprefix("http://").split(":")
    return [
        "", "null", "*", "undefined", "file://", "http://", host, f"{host}:{port}",
        f"//{host}:{port}", f"{origin}/", f"{origin}.", f"{origin}0", f" {origin}",
        f"http://{host}", f"http://{host}:80",
        f"https://{host}:{port}", f"HTTP://{host}:{port}", f"http://localhost:{port}",
        f"http://{host}.evil.example:{port}", f"http://evil.example@{host}:{port}",
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", [True, False])
def test_b7_an_answer_from_another_origin_in_twenty_forms_is_ignored(stage, course, wrong):
    stage.silent = True
    origins = wrong_forms(stage.issuer) if wrong else [stage.issuer]
    assert (len(set(origins)), stage.issuer in origins) == ((20, False) if wrong else (1, True))
    assert shown(stage, course(FORGED % json.dumps(origins)), NEW_WINDOW)
    assert stage.confirmed == ["" if wrong else "forged"]
