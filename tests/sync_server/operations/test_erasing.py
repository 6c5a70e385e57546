"""Personal values are emptied for good: in tables, late commands and restored backups, unless a hold forbids it."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from domain.errors import GongdanError, RefusedError
from domain.wire.commands import EditTicket, Reply
from sync_server.api.sealing import server_secret
from sync_server.operations.erasing import add_hold, erase, lift_hold
from sync_server.operations.recovering import accept
from sync_server.operations.tools import Tools
from sync_server.push.pipeline import Pusher
from sync_server.store import erasures
from sync_server.store import tables as t
from sync_server.store.engine import Store
from sync_server.store.erasures import Hasher
from tests.sync_server.chain import Chain

PHONE = "13800138000"
SPELLED = "+86 138-0013-8000"


@pytest.fixture
def chain(tools: Tools, tmp_path: Path) -> Chain:
    """The chain on the tools' database, with a server that knows erased values again."""
    made = Chain(tools.store)
    made.pusher = Pusher(
        tools.store,
        trees=made.trees,
        configurations=made.configurations,
        clock=tools.clock,
        ids=made.ids,
        hasher=Hasher(server_secret(tmp_path)),
    )
    return made


def _ticket(chain: Chain, **values: str) -> str:
    made = chain.create(personal={"phone": PHONE}, **values)
    chain.do("amy", made)
    return made.ticket_id


def _everything(store: Store) -> str:
    """Every row of every table as text."""
    with store.read() as conn:
        return "\n".join(
            str(tuple(row)) for table in t.metadata.sorted_tables for row in conn.execute(select(table))
        )


def test_a_phone_goes_from_values_subjects_and_texts_in_whatever_spelling(chain: Chain, tools: Tools) -> None:
    """Who and when stay; other texts stay; the ticket gets a new revision, so that replicas hear of it."""
    ticket = _ticket(chain, subject=f"Call {SPELLED} back")
    chain.do("amy", chain.command("reply", Reply(body=f"I called {PHONE}."), ticket=ticket))
    chain.do("amy", chain.command("reply", Reply(body="Nobody there."), ticket=ticket))
    cursor = chain.pulled("amy").to_cursor
    done = erase(tools, values=[SPELLED], reason="asked by letter")
    assert (done.tickets, done.values, done.entries) == (1, 1, 1)
    text = _everything(chain.store)
    assert PHONE not in text
    assert SPELLED not in text
    assert "Nobody there." in text
    put = chain.pulled("amy", cursor).put[0]
    assert [value.erased for value in put.personal] == [True]
    assert [(entry.person, entry.body) for entry in put.entries if entry.erased] == [("amy", None)]


def test_a_text_elsewhere_that_names_the_phone_is_emptied_too(chain: Chain, tools: Tools) -> None:
    """Another customer's ticket keeps its own values."""
    _ticket(chain)
    other = chain.create(personal={"phone": "13911112222"})
    chain.do("amy", other, chain.command("reply", Reply(body=f"see also {PHONE}"), ticket=other.ticket_id))
    erase(tools, values=[PHONE])
    text = _everything(chain.store)
    assert PHONE not in text
    assert "13911112222" in text


def test_a_dry_run_changes_nothing(chain: Chain, tools: Tools) -> None:
    """It only counts."""
    _ticket(chain)
    before = _everything(chain.store)
    assert erase(tools, values=[PHONE], dry_run=True).values == 1
    assert _everything(chain.store) == before


def test_a_whole_ticket_is_erased_by_its_number_with_what_people_wrote(chain: Chain, tools: Tools) -> None:
    """`texts` takes every body."""
    ticket = _ticket(chain)
    chain.do("amy", chain.command("reply", Reply(body="A private matter"), ticket=ticket))
    erase(tools, tickets=[ticket], texts=True)
    text = _everything(chain.store)
    assert PHONE not in text
    assert "private matter" not in text


@pytest.mark.parametrize("by", ["ticket", "value"])
def test_a_hold_forbids_erasure_until_it_is_lifted(chain: Chain, tools: Tools, by: str) -> None:
    """By the ticket, or by the customer."""
    ticket = _ticket(chain)
    given = {"ticket": ticket} if by == "ticket" else {"value": SPELLED}
    hold = add_hold(tools, reason="case 7", **given)
    with pytest.raises(RefusedError, match="legal_hold"):
        erase(tools, values=[PHONE])
    assert PHONE in _everything(chain.store)
    lift_hold(tools, hold)
    erase(tools, values=[PHONE])
    assert PHONE not in _everything(chain.store)
    with pytest.raises(GongdanError, match="unknown_hold"):
        lift_hold(tools, hold)


def test_a_late_command_brings_nothing_back(chain: Chain, tools: Tools) -> None:
    """What was written before the erasure is applied, and emptied as it comes; a new word of the customer stays."""
    ticket = _ticket(chain)
    erase(tools, values=[PHONE])
    late = chain.command("reply", Reply(body=f"Reached under {SPELLED}"), ticket=ticket)
    edit = chain.command("edit", EditTicket(values={"personal.phone": PHONE}), ticket=ticket)
    assert [verdict.status for verdict in chain.do("amy", late, edit)] == ["applied", "applied"]
    text = _everything(chain.store)
    assert PHONE not in text
    assert SPELLED not in text


def test_a_late_command_brings_nothing_back_to_an_erased_ticket(chain: Chain, tools: Tools) -> None:
    """Erased by its number: what a late text tells of the customer's values goes there, and stays elsewhere."""
    ticket, other = _ticket(chain), _ticket(chain)
    assert erase(tools, tickets=[ticket]).tickets == 1
    chain.do(
        "amy",
        *(
            chain.command("reply", Reply(body=f"Reached under {SPELLED}"), ticket=id)
            for id in (ticket, other)
        ),
    )
    with chain.store.read() as conn:
        bodies = dict(
            conn.execute(select(t.entry.c.ticket, t.entry.c.body).where(t.entry.c.kind == "reply")).all()
        )
    assert SPELLED not in str(bodies[ticket])
    assert SPELLED in bodies[other]


def test_what_is_pushed_while_it_is_looked_for_goes_too(
    chain: Chain, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A value that comes into another ticket after the tables were read, before anything was emptied."""
    _ticket(chain)
    other = chain.create()
    chain.do("amy", other)
    late = iter([chain.command("reply", Reply(body=f"Also {PHONE}"), ticket=other.ticket_id)])
    looked = erasures.held_tickets

    def held_tickets(*given: Any) -> dict[str, erasures.Hold]:
        chain.do("amy", *late)
        return looked(*given)

    monkeypatch.setattr(erasures, "held_tickets", held_tickets)
    erase(tools, values=[PHONE])
    assert PHONE not in _everything(chain.store)


def test_a_hold_that_comes_while_it_is_looked_for_forbids_it(
    chain: Chain, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was emptied, and nothing of it is left in the ledger."""
    ticket = _ticket(chain)
    announced = erasures.announce

    def announce(*given: Any) -> None:
        announced(*given)
        monkeypatch.setattr(erasures, "held_tickets", lambda *_: {ticket: hold})

    hold = erasures.Hold(id="h", ticket=ticket, value_hash="", reason="case 7", actor="a", at=1)
    monkeypatch.setattr(erasures, "announce", announce)
    before = _everything(chain.store)
    with pytest.raises(RefusedError, match="legal_hold"):
        erase(tools, values=[PHONE])
    assert _everything(chain.store) == before


def test_nothing_to_erase_is_said(chain: Chain, tools: Tools) -> None:
    """A wrong number is noticed."""
    _ticket(chain)
    with pytest.raises(RefusedError, match="nothing_to_erase"):
        erase(tools, values=["13999999999"])
    with pytest.raises(GongdanError, match="unknown_ticket"):
        erase(tools, tickets=["nowhere"])


def test_copies_that_desktops_gave_back_for_review_are_dropped(chain: Chain, tools: Tools) -> None:
    """The server does not have the ticket, but the value stood in the copy."""
    ticket = _ticket(chain)
    copy = {
        "ticket": "lost",
        "device": "d",
        "epoch": "e",
        "person": "p",
        "number": None,
        "org": "e1",
        "line": "",
    }
    with chain.store.write() as conn:
        conn.execute(t.returned_row.insert().values(**copy, body=f'["{SPELLED}"]', at=0, outcome=""))
        conn.commit()
    assert ticket
    erase(tools, values=[PHONE])
    assert SPELLED not in _everything(chain.store)


def test_a_copy_given_back_after_the_erasure_is_taken_in_emptied(chain: Chain, tools: Tools) -> None:
    """A restored server lacks the ticket, and a desktop that was away still holds it with the value."""
    ticket = _ticket(chain, subject=f"Call {SPELLED} back")
    chain.do("amy", chain.command("reply", Reply(body=f"I called {PHONE}."), ticket=ticket))
    held = chain.whole("eva", ticket).put[0]
    erase(tools, values=[PHONE])
    lost = ("ticket", "entry", "personal", "ticket_cc", "verdict", "sla_clock", "sla_step", "notice")
    copy = {"ticket": ticket, "device": "d-eva", "epoch": "e", "person": "eva", "org": "e1", "line": "retail"}
    with chain.store.write() as conn:
        for name in lost:
            conn.execute(t.metadata.tables[name].delete())
        body = msgspec.json.encode(held).decode()
        assert PHONE in body
        conn.execute(t.returned_row.insert().values(**copy, number=None, body=body, at=0, outcome=""))
        conn.commit()
    assert accept(tools, [ticket]) == 1
    text = _everything(chain.store)
    assert PHONE not in text
    assert SPELLED not in text
    put = chain.whole("eva", ticket).put[0]
    assert [value.erased for value in put.personal] == [True]
    assert [entry.person for entry in put.entries if entry.erased] == ["amy"]
