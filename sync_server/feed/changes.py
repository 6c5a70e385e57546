"""Change rows as they are scanned for a page."""

from typing import NamedTuple

from sqlalchemy import Connection

from sync_server.store.direct import Sql


class Change(NamedTuple):
    """What a page needs of one row of the feed."""

    seq: int
    entity: str
    entity_id: str
    rev_from: int
    org_old: str
    line_old: str
    org_new: str
    line_new: str
    people: str
    nonce: str


_AFTER = Sql(f"SELECT {', '.join(Change._fields)} FROM change WHERE seq > ? ORDER BY seq LIMIT ?")


def changes_after(conn: Connection, seq: int, limit: int) -> list[Change]:
    """The next rows of the feed, in order."""
    return [Change._make(row) for row in _AFTER.all(conn, seq, limit)]
