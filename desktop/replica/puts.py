"""Tickets as the server sends them, into a replica that may hold them older, narrower, or with unsent commands."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Connection

from desktop.replica import bulk, erasing, purge, rows, sql
from desktop.replica.changed import Moves
from desktop.replica.rows import Base
from domain.entities.base import Entity
from domain.wire.sync import Put


class Held(Entity):
    """What the replica has of one ticket: up to which revision, in which classes, with commands or without."""

    rev: int
    access: int
    local: bool  # has a base row or commands to replay
    known: bool  # the server's row is there at all


def held(conn: Connection, ids: Iterable[str]) -> dict[str, Held]:
    """What the replica has of these tickets."""
    found = sql.rows(
        conn,
        "SELECT j.value, t.rev, t.access, b.rev, json_extract(b.doc, '$.access'), "
        "b.ticket IS NULL OR json_extract(b.doc, '$.ticket') IS NOT NULL, "
        "EXISTS (SELECT 1 FROM command c WHERE c.ticket = j.value "
        "AND c.state IN ('pending', 'sent', 'acked', 'again')) "
        "FROM json_each(?) j LEFT JOIN ticket t ON t.id = j.value LEFT JOIN base b ON b.ticket = j.value",
        (sql.text(list(ids)),),
    )
    known: dict[str, Held] = {}
    for id, rev, access, base_rev, base_access, on_server, commands in found:
        if rev is None and base_rev is None and not commands:
            continue
        based = base_rev is not None
        known[id] = Held(
            rev=(base_rev if based else rev) or 0,
            access=(base_access if based else access) or 0,
            local=based or bool(commands),
            known=bool(on_server) and (based or rev is not None),
        )
    return known


def take(conn: Connection, puts: Sequence[Put], person: str, moves: Moves) -> set[str]:
    """Write what follows on what is held, want whole what doesn't; returns the tickets to be rebuilt."""
    have = held(conn, [put.ticket.id for put in puts])
    replaced_values = _replaced_values(conn, puts, have)
    twice = len({put.ticket.id for put in puts}) < len(puts)
    whole: list[Put] = []
    newer: list[Put] = []
    replaced: list[str] = []
    rebuild: set[str] = set()
    for put in puts:
        known = have.get(put.ticket.id)
        if twice or known is None or known.local or put.access != known.access:
            if known is None and not put.since and not twice:
                whole.append(put)
            else:
                rebuild |= _take_one(conn, put, moves)
        elif put.ticket.rev < known.rev:
            continue
        elif not put.since:
            whole.append(put)
            replaced.append(put.ticket.id)
        elif put.since <= known.rev:
            newer.append(put)
        else:
            purge.want(conn, [put.ticket.id])
    bulk.put_whole(conn, whole, replaced, person)
    bulk.put_newer(conn, newer, person)
    moves.ticket(*(put.ticket.id for put in whole), inserted=len(replaced) < len(whole))
    moves.ticket(*(put.ticket.id for put in newer))
    _no_longer_wanted(conn, [put.ticket.id for put in whole])
    if have:
        rebuild |= set(erasing.take(conn, puts, have, replaced_values))
    return rebuild


def _replaced_values(conn: Connection, puts: Iterable[Put], have: dict[str, Held]) -> list[str]:
    """The tickets held here of which the server now has another personal value, or none, or a subject without one.

    A copy that a split showed here may be none: the server decided it without what was erased of its source.
    """
    found: list[str] = []
    for put in puts:
        known = have.get(put.ticket.id)
        if known is not None and erasing.is_blotted(put.ticket):
            shown = rows.load_ticket(conn, put.ticket.id)
            words = put.ticket.subject, put.ticket.fields
            if shown is not None and (shown.subject, shown.fields) != words:
                found.append(put.ticket.id)
                continue
        if known is None or not (put.personal or (known.local and not put.since)):
            continue
        now = {one.key: one.value for one in put.personal}
        before = (_base(conn, put.ticket.id).personal if known.local else ()) or rows.load_personal(
            conn, put.ticket.id
        )
        if any(
            one.value is not None and now.get(one.key, one.value if put.since else None) != one.value
            for one in before
        ):
            found.append(put.ticket.id)
    return found


def _no_longer_wanted(conn: Connection, ids: Sequence[str]) -> None:
    if ids:
        sql.run(conn, "DELETE FROM wanted WHERE ticket IN (SELECT value FROM json_each(?))", (sql.text(ids),))


def _take_one(conn: Connection, put: Put, moves: Moves) -> set[str]:
    """One ticket with unsent commands, or in other classes than held, or not held at all, by way of its base."""
    id = put.ticket.id
    known = held(conn, [id]).get(id)
    if known is not None and known.known and put.ticket.rev < known.rev:
        return set()
    if put.since and (known is None or not known.known):
        purge.want(conn, [id])
        return set()
    base = _base(conn, id)
    if known is not None and known.known and known.access & ~put.access:
        purge.narrow(conn, id, put.access, moves)
        base = _base(conn, id)
    rev = put.ticket.rev
    if not put.since:
        sql.run(conn, "DELETE FROM entry WHERE ticket = ? AND rev > 0", (id,))
        personal = put.personal
        _no_longer_wanted(conn, [id])
    else:
        assert known is not None
        if put.access != known.access or known.rev < put.since:
            purge.want(conn, [id])
            # The row is shown as it is now, but children are missing: the revision says only what is held.
            rev = min(rev, known.rev)
        newer = {value.key: value for value in put.personal}
        personal = (*(value for value in base.personal if value.key not in newer), *newer.values())
    sql.run_many(conn, rows.PUT_ENTRY, map(rows.entry_row, put.entries))
    ticket = msgspec.structs.replace(put.ticket, rev=rev)
    # A ticket of which children are missing has no version of the server's to show for.
    mark = put.mark if rev == put.ticket.rev else 0
    base = Base(rev=rev, access=put.access, ticket=ticket, personal=tuple(personal), mark=mark)
    rows.save_base(conn, id, base)
    return {id}


def _base(conn: Connection, id: str) -> Base:
    """The server's copy as held: kept apart, or the shown row where nothing is unsent."""
    base = rows.load_base(conn, id)
    if base is not None:
        return base
    ticket = rows.load_ticket(conn, id)
    if ticket is None:
        return Base()
    return Base(rev=ticket.rev, ticket=ticket, personal=tuple(rows.load_personal(conn, id)))
