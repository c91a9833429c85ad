"""The pages about tools: which are registered, how another is added, and activities from them."""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lti_peer.demo.platform import by_hand
from lti_peer.demo.platform.current import current_lms, instructor_only
from lti_peer.demo.platform.errors import ProtocolError
from lti_peer.demo.platform.lms import origin
from lti_peer.demo.platform.model import Tool
from lti_peer.demo.platform.recorder import Outgoing, send

tools = Blueprint("tools", __name__)


@tools.get("/tools")
def index() -> str:
    """List the tools with what they were given."""
    instructor_only()
    return render_template("lms/tools.html")


@tools.get("/tools/add")
def ask() -> str:
    """Ask for the registration address of a tool."""
    instructor_only()
    return _form()


@tools.post("/tools/by-hand")
def copy() -> Response | tuple[str, int]:
    """Add a tool by what an administrator copied, or by the address of its configuration."""
    instructor_only()
    lms = current_lms()
    if lms.profile.registers:
        abort(404)
    try:
        if lms.profile.fetches:
            by_hand.add_configured(lms, request.form.get("address", "").strip())
        else:
            by_hand.add_copied(lms, request.form)
    except ProtocolError as refusal:
        return _form(request.form, refusal.sentence), refusal.status
    return redirect(url_for("tools.index"), code=303)


def _form(values: Mapping[str, str] = MappingProxyType({}), problem: str = "") -> str:
    fields = by_hand.FIELDS
    return render_template("lms/tool_add.html", values=values, fields=fields, problem=problem)


@tools.post("/tools/add")
def add() -> str | tuple[str, int]:
    """Open the tool's registration page in a frame, with a token that registers it once."""
    instructor_only()
    if not current_lms().profile.registers:
        abort(404)
    lms, address = current_lms(), request.form.get("address", "").strip()
    if not origin(address):
        problem = "This is not a web address. It begins with http:// or https://."
        return _form({"address": address}, problem), 400
    query = urlencode(
        {
            "openid_configuration": lms.addresses.configuration,
            "registration_token": lms.new_registration_token(),
        }
    )
    parts = urlsplit(address)
    frame = parts._replace(query="&".join(filter(None, (parts.query, query)))).geturl()
    send(Outgoing("Registration opened", "GET", frame))
    g.lms_other_origins = [origin(address)]
    return render_template("lms/tool_frame.html", frame=frame, tool_origin=origin(address))


@tools.get("/activities/add")
def choose() -> str:
    """Open deep linking with a tool in a frame; without a tool, say how to get one."""
    instructor_only()
    tool = _chosen()
    if tool is not None:
        g.lms_other_origins = [origin(tool.target_link_uri)]
    return render_template("lms/activity_add.html", tool=tool)


@tools.get("/deep-linking")
def latest() -> Response:
    """Begin deep linking with the tool that was registered last."""
    try:
        tool = current_lms().tool
    except LookupError as nothing:
        abort(404, str(nothing))
    return redirect(url_for("login.choose_content", client_id=tool.client_id))


def _chosen() -> Tool | None:
    """Return the tool that `tool` in the query names, else the last one that does deep linking."""
    able = [tool for tool in current_lms().tools if tool.deep_linking_url]
    wanted = request.args.get("tool")
    named = [tool for tool in able if tool.client_id == wanted]
    return next(iter(named or able[::-1]), None)
