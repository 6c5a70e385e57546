"""What was imported from where, so that an import may be run again."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from sync_server.store import tables as t
from sync_server.store.upsert import upsert

SLICE = 500


def imported_keys(conn: Connection, source: str, keys: Iterable[str]) -> dict[str, str]:
    """Those of a source's keys that are here already, with the ids they became."""
    wanted = list(keys)
    found: dict[str, str] = {}
    for begin in range(0, len(wanted), SLICE):
        part = wanted[begin : begin + SLICE]
        query = select(t.imported.c.key, t.imported.c.id)
        rows = conn.execute(query.where(t.imported.c.source == source, t.imported.c.key.in_(part)))
        found.update({row.key: row.id for row in rows})
    return found


def remember(conn: Connection, source: str, ids: Mapping[str, str]) -> None:
    """Note what keys became."""
    rows = [{"source": source, "key": key, "id": id} for key, id in ids.items()]
    if rows:
        conn.execute(upsert(conn, t.imported), rows)
