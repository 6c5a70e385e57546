"""The append-only record of who did what from where; never what a ticket or a customer said.

One exception: the words with which older tickets were searched for, since that is what was done.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from domain.entities.base import Entity, Instant
from domain.ids import IdSource
from sync_server.store import tables as t
from sync_server.store.rows import dump, load_mapping

DENIED = frozenset({"attachment_not_found", "not_allowed", "not_found", "out_of_scope", "wrong_device"})
"""Refusals that keep somebody from what is not theirs: each is written down (RULES §10)."""
REFUSED = "refused"


class Origin(Entity):
    """Where a request comes from."""

    address: str = ""
    device: str = ""


class Audit:
    """Writes the record inside the transaction of what it tells of."""

    def __init__(self, ids: IdSource) -> None:
        self._ids = ids

    def record(
        self,
        conn: Connection,
        action: str,
        *,
        at: Instant,
        person: str | None,
        origin: Origin,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Append one row."""
        row = {
            "id": self._ids.new(),
            "at": at,
            "person": person,
            "device": origin.device,
            "address": origin.address,
            "action": action,
            "detail": dump(dict(detail or {})),
        }
        conn.execute(insert(t.audit), [row])


class Entry(Entity):
    """One row of the record; `login` is empty where no person is known."""

    at: Instant
    login: str
    device: str
    address: str
    action: str
    detail: Mapping[str, Any]


def recorded(
    conn: Connection, *, person: str | None = None, since: Instant = 0, action: str = "", limit: int
) -> list[Entry]:
    """The newest rows of the record, newest first."""
    query = select(t.audit, t.person.c.login).outerjoin(t.person, t.person.c.id == t.audit.c.person)
    query = query.where(t.audit.c.at >= since)
    if person is not None:
        query = query.where(t.audit.c.person == person)
    if action:
        query = query.where(t.audit.c.action == action)
    rows = conn.execute(query.order_by(t.audit.c.at.desc(), t.audit.c.id.desc()).limit(limit))
    return [
        Entry(
            at=row.at,
            login=row.login or "",
            device=row.device,
            address=row.address,
            action=row.action,
            detail=load_mapping(row.detail),
        )
        for row in rows
    ]
