"""What desktops gave back after a restore: commands until they are judged once more, tickets for review (SYNC §6)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select, update

from domain.entities.base import Entity, Instant
from sync_server.store import tables as t
from sync_server.store.upsert import insert_new

SLICE = 500
WAITS = ""
"""The outcome of what is not settled."""


class ReturnedCommand(Entity):
    """One acknowledged command as it was given back."""

    id: str
    epoch: str
    person: str
    device: str
    ticket: str
    kind: str
    body: str
    seq: int
    number: str | None
    proven: bool
    at: Instant
    outcome: str = WAITS
    code: str = ""


class ReturnedRow(Entity):
    """One ticket that a desktop holds and this server does not."""

    ticket: str
    device: str
    epoch: str
    person: str
    number: str | None
    org: str
    line: str
    body: str
    at: Instant
    outcome: str = WAITS


def keep_commands(conn: Connection, commands: Iterable[ReturnedCommand]) -> None:
    """Keep what is given back; what was given back before stays as it is."""
    rows = [{name: getattr(one, name) for name in one.__struct_fields__} for one in commands]
    if rows:
        conn.execute(insert_new(conn, t.returned_command), rows)


def keep_rows(conn: Connection, rows: Iterable[ReturnedRow]) -> None:
    """Keep tickets for review; a desktop's first word on each stands."""
    given = [{name: getattr(one, name) for name in one.__struct_fields__} for one in rows]
    if given:
        conn.execute(insert_new(conn, t.returned_row), given)


def waiting(
    conn: Connection, after: tuple[int, str] = (-1, ""), tickets: Iterable[str] | None = None
) -> list[ReturnedCommand]:
    """The next commands that wait, on all tickets or some, in the order in which they were taken at first."""
    c = t.returned_command.c
    later = or_(c.seq > after[0], and_(c.seq == after[0], c.id > after[1]))
    query = select(t.returned_command).where(c.outcome == WAITS, later)
    if tickets is not None:
        query = query.where(c.ticket.in_(sorted(tickets)))
    found = conn.execute(query.order_by(c.seq, c.id).limit(SLICE))
    return [ReturnedCommand(**row._mapping) for row in found]


def kept_of(conn: Connection, device: str) -> int:
    """How much of a device is kept without being settled."""
    found = 0
    for table in (t.returned_command, t.returned_row):
        kept = (
            select(func.count()).select_from(table).where(table.c.device == device, table.c.outcome == WAITS)
        )
        found += int(conn.execute(kept).scalar_one())
    return found


def highest_of(conn: Connection, device: str, tickets: Iterable[str]) -> dict[str, int]:
    """The highest seq of what waits of a device, by ticket."""
    c, wanted = t.returned_command.c, sorted(tickets)
    found: dict[str, int] = {}
    for begin in range(0, len(wanted), SLICE):
        query = select(c.ticket, func.max(c.seq)).where(c.device == device, c.outcome == WAITS)
        rows = conn.execute(query.where(c.ticket.in_(wanted[begin : begin + SLICE])).group_by(c.ticket))
        found.update((row[0], int(row[1])) for row in rows)
    return found


def settle(conn: Connection, outcomes: Iterable[tuple[str, str, str]]) -> None:
    """Note what became of commands (id, status, code); what they said is not kept any longer."""
    for id, outcome, code in outcomes:
        done = update(t.returned_command).where(t.returned_command.c.id == id)
        conn.execute(done.values(outcome=outcome, code=code, body=""))


def known_tickets(conn: Connection, ids: Iterable[str]) -> set[str]:
    """Those of the tickets that are here."""
    wanted = list(ids)
    found: set[str] = set()
    for begin in range(0, len(wanted), SLICE):
        part = wanted[begin : begin + SLICE]
        found.update(conn.execute(select(t.ticket.c.id).where(t.ticket.c.id.in_(part))).scalars())
    return found


def known_entries(conn: Connection, ones: Sequence[ReturnedCommand]) -> set[str]:
    """Those of the commands whose own timeline row is here: what they did came with a reviewed ticket."""
    # Of the same ticket and person: who names another's row is told nothing of it.
    said = {(one.id, one.ticket, one.person) for one in ones}
    c = t.entry.c
    rows = conn.execute(select(c.id, c.ticket, c.person).where(c.id.in_([one.id for one in ones])))
    return {row.id for row in rows if tuple(row) in said}


def numbers_of_others(conn: Connection, numbers: dict[str, str]) -> set[str]:
    """Those of the tickets (with the numbers they had, in order) whose number is another ticket's by now.

    Of two that had the same, in two pasts, the first has it.
    """
    query = select(t.ticket.c.id, t.ticket.c.number).where(t.ticket.c.number.in_(set(numbers.values())))
    holders = {row.number: row.id for row in conn.execute(query)}
    for id, number in numbers.items():
        holders.setdefault(number, id)
    return {id for id, number in numbers.items() if holders[number] != id}


def summary(conn: Connection) -> list[Row[Any]]:
    """How much came back from whom: person, device, outcome, proven, count, first and last time."""
    c = t.returned_command.c
    by = (c.person, c.device, c.outcome, c.code, c.proven)
    times = (func.count().label("count"), func.min(c.at).label("first"), func.max(c.at).label("last"))
    return list(conn.execute(select(*by, *times).group_by(*by).order_by(*by)))


def rows_to_review(conn: Connection) -> list[ReturnedRow]:
    """Tickets that desktops hold and this server still does not have, one line for each desktop."""
    c = t.returned_row.c
    known = select(t.ticket.c.id).where(t.ticket.c.id == c.ticket)
    query = select(t.returned_row).where(c.outcome == WAITS, ~known.exists())
    return [ReturnedRow(**row._mapping) for row in conn.execute(query.order_by(c.ticket, c.at))]


def settle_rows(conn: Connection, tickets: Sequence[str], outcome: str) -> int:
    """Note what became of tickets that were reviewed; returns how many lines were."""
    c = t.returned_row.c
    done = update(t.returned_row).where(c.ticket.in_(tickets), c.outcome == WAITS)
    return int(conn.execute(done.values(outcome=outcome, body="")).rowcount)


def every_waiting(conn: Connection) -> Iterator[ReturnedCommand]:
    """All commands that wait."""
    after = (-1, "")
    while part := waiting(conn, after):
        yield from part
        after = (part[-1].seq, part[-1].id)


def counts(conn: Connection) -> dict[str, int]:
    """How many commands wait or were settled, and how many tickets wait for review."""
    c = t.returned_command.c
    total, waits = conn.execute(
        select(func.count(), func.count().filter(c.outcome == WAITS)).select_from(t.returned_command)
    ).one()
    unproven = conn.execute(select(func.count()).where(c.number.is_not(None), ~c.proven)).scalar_one()
    return {
        "returned": int(total),
        "waiting": int(waits),
        "unproven_numbers": int(unproven),
        "rows": len({row.ticket for row in rows_to_review(conn)}),
    }
