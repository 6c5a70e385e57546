"""What the server makes of commands: verdicts, repeats, order, numbers."""

import pytest
from sqlalchemy import func, select

from domain.errors import RefusedError
from domain.wire.commands import EditTicket, Reply, TakeTicket, TransferTicket
from sync_server.store import tables as t
from sync_server.store.engine import Store
from sync_server.store.queries.tickets import entries_of
from sync_server.store.rows import load_mapping
from tests.sync_server.chain import Chain


@pytest.fixture
def chain(store: Store) -> Chain:
    """A small chain on either database."""
    return Chain(store)


def _count(chain: Chain, table: str) -> int:
    with chain.store.read() as conn:
        return int(conn.execute(select(func.count()).select_from(t.metadata.tables[table])).scalar_one())


def test_create_is_numbered_routed_and_answered(chain: Chain) -> None:
    """A created ticket gets one official number; the routing rule's assignee holds it."""
    create = chain.create(channel="routed")
    (verdict,) = chain.do("amy", create)
    assert (verdict.status, verdict.rev, verdict.seq) == ("applied", 1, 2)
    assert verdict.number == "100001"
    (put,) = chain.pulled("amy").put
    assert put.ticket.assignee == "max"
    assert put.ticket.due_at is not None
    assert [e.kind for e in put.entries] == ["created", "routed"]


def test_routing_does_not_undo_what_people_change(chain: Chain) -> None:
    """A rule that only raises the priority of tickets nobody holds applies once, not at every later change."""
    create = chain.create(channel="raised")
    chain.do("amy", create)
    assert chain.whole("amy", create.ticket_id).put[0].ticket.priority == "high"
    edit = EditTicket(values={"priority": "normal"})
    chain.do("amy", chain.command("edit", edit, ticket=create.ticket_id, base={"priority": "high"}))
    assert chain.whole("amy", create.ticket_id).put[0].ticket.priority == "normal"


def test_repeat_gets_the_stored_verdict_and_changes_nothing(chain: Chain) -> None:
    """A command that comes twice is applied once and answered alike."""
    create = chain.create()
    reply = chain.command("reply", Reply(body="hello"), ticket=create.ticket_id, depends_on=(create.id,))
    first = chain.do("amy", create, reply)
    before = _count(chain, "change"), _count(chain, "entry")
    again = chain.do("amy", reply, create)
    assert [v.duplicate for v in again] == [True, True]
    assert [(v.id, v.status, v.seq, v.rev, v.number) for v in again] == [
        (v.id, v.status, v.seq, v.rev, v.number) for v in reversed(first)
    ]
    assert (_count(chain, "change"), _count(chain, "entry")) == before


def test_same_id_with_other_content_is_rejected(chain: Chain) -> None:
    """An id stands for one content and one person."""
    create = chain.create()
    chain.do("amy", create)
    other = chain.create(subject="Other")
    forged = type(other)(id=create.id, ticket_id=other.ticket_id, kind="create", set=other.set, at=other.at)
    assert chain.do("amy", forged)[0].code == "id_reused"
    assert chain.do("ben", create)[0].code == "id_reused"
    assert _count(chain, "ticket") == 1


def test_conflict_keeps_the_servers_value_and_tells_both(chain: Chain) -> None:
    """Two people change one field apart: the first stands, the second is told both values, and told again."""
    create = chain.create()
    chain.do("amy", create)
    intents = [EditTicket(values={"priority": p}) for p in ("urgent", "low")]
    edits = [chain.command("edit", i, ticket=create.ticket_id, base={"priority": "normal"}) for i in intents]
    assert chain.do("eva", edits[0])[0].status == "applied"
    (verdict,) = chain.do("amy", edits[1])
    assert verdict.status == "conflict"
    assert verdict.fields == {"priority": {"theirs": "urgent", "mine": "low"}}
    assert chain.do("amy", edits[1])[0].fields == verdict.fields


def test_out_of_scope_changes_nothing_and_tells_nothing(chain: Chain) -> None:
    """A ticket of another store can't be touched; the answer is that of a ticket that doesn't exist."""
    create = chain.create("w1")
    chain.do("wes", create)
    seen = chain.do("amy", chain.command("take", TakeTicket(), ticket=create.ticket_id))[0]
    missing = chain.do("amy", chain.command("take", TakeTicket()))[0]
    assert (seen.status, seen.code, seen.rev, seen.message) == (
        "rejected",
        "out_of_scope",
        0,
        missing.message,
    )
    assert chain.do("amy", chain.create("w1"))[0].code == "out_of_scope"
    assert _count(chain, "change") == 1


def test_dependents_of_a_refused_create_are_blocked_and_others_go_on(chain: Chain) -> None:
    """A bad command delays nobody: what hangs on it is blocked, other tickets are served."""
    bad = chain.create(priority="whatever")
    hanging = chain.command("reply", Reply(body="x"), ticket=bad.ticket_id, depends_on=(bad.id,))
    good = chain.create()
    statuses = [v.status for v in chain.do("amy", bad, hanging, good)]
    assert statuses == ["rejected", "blocked", "applied"]


def test_what_comes_before_its_dependency_waits_in_order(chain: Chain) -> None:
    """Commands whose create has not come yet are to be sent again, and none of their ticket overtakes them."""
    create = chain.create()
    early = chain.command("reply", Reply(body="1"), ticket=create.ticket_id, depends_on=(create.id,))
    later = chain.command("reply", Reply(body="2"), ticket=create.ticket_id)
    assert [v.status for v in chain.do("amy", early, later)] == ["retry", "retry"]
    assert [v.status for v in chain.do("amy", create, early, later)] == ["applied"] * 3
    with chain.store.read() as conn:
        bodies = [e.body for e in entries_of(conn, [create.ticket_id])[create.ticket_id]]
    assert bodies == [None, "1", "2"]


def test_copied_replica_is_noticed_by_its_push_number(chain: Chain) -> None:
    """A push that is not newer than the last and holds unknown commands changes nothing."""
    chain.push("amy", (chain.create(),), push_no=3)
    with pytest.raises(RefusedError, match="stale_push"):
        chain.push("amy", (chain.create(),), push_no=3)
    assert _count(chain, "ticket") == 1


def test_network_repeat_of_the_last_push_is_no_copy(chain: Chain) -> None:
    """The same request delivered twice is answered twice, even where a command of it is to be retried."""
    early = chain.command("reply", Reply(body="1"), depends_on=("not-there",))
    for _ in range(2):
        assert chain.push("amy", (early,), push_no=1)[0].status == "retry"


def test_withdrawn_command_can_never_come_true(chain: Chain) -> None:
    """Setting a command aside gives it a verdict; a late copy of it then changes nothing."""
    create = chain.create()
    assert chain.push("amy", (), push_no=1, withdraw=(create.id,))[0].code == "withdrawn"
    (late,) = chain.push("amy", (create,), push_no=2)
    assert (late.status, late.code, late.duplicate) == ("rejected", "withdrawn", True)
    assert _count(chain, "ticket") == 0


def test_withdrawing_what_was_applied_tells_so(chain: Chain) -> None:
    """A command whose answer was lost is applied all the same; withdrawing it gives that answer."""
    create = chain.create()
    chain.do("amy", create)
    (verdict,) = chain.push("amy", (), push_no=9, withdraw=(create.id,))
    assert (verdict.status, verdict.duplicate, verdict.number) == ("applied", True, "100001")


def test_a_verdict_is_told_to_its_own_person_only(chain: Chain) -> None:
    """Who sends another's command, word for word, learns neither what became of it nor the ticket's number."""
    create = chain.create()
    number = chain.do("amy", create)[0].number
    (verdict,) = chain.do("wes", create)
    assert (verdict.status, verdict.code, verdict.number, verdict.rev) == ("rejected", "id_reused", None, 0)
    assert chain.do("amy", create)[0].number == number


def test_conflict_values_are_not_told_once_the_ticket_is_out_of_sight(chain: Chain) -> None:
    """The stored verdict of a conflict goes on, its field values don't."""
    create = chain.create("e2")
    chain.do("eva", create)
    edit = EditTicket(values={"priority": "low"})
    mine = chain.command("edit", edit, ticket=create.ticket_id, base={"priority": "high"})
    assert chain.do("ben", mine)[0].fields
    away = TransferTicket(org="e1", note="not ours")
    chain.do("eva", chain.command("transfer", away, ticket=create.ticket_id, base={"org": "e2"}))
    (verdict,) = chain.do("ben", mine)
    assert (verdict.status, verdict.fields) == ("conflict", {})


def test_feed_has_no_holes_and_revisions_rise_by_one(chain: Chain) -> None:
    """Every change row follows the one before; a ticket's rows join end to start."""
    create = chain.create()
    chain.do("amy", create)
    for n in range(3):
        chain.do("amy", chain.command("reply", Reply(body=str(n)), ticket=create.ticket_id))
    with chain.store.read() as conn:
        rows = conn.execute(select(t.change).order_by(t.change.c.seq)).all()
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert [(row.rev_from, row.rev_to) for row in rows] == [(n, n + 1) for n in range(4)]


def test_repeated_conflict_hides_internal_values(chain: Chain) -> None:
    """A stored conflict about an internal form value is told without it to whoever may not see its class."""
    create = chain.create("e1", fields={"guess": "theft"}, cc=("ben",))
    chain.do("amy", create)
    edit = EditTicket(values={"fields.guess": "lost"})
    mine = chain.command("edit", edit, ticket=create.ticket_id, base={"fields.guess": "none"})
    assert chain.do("amy", mine)[0].fields["fields.guess"]["theirs"] == "theft"
    with chain.store.write() as conn:
        conn.execute(t.grant.update().where(t.grant.c.person == "amy").values(classes=1))
        conn.execute(t.person.update().where(t.person.c.id == "amy").values(grants_version=2))
        conn.commit()
    assert chain.do("amy", mine)[0].fields["fields.guess"]["theirs"] is None


def test_nobody_is_told_of_a_ticket_out_of_their_sight(chain: Chain) -> None:
    """Who loses a ticket with its taking over and may no longer see it gets no notice of it."""
    create = chain.create("e1", assignee="wes")
    chain.do("amy", create)
    chain.do("eva", chain.command("take", TakeTicket(), ticket=create.ticket_id, base={"assignee": "wes"}))
    with chain.store.read() as conn:
        told = [(row.person, row.kind) for row in conn.execute(select(t.notice).order_by(t.notice.c.id))]
    assert told == [("wes", "assigned")]


def test_a_notice_of_a_new_ticket_names_its_number(chain: Chain) -> None:
    """Who gets a ticket as it is made is told of it by the number that everybody knows it by."""
    chain.do("amy", chain.create(channel="routed"))
    with chain.store.read() as conn:
        (number,) = conn.execute(select(t.ticket.c.number)).scalars()
        told = [load_mapping(row.detail)["number"] for row in conn.execute(select(t.notice))]
    assert told == [number]
