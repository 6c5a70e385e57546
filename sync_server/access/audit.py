"""The append-only record of who did what from where; never what a ticket or a customer said.

One exception: the words with which older tickets were searched for, since that is what was done.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert

from domain.entities.base import Entity, Instant
from domain.ids import IdSource
from sync_server.store import tables as t
from sync_server.store.rows import dump


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
