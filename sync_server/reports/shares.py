"""Tickets created by category and by unit, with the share resolved of them."""

from typing import Any

from sqlalchemy import Column, Connection, case, func, select

from domain.wire.reports import MOST_BARS, Share
from sync_server.reports.frame import Frame
from sync_server.store import tables as t

TICKET = t.ticket.c
SOLVED = ("closed", "resolved")


def top_categories(conn: Connection, frame: Frame) -> tuple[Share, ...]:
    """The categories with most tickets, then all others in one row."""
    categories = frame.configuration.categories
    return _top(conn, frame, TICKET.category, lambda id: categories[id].name if id in categories else id)


def top_units(conn: Connection, frame: Frame) -> tuple[Share, ...]:
    """The units with most tickets, then all others in one row."""
    units = frame.viewer.tree.units
    return _top(conn, frame, TICKET.org, lambda id: units[id].name if id in units else id)


def _top(conn: Connection, frame: Frame, column: Column[Any], name: Any) -> tuple[Share, ...]:
    solved = func.sum(case((TICKET.status.in_(SOLVED), 1), else_=0))
    found = conn.execute(
        select(column, func.count(), solved)
        .where(frame.within(TICKET.created_at), frame.tickets)
        .group_by(column)
    ).all()
    earlier = frame.before()
    past = select(column, func.count()).where(earlier.within(TICKET.created_at), earlier.tickets)
    before: dict[str | None, int] = {id: count for id, count in conn.execute(past.group_by(column))}  # noqa: C416
    ranked = sorted(found, key=lambda row: (-row[1], row[0] or ""))
    shares = [
        Share(
            id=id or "",
            name=name(id) if id else "",
            created=created,
            resolved=solved,
            before=before.pop(id, 0),
        )
        for id, created, solved in ranked[:MOST_BARS]
    ]
    if len(ranked) > MOST_BARS:
        rest = ranked[MOST_BARS:]
        shares.append(
            Share(
                id="*",
                created=sum(row[1] for row in rest),
                resolved=sum(row[2] for row in rest),
                before=sum(before.values()),
            )
        )
    return tuple(shares)
