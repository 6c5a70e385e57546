"""The fast road for rows: tickets without unsent commands go in as tuples, many at once."""

from collections.abc import Mapping, Sequence
from itertools import compress
from operator import itemgetter, ne
from typing import Any

import msgspec
from sqlalchemy import Connection

from desktop.replica import rows, sql
from domain.rules.parts import ACTED, PASSED, parts
from domain.wire.sync import Put

_astuple = msgspec.structs.astuple

_COLUMNS = (*rows.TICKET, *rows.LOCAL)
_PLACES = range(len(_COLUMNS))
_ID, _MY = _COLUMNS.index("id"), _COLUMNS.index("my")
_HELD = f"SELECT {', '.join(_COLUMNS)} FROM ticket WHERE id IN (SELECT value FROM json_each(?))"
_FEW = 20
"""Tickets for which a statement of their own is not worth being prepared."""


def put_whole(conn: Connection, puts: Sequence[Put], replaced: Sequence[str], person: str) -> None:
    """Write whole tickets; those named in `replaced` are held already and lose their children first."""
    if replaced:
        given = (sql.text(replaced),)
        for table in ("entry", "personal"):
            sql.run(conn, f"DELETE FROM {table} WHERE ticket IN (SELECT value FROM json_each(?))", given)
    if puts:
        sql.run_many(conn, rows.PUT_TICKET, [_row(put, person) for put in puts])
        _put_children(conn, puts)


def put_newer(conn: Connection, puts: Sequence[Put], person: str) -> None:
    """Write tickets with those children that are newer than what is held."""
    if not puts:
        return
    held = {row[_ID]: row for row in sql.rows(conn, _HELD, (sql.text([put.ticket.id for put in puts]),))}
    changed: dict[tuple[int, ...], list[list[Any]]] = {}
    for put in puts:
        row = list(_row(put, person))
        before = held[row[_ID]]
        # A delta tells only of newer timeline rows: what the person did before stays marked.
        row[_MY] |= before[_MY] & (ACTED | PASSED)
        places = tuple(compress(_PLACES, map(ne, row, before)))
        changed.setdefault(places, []).append(row)
    _update(conn, changed)
    _put_children(conn, puts)


def _update(conn: Connection, changed: Mapping[tuple[int, ...], list[list[Any]]]) -> None:
    """Write the columns that moved: a third of what writing all of them takes."""
    together: set[int] = set()
    few: list[list[Any]] = []
    for places, moved in changed.items():
        if len(moved) < _FEW:
            together.update(places)
            few += moved
        else:
            _update_columns(conn, places, moved)
    _update_columns(conn, tuple(sorted(together)), few)


def _update_columns(conn: Connection, places: tuple[int, ...], moved: Sequence[Sequence[Any]]) -> None:
    if places and moved:
        told = ", ".join(f"{_COLUMNS[at]} = ?" for at in places)
        given = itemgetter(*places, _ID)
        sql.run_many(conn, f"UPDATE ticket SET {told} WHERE id = ?", map(given, moved))


def _row(put: Put, person: str) -> tuple[Any, ...]:
    return rows.ticket_row(
        put.ticket, mark=put.mark, access=put.access, my=parts(put.ticket, person, put.entries)
    )


def _put_children(conn: Connection, puts: Sequence[Put]) -> None:
    sql.run_many(conn, rows.PUT_ENTRY, [rows.entry_row(entry) for put in puts for entry in put.entries])
    sql.run_many(conn, rows.PUT_PERSONAL, [_astuple(value) for put in puts for value in put.personal])
