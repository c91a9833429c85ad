"""What calls to an LMS's services cost us: access tokens asked for, and signing the proof for one.

The LMS is played at our own seam, the guarded client; tokens are kept on SQLite with full syncs.
"""

import sys
import tempfile
from statistics import median

import factories
from bench.shared.bars import Bars, spent
from lti.services.conftest import PlayedClient, answered

from lti_peer import tables
from lti_peer.core.db import Database
from lti_peer.core.keys import Vault
from lti_peer.lti.claims import SCOPE_SCORE
from lti_peer.lti.keys import KeyRing
from lti_peer.lti.services import Call, Services
from lti_peer.lti.tokens import Tokens, assertion

SCORES = 10_000
SIGNATURES = 200


def scores(platform, client, tokens):
    """Post every score, one after another, as the sender of grades does."""
    services = Services(client, tokens)
    client.answers = [answered] * SCORES
    url = f"{platform.issuer}/mod/lti/services.php/2/lineitems/3/lineitem/scores"
    for _ in range(SCORES):
        services.demand(platform, Call("POST", url, frozenset({SCOPE_SCORE}), body=b"{}"))


def main():
    """Print the table."""
    bars = Bars("Calls to an LMS's services (CPU of this process)")
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/bench.db")
        for metadata in tables.METADATA:
            metadata.create_all(database.engine)
        with database.transaction() as session:
            platform = factories.platform(session)
        vault = Vault(factories.SECRET)
        ring, client = KeyRing(database, vault), PlayedClient()
        cpu, _ = spent(lambda: scores(platform, client, Tokens(database, vault, ring, client)))
        bars.at_most(f"tokens asked for {SCORES:,} scores", len(client.asked), 1)
        bars.tell("… what a call costs beside the net", cpu / SCORES * 1e3, "ms")
        proofs = [
            spent(lambda: assertion(platform, ring, factories.NOW))[0] for _ in range(SIGNATURES)
        ]
        bars.at_most("signing a service assertion, p50", median(proofs) * 1e3, 1.5, "ms")
        database.close()


if __name__ == "__main__":
    sys.exit(main())
