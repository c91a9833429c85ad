"""The admin pages in a real Chromium: for everybody's eyes and hands, with script and without."""

import json
from threading import Thread

import factories
import pytest
from admin.office import item, put
from browser import looking
from sqlalchemy import select
from werkzeug.serving import make_server

from lti_peer.admin import record_stores, registrations, sessions
from lti_peer.app import create_app
from lti_peer.core.endpoints import RecordEndpoint
from lti_peer.core.keys import Vault
from lti_peer.core.models import Deployment, Platform, Standing
from lti_peer.core.outbox import Channel, Delivery

pytestmark = pytest.mark.browser


@pytest.fixture
def site(settings, database):
    """The application over real HTTP; return its address."""
    app = create_app(settings, database)
    server = make_server("localhost", 0, app, threaded=True)
    app.config["BASE_URL"] = f"http://localhost:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield app.config["BASE_URL"]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def office(window, site, database):
    """Open a browser in which an administrator signs in by a link; return its page."""

    def opened(**options):
        with database.transaction() as session:
            url, _ = sessions.link(session, site, "kim", "root, command line")
        page = window(base_url=site, **options)
        page.goto(url)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/admin/")
        return page

    return opened


@pytest.fixture
def busy(database, site, world):
    """A tool with something on every page; return the id of a refused statement."""
    world.build(learners=6)
    with database.transaction() as session:
        for state in Standing:
            name = f"The LMS of the Faculty of Very Long Names ({state})"
            one = factories.platform(session, name=name, state=state, family="moodle")
            session.add(
                Deployment(
                    platform=one, deployment_key="27:6fd3…c1", state=Standing.PENDING,
                    created_at=factories.NOW,
                )
            )  # fmt: skip
        registrations.invite(session, "kim", site, "Ours", activate=False)
        store = RecordEndpoint(name="faculty", url="https://lrs.example/x", key="k", secret="s")
        record_stores.add(
            session, Vault(factories.SECRET), "kim", store, pseudonyms=True, private=False
        )
    put(database, Channel.AGS, {"grade": "1"}, error="The LMS did not take this person's grade.")
    put(database)
    return put(database, error="The record store refused it (400): $.verb.id is not an IRI.")


def test_every_page_is_for_everybody(office, busy, database):
    page = office()
    with database.transaction(read_only=True) as session:
        lmss = [f"/admin/platforms/{one.id}" for one in session.scalars(select(Platform))]
        stores = [f"stores/{one}" for one in session.scalars(select(RecordEndpoint.id))]
    office_pages = [
        "stores",
        *stores,
        "deliveries",
        f"deliveries/{busy}",
        "deliveries?state=pending",
        "keys",
        "report",
        "audit",
    ]
    forms = ["platforms/invite", "platforms/new", "stores/new"]
    found = {}
    for path in ["/admin/", *lmss, *(f"/admin/{each}" for each in office_pages + forms)]:
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(path)
        found[path] = looking.faults_in_all_views(page) + looking.faults_in_structure(page)
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_a_form_that_was_refused_is_for_everybody(office, busy):
    page = office()
    page.goto(f"/admin/deliveries/{busy}")
    page.get_by_role("button", name="Read and mend it").click()
    page.get_by_label("The statement, as JSON").fill('{"id": 1}')
    page.get_by_role("button", name="Send the mended statement").click()
    summary = page.get_by_role("alert")
    summary.wait_for()
    assert summary.evaluate("(one) => one === document.activeElement")
    assert looking.faults_in_all_views(page) + looking.faults_in_structure(page) == []


def test_a_statement_is_mended_without_script_on_a_phone(office, busy, database):
    page = office(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page.goto("/admin/deliveries")
    page.get_by_role("link", name=f"Learning record {str(busy)[:8]}").click()
    page.get_by_role("button", name="Read and mend it").click()
    box = page.get_by_label("The statement, as JSON")
    statement = {**json.loads(box.input_value()), "timestamp": "2026-11-23T10:00:00Z"}
    box.fill(json.dumps(statement))
    page.get_by_role("button", name="Send the mended statement").click()
    page.get_by_text("It is sent by itself").wait_for()
    assert item(database, busy).payload == statement
    assert item(database, busy).state is Delivery.PENDING


def test_an_lms_is_approved_by_keyboard_alone(office, busy):
    page = office()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip().startswith("Look at it"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/platforms/*")
    page.get_by_role("button", name="Approve it").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Disable this LMS").wait_for()
