"""Finding the tickets of a range in the order of its pages, without looking at the others (SYNC §3)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, literal_column, or_, select, union

from domain.entities.base import Instant
from domain.entities.ticket import OPEN_STATUSES
from domain.wire.sync import Range
from sync_server.access.predicate import in_range, takes_no_part
from sync_server.access.viewer import Viewer
from sync_server.feed.projection import Columns
from sync_server.store import tables as t
from sync_server.store.queries.opened import opened
from sync_server.store.queries.tickets import MARKED, ticket_rows

Take = Callable[[int], Sequence[Columns]]
"""Gives the next so many tickets, fewer at the end."""

_ID, _FOLLOWED = t.ticket.c.id, t.ticket_cc.c.ticket


@contextmanager
def following(
    conn: Connection, viewer: Viewer, wanted: Range, *, after: str, keep_since: Instant, limit: int
) -> Iterator[Take]:
    """The columns and marks of at most `limit` tickets of a range that come after an id."""
    rest = _tests(conn, wanted, keep_since)
    if wanted.kind == "mine":
        yield _by_id(conn, _own(viewer.person, rest, after, limit))
        return
    # What the person takes part in comes with `mine`, and once is enough.
    rest += [in_range(viewer, wanted.unit, wanted.line, deep=wanted.deep), takes_no_part(viewer.person)]
    if wanted.deep and not viewer.tree.is_root(wanted.unit):
        # Of many units, they have to be sorted: ids alone are, not whole rows of more than a page holds.
        yield _by_id(conn, _newest(select(_ID).where(*rest), _ID, after, limit))
        return
    with opened(conn, _newest(MARKED.where(*rest), _ID, after, limit)) as cursor:
        yield cursor.fetchmany


def _tests(conn: Connection, wanted: Range, keep_since: Instant) -> list[ColumnElement[bool]]:
    """What is asked of a ticket whatever the range: whether desktops keep it, and whether it is open.

    SQLite would find those of a status by its index, and sort all of them for each page: a plus keeps it from that.
    """
    plus = "+" if conn.dialect.name == "sqlite" else ""
    status: ColumnElement[str] = literal_column(f"{plus}ticket.status")
    closed_at: ColumnElement[int] = literal_column(f"{plus}ticket.closed_at")
    tests = [or_(closed_at.is_(None), closed_at >= keep_since)]
    if wanted.open is not None:
        is_open = status.in_(sorted(OPEN_STATUSES))
        tests.append(is_open if wanted.open else ~is_open)
    return tests


def _own(person: str, rest: list[ColumnElement[bool]], after: str, limit: int) -> Select[Any]:
    """The ids of a person's own tickets: each way to take part gives its newest from an index in that order."""
    followed = select(_FOLLOWED.label("id")).join(t.ticket, _ID == _FOLLOWED)
    ways = [
        _newest(select(_ID).where(t.ticket.c.assignee == person, *rest), _ID, after, limit),
        _newest(select(_ID).where(t.ticket.c.creator == person, *rest), _ID, after, limit),
        _newest(followed.where(t.ticket_cc.c.person == person, *rest), _FOLLOWED, after, limit),
    ]
    all_ways = union(*(select(way.subquery().c.id) for way in ways)).subquery()
    return select(all_ways.c.id).order_by(all_ways.c.id.desc()).limit(limit)


def _newest(query: Select[Any], id: ColumnElement[str], after: str, limit: int) -> Select[Any]:
    return (query.where(id < after) if after else query).order_by(id.desc()).limit(limit)


def _by_id(conn: Connection, query: Select[Any]) -> Take:
    """Tickets read as they are taken, of the ids that a query finds at once."""
    left = iter(conn.execute(query).scalars().all())

    def take(count: int) -> list[Columns]:
        ids = list(islice(left, count))
        rows = {row[0]: row for row in ticket_rows(conn, ids)}
        return [rows[id] for id in ids]

    return take
