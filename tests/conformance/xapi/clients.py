"""Clients of the embedded store, and what they send, all of it synthetic."""

import base64
import hashlib
import json
from uuid import uuid4

IRI = "https://example.org/activities/1"
AGENT = {"account": {"homePage": "https://lms.example.org", "name": "17"}}
BOUNDARY = "-------314159"


class Client:
    """An LRS client with one key, speaking one version."""

    def __init__(self, http, made, version="1.0.3"):
        pair = base64.b64encode(f"{made.key}:{made.secret}".encode()).decode()
        self.http, self.made = http, made
        self.headers = {"X-Experience-API-Version": version, "Authorization": f"Basic {pair}"}

    def ask(self, method, resource, query=None, headers=None, **more):
        """Send a request and return the answer; agents in the query are written as JSON."""
        query = {
            name: json.dumps(value) if isinstance(value, dict) else value
            for name, value in (query or {}).items()
        }
        headers = {**self.headers, **(headers or {})}
        return self.http.open(
            f"/xAPI/{resource}", method=method, query_string=query, headers=headers, **more
        )

    def get(self, resource, query=None, **more):
        return self.ask("GET", resource, query, **more)

    def post(self, statements, **more):
        return self.ask("POST", "statements", json=statements, **more)

    def ids(self, **query):
        return [one["id"] for one in self.get("statements", query).json["statements"]]

    def speaking(self, version):
        """Return the same client with another version."""
        return Client(self.http, self.made, version)


def statement(**more):
    """Return a small statement with a new id."""
    return {
        "id": str(uuid4()),
        "actor": AGENT,
        "verb": {"id": "http://adlnet.gov/expapi/verbs/attended"},
        "object": {"id": IRI},
        **more,
    }


def attachment(data, **more):
    """Return how a statement names data."""
    return {
        "usageType": "https://example.org/usage",
        "display": {"en": "A file"},
        "contentType": "text/plain",
        "length": len(data),
        "sha2": hashlib.sha256(data).hexdigest(),
        **more,
    }


def part(data, **headers):
    """Return a part with data as it should be; a header that is None is left out."""
    there = {
        "Content-Type": "text/plain",
        "Content-Transfer-Encoding": "binary",
        "X-Experience-API-Hash": hashlib.sha256(data).hexdigest(),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = [f"{name}: {value}" for name, value in there.items() if value is not None]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def mixed(statements, *parts, kind="application/json"):
    """Return the body and the headers of statements with parts after them."""
    first = f"Content-Type: {kind}\r\n\r\n{json.dumps(statements)}".encode()
    opening = f"--{BOUNDARY}\r\n".encode()
    body = b"".join(opening + one + b"\r\n" for one in (first, *parts))
    return {
        "data": body + f"--{BOUNDARY}--\r\n".encode(),
        "content_type": f"multipart/mixed; boundary={BOUNDARY}",
    }


def parts_of(answer):
    """Return the parts of an answer: the headers and the bytes of each."""
    boundary = answer.mimetype_params["boundary"]
    first, *rest = (b"\r\n" + answer.data).split(f"\r\n--{boundary}".encode())
    assert first == b""
    assert rest[-1] == b"--\r\n"
    pairs = [one.removeprefix(b"\r\n").split(b"\r\n\r\n", 1) for one in rest[:-1]]
    return [
        (dict(line.split(": ", 1) for line in head.decode().split("\r\n")), data)
        for head, data in pairs
    ]
