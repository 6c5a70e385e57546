"""Who may have the bytes of an attachment: asked by ticket, never by hash alone (SYNC §2, §7)."""

from sqlalchemy import Connection, and_, select

from domain.entities.base import Entity
from domain.entities.people import CLASS_BIT
from domain.errors import RefusedError
from sync_server.access.viewer import Viewer
from sync_server.store import tables as t
from sync_server.store.queries.tickets import ticket_rows
from sync_server.store.rows import ticket_of


class Content(Entity):
    """A content that may be given out; size in bytes."""

    hash: str
    size: int


def content_for(conn: Connection, viewer: Viewer, hash: str, ticket: str) -> Content:
    """The content behind a reference in a ticket, for somebody who sees that reference.

    Refused as ``attachment_not_found`` where the ticket, its row, its class of field or the hash is not theirs to
    know, all alike; as ``attachment_awaited`` where the reference is theirs to see and its author has not uploaded
    the bytes. A hash alone opens nothing: only an author who sent the very bytes makes a reference good, so nobody
    gets a content by naming its hash in a ticket of their own.
    """
    classes = _classes(conn, viewer, ticket)
    shown = [name for name, bit in CLASS_BIT.items() if bit & classes]
    use, blob, entry = t.blob_use, t.blob, t.entry
    uploaded = and_(blob.c.hash == use.c.hash, blob.c.person == use.c.person, blob.c.state == "whole")
    query = (
        select(blob.c.size)
        .select_from(use.join(entry, entry.c.id == use.c.entry).outerjoin(blob, uploaded))
        .where(use.c.hash == hash, use.c.ticket == ticket, use.c.field_class.in_(shown))
        .where(~entry.c.erased)
    )
    sizes = list(conn.execute(query).scalars()) if shown else []
    if not sizes:
        raise RefusedError("attachment_not_found")
    known = [size for size in sizes if size is not None]
    if not known:
        raise RefusedError("attachment_awaited")
    return Content(hash=hash, size=known[0])


def _classes(conn: Connection, viewer: Viewer, ticket: str) -> int:
    found = ticket_rows(conn, [ticket])
    return viewer.access(ticket_of(found[0])).classes if found else 0
