"""What new changes touch, so that only the connections concerned are poked (SYNC §3)."""

from collections import defaultdict

from sqlalchemy import Connection, select

from domain.entities.base import Entity
from domain.wire.configuration import KINDS, SERVER_ONLY
from sync_server.store import tables as t
from sync_server.store.rows import load_names

MOST_ROWS = 5_000
EVERYONE = frozenset(KINDS) - SERVER_ONLY


class Touch(Entity):
    """One change: the places it left and reached, and the people it names or who take part."""

    places: frozenset[tuple[str, str]] = frozenset()  # (unit, line)
    people: frozenset[str] = frozenset()
    everyone: bool = False
    grants: bool = False  # what `people` may see has changed


def head_seq(conn: Connection) -> int:
    """The feed's head."""
    return int(conn.execute(select(t.feed_head.c.seq).where(t.feed_head.c.id == 1)).scalar_one())


def touches_since(conn: Connection, seq: int) -> tuple[int, tuple[Touch, ...]]:
    """The head and what was touched after `seq`; where that is too much to list, everyone."""
    head = head_seq(conn)
    if head - seq > MOST_ROWS:
        return head, (Touch(everyone=True),)
    rows = list(conn.execute(select(t.change).where(t.change.c.seq > seq).order_by(t.change.c.seq)))
    part = _participants(conn, sorted({row.entity_id for row in rows if row.entity == "ticket"}))
    return head, tuple(
        Touch(
            places=frozenset(p for p in ((row.org_old, row.line_old), (row.org_new, row.line_new)) if p[0]),
            people=frozenset(load_names(row.people)) | part.get(row.entity_id, set()),
            everyone=row.entity in EVERYONE,
            grants=row.entity == "grant",
        )
        for row in rows
    )


def _participants(conn: Connection, tickets: list[str]) -> dict[str, set[str]]:
    """Who takes part in each ticket now."""
    part: dict[str, set[str]] = defaultdict(set)
    if not tickets:
        return part
    query = select(t.ticket.c.id, t.ticket.c.creator, t.ticket.c.assignee).where(t.ticket.c.id.in_(tickets))
    for id, *people in conn.execute(query):
        part[id].update(person for person in people if person)
    followed = select(t.ticket_cc.c.ticket, t.ticket_cc.c.person).where(t.ticket_cc.c.ticket.in_(tickets))
    for id, person in conn.execute(followed):
        part[id].add(person)
    return part
