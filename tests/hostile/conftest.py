"""What hostile tests change in the process, they put back."""

import pytest

from lti_peer.activities import registry


@pytest.fixture(autouse=True)
def _as_before(monkeypatch):
    """Give the registry back as it was."""
    monkeypatch.setattr(registry, "KINDS", registry.KINDS)
