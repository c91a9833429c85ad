"""The document resources: state, activity profiles, agent profiles (part 3, 2.2, 2.3, 2.6, 2.7)."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from flask import Response
from werkzeug.datastructures import ETags
from werkzeug.http import http_date, parse_etags, quote_etag

from xapi.lrs import asking, documents
from xapi.lrs.answers import json_answer
from xapi.lrs.calls import Call, media_type
from xapi.lrs.documents import Content, Kept, Kind, Place
from xapi.lrs.host import Host
from xapi.lrs.keys import Holder
from xapi.lrs.mentions import activity_key, agent_key
from xapi.lrs.refusal import RequestRefused, refuse

_JSON: Final = "application/json"
_LONGEST_TYPE: Final = 255
_PRECONDITION_FAILED: Final = 412
_CONFLICT: Final = 409


@dataclass(frozen=True, slots=True)
class Documents:
    """One of the three resources: which documents, by which parameters."""

    kind: Kind
    name: str
    """The parameter that names a document: stateId or profileId."""
    about: tuple[str, ...]
    """The parameters that say what documents are about; all but a registration are needed."""

    def get(self, host: Host, call: Call, holder: Holder) -> Response:
        """Return one document, or the names of those that were changed after a time."""
        owner = holder.limit
        if self.name not in call.parameters:
            call.allow(*self.about, "since")
            since = asking.read_since(call.parameters)
            with host.reading() as session:
                found = documents.names(session, self._place(call, holder), since, owner)
            answer = json_answer(json.dumps(found.names))
            answer.headers["ETag"] = quote_etag(documents.etag(answer.get_data()))
            if found.updated is not None:
                answer.headers["Last-Modified"] = http_date(found.updated)
            return answer
        place, name = self._named(call, holder)
        with host.reading() as session:
            kept = documents.get(session, place, name, owner)
        if kept is None:
            return refuse("There is no such document for this key.", 404)
        answer = Response(kept.content.data, content_type=kept.content.type)
        answer.headers["ETag"] = quote_etag(kept.etag)
        answer.headers["Last-Modified"] = http_date(kept.updated)
        return answer

    def put(self, host: Host, call: Call, holder: Holder) -> Response:
        """Store a document in place of the present one."""
        old = call.version == "1.0.3"
        state = self.kind is Kind.STATE
        condition = _Condition.read(call, create=state or not old, overwrite=state and old)
        sent = _sent(call, holder)
        if _is_json(sent):
            asking.read_json(sent.data)

        def replace(present: Kept | None) -> Content:
            condition.judge(present.etag if present else None)
            return sent

        return self._write(host, call, holder, replace)

    def post(self, host: Host, call: Call, holder: Holder) -> Response:
        """Join the properties of a JSON object to the present one, or store a first document."""
        condition = _Condition.read(call)
        sent = _sent(call, holder)
        properties = _object(sent) if _is_json(sent) else None

        def join(present: Kept | None) -> Content:
            condition.judge(present.etag if present else None)
            return sent if present is None else _merged(present.content, properties)

        return self._write(host, call, holder, join)

    def delete(self, host: Host, call: Call, holder: Holder) -> Response:
        """Delete a document; of states also all that are about the same."""
        if self.kind is Kind.STATE and self.name not in call.parameters:
            call.allow(*self.about)
            with host.transaction() as session:
                documents.clear(session, self._place(call, holder))
            return Response(status=204)
        place, name = self._named(call, holder)
        condition = _Condition.read(call)
        with host.transaction() as session, _patience():
            documents.remove(session, place, name, condition.judge)
        return Response(status=204)

    def _write(
        self, host: Host, call: Call, holder: Holder, change: Callable[[Kept | None], Content]
    ) -> Response:
        place, name = self._named(call, holder)
        with host.transaction() as session, _patience():
            documents.write(session, place, name, change, host.now(session))
        return Response(status=204)

    def _named(self, call: Call, holder: Holder) -> tuple[Place, str]:
        call.allow(*self.about, self.name)
        return self._place(call, holder), asking.read_name(call.parameters, self.name)

    def _place(self, call: Call, holder: Holder) -> Place:
        given = call.parameters
        about: dict[str, Any] = {}
        if "activityId" in self.about:
            about["activity"] = activity_key(asking.read_iri(given, "activityId"))
        if "agent" in self.about:
            about["agent"] = agent_key(asking.read_agent(given))
        registration = asking.read_optional_uuid(given, "registration")
        return Place(holder.tenant, self.kind, **about, registration=registration)


STATE: Final = Documents(Kind.STATE, "stateId", ("activityId", "agent", "registration"))
ACTIVITY_PROFILE: Final = Documents(Kind.ACTIVITY_PROFILE, "profileId", ("activityId",))
AGENT_PROFILE: Final = Documents(Kind.AGENT_PROFILE, "profileId", ("agent",))


@dataclass(frozen=True, slots=True)
class _Condition:
    """What a request demands of the present document (part 3, 3.1; RFC 9110, 13.1)."""

    if_match: ETags | None
    if_none_match: ETags | None
    create: bool
    """Whether a document may be new without a demand (1.0.3 part 3, 3.1.s3.b1)."""
    overwrite: bool
    """Whether a document may be replaced without a demand (1.0.3 part 3, 3.1.s4.b13)."""

    @classmethod
    def read(cls, call: Call, *, create: bool = True, overwrite: bool = True) -> "_Condition":
        """Return the demands in the headers If-Match and If-None-Match."""
        match, none_match = (call.headers.get(name) for name in ("If-Match", "If-None-Match"))
        return cls(
            None if match is None else parse_etags(match),
            None if none_match is None else parse_etags(none_match),
            create,
            overwrite,
        )

    def judge(self, etag: str | None) -> None:
        """Raise RequestRefused when the present document, or its absence, is not as demanded."""
        if self.if_match is None and self.if_none_match is None:
            self._judge_blind(etag)
        elif self.if_match is not None and (etag is None or etag not in self.if_match):
            refuse("The document is not the one that If-Match names.", _PRECONDITION_FAILED)
        elif self.if_none_match and etag is not None and self.if_none_match.contains_weak(etag):
            refuse("There is such a document, against If-None-Match.", _PRECONDITION_FAILED)

    def _judge_blind(self, etag: str | None) -> None:
        if etag is None and not self.create:
            refuse('Send the header If-None-Match with "*" to put a first document.')
        if etag is not None and not self.overwrite:
            refuse(
                "There is a document already. Look at it, and send the header If-Match with its "
                "ETag to replace it.",
                _CONFLICT,
            )


@contextmanager
def _patience() -> Iterator[None]:
    """Turn a contest that could not be won into an answer."""
    try:
        yield
    except documents.Contested as error:
        raise RequestRefused(_CONFLICT, str(error)) from error


def _sent(call: Call, holder: Holder) -> Content:
    kind = call.content_type or "application/octet-stream"
    if len(kind) > _LONGEST_TYPE or "\0" in kind:
        refuse("The content type is too long.")
    return Content(kind, call.body(), holder.own_key)


def _is_json(content: Content) -> bool:
    return media_type(content.type)[0] == _JSON


def _object(content: Content) -> dict[str, Any]:
    value = asking.read_json(content.data)
    if not isinstance(value, dict):
        refuse("A document that is posted as JSON is an object.")
    return value


def _merged(present: Content, properties: dict[str, Any] | None) -> Content:
    """Join properties to the present object; it stays its owner's (part 3, 2.2)."""
    if properties is None or not _is_json(present):
        refuse("Only JSON objects can be joined; put the document to replace the present one.")
    merged = {**_object(present), **properties}
    try:
        text = json.dumps(merged, allow_nan=False)
    except ValueError:
        refuse("A number is too large to be joined.")
    return Content(present.type, text.encode(), present.owner)
