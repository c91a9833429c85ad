"""What hostile tests change in the process, they put back."""

import pytest
import structlog

from lti_peer.activities import registry


@pytest.fixture(autouse=True)
def _as_before(monkeypatch):
    """Give the registry and the logs back as they were."""
    monkeypatch.setattr(registry, "KINDS", registry.KINDS)
    configured = structlog.get_config()
    yield
    structlog.configure(**configured)
