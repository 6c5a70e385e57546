"""Whether what must always hold in the store does hold, for `doctor` and for tests."""

from typing import Any

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DatabaseError

from sync_server.store import tables as t
from sync_server.store.unit_of_work import feed_head


def feed_gap(conn: Connection) -> dict[str, int]:
    """Counts of the feed above what was compacted: `missing` is 0 where it is dense up to its head."""
    feed = feed_head(conn)
    above = t.change.c.seq > feed.compacted_to
    query = select(func.count(), func.min(t.change.c.seq), func.max(t.change.c.seq)).where(above)
    count, least, most = conn.execute(query).one()
    missing = feed.seq - feed.compacted_to - count
    inner = (most - least + 1 - count) if count else 0
    return {"head": feed.seq, "rows": count, "missing": max(missing, inner, -missing)}


def waiting_steps(conn: Connection, now: int) -> dict[str, Any]:
    """Due steps that nobody has fired, and since when the oldest waits."""
    late = t.sla_step.c.fired_at.is_(None) & (t.sla_step.c.due_at <= now)
    count, oldest = conn.execute(select(func.count(), func.min(t.sla_step.c.due_at)).where(late)).one()
    return {"count": count, "oldest": oldest}


def integrity(conn: Connection) -> str:
    """SQLite's own check of the file; "ok" elsewhere, where the database sees to it itself."""
    if conn.dialect.name != "sqlite":
        return "ok"
    try:
        return str(conn.execute(text("PRAGMA quick_check(1)")).scalar_one())
    except DatabaseError as error:  # too damaged to be checked
        return str(error.orig)


def sizes(conn: Connection) -> dict[str, int]:
    """How many rows the largest nouns have."""
    nouns = {"tickets": t.ticket, "units": t.org_unit, "people": t.person, "devices": t.device}
    return {
        name: int(conn.execute(select(func.count()).select_from(table)).scalar_one())
        for name, table in nouns.items()
    }
