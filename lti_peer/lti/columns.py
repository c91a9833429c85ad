"""The grade columns of an activity in the LMS: known from a launch, found again, or made.

The first component's column comes with the resource link, if there is one. Any other is made here,
without `resourceLinkId`: two columns for one link make Moodle leave the first out of later launches
(moodle.md, AGS).
"""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_peer.activities import registry
from lti_peer.activities.kind import Component
from lti_peer.core import grades
from lti_peer.core.db import Database
from lti_peer.core.models import NAME_LENGTH, Activity, LineItem, Platform
from lti_peer.lti import line_items
from lti_peer.lti.http import Refused
from lti_peer.lti.platforms import of as quirks_of
from lti_peer.lti.services import Declined, Services
from lti_peer.lti.verdicts import NO_COLUMN, NOT_UNDERSTOOD, Fate, Verdict, judge


class NoColumn(Exception):
    """There is no column to send a grade to; `verdict` says why, and whether it may come."""

    def __init__(self, verdict: Verdict) -> None:
        """Keep the verdict."""
        super().__init__(verdict.sentence)
        self.verdict = verdict


@dataclass(frozen=True)
class Column:
    """One component's column, as far as we know it."""

    id: UUID
    """Our row's."""
    activity_id: UUID
    component: str
    label: str
    """What it is to be called."""
    renamed: bool
    """Whether it is called something else in the LMS; the link's own is the LMS's to name."""
    maximum: float
    url: str
    """Empty until the LMS has told it."""
    coupled: bool
    """Whether it is the resource link's own, which the LMS makes; a further one is ours to make."""
    link_key: str
    """The resource link's id."""
    list_url: str
    """Where the course's columns are; empty when the LMS gives the tool none."""


def know(session: Session, activity: Activity, component: str) -> Column:
    """Return what we know of a component's column; its row is made when it is not there yet."""
    row = grades.line_item(session, activity.id, component) or _add(session, activity, component)
    coupled = _is_first(activity, component) and activity.resource_link_key is not None
    label = _label(activity, component)
    return Column(
        id=row.id,
        activity_id=activity.id,
        component=component,
        label=label,
        renamed=not coupled and row.label != label,
        maximum=row.maximum,
        url=row.url,
        coupled=coupled,
        link_key=activity.resource_link_key or "",
        list_url=activity.course.line_items_url,
    )


def address(database: Database, services: Services, platform: Platform, column: Column) -> str:
    """Return the column's URL in the LMS, looked up or made if need be, and remember it.

    No transaction may be open. Raises NoColumn, and what `Services.call` raises.
    """
    if column.url and column.renamed:
        _rename(database, services, platform, column)
    if column.url:
        return column.url
    if found := _find(services, platform, column):
        return _remember(database, column, found)
    if column.coupled or not column.list_url:
        raise NoColumn(Verdict(Fate.NEVER, NO_COLUMN))
    made = _make(services, platform, column)
    kept = _remember(database, column, made)
    if kept != made:
        # Another worker made one at the same time and was faster: two would confuse everybody.
        line_items.delete(services, platform, made)
    return kept


def forget(session: Session, column_id: UUID, url: str) -> None:
    """Forget the address of a column that is gone, so that "send again" finds or makes another."""
    session.execute(
        update(LineItem).where(LineItem.id == column_id, LineItem.url == url).values(url="")
    )


def _find(services: Services, platform: Platform, column: Column) -> str:
    """Return the URL of the column that the LMS already has for us, or ""."""
    if not column.list_url:
        return ""
    wanted = (
        {"link_key": column.link_key}
        if column.coupled
        else {"resource_key": str(column.activity_id), "tag": column.component}
    )
    try:
        found = line_items.find(services, platform, column.list_url, **wanted)
    except Declined as refusal:
        raise _no_column(refusal, platform) from None
    return found[0].url if found else ""


def _make(services: Services, platform: Platform, column: Column) -> str:
    try:
        return line_items.create(
            services,
            platform,
            column.list_url,
            label=column.label,
            maximum=column.maximum,
            resource_key=str(column.activity_id),
            tag=column.component,
        ).url
    except Declined as refusal:
        raise _no_column(refusal, platform) from None
    except Refused:
        raise NoColumn(Verdict(Fate.NEVER, NOT_UNDERSTOOD)) from None


def _rename(database: Database, services: Services, platform: Platform, column: Column) -> None:
    """Call a column of ours what the activity is called now. An LMS that minds is left alone."""
    with suppress(Declined, Refused):
        line_items.change(services, platform, column.url, label=column.label)
    with database.transaction() as session:
        session.execute(update(LineItem).where(LineItem.id == column.id).values(label=column.label))


def _no_column(refusal: Declined, platform: Platform) -> NoColumn:
    verdict = judge(refusal.answer, quirks_of(platform))
    return NoColumn(verdict if verdict.fate is Fate.LATER else Verdict(Fate.NEVER, NO_COLUMN))


def _remember(database: Database, column: Column, url: str) -> str:
    """Keep the URL unless there is one by now, and return the one that is kept."""
    with database.transaction() as session:
        session.execute(
            update(LineItem).where(LineItem.id == column.id, LineItem.url == "").values(url=url)
        )
        return session.scalar(select(LineItem.url).where(LineItem.id == column.id)) or url


def _add(session: Session, activity: Activity, component: str) -> LineItem:
    row = LineItem(
        deployment_id=activity.deployment_id,
        activity_id=activity.id,
        component=component,
        label=_label(activity, component),
        maximum=_component(activity, component).maximum,
        url="",
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        found = grades.line_item(session, activity.id, component)
        assert found is not None  # somebody else has just made it
        return found
    return row


def _label(activity: Activity, component: str) -> str:
    details = _component(activity, component)
    label = f"{activity.title} – {details.label}" if details.label else activity.title
    return label[:NAME_LENGTH]


def _components(activity: Activity) -> tuple[Component, ...]:
    kind = registry.find(activity.kind)
    return kind.components if kind else ()


def _component(activity: Activity, key: str) -> Component:
    known = {one.key: one for one in _components(activity)}
    return known.get(key, Component(key, ""))


def _is_first(activity: Activity, key: str) -> bool:
    return [one.key for one in _components(activity)][:1] in ([key], [])
