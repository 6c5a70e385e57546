"""What is not a ticket on its way to a replica: configuration, the directory of units and people, notices."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from domain.entities.base import Instant
from domain.entities.people import Person
from domain.wire import codec
from domain.wire.configuration import KINDS
from domain.wire.sync import ConfigRow, Notice
from sync_server.access.viewer import Viewer
from sync_server.feed.changes import Change
from sync_server.store import tables as t
from sync_server.store.configuration import config_rows, named_config_rows
from sync_server.store.organisation import Tree
from sync_server.store.queries.tickets import ticket_rows
from sync_server.store.rows import load_mapping, load_names, ticket_of

NOTICE_DAYS = 14
_DAY_MS = 86_400_000
_PERSON = Person.__struct_fields__


def config_changes(
    conn: Connection, tree: Tree, changes: Iterable[Change], person: str
) -> tuple[ConfigRow, ...]:
    """The rows of configuration, units and people that these changes name, as they stand now."""
    keys = sorted({(row.entity, row.entity_id) for row in changes if row.entity in KINDS})
    units = [id for kind, id in keys if kind == "unit"]
    people = [id for kind, id in keys if kind == "person"]
    others = [key for key in keys if key[0] not in ("unit", "person")]
    return (
        *unit_rows(conn, tree, units),
        *(person_rows(conn, people) if people else ()),
        *named_config_rows(conn, others, held_by=person),
    )


def whole_config(conn: Connection, tree: Tree, person: str) -> tuple[ConfigRow, ...]:
    """All configuration that a person's replica may hold, with the directory of units and people."""
    return (*config_rows(conn, held_by=person), *unit_rows(conn, tree, None), *person_rows(conn, None))


def unit_rows(conn: Connection, tree: Tree, ids: Sequence[str] | None) -> list[ConfigRow]:
    """Units as configuration rows; all of them in preorder where no ids are given."""
    if ids is not None and not ids:
        return []
    query = select(t.org_unit.c.id, t.org_unit.c.version).order_by(t.org_unit.c.pos)
    if ids is not None:
        query = query.where(t.org_unit.c.id.in_(ids))
    return [
        _row("unit", row.id, row.version, tree.units[row.id])
        for row in conn.execute(query)
        if row.id in tree.units
    ]


def person_rows(conn: Connection, ids: Sequence[str] | None) -> list[ConfigRow]:
    """People as configuration rows: name, unit, pinyin and superior only."""
    query = select(t.person).order_by(t.person.c.id)
    if ids is not None:
        query = query.where(t.person.c.id.in_(ids))
    found = []
    for row in conn.execute(query):
        person = Person(**{name: row._mapping[name] for name in _PERSON})
        found.append(_row("person", row.id, row.version, person))
    return found


def _row(kind: str, id: str, version: int, entity: object) -> ConfigRow:
    return ConfigRow(kind=kind, id=id, version=version, body=msgspec.Raw(codec.encode(entity)))


def notices_of(conn: Connection, viewer: Viewer, changes: Iterable[Change]) -> tuple[Notice, ...]:
    """The notices of a person that these changes announce, of tickets that are in sight."""
    told = [row for row in changes if row.entity == "notice"]
    ids = [row.entity_id for row in told if viewer.person in load_names(row.people)]
    if not ids:
        return ()
    named = select(t.notice).where(t.notice.c.id.in_(ids), t.notice.c.person == viewer.person)
    return _notices(conn, viewer, named)


def recent_notices(conn: Connection, viewer: Viewer, now: Instant) -> tuple[Notice, ...]:
    """What a person was told lately of tickets that are in sight."""
    since = now - NOTICE_DAYS * _DAY_MS
    recent = select(t.notice).where(t.notice.c.person == viewer.person, t.notice.c.at >= since)
    return _notices(conn, viewer, recent)


def _notices(conn: Connection, viewer: Viewer, query: Any) -> tuple[Notice, ...]:
    rows = list(conn.execute(query.order_by(t.notice.c.at, t.notice.c.id)))
    tickets = map(ticket_of, ticket_rows(conn, sorted({row.ticket for row in rows})))
    seen = {ticket.id for ticket in tickets if viewer.access(ticket).visible}
    return tuple(
        Notice(id=row.id, ticket=row.ticket, kind=row.kind, at=row.at, detail=load_mapping(row.detail))
        for row in rows
        if row.ticket in seen or not row.ticket  # what is told an administrator is of no ticket
    )
