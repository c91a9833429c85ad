"""Names and Role Provisioning Services 2.0: who is in the course."""

from typing import Any

from flask import Blueprint, Response, request

from lti_peer.demo.platform import claims
from lti_peer.demo.platform.addresses import MEMBERSHIPS
from lti_peer.demo.platform.answers import answer, one_page
from lti_peer.demo.platform.bearer import require, require_course
from lti_peer.demo.platform.current import current_lms
from lti_peer.demo.platform.errors import ProtocolError
from lti_peer.demo.platform.lms import Lms
from lti_peer.demo.platform.model import MessageKind, Person, ResourceLink, Tool
from lti_peer.demo.platform.scopes import SCOPE_MEMBERSHIPS

roster = Blueprint("roster", __name__)

MEMBERSHIPS_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


@roster.get(MEMBERSHIPS)
def members(course_id: str) -> Response:
    """List the members; `role`, `rlid`, `from` and `limit` narrow the list.

    Roles are short words, as Moodle sends them, or URIs, by the profile; the filter takes both.
    """
    tool = require(SCOPE_MEMBERSHIPS)
    require_course(course_id)
    lms = current_lms()
    link = _link(lms, tool)
    wanted = request.args.get("role", "").removeprefix(claims.MEMBERSHIP)
    listed = [one for one in lms.people if lms.tells_leavers or one.id not in lms.left]
    found = [person for person in listed if wanted in ("", person.role.value)]
    forgotten = ("role",) if lms.profile.forgets_filter else ()
    people, next_page = one_page(found, lms.roster_page, forgotten)
    document = {
        "id": lms.addresses.memberships(course_id, tool.deployment_id),
        "context": claims.context(lms),
        "members": [_member(lms, person, tool, link) for person in people],
    }
    response = answer(document, MEMBERSHIPS_TYPE)
    if next_page:
        response.headers["Link"] = next_page
    return response


def _member(lms: Lms, person: Person, tool: Tool, link: ResourceLink | None) -> dict[str, Any]:
    member: dict[str, Any] = {
        "status": "Inactive" if person.id in lms.left else "Active",
        "roles": [person.role.value if lms.profile.short_roles else claims.role_uri(person.role)],
        "user_id": person.id,
        "lis_person_sourcedid": claims.source_id(person),
        "ext_user_username": person.username,
        **claims.personal(lms, person, tool),
    }
    if link is not None:
        message = {
            claims.LTI + "message_type": MessageKind.RESOURCE_LINK.value,
            claims.LTI + "custom": claims.substitute(lms, link.custom, link),
        }
        member["message"] = [message]
    return member


def _link(lms: Lms, tool: Tool) -> ResourceLink | None:
    """Return the activity that `rlid` names, if it is given. Raises ProtocolError 404."""
    link_id = request.args.get("rlid")
    if link_id is None:
        return None
    for link in lms.links:
        if link.id == link_id and link.client_id == tool.client_id:
            return link
    raise ProtocolError(404, "not_found", "There is no such activity of this tool.")
