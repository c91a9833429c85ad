"""The blueprint of the kind, and what its pages share."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from lti_peer.core.models import Membership
from lti_peer.peerwork.allocations import AllocationMember
from lti_peer.web import identity
from lti_peer.web.answers import tell

pages = Blueprint("teaching", __name__, template_folder="templates")

Answer = str | Response | tuple[str, int]

NOTICES = {
    "signed_up": ("good", "You are signed up."),
    "withdrawn": ("good", "You have withdrawn. You can sign up again while sign-up is open."),
    "checked": ("good", "Your answer is kept."),
    "proposed": ("good", "Your time is proposed. Your partner sees it on their first page."),
    "confirmed": ("good", "The time is confirmed."),
    "called_off": ("good", "The meeting is called off. Propose another time."),
    "held": ("good", "Noted: you have met."),
    "missed": ("good", "Noted. Propose another time."),
    "parted": ("good", "You are not paired any more. We look for somebody else at once."),
    "rated": ("good", "Your rating is kept."),
    "saved": ("good", "The settings are saved."),
    "matched": ("good", "Everybody for whom there was somebody has a partner."),
    "ended": ("good", "The pair has ended, and its people are matched anew."),
    "extended": ("good", "The new date is set."),
    "released": ("good", "The grades are released and on their way to the LMS."),
    "resolved": ("good", "The call is answered."),
}
"""What a page says after an act."""
tell(pages, NOTICES)


def names(members: Mapping[UUID, Membership], parts: Sequence[AllocationMember]) -> str:
    """Return "Ada", or "Ada and Ben": partners know each other's names, because they meet."""
    found = [identity.name_of(members[one.person_id]) for one in parts if one.person_id in members]
    return " and ".join(found) or "somebody who has left"
