"""What an id_token of this LMS says: the claims, written as its profile writes them."""

from collections.abc import Mapping
from typing import Any

from lti_peer.demo.platform.faults import Fault
from lti_peer.demo.platform.lms import Lms
from lti_peer.demo.platform.model import CourseRole, Message, Person, ResourceLink, Tool
from lti_peer.demo.platform.scopes import AGS_SCOPES, SCOPE_MEMBERSHIPS

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"
AGS_ENDPOINT = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_SERVICE = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"

VERSION = "1.3.0"
PERSONAL = ("name", "given_name", "family_name", "email")


def personal(lms: Lms, person: Person, tool: Tool) -> dict[str, str]:
    """Return the personal claims that the tool asked for at registration, and no other."""
    if Fault.NAMELESS in lms.faults.on:
        return {}
    known = {
        "name": person.name,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": person.email,
    }
    return {claim: value for claim, value in known.items() if claim in tool.claims}


def source_id(person: Person) -> str:
    """Return the person's number in an imagined student register."""
    return f"SIS-{person.id}"


def context(lms: Lms) -> dict[str, Any]:
    """Return the course, as launches and rosters name it."""
    return {"id": lms.course.id, "label": lms.course.label, "title": lms.course.title}


def substitute(lms: Lms, custom: Mapping[str, str], link: ResourceLink | None) -> dict[str, str]:
    """Return custom parameters with known variables filled in; unknown ones stay as written."""
    known = {
        "$Context.id": lms.course.id,
        "$Context.title": lms.course.title,
        "$Context.label": lms.course.label,
        "$Context.id.history": "",
        "$ResourceLink.id": link.id if link else "",
        "$ResourceLink.title": link.title if link else "",
        **lms.profile.variables,
    }
    return {name: known.get(value, value) for name, value in custom.items()}


def launch(lms: Lms, message: Message, link: ResourceLink) -> dict[str, Any]:
    """Return the claims of an LtiResourceLinkRequest, all but those of `envelope`."""
    tool = lms.tool_of(message.client_id)
    # A parameter of the tool wins over an item's, and Moodle repeats every name in small letters.
    custom = substitute(lms, {**link.custom, **tool.custom}, link)
    small = {name.lower(): value for name, value in custom.items()}
    return {
        LTI + "target_link_uri": link.url,
        LTI + "resource_link": {"id": link.id, "title": link.title, "description": link.text},
        LTI + "custom": {**custom, **(small if lms.profile.repeats_custom else {})},
        LTI + "launch_presentation": {
            "document_target": "iframe",
            "locale": "en",
            "return_url": f"{lms.url}/activities/{link.id}",
        },
        **_grade_services(lms, tool, link),
        **_roster_service(lms, tool),
    }


def submission_review(lms: Lms, message: Message) -> dict[str, Any]:
    """Return the claims of an LtiSubmissionReviewRequest, all but those of `envelope`."""
    tool, about = lms.tool_of(message.client_id), lms.person(message.about_id)
    own = launch(lms, message, lms.link(message.link_id or ""))
    column = lms.addresses.line_item(lms.course.id, message.line_item_id, tool.deployment_id)
    return {
        **own,
        LTI + "target_link_uri": tool.review_url,
        LTI + "for_user": {"user_id": about.id, **personal(lms, about, tool)},
        AGS_ENDPOINT: {**own.get(AGS_ENDPOINT, {}), "lineitem": column},
    }


def deep_linking(lms: Lms, message: Message) -> dict[str, Any]:
    """Return the claims of an LtiDeepLinkingRequest, all but those of `envelope`."""
    tool, gives_data = lms.tool_of(message.client_id), lms.profile.gives_data
    return_url = lms.addresses.deep_linking_return(
        lms.course.id, "" if gives_data else message.data
    )
    return {
        LTI + "target_link_uri": tool.deep_linking_url or tool.target_link_uri,
        LTI + "custom": substitute(lms, tool.custom, None),
        LTI + "launch_presentation": {"document_target": "iframe", "locale": "en"},
        DEEP_LINKING + "deep_linking_settings": {
            "deep_link_return_url": return_url,
            "accept_types": list(lms.profile.accepts),
            "accept_presentation_document_targets": list(lms.profile.targets),
            "accept_multiple": lms.profile.takes_several,
            "accept_unsigned": False,
            "accept_lineitem": lms.profile.takes_columns,
            "auto_create": True,
            "title": tool.name,
            "text": "",
            **({"data": message.data} if gives_data else {}),
        },
        **_grade_services(lms, tool, None),
    }


def envelope(lms: Lms, message: Message, nonce: str) -> dict[str, Any]:
    """Return the claims that every message carries, its times by the LMS's clock."""
    person, tool = lms.person(message.person_id), lms.tool_of(message.client_id)
    now = int(lms.clock().timestamp())
    return {
        "iss": lms.issuer,
        "aud": tool.client_id,
        **({"azp": tool.client_id} if lms.profile.names_party else {}),
        "sub": person.id,
        "iat": now,
        "exp": now + lms.profile.token_seconds,
        "nonce": nonce,
        **personal(lms, person, tool),
        LTI + "message_type": message.kind.value,
        LTI + "version": VERSION,
        LTI + "deployment_id": tool.deployment_id,
        LTI + "roles": [
            role_uri(person.role),
            *lms.profile.further_roles.get(person.role, ()),
        ],
        LTI + "context": {**context(lms), "type": ["CourseSection"]},
        LTI + "lis": {
            "person_sourcedid": source_id(person),
            "course_section_sourcedid": lms.course.label,
        },
        LTI + "tool_platform": {
            "guid": lms.guid,
            "name": lms.profile.label,
            "description": "A demonstration with synthetic people",
            "product_family_code": lms.profile.product,
            "version": "1",
        },
        LTI + "ext": {"lms": lms.profile.product, "user_username": person.username},
    }


def role_uri(role: CourseRole) -> str:
    """Return the LIS name of the role in launches; rosters carry the short word."""
    return MEMBERSHIP + role.value


def _grade_services(lms: Lms, tool: Tool, link: ResourceLink | None) -> dict[str, Any]:
    scopes = [scope for scope in AGS_SCOPES if scope in tool.scopes]
    if not scopes:
        return {}
    addresses, course_id, type_id = lms.addresses, lms.course.id, tool.deployment_id
    endpoint: dict[str, Any] = {
        "scope": scopes,
        "lineitems": addresses.line_items(course_id, type_id),
    }
    coupled = lms.gradebook.coupled(link.id) if link else ()
    # As in Moodle: with two columns for one activity, a launch names neither.
    if len(coupled) == 1 or (coupled and not lms.profile.hides_columns):
        endpoint["lineitem"] = addresses.line_item(course_id, coupled[0].id, type_id)
    return {AGS_ENDPOINT: endpoint}


def _roster_service(lms: Lms, tool: Tool) -> dict[str, Any]:
    if SCOPE_MEMBERSHIPS not in tool.scopes:
        return {}
    return {
        NRPS_SERVICE: {
            "context_memberships_url": lms.addresses.memberships(lms.course.id, tool.deployment_id),
            "service_versions": ["1.0", "2.0"],
        }
    }
