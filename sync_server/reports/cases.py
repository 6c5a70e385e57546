"""Cases by what they have in common, how long they took, and what imported logs tell of them (RULES §11)."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC
from typing import NamedTuple

from sqlalchemy import Connection, Row, Select, func, select

from domain.entities.base import Instant
from domain.errors import InvalidInputError
from domain.rules.decide_history import IMPORTED
from domain.rules.open_time import local
from domain.rules.zones import zone
from domain.wire.reports import Activity, Cases, Group, Spread
from sync_server.reports.durations import spread
from sync_server.reports.frame import Frame
from sync_server.store import tables as t
from sync_server.store.rows import load_mapping

COLUMNS = ("priority", "status", "line", "org", "category", "channel", "team", "assignee")
MONTH, FIELD = "month", "field:"

_ROW = t.ticket.c


class Case(NamedTuple):
    """What is looked at of a ticket."""

    id: str
    created_at: Instant
    resolved_at: Instant | None
    closed_at: Instant | None
    key: str
    marked: bool


def cases(conn: Connection, frame: Frame, *, by: str, mark: str, source: str) -> Cases:
    """Tickets created in the period, of one import's source where it is named.

    `by` is a column of the ticket, `month` of its creation, or `field:KEY`; `mark` is `field:KEY` or empty.
    Raises InvalidInputError (``report_by``) for anything else, and for fields that not everybody may see.
    """
    key, marked = _keyed(frame, by or "priority"), _marked(frame, mark)
    query = _within(frame, source, _ROW.id, _ROW.created_at, _ROW.resolved_at, _ROW.closed_at, *_ASKED)
    found = [
        Case(row.id, row.created_at, row.resolved_at, row.closed_at, key(row), marked(row))
        for row in conn.execute(query)
    ]
    all_of, marks = Counter(one.key for one in found), Counter(one.key for one in found if one.marked)
    took = [one.resolved_at - one.created_at for one in found if one.resolved_at is not None]
    activities = tuple(_activities(conn, frame, source))
    return Cases(
        asked=frame.question,
        as_of=frame.now,
        by=by or "priority",
        mark=mark,
        source=source,
        cases=len(found),
        events=sum(one.events for one in activities),
        marked=sum(marks.values()),
        resolved=len(took),
        closed=sum(1 for one in found if one.closed_at is not None),
        open_to_resolved=_spread(took),
        first_to_last=_spread(_lengths(conn, frame, source)),
        groups=tuple(
            Group(key=one, cases=count, marked=marks[one])
            for one, count in sorted(all_of.items(), key=lambda pair: (-pair[1], pair[0]))
        ),
        activities=activities,
    )


_ASKED = tuple(_ROW[name] for name in (*COLUMNS, "fields"))


def _within(frame: Frame, source: str, *columns: object) -> Select[tuple[object, ...]]:
    """The tickets that are asked about."""
    query = select(*columns).select_from(t.ticket)  # type: ignore[call-overload]
    query = query.where(frame.tickets, frame.within(_ROW.created_at))
    if source:
        imported = select(t.imported.c.id).where(t.imported.c.source == source)
        query = query.where(_ROW.id.in_(imported))
    return query  # type: ignore[no-any-return]


def _keyed(frame: Frame, by: str) -> Callable[[Row[tuple[object, ...]]], str]:
    if by in COLUMNS:
        return lambda row: str(getattr(row, by) or "")
    if by == MONTH:
        place = zone(frame.question.zone) if frame.question.zone != "UTC" else UTC
        return lambda row: local(place, row.created_at).strftime("%Y-%m")
    if by.startswith(FIELD):
        name = _field(frame, by)
        return lambda row: _shown(load_mapping(row.fields).get(name))
    raise InvalidInputError("report_by", by=by[:60], known=", ".join((*COLUMNS, MONTH, f"{FIELD}KEY")))


def _marked(frame: Frame, mark: str) -> Callable[[Row[tuple[object, ...]]], bool]:
    if not mark:
        return lambda _row: False
    name = _field(frame, mark)
    return lambda row: _holds(load_mapping(row.fields).get(name))


def _field(frame: Frame, text: str) -> str:
    """The key of a field; only of those that every viewer of a ticket is shown."""
    name = text.removeprefix(FIELD)
    forms = frame.configuration.templates.values()
    hidden = any(
        one.key == name and (one.field_class != "ordinary" or one.personal)
        for form in forms
        for one in form.fields
    )
    if not text.startswith(FIELD) or not name or hidden:
        raise InvalidInputError("report_by", by=text[:60], known=f"{FIELD}KEY")
    return name


def _shown(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _holds(value: object) -> bool:
    return value is True or (isinstance(value, int | float) and value > 0)


def _activities(conn: Connection, frame: Frame, source: str) -> Iterator[Activity]:
    """What imported logs tell of, the most frequent first."""
    row = t.entry.c
    ids = _within(frame, source, _ROW.id)
    query = (
        select(row.body, func.count(), func.count(row.ticket.distinct()))
        .where(row.kind == IMPORTED, row.field_class == "ordinary", row.ticket.in_(ids))
        .group_by(row.body)
        .order_by(func.count().desc(), row.body)
    )
    for name, events, found in conn.execute(query):
        yield Activity(name=name or "", events=events, cases=found)


def _lengths(conn: Connection, frame: Frame, source: str) -> list[int]:
    """Milliseconds from the first to the last row of each log."""
    row = t.entry.c
    query = (
        select(func.max(row.at) - func.min(row.at))
        .where(row.kind == IMPORTED, row.ticket.in_(_within(frame, source, _ROW.id)))
        .group_by(row.ticket)
    )
    return [int(took) for took in conn.execute(query).scalars()]


def _spread(took_ms: Iterable[int]) -> Spread:
    """In seconds, the median of the unrounded; nothing where there is nothing."""
    seconds = [round(one / 1000) for one in took_ms]
    return spread(seconds) if seconds else Spread()
