"""The report of an institution: the courses of one LMS, for whoever looks across them."""

from uuid import UUID

from flask import Response, current_app, render_template, request

from lti_peer.admin.pages import pages
from lti_peer.core import db
from lti_peer.core.errors import NotFound
from lti_peer.reports import across, answers, institution
from lti_peer.reports.shape import Figure
from lti_peer.web import policy


@pages.get("/report")
@policy.admin
def report() -> str:
    """Show what the courses of one LMS came to: of the one that was chosen, or of the first."""
    found = across.institutions(db.session())
    chosen = _chosen(found)
    return render_template(
        "admin/report.html",
        institutions=found,
        chosen=chosen,
        figures=_figures(chosen) if chosen else [],
        files=answers.links("admin.report_table", lms=chosen) if chosen else None,
    )


@pages.get("/report/<key>.<form>")
@policy.admin
def report_table(key: str, form: str) -> Response:
    """Return the table of one figure as a file, piece by piece."""
    chosen = _chosen(across.institutions(db.session()))
    return answers.as_file(_figures(chosen) if chosen else [], key, form)


def _figures(chosen: UUID) -> list[Figure]:
    found = across.courses(db.session(), chosen, current_app.config["BASE_URL"])
    return institution.figures(found)


def _chosen(found: list[tuple[UUID, str]]) -> UUID | None:
    """Return the LMS that the address names; the first where it names none."""
    said = request.args.get("lms", "")
    if not said:
        return found[0][0] if found else None
    known = {str(one): one for one, _ in found}
    if said not in known:
        raise NotFound("There is no such LMS, or nobody has used the tool from there yet.")
    return known[said]
