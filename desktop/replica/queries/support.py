"""What may be told of a replica to somebody who helps: figures, ids, states; never a ticket's or a person's words."""

from typing import Any

import msgspec
from sqlalchemy import Connection

from desktop.replica import integrity, meta, schema, sql

_FACTS = (
    "cursor", "head", "seen", "scope_version", "keep_since", "verified_at", "push_no", "provisional", "running",
    "reconciling", "check", "checked", "repairs", "unconfirmed", "device", "key_kept",
)  # fmt: skip


def facts(conn: Connection) -> dict[str, Any]:
    """The replica as a whole: schema, cursors, how checks went."""
    return {"schema": schema.version(conn), **{key: meta.get(conn, key) for key in _FACTS}}


def counts(conn: Connection) -> dict[str, int]:
    """How many rows each table holds."""
    names = sql.column(
        conn, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
    )
    return {name: int(sql.value(conn, f'SELECT count(*) FROM "{name}"')) for name in names}


def commands(conn: Connection) -> dict[str, Any]:
    """The outbox without its texts: how many in each state, and each one that is not done."""
    states = sql.rows(
        conn, "SELECT state, kind, count(*) FROM command GROUP BY state, kind ORDER BY state, kind"
    )
    waiting = sql.rows(
        conn,
        "SELECT num, id, ticket, kind, state, made_at, aside, doubt FROM command "
        "WHERE state IN ('pending', 'sent', 'again', 'attention') ORDER BY num LIMIT 1000",
    )
    names = ("num", "id", "ticket", "kind", "state", "made_at", "aside", "doubt")
    return {
        "by_state": [{"state": state, "kind": kind, "count": count} for state, kind, count in states],
        "waiting": [dict(zip(names, row, strict=True)) for row in waiting],
        "attention": [
            {"kind": kind, "code": code, "count": count}
            for kind, code, count in sql.rows(
                conn,
                "SELECT kind, code, count(*) FROM attention WHERE settled_at IS NULL GROUP BY kind, code",
            )
        ],
    }


def ranges(conn: Connection) -> list[dict[str, Any]]:
    """What of the scope is filled, and how far."""
    names = ("kind", "unit", "line", "deep", "open", "after", "done")
    found = sql.rows(conn, f"SELECT {', '.join(names)} FROM backfill ORDER BY position, num")
    return [dict(zip(names, row, strict=True)) for row in found]


def digests(conn: Connection) -> list[Any]:
    """Unit, line, count and sum of everything held: what the server can be asked for, too."""
    return [list(msgspec.structs.astuple(one)) for one in integrity.held_groups(conn)]
