"""How the tool comes into the LMS: by its own registration, or by hand on both sides."""

from lti_peer.demo.classroom import instructor
from lti_peer.demo.classroom.crowd import ActFailedError, expect
from lti_peer.demo.platform.lms import Lms
from lti_peer.demo.stage import Stage
from lti_peer.lti import registration
from lti_peer.lti.registration import Entry


def admit(stage: Stage) -> None:
    """Add the tool to the LMS, in the way that this LMS has, so that both know each other.

    Raises ActFailedError when there is no tool in the LMS afterwards.
    """
    if stage.lms.profile.registers:
        instructor.register(stage)
        return
    with stage.browser(stage.lms.instructor.id) as browser:
        page = expect(browser.get("/tools/add"), "tools")
        fields = copied(stage.lms, stage.tool_url)
        expect(browser.submit(page, fields, form="add-tool"), "adding the tool by hand")
    if not stage.lms.tools:
        raise ActFailedError("The tool was not added.")
    with stage.database.transaction() as session:
        registration.add_platform(session, entry(stage.lms), private=True)


def copied(lms: Lms, tool_url: str) -> dict[str, str]:
    """Return what an administrator fills in the LMS's form: the tool's addresses."""
    if lms.profile.fetches:
        return {"address": f"{tool_url}/lti/config/{lms.profile.name}.json"}
    return {
        "name": "Peer learning",
        "login_url": f"{tool_url}/lti/login",
        "launch_url": f"{tool_url}/lti/launch",
        "jwks_url": f"{tool_url}/lti/jwks.json",
    }


def entry(lms: Lms) -> Entry:
    """Return what an administrator tells the tool of the LMS: `lti-peer platform add`."""
    return Entry(
        issuer=lms.issuer,
        client_id=lms.tool.client_id,
        auth_url=lms.addresses.authorization,
        token_url=lms.addresses.token,
        jwks_url=lms.addresses.jwks,
        audience=lms.profile.audience,
        name="Demo",
        deployments=(lms.tool.deployment_id,),
    )
