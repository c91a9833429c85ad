"""PyLTI1p3 2.0.0, as far as it is right: the authentication request, and the rules of messages.

Its own storage, cookies, nonces, state and token checks are not used, because they let replays,
foreign nonces and tokens without end through (docs/decisions/0003-pylti1p3.md). What decides whom
to trust is in `verify` and `states`.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from pylti1p3.cookie import CookieService
from pylti1p3.exception import LtiException
from pylti1p3.message_validators.privacy_launch import PrivacyLaunchValidator
from pylti1p3.message_validators.resource_message import ResourceMessageValidator
from pylti1p3.message_validators.submission_review import SubmissionReviewLaunchValidator
from pylti1p3.oidc_login import OIDCLogin
from pylti1p3.redirect import Redirect
from pylti1p3.registration import Registration
from pylti1p3.request import Request
from pylti1p3.session import SessionService
from pylti1p3.tool_config.abstract import ToolConfAbstract

from lti_peer.core.models import Platform

VALIDATORS = (
    ResourceMessageValidator(),
    SubmissionReviewLaunchValidator(),
    PrivacyLaunchValidator(),
)
"""The library's rules for each message. Its rule for deep linking is not among them: it refuses
what Canvas sends for content that is no resource link, where we answer in words (lti.md 2.3)."""


def message_fault(claims: Mapping[str, Any]) -> str:
    """Return what is wrong with a message by LTI's rules for its type; empty when nothing is."""
    for validator in VALIDATORS:
        if validator.can_validate(claims):
            try:
                validator.validate(claims)
            except LtiException as fault:
                return str(fault)
    return ""


class Authentication(OIDCLogin[Request, "_Tool", SessionService, CookieService, str]):
    """One authentication request; afterwards `state` and `nonce` say what it carries."""

    def __init__(self, platform: Platform, login_hint: str, message_hint: str) -> None:
        """Prepare the request that answers a login with these hints."""
        fields = {
            "iss": platform.issuer,
            "client_id": platform.client_id,
            "login_hint": login_hint,
            "lti_message_hint": message_hint,
        }
        request = _Fields(fields)
        super().__init__(request, _Tool(platform), _Nonces(self, request), _States(self))
        self.state = ""
        self.nonce = ""

    def url(self, redirect_uri: str) -> str:
        """Return where to send the browser; an address with a query keeps it (RFC 3986, 3.4)."""
        made: str = self._prepare_redirect_url(redirect_uri)
        registered = str(self._registration.get_auth_login_url())
        if "?" in registered:
            made = f"{registered}&{made.removeprefix(registered + '?')}"
        return made

    def get_redirect(self, url: str) -> Redirect[str]:
        """Refuse: whoever uses this sends the browser themselves."""
        raise NotImplementedError(url)

    def _get_uuid(self) -> str:
        return secrets.token_urlsafe(32)

    def _generate_nonce(self) -> str:
        return secrets.token_urlsafe(32)


class _Fields(Request):
    """The fields of a login, already checked."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields

    def is_secure(self) -> bool:
        return True

    def get_param(self, key: str) -> str:
        return self._fields.get(key, "")


class _Nonces(SessionService):
    """Hands the nonce over instead of storing it."""

    def __init__(self, owner: Authentication, request: Request) -> None:
        super().__init__(request)
        self._owner = owner

    def save_nonce(self, nonce: str) -> None:
        self._owner.nonce = nonce


class _States(CookieService):
    """Hands the state over instead of putting it into a cookie as it is."""

    def __init__(self, owner: Authentication) -> None:
        self._owner = owner

    def get_cookie(self, name: str) -> str | None:
        raise NotImplementedError(name)

    def set_cookie(self, name: str, value: str | int, exp: int | None = 3600) -> None:
        del name, exp
        self._owner.state = str(value)


class _Tool(ToolConfAbstract[Request]):
    """Knows the one registration at hand, so that the library shares nothing between two."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def check_iss_has_one_client(self, iss: str) -> bool:
        del iss
        return False

    def check_iss_has_many_clients(self, iss: str) -> bool:
        del iss
        return True

    def find_registration_by_issuer(self, iss: str, *args: Any, **kwargs: Any) -> Registration:
        raise NotImplementedError(iss)

    def find_registration_by_params(
        self, iss: str, client_id: str, *args: Any, **kwargs: Any
    ) -> Registration:
        del iss, client_id, args, kwargs
        return (
            Registration()
            .set_issuer(self._platform.issuer)
            .set_client_id(self._platform.client_id)
            .set_auth_login_url(self._platform.auth_url)
        )

    def find_deployment(self, iss: str, deployment_id: str) -> None:
        raise NotImplementedError(iss)

    def find_deployment_by_params(
        self, iss: str, deployment_id: str, client_id: str, *args: Any, **kwargs: Any
    ) -> None:
        raise NotImplementedError(iss)
