"""The words of LTI messages, and a launch as plain values.

`parse` reads verified claims into a frozen `Launch`, within the bounds of `lti.values`. A custom
value that begins with `$` is a variable that the LMS did not fill in, and counts as absent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from lti_peer.core.models import ID_LENGTH, NAME_LENGTH, URL_LENGTH, Platform, Role
from lti_peer.lti import values
from lti_peer.lti.errors import ADMINISTRATOR, LaunchError, bad_claim
from lti_peer.lti.roles import administers, course_role
from lti_peer.lti.values import LIST_LENGTH, TEXT_LENGTH, web_address

LTI: Final = "https://purl.imsglobal.org/spec/lti/claim/"
MESSAGE_TYPE: Final = LTI + "message_type"
VERSION: Final = LTI + "version"
DEPLOYMENT_ID: Final = LTI + "deployment_id"
TARGET_LINK_URI: Final = LTI + "target_link_uri"
ROLES: Final = LTI + "roles"
CONTEXT: Final = LTI + "context"
RESOURCE_LINK: Final = LTI + "resource_link"
CUSTOM: Final = LTI + "custom"
FOR_USER: Final = LTI + "for_user"
NOTICES: Final = LTI + "platformnotificationservice"
NOTICE: Final = LTI + "notice"
ORIGIN_CONTEXTS: Final = LTI + "origin_contexts"
PRESENTATION: Final = LTI + "launch_presentation"
TOOL_PLATFORM: Final = LTI + "tool_platform"
AGS: Final = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS: Final = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
GROUPS: Final = "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice"
DEEP_LINKING: Final = "https://purl.imsglobal.org/spec/lti-dl/claim/"
DEEP_LINKING_SETTINGS: Final = DEEP_LINKING + "deep_linking_settings"
CONTENT_ITEMS: Final = DEEP_LINKING + "content_items"
DEEP_LINKING_DATA: Final = DEEP_LINKING + "data"

TARGETS: Final = "accept_presentation_document_targets"

LTI_VERSION: Final = "1.3.0"
RESOURCE_LINK_REQUEST: Final = "LtiResourceLinkRequest"
DEEP_LINKING_REQUEST: Final = "LtiDeepLinkingRequest"
DEEP_LINKING_RESPONSE: Final = "LtiDeepLinkingResponse"
SUBMISSION_REVIEW_REQUEST: Final = "LtiSubmissionReviewRequest"
DATA_PRIVACY_REQUEST: Final = "DataPrivacyLaunchRequest"
CONTEXT_COPY_NOTICE: Final = "LtiContextCopyNotice"

SCOPE_LINE_ITEM: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
SCOPE_LINE_ITEM_READ: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
SCOPE_RESULT_READ: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCOPE_SCORE: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
SCOPE_ROSTER: Final = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
SCOPE_GROUPS: Final = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
SCOPE_NOTICES: Final = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
TOOL_CONFIGURATION: Final = "https://purl.imsglobal.org/spec/lti-tool-configuration"

LINE_ITEM_TYPE: Final = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS_TYPE: Final = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE_TYPE: Final = "application/vnd.ims.lis.v1.score+json"
RESULTS_TYPE: Final = "application/vnd.ims.lis.v2.resultcontainer+json"
ROSTER_TYPE: Final = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
GROUPS_TYPE: Final = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"


@dataclass(frozen=True)
class Context:
    """The course that the message comes from."""

    key: str
    label: str = ""
    title: str = ""


@dataclass(frozen=True)
class ResourceLink:
    """The placement in the course page that was opened."""

    key: str
    title: str = ""


@dataclass(frozen=True)
class Services:
    """Where the LMS's services for this course are; an empty address means that there is none."""

    line_item: str = ""
    line_items: str = ""
    scopes: tuple[str, ...] = ()
    roster: str = ""
    groups: str = ""
    group_sets: str = ""
    notices: str = ""
    """Where the LMS is told that we want to know of copied courses."""


@dataclass(frozen=True)
class Launch:
    """The validated claims of one LTI message."""

    platform: Platform
    message_type: str
    deployment_key: str
    subject: str
    role: Role
    target: str
    """The `target_link_uri`; empty in messages that need none. Nobody is ever sent to it."""
    name: str = ""
    email: str = ""
    context: Context | None = None
    link: ResourceLink | None = None
    custom: Mapping[str, str] = field(default_factory=dict)
    services: Services = Services()
    deep_link: dict[str, Any] | None = None
    """The deep linking settings, known members alone, as the LMS sent them."""
    for_user: str = ""
    """The `user_id` that a submission review, or a privacy message, is about."""
    administers: bool = False
    """Whether the person runs the LMS as a whole."""
    locale: str = "en"
    zone: str = "UTC"
    return_url: str = ""
    document_target: str = ""
    family: str = ""
    """The platform's `product_family_code`."""


def parse(claims: Mapping[str, Any], platform: Platform) -> Launch:
    """Return the launch that verified `claims` of `platform` describe.

    Raises LaunchError: 403 `anonymous_not_supported` without a `sub`, otherwise 400.
    """
    message_type = claims.get(MESSAGE_TYPE)
    if not isinstance(message_type, str):
        raise bad_claim("message_type")
    subject = _subject(claims)
    presentation = values.mapping(claims, PRESENTATION)
    custom, roles = _custom(values.mapping(claims, CUSTOM)), _roles(claims)
    return Launch(
        platform=platform,
        message_type=message_type,
        deployment_key=values.key(claims.get(DEPLOYMENT_ID), "deployment_id"),
        subject=subject,
        role=course_role(roles),
        administers=administers(roles),
        target=_target(claims, message_type),
        name=values.name(claims),
        email=values.text(claims.get("email"), NAME_LENGTH),
        context=_context(claims),
        link=_link(claims, message_type),
        custom=MappingProxyType(custom),
        services=_services(claims),
        deep_link=_deep_link(claims) if message_type == DEEP_LINKING_REQUEST else None,
        for_user=values.text(values.mapping(claims, FOR_USER).get("user_id"), ID_LENGTH),
        locale=values.locale(presentation.get("locale")),
        zone=values.zone(claims.get("zoneinfo")),
        return_url=web_address(presentation.get("return_url")),
        document_target=values.text(presentation.get("document_target"), 20),
        family=values.text(
            values.mapping(claims, TOOL_PLATFORM).get("product_family_code"), 64
        ).lower(),
    )


def _subject(claims: Mapping[str, Any]) -> str:
    if claims.get("sub") is None:
        raise LaunchError(
            "anonymous_not_supported",
            "Your LMS did not say who you are. Peer work needs to know whose work it is.",
            status=403,
            advice="Sign in to your LMS, then open the activity from your course page.",
        )
    return values.key(claims["sub"], "sub")


def _roles(claims: Mapping[str, Any]) -> list[str]:
    return values.texts(claims.get(ROLES), "roles")


def _target(claims: Mapping[str, Any], message_type: str) -> str:
    value = claims.get(TARGET_LINK_URI)
    if value is None and message_type != RESOURCE_LINK_REQUEST:
        return ""
    if not isinstance(value, str) or not value or len(value) > URL_LENGTH:
        raise bad_claim("target_link_uri")
    return value


def _context(claims: Mapping[str, Any]) -> Context | None:
    if claims.get(CONTEXT) is None:
        return None
    context = values.mapping(claims, CONTEXT)
    values.texts(context.get("type", []), "context.type")
    return Context(
        values.key(context.get("id"), "context.id"),
        values.text(context.get("label"), NAME_LENGTH),
        values.text(context.get("title"), NAME_LENGTH),
    )


def _link(claims: Mapping[str, Any], message_type: str) -> ResourceLink | None:
    link = values.mapping(claims, RESOURCE_LINK)
    if not link and message_type != RESOURCE_LINK_REQUEST:
        return None
    return ResourceLink(
        values.key(link.get("id"), "resource_link.id"), values.text(link.get("title"), NAME_LENGTH)
    )


def _custom(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the custom parameters that have a value, by name as sent."""
    if len(given) > LIST_LENGTH:
        raise bad_claim("custom", "has too many members")
    texts = {name[:ID_LENGTH]: values.text(value) for name, value in given.items()}
    return {name: value for name, value in texts.items() if value and not value.startswith("$")}


def _services(claims: Mapping[str, Any]) -> Services:
    grades, roster = values.mapping(claims, AGS), values.mapping(claims, NRPS)
    groups = values.mapping(claims, GROUPS)
    return Services(
        line_item=web_address(grades.get("lineitem")),
        line_items=web_address(grades.get("lineitems")),
        scopes=tuple(values.texts(grades.get("scope", []), "endpoint.scope")),
        roster=web_address(roster.get("context_memberships_url")),
        groups=web_address(groups.get("context_groups_url")),
        group_sets=web_address(groups.get("context_group_sets_url")),
        notices=_notices(values.mapping(claims, NOTICES)),
    )


def _notices(given: Mapping[str, Any]) -> str:
    """Return the notification service's address, if it tells of copied courses."""
    known = given.get("notice_types_supported")
    if not isinstance(known, list) or CONTEXT_COPY_NOTICE not in known:
        return ""
    return web_address(given.get("platform_notification_service_url"))


def _deep_link(claims: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings; what is sent back unread (`data`) is kept letter by letter."""
    given = values.mapping(claims, DEEP_LINKING_SETTINGS)
    data = given.get("data")
    if data is not None and (not isinstance(data, str) or len(data) > TEXT_LENGTH):
        raise bad_claim("deep_linking_settings.data")
    return_url = web_address(given.get("deep_link_return_url"))
    if not return_url:
        raise LaunchError(
            "deep_link_return_url",
            "Your LMS did not say where to bring your choice, so nothing could be added.",
            status=400,
            advice=ADMINISTRATOR,
        )
    settings = {
        "deep_link_return_url": return_url,
        "accept_types": values.texts(given.get("accept_types", []), "accept_types"),
        "accept_multiple": given.get("accept_multiple") is True,
        "accept_lineitem": given.get("accept_lineitem") is not False,
        TARGETS: values.texts(given.get(TARGETS, []), TARGETS),
        "title": values.text(given.get("title"), NAME_LENGTH),
        "text": values.text(given.get("text")),
    }
    return settings if data is None else {**settings, "data": data}
