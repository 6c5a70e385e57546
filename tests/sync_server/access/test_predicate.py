"""Every SQL form of the predicate is the predicate: the rule is asked from memory, the database by each of its forms.

Org, grants and tickets are random; the rule sees none of what the server read of them.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from msgspec.structs import replace
from sqlalchemy import Connection, select

from domain.entities.configuration import Configuration
from domain.entities.people import CLASS_BIT, SENSITIVE
from domain.rules.digests import share
from domain.wire import codec
from domain.wire.customers import CustomerQuery
from domain.wire.integrity import DigestRequest
from domain.wire.older import OlderRequest
from domain.wire.reports import Question
from domain.wire.sync import BackfillRequest, Range, RowsAnswer
from sync_server.access.customers import find_customers
from sync_server.access.grants import GrantCache
from sync_server.access.predicate import visible
from sync_server.access.viewer import Viewer, sight
from sync_server.feed.backfill import backfill
from sync_server.feed.digest import digest, shares
from sync_server.feed.older import find_older
from sync_server.feed.projection import shown_classes
from sync_server.reports.frame import frame
from sync_server.store import tables as t
from sync_server.store.engine import Store
from sync_server.store.queries.tickets import ticket_rows
from tests.sync_server.access.random_chain import (
    BLIND,
    KEEP_SINCE,
    LINES,
    PARTLY,
    PERSON,
    UNITS,
    Drawn,
    canary,
    drawn,
    fill,
    marks,
)
from tests.sync_server.chain import START, Chain

ASKED: dict[str, Any] = {"protocol": 2, "device": "d-amy"}


def _visible(conn: Connection, viewer: Viewer, one: Drawn) -> None:
    """The rows of tickets, and their classes as rows are projected."""
    found = conn.execute(select(t.ticket.c.id).where(visible(viewer))).scalars()
    assert set(found) == one.visible()
    for row in ticket_rows(conn, [two.id for two in one.tickets]):
        ticket = next(two for two in one.tickets if two.id == row[0])
        assert shown_classes(viewer, row) == viewer.access(ticket).classes == one.access(ticket).classes


def _levels(conn: Connection, viewer: Viewer, one: Drawn) -> None:
    """What pushes and merges judge by, and who may be told: grants read by version."""
    cache = GrantCache()
    seen, told = sight(conn, viewer.tree), cache.sight(conn, [PERSON], viewer.tree)
    assert sorted(cache.of(conn, PERSON), key=lambda g: g.id) == sorted(one.grants, key=lambda g: g.id)
    for ticket in one.tickets:
        assert viewer.access(ticket) == one.access(ticket)
        assert seen(PERSON, ticket) == told(PERSON, ticket) == one.access(ticket).visible


def _digest(conn: Connection, viewer: Viewer, one: Drawn) -> None:
    """Count, sum and each ticket's share, by the classes that are shown of it."""
    held = {two.id: two for two in one.tickets if two.id in one.visible(old=False)}
    mark = marks(conn)
    wanted = {id: share(mark[id], one.access(two).classes) for id, two in held.items()}
    whole = digest(conn, viewer, KEEP_SINCE)
    assert (whole.count, whole.total) == (len(wanted), sum(wanted.values()))
    places = tuple((unit, line) for unit in ["", *UNITS] for line in ["", *LINES])
    for groups in ((), places):
        asked = DigestRequest(**ASKED, scope_version=viewer.scope_version, level="tickets", groups=groups)
        assert {two.id: two.share for two in shares(conn, viewer, asked).tickets} == wanted


def _paged(conn: Connection, viewer: Viewer, wanted: Range) -> list[str]:
    """The tickets of a range, page by page."""
    found: list[str] = []
    asked = BackfillRequest(**ASKED, range=wanted, scope_version=viewer.scope_version, limit=2)
    while True:
        answer = codec.decode(codec.encode(backfill(conn, viewer, asked, now=START)), RowsAnswer)
        found += [put.ticket.id for put in answer.put]
        if answer.done:
            return found
        asked = replace(asked, after=answer.next)


def _backfill(conn: Connection, viewer: Viewer, one: Drawn) -> None:
    """The ranges of a person together are all they may hold, those they take part in apart; no page repeats."""
    ranges = [Range(kind="unit", unit=unit, line=line, deep=True) for unit in UNITS for line in ("", *LINES)]
    now = one.visible(old=False)
    own = {two.id for two in one.tickets if two.id in now and PERSON in (two.assignee, two.creator, *two.cc)}
    found: set[str] = set()
    for wanted in (Range(kind="mine"), *ranges):
        paged = _paged(conn, viewer, wanted)
        assert paged == sorted(set(paged), reverse=True)
        assert own.issuperset(paged) if wanted.kind == "mine" else own.isdisjoint(paged)
        parts = [set(_paged(conn, viewer, replace(wanted, open=of))) for of in (True, False)]
        assert set(paged) == parts[0] | parts[1]
        assert parts[0].isdisjoint(parts[1])
        found.update(paged)
    assert found == now


def _reports(conn: Connection, viewer: Viewer, one: Drawn) -> None:
    """What a figure counts, narrowed or not."""
    day = datetime.fromtimestamp(START / 1000, UTC).date()
    tickets = {two.id: two for two in one.tickets if two.id in one.visible()}
    for unit in ("", "east", "w1"):
        for line in ("", "retail"):
            asked = Question(first=day, last=day, unit=unit, line=line)
            rows = frame(viewer, asked, Configuration(), START).tickets
            wanted = {
                id
                for id, two in tickets.items()
                if (not unit or unit in one.ancestors(two.org)) and line in ("", two.line)
            }
            assert set(conn.execute(select(t.ticket.c.id).where(rows)).scalars()) == wanted


def _older(conn: Connection, viewer: Viewer, one: Drawn) -> None:
    """A word is found by those alone who may read it where it stands."""
    for name, bit in CLASS_BIT.items():
        answer = find_older(conn, viewer, OlderRequest(**ASKED, words=name))
        old = one.visible(old=True)
        wanted = {two.id for two in one.tickets if two.id in old and bit & one.access(two).classes}
        assert {two.id for two in answer.found} == wanted


def _customers(conn: Connection, viewer: Viewer, one: Drawn) -> None:
    """Found through tickets in sight alone, with numbers by the classes of these."""
    for two in one.tickets:
        asked = CustomerQuery(**ASKED, by="id", value=two.customer or "")
        answer = find_customers(conn, viewer, asked, now=START)
        held = one.access(two)
        assert bool(answer.customers) == held.visible
        for found in answer.customers:
            assert [row.id for row in found.tickets] == [two.id]
            shown = [row.value for row in found.contacts] == [canary(two.id, "sensitive")]
            assert shown == bool(held.classes & SENSITIVE)


FORMS: dict[str, Callable[[Connection, Viewer, Drawn], None]] = {
    "visible": _visible,
    "levels": _levels,
    "digest": _digest,
    "backfill": _backfill,
    "reports": _reports,
    "older": _older,
    "customers": _customers,
}


@pytest.fixture
def chain(store: Store) -> Chain:
    """A chain without tickets on either database."""
    return Chain(store)


def _settings(examples: int) -> settings:
    unhelpful = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=examples, deadline=None, suppress_health_check=unhelpful)


@_settings(12)
@example(one=BLIND)
@example(one=PARTLY)
@given(one=drawn())
def test_every_form_agrees_with_the_rule(chain: Chain, one: Drawn) -> None:
    """For any org, grants and tickets, whatever asks the database finds what the rule gives in memory."""
    with chain.store.write() as conn:
        fill(conn, one)
        conn.commit()
    with chain.store.read() as conn:
        viewer = chain.viewer_in(conn, PERSON)
        for form in FORMS.values():
            form(conn, viewer, one)


def test_store_is_either_database(store: Store) -> None:
    """The suites of the server run on SQLite and on PostgreSQL."""
    assert store.engine.dialect.name == ("sqlite" if store.sqlite else "postgresql")
