"""Whatever is asked over HTTP, no answer holds what the one predicate denies (RULES §10).

Tickets of a random chain carry a canary for each class of fields; a person with random grants asks every address, and
each answer's bytes are searched for the canaries of what `domain.rules.permissions` does not show them. Counts and
found tickets are compared with those that the rule gives in memory.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.entities.people import CLASS_BIT, CREATE, Grant
from domain.rules.permissions import access_at
from domain.wire.commands import Command, EditTicket, payload
from domain.wire.customers import CustomerAnswer, CustomerQuery
from domain.wire.explaining import ExplainAnswer, ExplainRequest
from domain.wire.integrity import DigestAnswer, DigestRequest
from domain.wire.older import OlderAnswer, OlderRequest
from domain.wire.recovery import RecoverRequest
from domain.wire.reports import Cases, Overview, TicketList
from domain.wire.snapshot import LAYOUT, SnapshotAnswer, SnapshotRequest
from domain.wire.sync import (
    BackfillRequest,
    PullAnswer,
    PullRequest,
    PushAnswer,
    PushRequest,
    Range,
    TicketsRequest,
)
from sync_server.store.engine import Store
from tests.sync_server.access.planting import (
    CLASSES,
    GRANTED,
    PERSON,
    PLANTED,
    Planted,
    Planting,
    canary,
    content_hash,
    customer_of,
)
from tests.sync_server.access.routes import RESTRICTED
from tests.sync_server.api.house import heard, opened
from tests.sync_server.chain import START, UNITS

INNER = {"routing", "triggers", "automations", "told"}
"""The sections of an explanation that are for those alone who are shown what is internal."""


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
        inner = bool(CLASS_BIT["internal"] & made.classes(id))
        assert (told >= INNER) if inner else not told & INNER
        assert (canary(id, "internal") in answer.text) == inner


def _customers(made: Planting) -> None:
    """Found where a ticket or an order is in reach; addresses and numbers by class."""
    answer = made.ask("/customers/search", CustomerQuery, by="name", value="Kunde")
    made.check(answer.content)
    found = {one.id for one in heard(answer, CustomerAnswer).customers}
    assert {customer_of(id) for id in made.visible()} <= found
    tree, actor = made.viewer.tree, made.viewer.actor
    creating = {
        id
        for id, one in made.tickets.items()
        if access_at(actor, org_ancestors=tree.ancestors(one.org), line=one.line).level >= CREATE
    }
    assert found <= {customer_of(id) for id in made.visible() | creating}


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
    everything = all(made.classes(one) == 7 for one in made.tickets)
    for layout in (0, LAYOUT):
        answer = made.ask("/sync/snapshot", SnapshotRequest, layout=layout)
        offered = heard(answer, SnapshotAnswer)
        assert everything or not offered.id
        made.check(answer.content)


def _part(made: Planting) -> None:
    for layout in (0, LAYOUT):
        newest = made.house.services.snapshots.find("", layout)
        assert newest is not None
        answer = made.house.get(f"/sync/snapshot/{newest.id}/0", made.token)
        assert answer.status_code == 404 or all(made.classes(one) == 7 for one in made.tickets)


def _attachment(made: Planting) -> None:
    """A reference is known to be there by those alone who see its class."""
    for id in made.tickets:
        for field_class, bit in CLASS_BIT.items():
            answer = made.house.get(f"/attachments/{content_hash(id, field_class)}?ticket={id}", made.token)
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


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
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
