"""Tickets with a canary in each class of fields, written for a person with random grants."""

from collections.abc import Callable
from typing import Any

import httpx
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Connection, delete, insert, select, update

from domain.entities.base import Entity
from domain.entities.conditions import Condition, Conditions
from domain.entities.people import CLASS_BIT, Grant
from domain.entities.routing import RoutingRule
from domain.entities.rules import Automation, RuleAction, Trigger
from domain.entities.sla import Policy
from domain.entities.ticket import Changes, Entry, PersonalValue, Ticket
from domain.wire.identity import SignedIn
from domain.wire.sync import (
    Notice,
    PullAnswer,
    PullRequest,
)
from sync_server.access.viewer import Viewer
from sync_server.store import tables as t
from sync_server.store.configuration_changes import Author
from sync_server.store.configuration_writer import Edit, write_configuration
from sync_server.store.notices import write_notices
from sync_server.store.queries.tickets import TICKET
from sync_server.store.rows import ticket_of
from sync_server.store.unit_of_work import UnitOfWork
from tests.sync_server.api.house import House, heard
from tests.sync_server.chain import POLICY, START, UNITS

KEEP_SINCE = START - 1_000_000
LONG_AGO = START - 9_000_000
CLASSES = tuple(CLASS_BIT)
PERSON = "amy"
PARTS = st.sampled_from([PERSON, "ben", None])


class Planted(Entity):
    """A ticket to be: where it is, who takes part, whether it is too old to be kept, where it was before."""

    org: str
    line: str
    creator: str | None
    assignee: str | None
    cc: tuple[str, ...]
    old: bool
    was: str  # a unit it was moved from; empty for none


PLANTED = st.builds(
    Planted,
    org=st.sampled_from(list(UNITS)),
    line=st.sampled_from(["retail", "delivery"]),
    creator=PARTS,
    assignee=PARTS,
    cc=st.sampled_from([(), (), (PERSON,), ("ben",)]),
    old=st.booleans(),
    was=st.sampled_from(["", "", "e1", "w1"]),
)
GRANTED = st.builds(
    Grant,
    id=st.uuids().map(lambda one: one.hex),
    role=st.just("r"),
    unit=st.sampled_from(list(UNITS)),
    line=st.sampled_from(["", "", "retail"]),
    level=st.sampled_from([1, 3, 5]),
    classes=st.sampled_from([0, 1, 3, 5, 7, 7]),
)


_SECRET = Conditions(all=(Condition(field="fields.guess", op="is", value="nothing of the kind"),))
_TELL = (RuleAction(kind="notify", arguments={"people": ("max",), "text": "{subject}"}),)
LOOKING = (
    Edit(
        kind="policy",
        id="inner",
        entity=Policy(id="inner", name="Inner", position=-1, conditions=_SECRET, targets=POLICY.targets),
    ),
    Edit(
        kind="routing",
        id="inner",
        entity=RoutingRule(id="inner", name="Inner", conditions=_SECRET, assignee="max"),
    ),
    Edit(
        kind="trigger",
        id="inner",
        entity=Trigger(id="inner", name="Inner", events=("created",), conditions=_SECRET, actions=_TELL),
    ),
    Edit(
        kind="automation",
        id="inner",
        entity=Automation(id="inner", name="Inner", conditions=_SECRET, actions=_TELL),
    ),
)
"""Each fails on a ticket's internal value, which then stands in the reason."""


def canary(id: str, field_class: str) -> str:
    """What stands in one class of fields of one ticket and nowhere else."""
    return f"canary{int(id, 16):06d}{field_class}"


class Planting:
    """The tickets of one example, what the person may know of each, and a session to ask with."""

    def __init__(self, house: House, session: SignedIn) -> None:
        self.house, self.session = house, session
        self.push_no = 0
        self._configure()
        self.viewer: Viewer = house.chain.viewer(PERSON)
        self.tickets: dict[str, Ticket] = {}
        self.known_once: set[str] = set()
        self.start = ""

    def _configure(self) -> None:
        """Rules and a policy that look at what is internal, so that an explanation could tell of it."""
        store, chain = self.house.services.store, self.house.chain
        with store.write() as conn:
            work = UnitOfWork(conn, nonces=chain.ids, at=START)
            write_configuration(work, LOOKING, author=Author())
            work.commit()

    @property
    def token(self) -> str:
        return self.session.tokens.access_token

    def fill(self, planted: list[Planted], grants: list[Grant]) -> None:
        """Begin anew with these tickets and grants."""
        store, chain = self.house.services.store, self.house.chain
        with store.write() as conn:
            for table in (
                t.customer,
                t.customer_contact,
                t.customer_order,
                t.ticket,
                t.ticket_cc,
                t.entry,
                t.personal,
                t.notice,
                t.blob_use,
                t.sla_clock,
            ):
                conn.execute(delete(table))
            conn.execute(delete(t.grant).where(t.grant.c.person == PERSON))
            for one in grants:
                conn.execute(
                    insert(t.grant).values(
                        person=PERSON, **{f: getattr(one, f) for f in one.__struct_fields__}
                    )
                )
            raised = update(t.person).where(t.person.c.id == PERSON)
            conn.execute(raised.values(grants_version=t.person.c.grants_version + 1))
            conn.execute(update(t.feed_head).values(keep_since=KEEP_SINCE))
            conn.commit()
        self.viewer = chain.viewer(PERSON)
        self.start = heard(self.ask("/sync/pull", PullRequest, cursor=""), PullAnswer).to_cursor
        made = [self._write(one) for one in planted]
        with store.read() as conn:
            self.tickets = {row.id: ticket_of(row) for row in conn.execute(select(*TICKET))}
        self.known_once = {
            id
            for id, one in zip(made, planted, strict=True)
            if one.was and self.viewer.covers(one.was, one.line)
        }

    def _write(self, one: Planted) -> str:
        """A ticket with all that hangs on it; where it was moved, first where it was."""
        chain, store = self.house.chain, self.house.services.store
        id = chain.ids.new()
        for changes in (_made, _moved) if one.was else (_made,):
            with store.write() as conn:
                work = UnitOfWork(conn, nonces=chain.ids, at=START)
                work.lock([id])
                work.stage(changes(id, one, work.ticket(id)))
                work.give_numbers()
                work.commit()
        with store.write() as conn:
            work = UnitOfWork(conn, nonces=chain.ids, at=START)
            detail = {"told": canary(id, "ordinary")}
            told = Notice(id=chain.ids.new(), ticket=id, kind="late", at=START, detail=detail)
            write_notices(work, [(PERSON, told), ("ben", replace(told, id=chain.ids.new()))])
            _write_customer(conn, id, one)
            conn.execute(insert(t.blob_use), [_use(id, name) for name in CLASSES])
            clock = {"ticket": id, "metric": "resolution", "cycle": 1, "state": "met", "elapsed_s": 59}
            clock |= {"started_at": START - 60_000, "due_at": START, "stopped_at": START - 1_000}
            conn.execute(insert(t.sla_clock).values(**clock, breached=False))
            work.commit()
        return id

    def ask(self, path: str, kind: Callable[..., Any], **values: Any) -> httpx.Response:
        """Ask something of the sync protocol."""
        plain: dict[str, Any] = {"protocol": 2, "device": self.session.device.id}
        if "scope_version" in getattr(kind, "__struct_fields__", ()):
            plain["scope_version"] = self.viewer.scope_version
        return self.house.post(path, kind(**{**plain, **values}), self.token)

    def classes(self, id: str) -> int:
        """The classes of fields that the rule shows of a ticket."""
        return self.viewer.access(self.tickets[id]).classes

    def visible(self, *, old: bool | None = None) -> set[str]:
        """The tickets that the rule shows, of those closed long ago or of the others where asked."""
        return {
            id
            for id, one in self.tickets.items()
            if self.classes(id) and (old is None or (one.closed_at is not None) == old)
        }

    def check(self, answer: bytes, *, named: set[str] = frozenset()) -> None:  # type: ignore[assignment]
        """Nothing in an answer is denied; `named` tickets are those the question itself named."""
        for id in self.tickets:
            shown = self.classes(id)
            for field_class, bit in CLASS_BIT.items():
                leaked = canary(id, field_class).encode() in answer
                assert not leaked or bit & shown, (id, field_class, shown, answer)
            known = shown or id in named or id in self.known_once
            assert known or id.encode() not in answer, (id, answer)


def _made(id: str, one: Planted, _before: Ticket | None) -> Changes:
    words = {name: canary(id, name) for name in CLASSES}
    ticket = Ticket(
        id=id,
        template="complaint",
        template_version=1,
        org=one.was or one.org,
        line=one.line,
        creator=one.creator,
        assignee=None if one.was else one.assignee,
        cc=() if one.was else one.cc,
        subject=f"Till {words['ordinary']}",
        fields={"wish": words["ordinary"], "guess": words["internal"]},
        status="closed" if one.old else "open",
        closed_at=LONG_AGO if one.old else None,
        created_at=START - 3_600_000,
        updated_at=START,
        customer=customer_of(id),
    )
    entries = [
        Entry(
            id=f"e{at}{id[2:]}",
            ticket=id,
            kind="note",
            at=START,
            field_class=name,
            body=text,
            detail={"x": text},
        )
        for at, (name, text) in enumerate(words.items())
    ]
    personal = [
        PersonalValue(ticket=id, key=f"p-{name}", field_class=name, value=text)
        for name, text in words.items()
    ]
    phone = PersonalValue(ticket=id, key="phone", field_class="sensitive", value=words["sensitive"])
    return Changes(ticket=ticket, entries=tuple(entries), personal=(*personal, phone))


def _moved(_id: str, one: Planted, before: Ticket | None) -> Changes:
    assert before is not None
    return Changes(ticket=replace(before, org=one.org, assignee=one.assignee, cc=one.cc))


def customer_of(id: str) -> str:
    """The id of a ticket's customer; it names nothing of the ticket."""
    return f"k{int(id, 16)}"


def _write_customer(conn: Connection, id: str, one: Planted) -> None:
    """The ticket's customer, with a phone number and an order at the ticket's place."""
    known, secret = customer_of(id), canary(id, "sensitive")
    row = {"id": known, "source": "", "external_id": known, "name": f"Kunde {known}", "tier": "", "unit": ""}
    conn.execute(insert(t.customer).values(**row, at=START, erased=False))
    conn.execute(insert(t.customer_contact).values(customer=known, kind="phone", value=secret))
    order = {
        "id": f"o{known}",
        "source": "",
        "number": known,
        "customer": known,
        "status": "",
        "currency": "CNY",
    }
    place = {
        "unit": one.org,
        "line": one.line,
        "items": "[]",
        "delivery": f'{{"address": "{secret}"}}',
        "at": START,
    }
    conn.execute(insert(t.customer_order).values(**order, **place))


def _use(id: str, name: str) -> dict[str, Any]:
    return {
        "entry": f"e{CLASSES.index(name)}{id[2:]}",
        "hash": content_hash(id, name),
        "ticket": id,
        "field_class": name,
        "person": "max",
        "size": 1,
    }


def content_hash(id: str, field_class: str) -> str:
    """The hash of the file in one class of a ticket."""
    return f"{CLASSES.index(field_class)}{id}".rjust(64, "a")
