"""Whatever is asked over HTTP, no answer holds what the one predicate denies (RULES §10).

Tickets of a random chain carry a canary for each class of fields; a person with random grants asks every address, and
each answer's bytes are searched for the canaries of what `domain.rules.permissions` does not show them. Counts and
found tickets are compared with those that the rule gives in memory.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import Connection, delete, insert, select, update

from domain.entities.base import Entity
from domain.entities.people import CLASS_BIT, CREATE, Grant
from domain.entities.ticket import Changes, Entry, PersonalValue, Ticket
from domain.wire.commands import Command, EditTicket, payload
from domain.wire.customers import CustomerAnswer, CustomerQuery
from domain.wire.explaining import ExplainAnswer, ExplainRequest
from domain.wire.identity import SignedIn
from domain.wire.integrity import DigestAnswer, DigestRequest
from domain.wire.older import OlderAnswer, OlderRequest
from domain.wire.recovery import RecoverRequest
from domain.wire.reports import Cases, Overview, TicketList
from domain.wire.snapshot import SnapshotAnswer, SnapshotRequest
from domain.wire.sync import (
    BackfillRequest,
    Notice,
    PullAnswer,
    PullRequest,
    PushAnswer,
    PushRequest,
    Range,
    TicketsRequest,
)
from sync_server.access.viewer import Viewer
from sync_server.store import tables as t
from sync_server.store.engine import Store
from sync_server.store.notices import write_notices
from sync_server.store.queries.tickets import TICKET
from sync_server.store.rows import ticket_of
from sync_server.store.unit_of_work import UnitOfWork
from tests.sync_server.access.routes import RESTRICTED
from tests.sync_server.api.house import House, heard, opened
from tests.sync_server.chain import START, UNITS

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


def canary(id: str, field_class: str) -> str:
    """What stands in one class of fields of one ticket and nowhere else."""
    return f"canary{int(id, 16):06d}{field_class}"


class Planting:
    """The tickets of one example, what the person may know of each, and a session to ask with."""

    def __init__(self, house: House, session: SignedIn) -> None:
        self.house, self.session = house, session
        self.push_no = 0
        self.viewer: Viewer = house.chain.viewer(PERSON)
        self.tickets: dict[str, Ticket] = {}
        self.known_once: set[str] = set()
        self.start = ""

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
        customer=_customer(id),
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


def _customer(id: str) -> str:
    return f"k{int(id, 16)}"


def _write_customer(conn: Connection, id: str, one: Planted) -> None:
    """The ticket's customer, with a phone number and an order at the ticket's place."""
    known, secret = _customer(id), canary(id, "sensitive")
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
        "hash": _hash(id, name),
        "ticket": id,
        "field_class": name,
        "person": "max",
        "size": 1,
    }


def _hash(id: str, field_class: str) -> str:
    return f"{CLASSES.index(field_class)}{id}".rjust(64, "a")


def _pull(made: Planting) -> None:
    """Everything since before the tickets were written, and the notices about them."""
    answer = made.ask("/sync/pull", PullRequest, cursor=made.start, digest=True)
    made.check(answer.content)
    page = heard(answer, PullAnswer)
    assert {put.ticket.id for put in page.put} == made.visible()
    assert {one.ticket for one in page.notices} == made.visible()
    assert page.digest is not None
    assert page.digest.count == len(made.visible(old=False))


def _tickets(made: Planting) -> None:
    answer = made.ask("/sync/tickets", TicketsRequest, ids=tuple(made.tickets))
    made.check(answer.content, named=set(made.tickets))


def _backfill(made: Planting) -> None:
    ranges = [Range(kind="config"), Range(kind="mine")]
    ranges += [
        Range(kind="unit", unit=unit, line=line, deep=deep)
        for unit in UNITS
        for line, deep in (("", True), ("retail", False))
    ]
    for one in ranges:
        made.check(made.ask("/sync/backfill", BackfillRequest, range=one).content)


def _digest(made: Planting) -> None:
    answer = made.ask("/sync/digest", DigestRequest, level="groups")
    made.check(answer.content)
    assert sum(one.count for one in heard(answer, DigestAnswer).groups) == len(made.visible(old=False))
    places = tuple((unit, line) for unit in ["", *UNITS] for line in ("", "retail", "delivery"))
    for groups in ((), places):
        answer = made.ask("/sync/digest", DigestRequest, level="tickets", groups=groups)
        made.check(answer.content)
        assert {one.id for one in heard(answer, DigestAnswer).tickets} == made.visible(old=False)


def _search(made: Planting) -> None:
    """A canary is found by those alone who may read it where it stands."""
    for id in made.tickets:
        for field_class, bit in CLASS_BIT.items():
            words = canary(id, field_class)
            answer = made.ask("/tickets/search", OlderRequest, words=words)
            made.check(answer.content)
            wanted = bool(bit & made.classes(id)) and id in made.visible(old=True)
            assert [one.id for one in heard(answer, OlderAnswer).found] == [id] * wanted
    answer = made.ask("/tickets/search", OlderRequest, words="canary")
    assert {one.id for one in heard(answer, OlderAnswer).found} == made.visible(old=True)


def _explain(made: Planting) -> None:
    """Of a ticket out of sight not even that it is there; rules to those alone who are shown what is internal."""
    for id in made.tickets:
        answer = made.ask("/explain", ExplainRequest, ticket=id)
        made.check(answer.content)
        if id not in made.visible():
            assert answer.status_code >= 400
            continue
        told = {one.name for one in heard(answer, ExplainAnswer).sections}
        assert "policy" in told
        assert bool(CLASS_BIT["internal"] & made.classes(id)) or not told & {"routing", "triggers", "told"}


def _customers(made: Planting) -> None:
    """Found where a ticket or an order is in reach; addresses and numbers by class."""
    answer = made.ask("/customers/search", CustomerQuery, by="name", value="Kunde")
    made.check(answer.content)
    found = {one.id for one in heard(answer, CustomerAnswer).customers}
    assert {_customer(id) for id in made.visible()} <= found
    creating = {id for id, one in made.tickets.items() if made.viewer.access(one).level >= CREATE}
    assert found <= {_customer(id) for id in made.visible() | creating}


def _recover(made: Planting) -> None:
    answer = made.ask("/sync/recover", RecoverRequest, epoch="", ask=tuple(made.tickets))
    made.check(answer.content)


def _push(made: Planting) -> None:
    """Edits of everything that was read wrongly: their verdicts tell the server's values only to those who may know."""
    values = {"subject": "x", "fields.wish": "x", "fields.guess": "x", "personal.phone": "13800000000"}
    values |= {f"personal.p-{name}": "x" for name in CLASSES}
    commands = [
        Command(
            id=made.house.chain.ids.new(),
            ticket_id=id,
            kind="edit",
            set=payload(EditTicket(values={key: value})),
            base={key: "stale"},
            at=START,
        )
        for id in made.tickets
        for key, value in values.items()
    ]
    for begin in range(0, len(commands), 50):
        made.push_no += 1
        part = tuple(commands[begin : begin + 50])
        answer = made.ask("/sync/push", PushRequest, push_no=made.push_no, commands=part)
        made.check(answer.content, named=set(made.tickets))
        assert {one.status for one in heard(answer, PushAnswer).verdicts} <= {
            "conflict",
            "rejected",
            "applied",
        }


def _snapshot(made: Planting) -> None:
    """Offered to those alone to whom every class of every ticket is shown."""
    services = made.house.services
    id = services.ids.new()
    services.snapshots.build(services.store, id)
    answer = made.ask("/sync/snapshot", SnapshotRequest)
    everything = all(made.classes(one) == 7 for one in made.tickets)
    offered = heard(answer, SnapshotAnswer)
    assert everything or not offered.id
    made.check(answer.content)


def _part(made: Planting) -> None:
    newest = made.house.services.snapshots.newest()
    assert newest is not None
    answer = made.house.get(f"/sync/snapshot/{newest.id}/0", made.token)
    assert answer.status_code == 404 or all(made.classes(one) == 7 for one in made.tickets)


def _attachment(made: Planting) -> None:
    """A reference is known to be there by those alone who see its class."""
    for id in made.tickets:
        for field_class, bit in CLASS_BIT.items():
            answer = made.house.get(f"/attachments/{_hash(id, field_class)}?ticket={id}", made.token)
            shown = bool(bit & made.classes(id))
            assert ("attachment_awaited" in answer.text) == shown, (id, field_class)


def _period() -> str:
    day = datetime.fromtimestamp(START / 1000, UTC).date()
    return f"from={day.replace(day=1)}&to={day.replace(day=28)}&zone=UTC"


def _overview(made: Planting) -> None:
    """Every figure counts what the rule shows, narrowed or not."""
    for line in ("", "retail"):
        answer = made.house.get(f"/reports/overview?{_period()}&line={line}", made.token)
        made.check(answer.content)
        shown = [made.tickets[id] for id in made.visible() if line in ("", made.tickets[id].line)]
        found = heard(answer, Overview)
        assert found.period.created == len(shown)
        assert found.now.open == sum(one.status == "open" for one in shown)
        assert sum(one.created for one in found.units) == len(shown)
        assert sum(one.created for one in found.categories) == len(shown)
        assert sum(one.met for one in found.period.outcomes) == len(shown)


def _cases(made: Planting) -> None:
    """Counts what the rule shows, by a column or an ordinary field; an internal field can't be asked by."""
    for by in ("priority", "field:wish"):
        answer = made.house.get(f"/reports/cases?{_period()}&by={by}", made.token)
        made.check(answer.content)
        assert heard(answer, Cases).cases == len(made.visible())
    assert made.house.get(f"/reports/cases?{_period()}&by=field:guess", made.token).status_code == 400


def _behind(made: Planting) -> None:
    for measure, key, old in (("created", "", None), ("open", "", False), ("met", "resolution", None),
                              ("slowest", "resolution", None)):  # fmt: skip
        asked = f"/reports/tickets?{_period()}&measure={measure}&key={key}"
        answer = made.house.get(asked, made.token)
        made.check(answer.content)
        found = heard(answer, TicketList)
        assert {one.id for one in found.tickets} == made.visible(old=old)
        assert found.count == len(found.tickets)
    for unit in UNITS:
        made.check(
            made.house.get(f"/reports/tickets?{_period()}&measure=unit&key={unit}", made.token).content
        )


ASKED: dict[str, Callable[[Planting], None]] = {
    "post /v1/sync/pull": _pull,
    "post /v1/sync/tickets": _tickets,
    "post /v1/sync/backfill": _backfill,
    "post /v1/sync/digest": _digest,
    "post /v1/tickets/search": _search,
    "post /v1/explain": _explain,
    "post /v1/customers/search": _customers,
    "post /v1/sync/recover": _recover,
    "post /v1/sync/snapshot": _snapshot,
    "get /v1/sync/snapshot/{id}/{number}": _part,
    "get /v1/attachments/{hash}": _attachment,
    "get /v1/reports/overview": _overview,
    "get /v1/reports/cases": _cases,
    "get /v1/reports/tickets": _behind,
    "post /v1/sync/push": _push,  # last: it changes what it may
}


@pytest.fixture
def planting(store: Store, tmp_path: Path) -> Iterator[Planting]:
    """A server that one person is signed in to."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    with opened(store, tmp_path) as house:
        yield Planting(house, house.sign_in(PERSON))


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    planted=st.lists(PLANTED, min_size=1, max_size=6),
    grants=st.lists(GRANTED, max_size=2, unique_by=lambda one: one.id),
)
def test_no_answer_holds_what_is_denied(
    planting: Planting, planted: list[Planted], grants: list[Grant]
) -> None:
    """For any tickets and grants, every address answers what the rule shows, no more and where counted no less."""
    planting.fill(planted, grants)
    for asked in ASKED.values():
        asked(planting)


def test_every_address_with_tickets_is_asked() -> None:
    """An address that is said to answer ticket content is searched for canaries."""
    assert set(ASKED) == {route for route, how in RESTRICTED.items() if how.startswith("tickets")}
