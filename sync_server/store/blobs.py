"""Rows about attachments' contents: uploads by person, and the timeline rows that refer to them (SYNC §7)."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, func, or_, select, update

from domain.entities.base import Entity, Instant
from domain.entities.ticket import Entry
from domain.wire.attachments import refs_of
from sync_server.store import tables as t
from sync_server.store.blob_files import BlobFiles
from sync_server.store.upsert import upsert

SLICE = 500


class Blob(Entity):
    """One person's upload of a content; size in bytes."""

    hash: str
    person: str
    size: int
    whole: bool
    at: Instant


class MissingBlob(Entity):
    """A content that a ticket refers to and the folder does not hold; `awaited`: it was never uploaded whole."""

    hash: str
    ticket: str
    size: int
    awaited: bool


def uses_of(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """The rows of `blob_use` for new timeline rows; most have none."""
    return [
        {
            "entry": entry.id,
            "hash": ref.hash,
            "ticket": entry.ticket,
            "field_class": entry.field_class,
            "person": entry.person or "",
            "size": ref.size,
        }
        for entry in entries
        if "attachments" in entry.detail
        for ref in refs_of(entry.detail)
    ]


def upload_of(conn: Connection, hash: str, person: str) -> Blob | None:
    """A person's upload of a content."""
    row = conn.execute(select(t.blob).where(t.blob.c.hash == hash, t.blob.c.person == person)).one_or_none()
    if row is None:
        return None
    return Blob(hash=row.hash, person=row.person, size=row.size, whole=row.state == "whole", at=row.at)


def begin(conn: Connection, hash: str, person: str, *, device: str, size: int, at: Instant) -> None:
    """Note that a person begins to upload a content, or begins anew."""
    row = {"hash": hash, "person": person, "size": size, "state": "partial", "at": at, "device": device}
    conn.execute(upsert(conn, t.blob), [row])


def finish(conn: Connection, hash: str, person: str, *, at: Instant) -> None:
    """Note that a person's upload is whole."""
    mine = (t.blob.c.hash == hash) & (t.blob.c.person == person)
    conn.execute(update(t.blob).where(mine).values(state="whole", at=at))


def forget(conn: Connection, hash: str, person: str) -> None:
    """Forget a person's upload."""
    conn.execute(delete(t.blob).where(t.blob.c.hash == hash, t.blob.c.person == person))


def under_way(conn: Connection, person: str) -> int:
    """Bytes of a person's uploads that no ticket refers to yet, or that are not whole."""
    used = exists().where(t.blob_use.c.hash == t.blob.c.hash, t.blob_use.c.person == person)
    open_ = or_(t.blob.c.state == "partial", ~used)
    query = select(func.coalesce(func.sum(t.blob.c.size), 0)).where(t.blob.c.person == person, open_)
    return int(conn.execute(query).scalar_one())


def missing_blobs(conn: Connection, files: BlobFiles) -> list[MissingBlob]:
    """What tickets refer to and the folder does not hold: not yet uploaded, or lost (a restore, a failed disk)."""
    whole = exists().where(
        t.blob.c.hash == t.blob_use.c.hash,
        t.blob.c.person == t.blob_use.c.person,
        t.blob.c.state == "whole",
    )
    uses = select(t.blob_use.c.hash, t.blob_use.c.ticket, t.blob_use.c.size, whole.label("whole"))
    return [
        MissingBlob(hash=row.hash, ticket=row.ticket, size=row.size, awaited=not row.whole)
        for row in conn.execute(uses.order_by(t.blob_use.c.hash, t.blob_use.c.ticket))
        if not row.whole or not files.holds(row.hash, row.size)
    ]


def drop_stale(conn: Connection, before: Instant) -> list[tuple[str, str]]:
    """Forget uploads that nobody went on with since an instant; returns hash and person of each."""
    stale = and_(t.blob.c.state == "partial", t.blob.c.at < before)
    return _dropped(conn, stale)


def drop_unused(conn: Connection, before: Instant) -> list[str]:
    """Forget whole uploads that no timeline row of their person refers to; returns hashes nobody holds any more.

    What erased rows referred to goes at once, the rest when it has stood since before an instant.
    """
    erased = _release_erased(conn)
    used = exists().where(t.blob_use.c.hash == t.blob.c.hash, t.blob_use.c.person == t.blob.c.person)
    old = or_(t.blob.c.at < before, t.blob.c.hash.in_(erased)) if erased else t.blob.c.at < before
    gone = {hash for hash, _ in _dropped(conn, and_(t.blob.c.state == "whole", ~used, old))}
    return sorted(gone - held_hashes(conn, gone))


def _dropped(conn: Connection, which: Any) -> list[tuple[str, str]]:
    found = conn.execute(select(t.blob.c.hash, t.blob.c.person).where(which).limit(SLICE)).all()
    for hash, person in found:
        forget(conn, hash, person)
    return [(hash, person) for hash, person in found]


def _release_erased(conn: Connection) -> list[str]:
    """Drop the references of erased timeline rows (SYNC §6); returns their hashes."""
    erased = select(t.entry.c.id).where(t.entry.c.id == t.blob_use.c.entry, t.entry.c.erased)
    found = conn.execute(
        select(t.blob_use.c.entry, t.blob_use.c.hash).where(erased.exists()).limit(SLICE)
    ).all()
    for entry, hash in found:
        conn.execute(delete(t.blob_use).where(t.blob_use.c.entry == entry, t.blob_use.c.hash == hash))
    return [hash for _, hash in found]


def held_hashes(conn: Connection, hashes: Iterable[str]) -> set[str]:
    """Those of some hashes that some row still says are whole here."""
    wanted = list(hashes)
    if not wanted:
        return set()
    query = select(t.blob.c.hash).where(t.blob.c.hash.in_(wanted), t.blob.c.state == "whole")
    return set(conn.execute(query).scalars())
