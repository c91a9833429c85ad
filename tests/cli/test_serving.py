import gc
from contextlib import nullcontext

import factories
import pytest
from conftest import BASE_URL

from config.settings import Settings
from lti_peer.cli import parts, serving


@pytest.fixture
def unfrozen():
    """Nothing is set aside, before the test and after it."""
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_what_is_there_at_the_start_is_set_aside_from_the_garbage_collector(
    monkeypatch, database, tmp_path, unfrozen
):
    found = Settings(
        secret_key=factories.SECRET, base_url=BASE_URL, data_dir=tmp_path, worker_in_web=False
    )
    monkeypatch.setattr(parts, "settings", lambda: found)
    monkeypatch.setattr(parts, "database", lambda _found: nullcontext(database))
    served = serving.application()
    assert gc.get_freeze_count() > 10_000
    assert served.test_client().get("/healthz", base_url=BASE_URL).status_code == 200
