"""The pages of the LMS: course, activity, people, grade book."""

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lti_peer.demo.platform.current import (
    COOKIE,
    current_lms,
    current_person,
    instructor_only,
    own_path,
)
from lti_peer.demo.platform.lms import origin
from lti_peer.demo.platform.model import LineItem, Person, ResourceLink

pages = Blueprint("pages", __name__)

MOST_IN_SWITCH = 60
"""Learners in the switch on every page; all of them are on the page of people."""


@pages.app_context_processor
def switchable() -> dict[str, object]:
    """Give every page the people for its switch: the first ones, and always the visitor."""
    lms, me = current_lms(), current_person()
    first = lms.people[: MOST_IN_SWITCH + 1]
    return {"switchable": first if me in first else (*first, me)}


@pages.get("/")
def course() -> str:
    """Show the course with its activities."""
    lms, me = current_lms(), current_person()
    rows = [(link, _grades(link, me)) for link in lms.links]
    return render_template("lms/course.html", rows=rows)


@pages.get("/activities/<link_id>")
def activity(link_id: str) -> str:
    """Show one activity: the tool in a frame."""
    link = _link(link_id)
    tool_origin = origin(link.url)
    g.lms_other_origins = [tool_origin]
    return render_template(
        "lms/activity.html",
        link=link,
        tool_origin=tool_origin,
        grades=_grades(link, current_person()),
    )


@pages.get("/people")
def people() -> str:
    """Show everybody, or those whose name has the text of `q` in it."""
    wanted = request.args.get("q", "").strip()
    found = [each for each in current_lms().people if wanted.lower() in each.name.lower()]
    return render_template("lms/people.html", found=found, wanted=wanted)


@pages.post("/people")
def enrol() -> Response:
    """Let a learner leave the course, or come back."""
    instructor_only()
    lms, form = current_lms(), request.form
    try:
        lms.leave(form["leave"]) if "leave" in form else lms.come_back(form["return"])
    except KeyError:
        abort(400, "Only learners leave and come back.")
    return redirect(url_for("pages.people"), code=303)


@pages.post("/you")
def become() -> Response:
    """Be somebody else from now on, and see the same page again."""
    try:
        person = current_lms().person(request.form.get("person", ""))
    except KeyError:
        abort(400, "Nobody in this course has this number.")
    back = own_path(request.form.get("back", "/"), url_for("pages.course"))
    response = redirect(back, code=303)
    response.set_cookie(COOKIE, person.id, httponly=True, samesite="Lax")
    return response


@pages.get("/grades")
def gradebook() -> str:
    """Show the grade book: all of it to the instructor, their own line to learners."""
    lms, me = current_lms(), current_person()
    shown = lms.learners if me.teaches else (me,)
    columns = lms.gradebook.columns
    rows = [(person, [_cell(column, person) for column in columns]) for person in shown]
    return render_template("lms/grades.html", columns=columns, rows=rows)


@pages.get("/grades/<line_item_id>/<person_id>")
def history(line_item_id: str, person_id: str) -> str:
    """Show every score that was accepted for one person in one column."""
    lms, me = current_lms(), current_person()
    try:
        column, person = lms.gradebook.column(line_item_id), lms.person(person_id)
    except KeyError:
        abort(404, "There is no such column or person.")
    if not me.teaches and me != person:
        abort(403, "You can see your own grades only.")
    scores = lms.gradebook.history(column.id, person.id)
    return render_template(
        "lms/history.html", column=column, person=person, scores=list(reversed(scores))
    )


def _link(link_id: str) -> ResourceLink:
    try:
        return current_lms().link(link_id)
    except KeyError:
        abort(404, "There is no such activity.")


def _grades(link: ResourceLink, person: Person) -> list[dict[str, object]]:
    return [_cell(column, person) for column in current_lms().gradebook.coupled(link.id)]


def _cell(column: LineItem, person: Person) -> dict[str, object]:
    gradebook = current_lms().gradebook
    return {"column": column, "grade": gradebook.grade(column.id, person.id)}
