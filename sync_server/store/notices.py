"""Writing notices with the change that causes them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, exists, select, update

from domain.entities.base import Entity, Instant
from domain.wire.sync import Notice
from sync_server.store import tables as t
from sync_server.store.direct import WriteRows
from sync_server.store.rows import dump, load_mapping
from sync_server.store.unit_of_work import ChangeRow, UnitOfWork

_NOTICES = WriteRows(t.notice, conflict="kept")


class NoticeRow(Entity, gc=False):
    """A notice for a person as the table holds it."""

    id: str
    person: str
    ticket: str
    kind: str
    detail: str
    at: Instant
    read_at: Instant | None


def write_notices(work: UnitOfWork, notices: Iterable[tuple[str, Notice]]) -> None:
    """Queue notices, each for a person, and announce them in the feed to that person alone."""
    write_notice_rows(
        work,
        [
            NoticeRow(
                id=notice.id,
                person=person,
                ticket=notice.ticket,
                kind=notice.kind,
                detail=dump(notice.detail),
                at=notice.at,
                read_at=None,
            )
            for person, notice in notices
        ],
    )


def write_notice_rows(work: UnitOfWork, rows: Sequence[NoticeRow]) -> None:
    """Queue notices that are rows already, and announce them like all others."""
    for row in rows:
        work.touch(ChangeRow(entity="notice", entity_id=row.id, people=(row.person,)))
    work.later(_NOTICES, rows)


def told_already(conn: Connection, kind: str, at: Instant) -> bool:
    """Whether anybody was told of something at an instant."""
    told = exists().where(t.notice.c.kind == kind, t.notice.c.at == at)
    return bool(conn.execute(select(told)).scalar())


def mark_read(conn: Connection, person: str, ids: Sequence[str], at: Instant) -> list[Notice]:
    """Note that a person has read notices of theirs; returns those that nobody knew of."""
    c = t.notice.c
    fresh = update(t.notice).where(c.id.in_(ids), c.person == person, c.read_at.is_(None))
    rows = conn.execute(fresh.values(read_at=at).returning(c.id, c.ticket, c.kind, c.at, c.detail))
    return [
        Notice(id=row.id, ticket=row.ticket, kind=row.kind, at=row.at, detail=load_mapping(row.detail))
        for row in rows
    ]


def read_at(conn: Connection, notice: str) -> Instant | None:
    """When a notice was read; none while it wasn't."""
    found: Instant | None = conn.execute(select(t.notice.c.read_at).where(t.notice.c.id == notice)).scalar()
    return found


def urged_by(conn: Connection, notices: Iterable[Notice]) -> dict[str, str]:
    """Who caused notices of timeline rows, by the notice; the ladder and rules are nobody."""
    entries = {str(one.detail.get("entry", "")): one.id for one in notices}
    c = t.entry.c
    rows = conn.execute(select(c.id, c.person).where(c.id.in_(sorted(entries)), c.person.is_not(None)))
    return {entries[row.id]: row.person for row in rows}
