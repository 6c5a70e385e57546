"""Deleting what is in use is refused, with those who use it."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from domain.wire.configuration import DIRECTORY, entity_of
from domain.wire.sync import ConfigRow
from sync_server.operations.configuration.building import NOUNS
from sync_server.operations.configuration.reading import TEMPLATES, Problems
from sync_server.operations.configuration.references import references
from sync_server.store.configuration_changes import Key, Written
from sync_server.store.configuration_uses import SHOWN, grants_naming, tickets_naming

if TYPE_CHECKING:
    from sqlalchemy import Connection


def check_uses(
    conn: "Connection", rows: Mapping[Key, ConfigRow], written: Iterable[Written], problems: Problems
) -> None:
    """Find what was deleted though something names it; `rows` are those after the change.

    What the change brings back must not name anything that is gone either.
    """
    changed = {(one.kind, one.id) for one in written}
    gone = {key for key, row in rows.items() if row.deleted}
    users: dict[Key, list[str]] = {}
    for key, row in rows.items():
        if row.deleted or row.kind in DIRECTORY:
            continue
        for one in references(row.kind, row.id, entity_of(row)):
            target = (one.target_kind, one.target)
            if target in gone and (target in changed or key in changed):
                users.setdefault(target, []).append(f"{one.kind} {one.id} ({one.place})")
    for kind, id in sorted(gone):
        if (kind, id) in users:
            _add(problems, kind, id, "config_in_use", len(users[kind, id]), sorted(users[kind, id])[:SHOWN])
        if (kind, id) in changed:
            tickets, granted = tickets_naming(conn, kind, id), grants_naming(conn, kind, id)
            if tickets.count:
                _add(problems, kind, id, "config_in_use_by_tickets", tickets.count, tickets.shown)
            if granted.count:
                _add(problems, kind, id, "config_in_use_by_grants", granted.count, granted.shown)


def _add(problems: Problems, kind: str, id: str, code: str, count: int, shown: Iterable[str]) -> None:
    names = list(shown)
    text = ", ".join(names) + (" …" if count > len(names) else "")
    problems.add(file_of(kind, id), id, code, kind=kind, id=id, count=count, users=text)


def file_of(kind: str, id: str) -> str:
    """The file that an administrator writes a row in."""
    if kind == "template":
        return f"{TEMPLATES}/{id}.json"
    return f"{NOUNS.get(kind, kind)}.json"
