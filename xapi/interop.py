"""For programs that speak tincan: our statements as its objects, and its RemoteLRS over our client.

tincan 1.0.0 is fine for reading and as a second opinion on 1.0.3 statements. It is not used for
delivery: it has no timeouts, opens a connection for every request, takes an empty answer for an
error, and gives statements wrong ids when a store names only the new ones.
"""

from typing import Any

from tincan import About, RemoteLRS, Statement
from tincan.http_request import HTTPRequest
from tincan.lrs_response import LRSResponse
from tincan.version import Version

from xapi.client import RecordStore
from xapi.statement import StatementJson, serialise


def to_tincan(statement: StatementJson) -> Any:
    """Return a 1.0.3 statement as a `tincan.Statement`; raises what tincan raises for others."""
    return Statement.from_json(serialise(statement))


class PooledLRS(RemoteLRS):  # type: ignore[misc]  # tincan has no types
    """A `tincan.RemoteLRS` that asks through a `RecordStore`: its pool, timeouts and limits.

    `about`, `retrieve_statement`, `retrieve_voided_statement`, `query_statements`,
    `more_statements` and `save_statement` work as tincan documents them; a store that does not
    answer raises `xapi.client.Unavailable`.
    """

    def __init__(self, store: RecordStore) -> None:
        """Use the store's endpoint; raises what tincan raises for a version it does not speak."""
        super().__init__(endpoint=store.endpoint, version=store.version)
        # tincan's objects refuse attributes that their class does not list.
        object.__setattr__(self, "_store", store)

    def about(self) -> LRSResponse:
        """Return an answer with the versions, less those that tincan would stumble over."""
        known = [version for version in self._store.versions() if version in Version.supported]
        request = HTTPRequest(method="GET", resource="about")
        return LRSResponse(success=True, request=request, content=About(version=known))

    def _send_request(self, request: HTTPRequest) -> LRSResponse:
        body = request.content
        answer = self._store.request(
            request.method,
            request.resource,
            params={name: str(value) for name, value in request.query_params.items()},
            body=body.encode() if isinstance(body, str) else body,
        )
        good = 200 <= answer.status < 300  # noqa: PLR2004 - the range of success
        return LRSResponse(success=good, request=request, data=answer.body)
