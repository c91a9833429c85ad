"""Which addresses belong to an LMS: to no other goes a token, a grade or a person's browser.

A launch names the LMS's service addresses, and a launch is only as honest as the LMS's pages are;
so an address must lie on a host that an administrator approved (security.md T6, T8).
"""

from urllib.parse import SplitResult, urlsplit

from lti_peer.core.models import Platform
from lti_peer.lti import platforms

DEFAULT_PORTS = {"https": 443, "http": 80}


def host(url: str) -> str:
    """Return host and port of an address, in small letters, a default port left out.

    Empty for an address that is not one, that is neither https nor http, or that names a user.
    """
    parts = _split(url)
    if parts is None or parts.scheme not in DEFAULT_PORTS or parts.username is not None:
        return ""
    name = parts.hostname or ""
    if not name or any(character in name for character in " ;,'\"\\"):
        return ""
    name = f"[{name}]" if ":" in name else name
    port = parts.port
    return name if port in {None, DEFAULT_PORTS[parts.scheme]} else f"{name}:{port}"


def secure(url: str, *, private: bool) -> bool:
    """Whether the address may be called at all: https, or http where private hosts are allowed."""
    return bool(host(url)) and (url.startswith("https:") or (private and url.startswith("http:")))


def approved(platform: Platform, url: str, *, private: bool) -> bool:
    """Whether the address is secure and lies on one of the platform's approved hosts."""
    found = host(url)
    if not secure(url, private=private):
        return False
    addresses = (platform.issuer, platform.auth_url, platform.token_url, platform.jwks_url)
    own = {host(address) for address in addresses} | {str(each).lower() for each in platform.hosts}
    return found in own or shared(platform.issuer, found)


def shared(issuer: str, found: str) -> bool:
    """Whether the host lies in the domains of an issuer that many institutions share."""
    quirks = platforms.named("", issuer)
    return issuer in quirks.issuers and found.endswith(quirks.domains)


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
