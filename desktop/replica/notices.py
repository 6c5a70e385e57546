"""What the server tells the person inside the program."""

from collections.abc import Iterable

from sqlalchemy import Connection

from desktop.replica import sql
from desktop.replica.changed import Moves
from domain.wire.sync import Notice


def take(conn: Connection, received: Iterable[Notice], moves: Moves) -> None:
    """Keep notices; one that is there already stays as the person left it."""
    given = [(one.id, one.ticket, one.kind, one.at, sql.text(one.detail)) for one in received]
    if given:
        sql.run_many(
            conn,
            "INSERT INTO notice (id, ticket, kind, at, detail) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO NOTHING",
            given,
        )
        moves.kind("notices")


def mark_seen(conn: Connection, ids: Iterable[str], at: int) -> None:
    """The person has seen these notices."""
    sql.run(
        conn,
        "UPDATE notice SET seen_at = ? WHERE seen_at IS NULL AND id IN (SELECT value FROM json_each(?))",
        (at, sql.text(list(ids))),
    )
