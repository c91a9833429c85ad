"""Encryption at rest, and keys for one purpose each."""

import factories
import pytest

from lti_peer.core.keys import Vault, WrongSecretError


@pytest.fixture
def vault():
    return Vault(factories.SECRET)


def test_what_was_sealed_opens_again(vault):
    assert vault.decrypt(vault.encrypt("a private key")) == "a private key"


def test_what_is_sealed_shows_nothing(vault):
    assert "private" not in vault.encrypt("a private key")
    assert vault.encrypt("the same") != vault.encrypt("the same")


def test_another_secret_opens_nothing(vault):
    with pytest.raises(WrongSecretError, match="LTI_PEER_SECRET_KEY"):
        Vault("another secret of enough characters").decrypt(vault.encrypt("x"))


def test_what_was_altered_does_not_open(vault):
    sealed = vault.encrypt("x")
    with pytest.raises(WrongSecretError):
        vault.decrypt(sealed[:-2] + ("A" if sealed[-2] != "A" else "B") + sealed[-1])


def test_each_purpose_has_its_own_key_and_the_same_at_each_start(vault):
    assert vault.derive("csrf") != vault.derive("at rest")
    assert vault.derive("csrf") == Vault(factories.SECRET).derive("csrf")


def test_a_signature_holds_for_its_purpose_and_text_alone(vault):
    signed = vault.sign("csrf", "visit 1")
    assert signed == vault.sign("csrf", "visit 1")
    assert signed not in {vault.sign("csrf", "visit 2"), vault.sign("login", "visit 1")}
