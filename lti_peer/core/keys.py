"""Encryption at rest, and keys for one purpose each, from the one secret that the settings hold."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class WrongSecretError(Exception):
    """What is stored was encrypted with another LTI_PEER_SECRET_KEY."""


class Vault:
    """Encrypts what the database must not show, and derives a key for each purpose."""

    def __init__(self, secret: str) -> None:
        """Derive everything from `secret` (LTI_PEER_SECRET_KEY)."""
        self._secret = secret.encode()
        self._fernet = Fernet(urlsafe_b64encode(self.derive("at rest")))

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes for `purpose`, the same at each start (HKDF-SHA256, RFC 5869)."""
        return HKDF(SHA256(), 32, None, f"lti-peer {purpose}".encode()).derive(self._secret)

    def encrypt(self, plain: str) -> str:
        """Return `plain` encrypted and authenticated, as text."""
        return self._fernet.encrypt(plain.encode()).decode()

    def decrypt(self, sealed: str) -> str:
        """Return what `encrypt` was given; raises WrongSecretError when the secret has changed."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise WrongSecretError(
                "LTI_PEER_SECRET_KEY is not the one that this database was written with."
            ) from None

    def sign(self, purpose: str, text: str) -> str:
        """Return a keyed hash (HMAC-SHA256) of `text` for `purpose`, in hexadecimal."""
        return hmac.new(self.derive(purpose), text.encode(), hashlib.sha256).hexdigest()
