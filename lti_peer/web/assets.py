"""The files that pages load, each at an address that names the content of all of them.

One fingerprint stands for the whole folder, so that a script finds its neighbours by a
relative path, and a page never mixes two releases.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from gzip import compress
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, request, url_for

from lti_peer.web import policy

FOLDER = Path(__file__).parent / "static"

MEDIA_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
"""What is served, by suffix; the machine's own table of types is not asked."""

assets = Blueprint("assets", __name__)


@dataclass(frozen=True)
class Asset:
    """One file: its bytes, the same bytes in gzip, and its media type."""

    body: bytes
    packed: bytes
    media_type: str


def read(folder: Path) -> dict[str, Asset]:
    """Return every servable file in the folder by its name, in the order of the names."""
    return {
        path.name: Asset(body, compress(body, mtime=0), MEDIA_TYPES[path.suffix])
        for path in sorted(folder.iterdir())
        if path.suffix in MEDIA_TYPES
        for body in [path.read_bytes()]
    }


def fingerprint(files: Mapping[str, Asset]) -> str:
    """Return 16 hexadecimal digits that change with any name or byte of the files."""
    digest = sha256()
    for name, file in files.items():
        digest.update(f"{name}\0{len(file.body)}\0".encode())
        digest.update(file.body)
    return digest.hexdigest()[:16]


FILES = read(FOLDER)
FINGERPRINT = fingerprint(FILES)


def asset(name: str) -> str:
    """Return the address of one file, such as "/static/<fingerprint>/app.css".

    Raises KeyError when there is no such file, so that a wrong name fails the first test.
    """
    FILES[name]
    return url_for("assets.send", release=FINGERPRINT, name=name)


@assets.get("/static/<release>/<name>")
@policy.public
def send(release: str, name: str) -> Response:
    """Answer with one file, to be kept for a year; 404 when there is none of that name.

    A page of another release, open during an upgrade, gets today's file, which nobody may keep.
    """
    file = FILES.get(name) or abort(404)
    packed = request.accept_encodings.quality("gzip") > 0
    answer = Response(file.packed if packed else file.body, content_type=file.media_type)
    if packed:
        answer.content_encoding = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    shown_by_an_lms = file.media_type.startswith("image/")
    answer.headers["Cross-Origin-Resource-Policy"] = (
        "cross-origin" if shown_by_an_lms else "same-origin"
    )
    current = release == FINGERPRINT
    answer.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if current else "no-store"
    )
    return answer


def register(app: Flask) -> None:
    """Give the application the files and the template global `asset(name)`.

    The application is made with `static_folder=None`: Flask's own route would serve the files too.
    """
    app.register_blueprint(assets)
    app.jinja_env.globals["asset"] = asset
