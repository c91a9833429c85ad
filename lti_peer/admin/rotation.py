"""Replacing the tool's keys, by page or command, with a line in the audit."""

from datetime import timedelta

from sqlalchemy.orm import Session

from lti_peer.core import audit
from lti_peer.core.keys import Vault
from lti_peer.lti import keys
from lti_peer.lti.keys import KeyLine


def rotate(
    session: Session, actor: str, vault: Vault, *, wait: timedelta, compromised: bool
) -> list[KeyLine]:
    """Publish a new key and return all, newest first; raises what `lti.keys.rotate` does."""
    found = keys.rotate(session, vault, wait=wait, compromised=compromised)
    newest = found[0]
    audit.record(
        session,
        actor,
        "keys_rotated",
        kid=newest.kid,
        signs_from=newest.signs_from.isoformat(timespec="seconds"),
        compromised=compromised,
    )
    return found
