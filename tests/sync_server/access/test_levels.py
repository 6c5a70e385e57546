"""What a push may do is what the rule gives in memory, and a poke reaches those alone who may see what moved."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from sqlalchemy import insert, update

from domain.entities.people import MANAGE, Access
from domain.entities.ticket import Ticket
from domain.rules.permissions import may
from domain.wire.commands import ChangeMembers, Command, EditTicket, Reply
from domain.wire.intent import Intent
from domain.wire.sync import Verdict
from domain.wire.together_commands import MergeTicket, Urge
from sync_server.api.aside import Aside
from sync_server.api.poke import OPENED, Listener
from sync_server.api.watching import make_hub
from sync_server.feed.touches import head_seq
from sync_server.settings import Settings
from sync_server.store import tables as t
from sync_server.store.engine import Store
from tests.sync_server.access.random_chain import BLIND, PARTLY, PERSON, Drawn, drawn, fill
from tests.sync_server.chain import START, Chain

UNHELPFUL = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
POKE = re.compile(rb'event: poke\ndata: \{"head":[0-9]+\}\n\n')
DENIED = ("out_of_scope", "not_allowed")
TRIED: dict[str, Intent] = {
    "reply": Reply(body="x", internal=True),
    "edit": EditTicket(values={"subject": "x"}),
    "tag": ChangeMembers(add=("x",)),
    "urge": Urge(reason="x"),
}


@pytest.fixture
def chain(store: Store) -> Chain:
    """A chain without tickets on either database."""
    return Chain(store)


def _denial(held: Access, *, allowed: bool) -> str:
    """The code of a refusal by the rule; empty where there is none."""
    if allowed and held.visible:
        return ""
    return "not_allowed" if held.visible else "out_of_scope"


def _denied(verdict: Verdict) -> str:
    return verdict.code if verdict.code in DENIED else ""


@settings(max_examples=6, deadline=None, suppress_health_check=UNHELPFUL)
@example(one=BLIND)
@example(one=PARTLY)
@given(one=drawn(most=4))
def test_pushes_are_judged_by_the_rule(chain: Chain, one: Drawn) -> None:
    """For any org, grants and tickets: what is refused, and how, is what the rule denies; a merge asks it of both."""
    with chain.store.write() as conn:
        fill(conn, one)
        conn.commit()
    tried = [(two, kind, intent) for two in one.tickets for kind, intent in TRIED.items()]
    verdicts = chain.do(PERSON, *(_said(chain, two, kind, intent) for two, kind, intent in tried))
    for (two, kind, _), verdict in zip(tried, verdicts, strict=True):
        held = one.access(two)
        assert _denied(verdict) == _denial(held, allowed=may(kind, held)), (kind, held, verdict)
    pairs = [(source, into) for source in one.tickets for into in one.tickets if source is not into]
    for source, into in pairs[:4]:
        command = _said(chain, source, "merge", MergeTicket(into=into.id, confirmed=True))
        (verdict,) = chain.do(PERSON, command)
        mine, theirs = one.access(source), one.access(into)
        wanted = _denial(mine, allowed=may("merge", mine)) or _denial(theirs, allowed=theirs.level >= MANAGE)
        assert _denied(verdict) == wanted, (mine, theirs, verdict)


def _said(chain: Chain, ticket: Ticket, kind: str, intent: Intent) -> Command:
    return chain.command(kind, intent, ticket=ticket.id)


class Ears:
    """Streams of a hub over the chain, and what they were told."""

    def __init__(self, chain: Chain, aside: Aside, folder: Path) -> None:
        self._chain = chain
        made = Settings(folder=folder, database=str(chain.store.engine.url), poke_gap_ms=0)
        self.hub = make_hub(chain.store, chain.trees, aside, made)
        self.heard: dict[str, list[bytes]] = {}

    async def listen(self, person: str) -> Listener:
        """Open a stream."""
        heard = self.heard.setdefault(person, [])

        async def write(event: bytes, more: bool) -> None:
            heard.append(event)

        return await self.hub.open(person, f"d-{person}", write)

    def move(self, ticket: Ticket) -> int:
        """Something changes on a ticket; returns the feed's head."""
        with self._chain.store.write() as conn:
            seq = head_seq(conn) + 1
            place = {"org_old": "", "line_old": "", "org_new": ticket.org, "line_new": ticket.line}
            row = {"seq": seq, "nonce": str(seq), "entity": "ticket", "entity_id": ticket.id, "people": "[]"}
            conn.execute(insert(t.change).values(**row, **place, rev_from=0, rev_to=1, at=START))
            conn.execute(update(t.feed_head).values(seq=seq))
            conn.commit()
        return seq

    async def poked(self, tickets: tuple[Ticket, ...]) -> set[str]:
        """The tickets whose change is hinted at to the person; `max`, who sees everything, says when it was told."""
        running = asyncio.ensure_future(self.hub.run())
        await asyncio.sleep(0)
        listener, witness = await self.listen(PERSON), await self.listen("max")
        found = set()
        for one in tickets:
            head = self.move(one)
            self.hub.changed()
            while witness.head < head:
                await asyncio.sleep(0.001)
            if listener.head == head:
                found.add(one.id)
        await asyncio.sleep(0.01)
        running.cancel()
        return found


@pytest.fixture
def aside() -> Iterator[Aside]:
    """Threads of their own for the hub."""
    made = Aside()
    yield made
    made.close()


@settings(max_examples=6, deadline=None, suppress_health_check=UNHELPFUL)
@example(one=BLIND)
@example(one=PARTLY)
@given(one=drawn(most=5))
def test_pokes_reach_those_who_may_see(chain: Chain, aside: Aside, tmp_path: Path, one: Drawn) -> None:
    """For any org, grants and tickets, a change is hinted at where the rule shows it, by the feed's head alone."""
    with chain.store.write() as conn:
        fill(conn, one)
        conn.commit()
    ears = Ears(chain, aside, tmp_path)
    assert asyncio.run(ears.poked(one.tickets)) == one.visible()
    assert all(event == OPENED or POKE.fullmatch(event) for event in ears.heard[PERSON])
