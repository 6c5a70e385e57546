"""What the replica holds from the server, as counts and sums: the same numbers as the server sums (SYNC §6).

A ticket with unsent commands counts by the server's copy of it; one the server does not know yet does not count.
"""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection

from desktop.replica import meta, rows, sql
from domain.entities.base import Instant
from domain.entities.people import CLASS_BIT
from domain.rules.digests import ACCESS_WEIGHT, share
from domain.rules.parts import TAKES_PART, parts
from domain.wire.integrity import TAKING_PART

Place = tuple[str, str]
"""Unit and line, or TAKING_PART."""

_SHARE = f"t.mark + t.access * {ACCESS_WEIGHT}"
_PLAIN = (
    "FROM ticket t LEFT JOIN base b ON b.ticket = t.id "
    "WHERE b.ticket IS NULL AND (t.closed_at IS NULL OR t.closed_at >= ?)"
)
_GROUP = f"CASE WHEN t.my & {TAKES_PART} THEN '' ELSE"
_CLASSED = "SELECT ticket, field_class FROM {} WHERE rev > 0 AND field_class <> 'ordinary'"
_HIDDEN = " ".join(f"WHEN '{name}' THEN NOT t.access & {bit}" for name, bit in CLASS_BIT.items())


class Share(NamedTuple):
    """What one held ticket adds to the digest, and where it stands."""

    id: str
    rev: int
    share: int
    place: Place


def whole(conn: Connection, keep_since: Instant) -> tuple[int, int]:
    """Count and sum of everything held."""
    found = groups(conn, keep_since).values()
    return sum(count for count, _ in found), sum(total for _, total in found)


def groups(conn: Connection, keep_since: Instant) -> dict[Place, tuple[int, int]]:
    """Count and sum of each unit and line, and of what the person takes part in."""
    found: dict[Place, tuple[int, int]] = {}
    query = (
        f"SELECT {_GROUP} t.org END, {_GROUP} t.line END, count(*), sum({_SHARE}) {_PLAIN} "
        f"GROUP BY {_GROUP} t.org END, {_GROUP} t.line END"
    )
    for unit, line, count, total in sql.rows(conn, query, (keep_since,)):
        found[(unit, line)] = (count, total)
    for one in _based(conn, keep_since):
        count, total = found.get(one.place, (0, 0))
        found[one.place] = (count + 1, total + one.share)
    return found


def named(conn: Connection, ids: list[str]) -> dict[str, Share]:
    """The shares of these tickets, however long ago they were closed."""
    wanted = set(ids)
    query = (
        f"SELECT t.id, t.rev, {_SHARE}, {_GROUP} t.org END, {_GROUP} t.line END FROM json_each(?) j "
        "JOIN ticket t ON t.id = j.value LEFT JOIN base b ON b.ticket = t.id WHERE b.ticket IS NULL"
    )
    plain = {
        id: Share(id, rev, own, (unit, line))
        for id, rev, own, unit, line in sql.rows(conn, query, (sql.text(ids),))
    }
    return plain | {one.id: one for one in _based(conn, 0) if one.id in wanted}


def between(
    conn: Connection, places: frozenset[Place], after: str, last: str, keep_since: Instant
) -> list[str]:
    """The ids held in these groups (none named: in all) above `after` up to `last`; an empty `last` is the end."""
    query = f"SELECT t.id, {_GROUP} t.org END, {_GROUP} t.line END {_PLAIN} AND t.id > ? AND (? = '' OR t.id <= ?)"
    found = [
        id
        for id, unit, line in sql.rows(conn, query, (keep_since, after, last, last))
        if not places or (unit, line) in places
    ]
    found += [
        one.id
        for one in _based(conn, keep_since)
        if after < one.id and (not last or one.id <= last) and (not places or one.place in places)
    ]
    return found


def unshown(conn: Connection) -> list[tuple[str, int]]:
    """Tickets with children from the server of a class that their access does not show, and that access.

    No sum tells of children. Tickets with unsent commands are left out: what a person wrote is shown to them.
    """
    children = f"{_CLASSED.format('entry')} UNION ALL {_CLASSED.format('personal')} AND NOT masked"
    query = (
        f"SELECT DISTINCT t.id, t.access FROM ({children}) c CROSS JOIN ticket t ON t.id = c.ticket "
        f"WHERE CASE c.field_class {_HIDDEN} END AND t.id NOT IN (SELECT ticket FROM base) ORDER BY t.id"
    )
    return [(id, access) for id, access in sql.rows(conn, query)]


def _based(conn: Connection, keep_since: Instant) -> Iterator[Share]:
    """Tickets with unsent commands, as the server has them."""
    person = meta.person(conn)
    for id in sql.column(conn, "SELECT ticket FROM base"):
        base = rows.load_base(conn, id)
        if base is None or base.ticket is None:
            continue
        ticket = base.ticket
        if ticket.closed_at is not None and ticket.closed_at < keep_since:
            continue
        takes_part = parts(ticket, person) & TAKES_PART
        place = TAKING_PART if takes_part else (ticket.org, ticket.line)
        yield Share(id, base.rev, share(base.mark, base.access), place)
