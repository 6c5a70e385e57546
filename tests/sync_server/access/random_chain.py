"""A random org with random grants and tickets in a database, and what the rule says of them from memory alone."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select, update

from domain.entities.base import Entity
from domain.entities.people import CLASS_BIT, Access, Actor, Grant
from domain.entities.ticket import Entry, Ticket
from domain.rules.permissions import access
from sync_server.store import tables as t
from sync_server.store.rows import ENTRY_COLUMNS, dump, ticket_values
from sync_server.store.unit_of_work import bump
from tests.sync_server.chain import START

KEEP_SINCE = START - 1_000_000
LONG_AGO = START - 9_000_000
UNITS = ("hq", "east", "e1", "e2", "west", "w1")
LINES = ("retail", "delivery")
CLASSES = tuple(CLASS_BIT)
PERSON = "amy"
_PART = st.sampled_from([PERSON, "ben", None])


class Drawn(Entity):
    """One org (each unit's parent; the first is the root), a person's grants, and tickets."""

    parents: Mapping[str, str]
    grants: tuple[Grant, ...]
    tickets: tuple[Ticket, ...]

    def ancestors(self, unit: str) -> frozenset[str]:
        """The unit and all above it."""
        found = set()
        while unit:
            found.add(unit)
            unit = self.parents.get(unit, "")
        return frozenset(found)

    def access(self, ticket: Ticket) -> Access:
        """What the rule gives the person on a ticket."""
        return access(Actor(person=PERSON, grants=self.grants), ticket, self.ancestors)

    def visible(self, *, old: bool | None = None) -> set[str]:
        """The tickets that the rule shows; of those that desktops keep no longer, or of the others."""
        return {
            one.id
            for one in self.tickets
            if self.access(one).visible and (old is None or (one.closed_at is not None) == old)
        }


@st.composite
def _parents(draw: st.DrawFn) -> dict[str, str]:
    found = {UNITS[0]: ""}
    for at, unit in enumerate(UNITS[1:], 1):
        found[unit] = draw(st.sampled_from(UNITS[:at]))
    return found


def _made(number: int, **values: Any) -> Ticket:
    """An open ticket of a customer's, with something internal in its form."""
    id = f"{number:032x}"
    plain: dict[str, Any] = {
        "template": "complaint",
        "template_version": 1,
        "subject": f"Till {number}",
        "fields": {"wish": "w", "guess": canary(id, "internal")},
        "status": "open",
        "created_at": START - 3_600_000,
        "updated_at": START,
        "customer": f"k{number}",
        "requester": "customer",
    }
    return Ticket(id=id, **{**plain, **values})


@st.composite
def _ticket(draw: st.DrawFn, number: int) -> Ticket:
    old = draw(st.booleans())
    return _made(
        number,
        org=draw(st.sampled_from(UNITS)),
        line=draw(st.sampled_from(LINES)),
        creator=draw(_PART),
        assignee=draw(_PART),
        cc=draw(st.sampled_from([(), (), (PERSON,), ("ben",), (PERSON, "ben")])),
        status="closed" if old else "open",
        closed_at=LONG_AGO if old else None,
    )


GRANT = st.builds(
    Grant,
    id=st.uuids().map(lambda one: one.hex),
    role=st.just("r"),
    unit=st.sampled_from([*UNITS, "nowhere"]),
    line=st.sampled_from(["", *LINES]),
    level=st.integers(1, 5),
    classes=st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 7, 7]),
)


@st.composite
def drawn(draw: st.DrawFn, most: int = 8) -> Drawn:
    """Any org, up to three grants and `most` tickets."""
    count = draw(st.integers(1, most))
    return Drawn(
        parents=draw(_parents()),
        grants=tuple(draw(st.lists(GRANT, max_size=3, unique_by=lambda one: one.id))),
        tickets=tuple(draw(_ticket(number)) for number in range(1, count + 1)),
    )


def canary(ticket: str, field_class: str) -> str:
    """What stands in one class of fields of one ticket and nowhere else."""
    return f"canary{int(ticket, 16):06d}{field_class}"


BLIND = Drawn(
    parents={unit: UNITS[0] if at else "" for at, unit in enumerate(UNITS)},
    grants=(Grant(id="blind", role="r", unit=UNITS[0], level=5, classes=0),),
    tickets=(_made(1, org="e1", line="retail"), _made(2, org="w1", line="retail", creator=PERSON)),
)
"""A grant that lets people manage everything and shows nothing."""
PARTLY = Drawn(
    parents=BLIND.parents,
    grants=(
        Grant(id="lead", role="r", unit="e1", level=4, classes=3),
        Grant(id="agent", role="r", unit="w1", line="retail", level=3, classes=5),
    ),
    tickets=(
        _made(1, org="e1", line="delivery"),
        _made(2, org="w1", line="retail"),
        _made(3, org="e2", line=""),
    ),
)
"""Managed at one place, handled at another, each with other classes, and out of sight at a third."""


def fill(conn: Connection, one: Drawn) -> None:
    """Write it, in place of what was there; each ticket with a row of its timeline in each class."""
    for table in (t.ticket, t.ticket_cc, t.entry, t.personal, t.customer, t.customer_contact, t.org_unit):
        conn.execute(delete(table))
    _write_org(conn, one.parents)
    conn.execute(delete(t.grant).where(t.grant.c.person == PERSON))
    if one.grants:
        rows = [{"person": PERSON, **{f: getattr(g, f) for f in g.__struct_fields__}} for g in one.grants]
        conn.execute(insert(t.grant), rows)
    raised = update(t.person).where(t.person.c.id == PERSON)
    conn.execute(raised.values(grants_version=t.person.c.grants_version + 1))
    conn.execute(update(t.feed_head).values(keep_since=KEEP_SINCE))
    marks = [{"mark": 1000 + at} for at in range(len(one.tickets))]
    rows = [{**ticket_values(two), **mark} for two, mark in zip(one.tickets, marks, strict=True)]
    conn.execute(insert(t.ticket), rows)
    if cc := [{"ticket": two.id, "person": person} for two in one.tickets for person in two.cc]:
        conn.execute(insert(t.ticket_cc), cc)
    conn.execute(insert(t.entry), [row for two in one.tickets for row in _entries(two.id)])
    _write_customers(conn, one.tickets)


def marks(conn: Connection) -> dict[str, int]:
    """What digests are summed from, by ticket."""
    return dict(conn.execute(select(t.ticket.c.id, t.ticket.c.mark)).all())


def _write_org(conn: Connection, parents: Mapping[str, str]) -> None:
    order: list[str] = []
    ends: dict[str, int] = {}

    def walk(unit: str) -> None:
        order.append(unit)
        for below, parent in parents.items():
            if parent == unit:
                walk(below)
        ends[unit] = len(order)

    walk(UNITS[0])
    plain = {"kind": "store", "code": "", "pinyin": "", "latitude": None, "longitude": None, "address": ""}
    rows = [
        {
            "id": unit,
            "parent": parents[unit],
            "name": unit,
            "version": 1,
            "pos": at,
            "end": ends[unit],
            **plain,
        }
        for at, unit in enumerate(order)
    ]
    conn.execute(insert(t.org_unit), rows)
    bump(conn, "tree")


def entry_of(ticket: str, field_class: str) -> str:
    """The id of a ticket's row of a class."""
    return f"e{CLASSES.index(field_class)}{ticket[2:]}"


def _entries(ticket: str) -> list[dict[str, Any]]:
    made = [
        Entry(
            id=entry_of(ticket, name),
            ticket=ticket,
            kind="note",
            at=START,
            field_class=name,
            body=canary(ticket, name),
        )
        for name in CLASSES
    ]
    return [{name: getattr(one, name) for name in ENTRY_COLUMNS} | {"detail": dump({})} for one in made]


def _write_customers(conn: Connection, tickets: tuple[Ticket, ...]) -> None:
    plain = {"source": "", "name": "Kunde", "tier": "", "unit": "", "at": START, "erased": False}
    rows = [{**plain, "id": two.customer, "external_id": two.customer} for two in tickets]
    conn.execute(insert(t.customer), rows)
    contacts = [
        {"customer": two.customer, "kind": "phone", "value": canary(two.id, "sensitive")} for two in tickets
    ]
    conn.execute(insert(t.customer_contact), contacts)
