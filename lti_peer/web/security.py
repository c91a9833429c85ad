"""The headers of every answer (security.md T15, T18, T27)."""

from urllib.parse import urlsplit

from flask import Response, current_app, g, request

from lti_peer.core.models import Platform

FRAMERS = "framers"
"""Names the application's function that says from where else a platform's pages come."""


def origin(url: str) -> str:
    """Return scheme, host and port of an address, without the rest."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def let_frame(platform: Platform) -> None:
    """Let the pages of this LMS, and no other's, show the answer in a frame."""
    hosts = [urlsplit(platform.auth_url).scheme + "://" + str(host) for host in platform.hosts]
    further = current_app.extensions[FRAMERS](platform)
    g.frame_ancestors = sorted(
        {origin(platform.issuer), origin(platform.auth_url), *hosts, *further}
    )


def let_send_to(url: str) -> None:
    """Let a form of the answer be sent to the LMS at `url`: a deep linking return."""
    g.form_targets = [origin(url)]


def _page_rules() -> str:
    ancestors = " ".join(g.get("frame_ancestors", [])) or "'none'"
    targets = " ".join(["'self'", *g.get("form_targets", [])])
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; "
        f"form-action {targets}; frame-ancestors {ancestors}"
    )


def add_headers(response: Response) -> Response:
    """Return the answer with its security headers; rules that it has already are stricter."""
    if "Content-Security-Policy" not in response.headers:
        response.headers["Content-Security-Policy"] = _page_rules()
    response.headers["X-Content-Type-Options"] = "nosniff"
    in_path = "~" in request.path
    response.headers["Referrer-Policy"] = "no-referrer" if in_path else "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), payment=()"
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store, private"
        response.vary.add("Cookie")
    return response
