"""The LMS's Platform Storage in a real Chromium: it answers, it is silent, it is an impostor.

The LMS's page is on 127.0.0.1 and the tool on localhost, so the tool's frame is another site's. A
browser that keeps no cookie at all is played by taking the cookies out of what reaches the tool.
"""

from contextlib import contextmanager
from threading import Thread
from urllib.parse import urlencode

import factories
import pytest
from flask import Flask, render_template_string, request
from lti.minting import PROBE, Wire, sign
from sqlalchemy import select
from werkzeug.serving import make_server

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
    thread = Thread(target=server.serve_forever)
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

    def tool(self, environ, start_response):
        """Answer as the tool, after taking the browser's cookies away if it keeps none."""
        if not self.cookies:
            environ.pop("HTTP_COOKIE", None)
        return self.wsgi(environ, start_response)

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


def be_patient(route):
    """Give an answer more than the second that it may take: that is short on a busy machine."""
    answer = route.fetch()
    assert "PATIENCE_MS = 1000;" in answer.text()
    route.fulfill(response=answer, body=answer.text().replace("= 1000;", "= 25000;"))


@pytest.fixture
def tool(window, stage):
    """A function that opens the course page and returns the frame of the tool."""

    def opened(*, patient=False):
        page = window()
        if patient:
            page.route("**/lti_storage.js", be_patient)
        page.goto(f"{stage.issuer}/course")
        return page.frame_locator("#tool")

    return opened


WELCOME = "Tess Teacher (synthetic)|instructor|An activity"


@pytest.mark.parametrize("target", ["_parent", "keeper"])
def test_the_storage_vouches_for_a_browser_without_cookies(stage, tool, target):
    stage.target = target
    tool(patient=True).get_by_text(WELCOME).wait_for()
    (visit,) = stage.wire.all(VisitRecord)
    assert visit.in_path


def test_with_cookies_the_storage_is_put_and_not_needed(stage, tool):
    stage.cookies = True
    tool().get_by_text(WELCOME).wait_for()
    assert not stage.wire.all(VisitRecord)[0].in_path


def test_a_storage_that_never_answers_does_not_stop_a_browser_with_cookies(stage, tool):
    stage.cookies, stage.silent = True, True
    tool().get_by_text(WELCOME).wait_for()


@pytest.mark.parametrize("target", ["_parent", "keeper", "nobody"])
def test_without_cookies_and_answer_a_new_window_is_offered(stage, tool, target):
    stage.silent, stage.target = True, target
    tool().get_by_role("button", name="Open in a new window").wait_for()
    assert stage.wire.count(VisitRecord) == 0


def test_an_impostor_around_the_frame_is_not_asked(stage, tool):
    with stage.wire.database.transaction() as session:
        platform = session.merge(stage.wire.platform)
        platform.auth_url = platform.auth_url.replace("127.0.0.1", "localhost")
    tool().get_by_role("button", name="Open in a new window").wait_for()
    assert stage.wire.count(VisitRecord) == 0
