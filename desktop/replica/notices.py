"""What the server tells the person inside the program."""

from collections.abc import Iterable

from sqlalchemy import Connection

from desktop.replica import sql
from desktop.replica.changed import Moves
from domain.wire.sync import Notice


def take(conn: Connection, received: Iterable[Notice], moves: Moves) -> None:
    """Keep notices; one that is there already stays as the person left it."""
    received = list(received)
    given = [(one.id, one.ticket, one.kind, one.at, sql.text(one.detail)) for one in received]
    if given:
        sql.run_many(
            conn,
            "INSERT INTO notice (id, ticket, kind, at, detail) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO NOTHING",
            given,
        )
        moves.kind("notices")
        moves.ticket(*(one.ticket for one in received if one.kind == "urge_read"))  # its page shows who has


def untold(conn: Connection, limit: int) -> tuple[str, ...]:
    """Notices that the person has seen and the server has not been told of."""
    asked = "SELECT id FROM notice WHERE seen_at IS NOT NULL AND told_at IS NULL ORDER BY id LIMIT ?"
    return tuple(id for (id,) in sql.rows(conn, asked, (limit,)))


def mark_told(conn: Connection, ids: Iterable[str]) -> None:
    """The server knows that these were seen, or doesn't want to know."""
    asked = "UPDATE notice SET told_at = seen_at WHERE id IN (SELECT value FROM json_each(?))"
    sql.run(conn, asked, (sql.text(list(ids)),))


def mark_seen(conn: Connection, ids: Iterable[str], at: int) -> None:
    """The person has seen these notices."""
    sql.run(
        conn,
        "UPDATE notice SET seen_at = ? WHERE seen_at IS NULL AND id IN (SELECT value FROM json_each(?))",
        (at, sql.text(list(ids))),
    )
