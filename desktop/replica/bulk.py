"""The fast road for rows: tickets without unsent commands go in as tuples, many at once."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from desktop.replica import rows, sql
from domain.rules.parts import ACTED, PASSED, parts
from domain.wire.sync import Put

_astuple = msgspec.structs.astuple

# A delta tells only of newer timeline rows: what the person did before stays marked.
_PUT_DELTA = rows.PUT_TICKET.replace("my = excluded.my", f"my = excluded.my | (ticket.my & {ACTED | PASSED})")


def put_whole(conn: Connection, puts: Sequence[Put], replaced: Sequence[str], person: str) -> None:
    """Write whole tickets; those named in `replaced` are held already and lose their children first."""
    if replaced:
        given = (sql.text(replaced),)
        for table in ("entry", "personal"):
            sql.run(conn, f"DELETE FROM {table} WHERE ticket IN (SELECT value FROM json_each(?))", given)
    _put(conn, puts, person, rows.PUT_TICKET)


def put_newer(conn: Connection, puts: Sequence[Put], person: str) -> None:
    """Write tickets with those children that are newer than what is held."""
    _put(conn, puts, person, _PUT_DELTA)


def _put(conn: Connection, puts: Sequence[Put], person: str, statement: str) -> None:
    if not puts:
        return
    sql.run_many(
        conn,
        statement,
        [
            rows.ticket_row(
                put.ticket, mark=put.mark, access=put.access, my=parts(put.ticket, person, put.entries)
            )
            for put in puts
        ],
    )
    sql.run_many(conn, rows.PUT_ENTRY, [rows.entry_row(entry) for put in puts for entry in put.entries])
    sql.run_many(conn, rows.PUT_PERSONAL, [_astuple(value) for put in puts for value in put.personal])
