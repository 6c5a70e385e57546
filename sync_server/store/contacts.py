"""Where people are reached outside the program; known to the server alone."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, insert, select

from domain.entities.ticket import PersonalValue
from sync_server.store import tables as t
from sync_server.store.rows import PERSONAL_COLUMNS, personal_of

KINDS = ("email", "phone", "wecom", "dingtalk", "feishu", "wechat", "language")


def contacts_of(conn: Connection, people: Iterable[str]) -> dict[str, dict[str, str]]:
    """The contacts of people who are still there, by kind."""
    c = t.contact.c
    query = select(c.person, c.kind, c.address).join(t.person, t.person.c.id == c.person)
    found: dict[str, dict[str, str]] = {}
    for row in conn.execute(query.where(c.person.in_(sorted(set(people))), t.person.c.active)):
        found.setdefault(row.person, {})[row.kind] = row.address
    return found


def set_contacts(conn: Connection, person: str, contacts: Mapping[str, str]) -> int:
    """Set some of a person's contacts; an empty one is taken away. Returns how many changed."""
    c = t.contact.c
    known = dict(conn.execute(select(c.kind, c.address).where(c.person == person)).all())
    changed = {kind: one for kind, one in contacts.items() if known.get(kind, "") != one}
    if changed:
        conn.execute(delete(t.contact).where(c.person == person, c.kind.in_(sorted(changed))))
        rows = [{"person": person, "kind": kind, "address": one} for kind, one in changed.items() if one]
        if rows:
            conn.execute(insert(t.contact), rows)
    return len(changed)


def people_named(conn: Connection, ids: Iterable[str]) -> dict[str, str]:
    """The names of people by id."""
    c = t.person.c
    return dict(conn.execute(select(c.id, c.name).where(c.id.in_(sorted(set(ids))))).all())


def customers_values(conn: Connection, tickets: Iterable[str]) -> dict[str, list[PersonalValue]]:
    """The personal values of tickets, for messages to their own customers."""
    columns = [t.personal.c[name] for name in PERSONAL_COLUMNS]
    found: dict[str, list[PersonalValue]] = {}
    for row in conn.execute(select(*columns).where(t.personal.c.ticket.in_(sorted(set(tickets))))):
        value = personal_of(row)
        found.setdefault(value.ticket, []).append(value)
    return found


def words_of(conn: Connection, entries: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The class and the words of timeline rows as they are now: nothing of what was erased."""
    c = t.entry.c
    query = select(c.id, c.field_class, c.body).where(c.id.in_(sorted(set(entries))), c.body.is_not(None))
    return {row.id: (row.field_class, row.body) for row in conn.execute(query)}
