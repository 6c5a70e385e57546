"""The few facts about the replica as a whole, by key."""

from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection

from desktop.replica import sql
from domain.wire import codec
from domain.wire.sync import Scope

T = TypeVar("T")


def get(conn: Connection, key: str, default: str = "") -> str:
    """The text kept under a key."""
    found = sql.value(conn, "SELECT value FROM meta WHERE key = ?", (key,))
    return default if found is None else str(found)


def put(conn: Connection, key: str, value: str | int) -> None:
    """Keep a text or number under a key."""
    sql.run(
        conn,
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, str(value)),
    )


def number(conn: Connection, key: str) -> int:
    """The number kept under a key; 0 where there is none."""
    return int(get(conn, key, "0"))


def following(conn: Connection, key: str) -> int:
    """Raise the counter under a key and return it."""
    raised = number(conn, key) + 1
    put(conn, key, raised)
    return raised


def struct(conn: Connection, key: str, kind: type[T]) -> T | None:
    """The struct kept under a key."""
    found = get(conn, key)
    return codec.decode(found, kind) if found else None


def put_struct(conn: Connection, key: str, content: Any) -> None:
    """Keep a struct under a key."""
    put(conn, key, msgspec.json.encode(content).decode())


def scope(conn: Connection) -> Scope:
    """What the person may hold, as last told; nothing before the first contact."""
    return struct(conn, "scope", Scope) or Scope(version="", person=person(conn))


def person(conn: Connection) -> str:
    """Whose replica this is."""
    return get(conn, "person")


def cursor(conn: Connection) -> str:
    """How far the feed was read; empty before the first contact and after the server was restored."""
    return get(conn, "cursor")


def cursor_seq(conn: Connection) -> int:
    """The place of the cursor in the feed."""
    place = cursor(conn).split(".")
    return int(place[1]) if len(place) > 1 else 0


def epoch(conn: Connection) -> str:
    """The epoch of the cursor; empty where there is none."""
    return cursor(conn).partition(".")[0]


def is_reconciling(conn: Connection) -> bool:
    """Whether the cursor was given up, and the scope that comes next is one more and not the first."""
    return number(conn, "reconciling") == 1


def bind(conn: Connection, *, person: str, device: str, code: str) -> None:
    """Say whose replica this is, on which registered device, and the code of its provisional numbers."""
    for key, value in (("person", person), ("device", device), ("replica_code", code)):
        put(conn, key, value)
