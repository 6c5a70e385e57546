"""Who sees which ticket in which worklist, and in which order."""

import pytest

from desktop.commands import hand_over, members, status, write
from desktop.replica import rows, sql
from desktop.replica.queries.tickets import WORKLISTS, TicketLine, worklist_counts, worklist_ids
from desktop.replica.queries.tickets import rows as lines
from domain.entities.ticket import Ticket
from tests.desktop.replica.station import Station

NOW = 1_000_000


def _lists(station: Station, ticket: str, now: int = NOW) -> set[str]:
    """The worklists, but for all, that hold a ticket; the counts agree."""
    with station.replica.read() as conn:
        ids = {name: worklist_ids(conn, name, station.person, now) for name in WORKLISTS}
        assert worklist_counts(conn, station.person, now) == {name: len(found) for name, found in ids.items()}
    assert ticket in ids.pop("all")
    return {name for name, found in ids.items() if ticket in found}


def test_created_and_unassigned(ann: Station) -> None:
    """A new ticket is its creator's, and nobody's to do."""
    assert _lists(ann, ann.create()) == {"created", "unassigned"}


def test_taken_is_to_do(ann: Station) -> None:
    """What I took is mine to act on."""
    id = ann.create()
    hand_over.take(ann.runner, [id])
    assert _lists(ann, id) == {"created", "todo"}


def test_on_hold_is_kept_from_going_on(ann: Station) -> None:
    """I hold it, and something keeps it."""
    id = ann.create()
    hand_over.take(ann.runner, [id])
    status.pause(ann.runner, [id], reason="parts", until=NOW)
    assert _lists(ann, id) == {"created", "todo", "to_transfer"}


def test_with_the_customer_is_done_for_now(ann: Station) -> None:
    """I acted, and the customer has to."""
    id = ann.create()
    hand_over.take(ann.runner, [id])
    status.await_customer(ann.runner, [id])
    assert _lists(ann, id) == {"created", "todo", "done"}


def test_resolved_is_done(ann: Station) -> None:
    """What I solved is no longer to do."""
    id = ann.create()
    hand_over.take(ann.runner, [id])
    status.resolve(ann.runner, [id])
    assert _lists(ann, id) == {"created", "done"}


def test_passed_on_is_transferred(ann: Station) -> None:
    """What I handed to somebody else is theirs, until it comes back."""
    id = ann.create()
    hand_over.assign(ann.runner, [id], assignee="bob")
    assert _lists(ann, id) == {"created", "transferred"}
    hand_over.assign(ann.runner, [id], assignee="ann")
    assert _lists(ann, id) == {"created", "todo"}


def test_parts_survive_the_server_and_newer_rows(ann: Station, bob: Station) -> None:
    """What I did stays known when the rows come back as deltas that don't tell of it."""
    id = ann.create()
    hand_over.assign(ann.runner, [id], assignee="bob")
    ann.settle()
    bob.settle()
    write.reply(bob.runner, id, body="on it")
    bob.settle()
    ann.settle()
    assert _lists(ann, id) == {"created", "transferred"}
    assert _lists(bob, id) == {"todo"}


def test_followed_is_cc(ann: Station, bob: Station) -> None:
    """In cc, wherever the ticket is."""
    id = ann.create(cc=("bob",))
    ann.settle()
    bob.settle()
    assert "cc" in _lists(bob, id)
    members.remove_cc(ann.runner, [id], people=["bob"])
    ann.settle()
    bob.settle()
    assert "cc" not in _lists(bob, id)


def _measured(station: Station, **columns: object) -> str:
    """A ticket with these columns, straight into the table."""
    given = {
        "id": station.ids.new(),
        "template": "t1",
        "template_version": 1,
        "org": "s1",
        "line": "",
        **columns,
    }
    ticket = Ticket(**given)  # type: ignore[arg-type]  # as the test says
    with station.replica.write() as conn:
        sql.run(conn, rows.PUT_TICKET, rows.ticket_row(ticket, mark=0, access=7, my=0))
    return ticket.id


def test_order_by_deadline(ann: Station) -> None:
    """Late first, then by the time left, paused by their rest, unmeasured, resolved with the latest first."""
    resolved = [_measured(ann, status="resolved", updated_at=at) for at in (1, 2)]
    plain = _measured(ann)
    paused = [_measured(ann, status="pending", sla_state="paused", sla_remaining_s=s) for s in (60, 5)]
    running = [_measured(ann, sla_state="running", due_at=at) for at in (NOW + 50, NOW + 5, NOW - 5)]
    expected = [*running[::-1], *paused[::-1], plain, *resolved[::-1]]
    with ann.replica.read() as conn:
        assert worklist_ids(conn, "all", "ann", NOW) == expected
        assert worklist_ids(conn, "late", "ann", NOW) == [running[2]]
        assert worklist_ids(conn, "all", "ann", NOW, descending=True) == expected[::-1]


def test_soon_is_what_its_policy_calls_near(ann: Station) -> None:
    """From the instant on that the deadline counts as near, until it is over."""
    id = _measured(ann, sla_state="running", due_at=NOW + 100, soon_at=NOW + 50)
    assert "soon" not in _lists(ann, id, NOW + 49)
    assert "soon" in _lists(ann, id, NOW + 50)
    assert _lists(ann, id, NOW + 100) >= {"late"}


@pytest.mark.parametrize("sort", ["subject", "store", "customer", "handler", "number", "priority", "status"])
def test_every_column_sorts_both_ways(ann: Station, sort: str) -> None:
    """Whatever the order, the same tickets, and backwards the other way round."""
    ids = {ann.create(f"subject {at}", personal={"name": f"n{at}"}) for at in range(3)}
    with ann.replica.read() as conn:
        up = worklist_ids(conn, "created", "ann", NOW, sort=sort)
        down = worklist_ids(conn, "created", "ann", NOW, sort=sort, descending=True)
    assert set(up) == set(down) == ids
    if sort in ("subject", "customer"):
        assert up == down[::-1]


def test_line_tells_what_its_row_shows(ann: Station, bob: Station) -> None:
    """Number, customer, store, handler; the first mark that applies."""
    id = ann.create("Spoiled milk", personal={"name": "Ms Chen"})
    hand_over.take(ann.runner, [id])
    line = _line(ann, id)
    assert (line.number, line.provisional) == ("\u4e34-K7Q2-0001", True)
    assert (line.customer, line.store, line.handler, line.mark) == ("Ms Chen", "s1", "ann", "unsent")
    ann.settle()
    line = _line(ann, id)
    assert (line.number, line.provisional, line.mark) == ("100001", False, "")
    hand_over.assign(ann.runner, [id], assignee="bob")
    ann.settle()
    bob.settle()
    assert _line(bob, id).mark == "unread"


def _line(station: Station, id: str) -> TicketLine:
    with station.replica.read() as conn:
        return lines(conn, [id, "gone"])[0]
