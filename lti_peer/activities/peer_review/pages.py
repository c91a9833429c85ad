"""The blueprint of the kind, and what its pages share."""

from flask import Blueprint

from lti_peer.web.answers import tell

pages = Blueprint("peer_review", __name__, template_folder="templates")

NOTICES = {
    "handed_in": ("good", "Your work is handed in."),
    "review_sent": ("good", "Your review is sent. Thank you."),
    "given_back": ("good", "You gave the review back; somebody else will write it."),
    "replaced": ("good", "You gave the review back. Here is another text instead."),
    "nothing": ("info", "There is nothing to review just now. Look at the date below."),
    "revised": ("good", "Your revision is handed in."),
    "looked": ("good", "Your second look is sent. Thank you."),
    "read": ("good", "You have read your feedback."),
    "rated": ("good", "Your answer is kept. The reviewer will see it."),
    "saved": ("good", "The settings are saved."),
    "extended": ("good", "The new date is set."),
    "closed": ("good", "The phase is closed."),
    "released": ("good", "The grades are released and on their way to the LMS."),
    "resolved": ("good", "The call is answered."),
}
"""What a page says after an act."""
tell(pages, NOTICES)
