import copy
import json
import threading
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from flask import Flask
from support import sentences
from werkzeug.serving import make_server

from xapi.client import RecordStore
from xapi.lrs import keys
from xapi.lrs.views import create_blueprint

PEER = "https://peer.example.org"
NOW = datetime(2026, 11, 22, 6, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture(scope="session")
def typical_text():
    """A full statement of a peer review, as it is sent."""
    return json.dumps(sentences.review(17))


@pytest.fixture
def typical(typical_text):
    return json.loads(typical_text)


@pytest.fixture
def small():
    """The smallest valid statement with an id."""
    return copy.deepcopy(
        {
            "id": "0193a5c8-7a10-7cc0-8000-00000000000a",
            "actor": {"mbox": "mailto:somebody@example.org"},
            "verb": {"id": "http://adlnet.gov/expapi/verbs/attended"},
            "object": {"id": "https://example.org/meetings/1"},
        }
    )


@pytest.fixture
def records(database):
    """A session of the record store, in the host's database."""
    with database.open() as session:
        yield session


@pytest.fixture
def transaction(database):
    """What the blueprint asks for."""
    return database.transaction


@pytest.fixture
def sentence():
    """A maker of small statements with new ids."""

    def make(verb="attended", thing="1", actor="ada", **more):
        return {
            "id": str(uuid4()),
            "actor": {"account": {"homePage": "https://lms.example.org", "name": actor}},
            "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}"},
            "object": {"id": f"https://example.org/things/{thing}"},
            **more,
        }

    return make


@pytest.fixture
def live_store(transaction):
    """The embedded store on a port of the loopback; the address and a key for everything."""
    app = Flask(__name__)
    app.register_blueprint(
        create_blueprint(transaction, reading=lambda: transaction(read_only=True)),
        url_prefix="/xAPI",
    )
    with transaction() as session:
        made = keys.add(session, UUID(int=1), "live", [keys.Scope.ALL], NOW)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/xAPI", made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def live(live_store):
    """Our client with a key of the embedded store."""
    url, made = live_store
    with RecordStore(url, made.key, made.secret) as store:
        yield store


@pytest.fixture
def live_2(live_store):
    """The same, speaking 2.0.0."""
    url, made = live_store
    with RecordStore(url, made.key, made.secret, version="2.0.0") as store:
        yield store
