"""Whether a prebuilt snapshot is worth making: how many tickets there are, and who is granted the whole tree."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from sync_server.store import tables as t


def are_as_many_tickets(conn: Connection, count: int) -> bool:
    """Whether there are at least so many tickets."""
    return conn.execute(select(t.ticket.c.id).limit(1).offset(count - 1)).first() is not None


def people_granted(conn: Connection, units: Collection[str]) -> list[str]:
    """Who has a grant at one of these very units."""
    found = select(t.grant.c.person).where(t.grant.c.unit.in_(units)).distinct()
    return list(conn.execute(found).scalars())
