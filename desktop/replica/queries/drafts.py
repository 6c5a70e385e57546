"""Drafts of what was not sent yet; they survive a crash."""

from sqlalchemy import Connection

from desktop.replica import sql
from domain.entities.base import Entity, Instant


class Draft(Entity):
    """One draft; `kind` says of what (create, reply, note …), `body` is the window's own."""

    id: str
    kind: str
    body: str
    updated_at: Instant


def drafts(conn: Connection, kind: str | None = None) -> list[Draft]:
    """Drafts, the latest first."""
    found = sql.rows(
        conn,
        "SELECT id, kind, body, updated_at FROM draft WHERE ?1 IS NULL OR kind = ?1 ORDER BY updated_at DESC",
        (kind,),
    )
    return [Draft(id=id, kind=kind, body=body, updated_at=at) for id, kind, body, at in found]


def draft(conn: Connection, id: str) -> Draft | None:
    """One draft."""
    found = sql.row(conn, "SELECT id, kind, body, updated_at FROM draft WHERE id = ?", (id,))
    return None if found is None else Draft(id=found[0], kind=found[1], body=found[2], updated_at=found[3])
