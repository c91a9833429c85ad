"""For programs that speak tincan: our statements as its objects, and its RemoteLRS over our client.

tincan 1.0.0 is fine for reading and as a second opinion on 1.0.3 statements. It is not used for
delivery: it has no timeouts, opens a connection for every request, takes an empty answer for an
error, and gives statements wrong ids when a store names only the new ones.
"""

from typing import Any

from tincan import RemoteLRS, Statement
from tincan.http_request import HTTPRequest
from tincan.lrs_response import LRSResponse

from xapi.client import RecordStore
from xapi.statement import StatementJson, serialise


def to_tincan(statement: StatementJson) -> Any:
    """Return a 1.0.3 statement as a `tincan.Statement`; raises what tincan raises for others."""
    return Statement.from_json(serialise(statement))


class PooledLRS(RemoteLRS):  # type: ignore[misc]  # tincan has no types
    """A `tincan.RemoteLRS` that asks through a `RecordStore`: its pool, timeouts and limits.

    `about`, `retrieve_statement`, `retrieve_voided_statement`, `query_statements` and
    `save_statement` work as tincan documents them; a store that does not answer raises
    `xapi.client.Unavailable`.
    """

    def __init__(self, store: RecordStore) -> None:
        """Use the store's endpoint; raises what tincan raises for a version it does not speak."""
        super().__init__(endpoint=store.endpoint, version=store.version)
        self._store = store

    def _send_request(self, request: HTTPRequest) -> LRSResponse:
        body = request.content
        answer = self._store.request(
            request.method,
            request.resource.removeprefix(self.endpoint),
            params={name: str(value) for name, value in request.query_params.items()},
            body=body.encode() if isinstance(body, str) else body,
        )
        good = 200 <= answer.status < 300  # noqa: PLR2004 - the range of success
        return LRSResponse(success=good, request=request, data=answer.body)
