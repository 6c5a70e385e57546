"""Orders that wait are taken together; each gets its own outcome, and none waits for ever."""

import threading
from collections.abc import Callable, Sequence

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select

from domain.errors import RefusedError
from domain.wire.commands import Command, Reply
from domain.wire.sync import PushRequest, Verdict
from sync_server.push.groups import MOST_ORDERS, Groups, Outcomes
from sync_server.push.orders import Order, Outcome
from sync_server.push.sender import Sender
from sync_server.push.taken import Taken
from sync_server.store import tables as t
from sync_server.store.engine import Store
from sync_server.store.feed_writer import Head
from sync_server.store.soundness import feed_gap
from tests.sync_server.chain import Chain

HEAD = Head(epoch="e", seq=1, row=1, nonce="n")


def _order(device: str, *tickets: str) -> Order:
    commands = tuple(Command(id=f"{device}-{one}", ticket_id=one, kind="take") for one in tickets)
    return Order(sender=Sender(person="p", device=device), commands=commands)


class _Gate:
    """Takes orders once it is opened, and remembers which came together; those of device `bad` fail."""

    def __init__(self) -> None:
        self.opened, self.entered = threading.Event(), threading.Event()
        self.groups: list[list[str]] = []

    def take(self, orders: Sequence[Order]) -> Outcomes:
        self.groups.append([order.sender.device for order in orders])
        self.entered.set()
        assert self.opened.wait(30)
        if orders[0].sender.device == "broken":
            raise ValueError("broken")
        said = [Verdict(id=order.sender.device, status="applied") for order in orders]
        return [
            RefusedError("bad") if order.sender.device == "bad" else Outcome(verdicts=[one], head=HEAD)
            for order, one in zip(orders, said, strict=True)
        ]


def _behind_one(*orders: Order) -> tuple[_Gate, dict[str, object]]:
    """Have orders come, in this order, while a first one is under way; then what became of each."""
    gate, came = _Gate(), dict[str, object]()
    groups = Groups(gate.take)

    def ask(name: str, order: Order) -> None:
        try:
            came[name] = groups.outcome(order).verdicts[0].id
        except (RefusedError, ValueError) as error:
            came[name] = str(error)

    threads = [threading.Thread(target=ask, args=("first", _order("first", "t-first")))]
    threads[0].start()
    assert gate.entered.wait(30)
    for n, order in enumerate(orders):
        threads.append(threading.Thread(target=ask, args=(f"{n}", order)))
        threads[-1].start()
        while len(groups._waiting) <= n:
            threading.Event().wait(0.001)
    gate.opened.set()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    return gate, came


def test_those_that_wait_go_together() -> None:
    """While one is under way others gather; they are taken at once, each told its own."""
    gate, came = _behind_one(_order("a", "t1"), _order("b", "t2"), _order("c", "t3"))
    assert gate.groups == [["first"], ["a", "b", "c"]]
    assert came == {"first": "first", "0": "a", "1": "b", "2": "c"}


def test_what_shares_a_ticket_or_a_device_keeps_its_order() -> None:
    """A later order of a ticket or device never goes with, nor before, an earlier one; others may pass."""
    gate, _ = _behind_one(
        _order("a", "t1"), _order("b", "t1", "t2"), _order("c", "t2"), _order("d", "t4"), _order("a", "t5")
    )
    assert gate.groups == [["first"], ["a", "d"], ["b", "a"], ["c"]]


def test_a_group_has_its_bounds() -> None:
    """No more than so many go together; the rest follow in order."""
    orders = [_order(f"d{n:02}", f"t{n}") for n in range(MOST_ORDERS + 2)]
    gate, _ = _behind_one(*orders)
    names = [order.sender.device for order in orders]
    assert gate.groups == [["first"], names[:MOST_ORDERS], names[MOST_ORDERS:]]


def test_a_refusal_is_told_to_its_own_caller() -> None:
    """One refused order of a group leaves the others their verdicts."""
    _, came = _behind_one(_order("a", "t1"), _order("bad", "t2"), _order("c", "t3"))
    assert came == {"first": "first", "0": "a", "1": "bad", "2": "c"}


def test_nobody_waits_for_ever_when_taking_breaks() -> None:
    """Where the taking itself breaks, all of the group hear of it, and the next are taken."""
    _, came = _behind_one(_order("broken", "t1"), _order("b", "t2"), _order("c", "t1"))
    assert came == {"first": "first", "0": "broken", "1": "broken", "2": "c"}


def test_one_that_stands_still_holds_up_nobody_else() -> None:
    """While one waits for a lock, those behind it go on beside it."""
    stands, free = threading.Event(), threading.Event()

    def take(orders: Sequence[Order]) -> Outcomes:
        if orders[0].sender.device == "slow":
            stands.set()
            assert free.wait(30)
        return [Outcome(verdicts=[], head=HEAD) for _ in orders]

    groups = Groups(take, most=2)
    slow = threading.Thread(target=groups.outcome, args=(_order("slow", "t1"),))
    slow.start()
    assert stands.wait(30)
    assert groups.outcome(_order("a", "t2")).head == HEAD
    assert slow.is_alive()
    free.set()
    slow.join(30)
    assert groups.outcome(_order("b", "t3")).head == HEAD


def _pushed(chain: Chain, *pushes: tuple[str, Command]) -> list[Outcome | BaseException]:
    """Take first requests of people as one group."""
    orders = [
        Order(
            sender=Sender(person=person, device=f"d-{person}"),
            commands=(command,),
            request=PushRequest(protocol=1, device=f"d-{person}", push_no=1, commands=(command,)),
        )
        for person, command in pushes
    ]
    return list(chain.pusher._together(orders))


def _statuses(came: Sequence[Outcome | BaseException]) -> list[str]:
    return [str(one) if isinstance(one, BaseException) else one.verdicts[0].status for one in came]


def test_a_group_is_one_transaction(store: Store) -> None:
    """Orders of several people are committed together: one seq for their verdicts, a dense feed, own numbers."""
    chain = Chain(store)
    creates = [chain.create("e1"), chain.create("e2"), chain.create("w1")]
    came = _pushed(chain, *zip(("amy", "ben", "wes"), creates, strict=True))
    verdicts = [one.verdicts[0] for one in came if isinstance(one, Outcome)]
    assert [v.status for v in verdicts] == ["applied"] * 3
    assert len({v.seq for v in verdicts}) == 1
    assert len({v.number for v in verdicts}) == 3
    with store.read() as conn:
        assert feed_gap(conn)["missing"] == 0
        pushed = {row.person: row.push_no for row in conn.execute(select(t.device))}
    assert [pushed[name] for name in ("amy", "ben", "wes", "eva")] == [1, 1, 1, 0]


def test_each_is_judged_by_its_own_grants(store: Store) -> None:
    """What one person of a group may do does not pass to another."""
    chain = Chain(store)
    came = _pushed(chain, ("eva", chain.create("e2")), ("wes", chain.create("e2")))
    assert _statuses(came) == ["applied", "rejected"]


def test_a_refused_sender_leaves_the_others(store: Store) -> None:
    """A revoked device of the group is refused; the commands of the others are applied, its own are not."""
    chain = Chain(store)
    with store.write() as conn:
        conn.execute(t.device.update().where(t.device.c.id == "d-ben").values(revoked=True))
        conn.commit()
    came = _pushed(
        chain, ("amy", chain.create("e1")), ("ben", chain.create("e2")), ("wes", chain.create("w1"))
    )
    assert _statuses(came) == ["applied", "device_revoked", "applied"]
    with store.read() as conn:
        assert conn.execute(select(func.count()).select_from(t.ticket)).scalar() == 2
        assert conn.execute(select(t.device.c.push_no).where(t.device.c.id == "d-ben")).scalar() == 0


@pytest.mark.parametrize("place", ["judge", "close"])
def test_one_that_breaks_the_transaction_fails_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """An order that raises in the midst of a group is rolled back with it; then each is taken by itself."""
    chain = Chain(store)
    bad = chain.create("e2", subject="broken")
    plain: Callable[[Taken], None] = getattr(Taken, place)

    def breaking(taken: Taken) -> None:
        plain(taken)
        if taken.order.commands[0].id == bad.id and not taken.order.failed:
            raise ZeroDivisionError

    monkeypatch.setattr(Taken, place, breaking)
    came = _pushed(chain, ("amy", chain.create("e1")), ("ben", bad), ("wes", chain.create("w1")))
    assert _statuses(came) == ["applied", "rejected", "applied"]
    with store.read() as conn:
        assert conn.execute(select(func.count()).select_from(t.ticket)).scalar() == 2
        assert feed_gap(conn)["missing"] == 0


def test_what_falls_apart_keeps_the_order_of_each_ticket(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken one by one, too, a command does not overtake one before it on its ticket that has to wait."""
    chain = Chain(store)
    bad, other = chain.create("e1", subject="broken"), chain.create("e1")
    early = replace(chain.create("e1"), depends_on=("not-here-yet",))
    late = chain.command("reply", Reply(body="late"), ticket=early.ticket_id)
    plain = Taken.judge

    def breaking(taken: Taken) -> None:
        plain(taken)
        if bad in taken.order.commands and not taken.order.failed:
            raise ZeroDivisionError

    monkeypatch.setattr(Taken, "judge", breaking)
    told = chain.do("amy", early, late, bad, other)
    assert [(one.status, one.code) for one in told] == [
        ("retry", "dependency_missing"),
        ("retry", "order"),
        ("rejected", "server_fault"),
        ("applied", ""),
    ]


def test_a_crash_before_the_commit_leaves_nothing_of_the_group(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the process dies before the commit, no order of the group was answered and none had an effect."""
    chain = Chain(store)

    class Died(BaseException):
        pass

    def die(work: object) -> int:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr("sync_server.push.pipeline.UnitOfWork.commit", die)
        with pytest.raises(Died):
            _pushed(chain, ("amy", chain.create("e1")), ("wes", chain.create("w1")))
    with store.read() as conn:
        for table in (t.ticket, t.entry, t.verdict, t.change):
            assert conn.execute(select(func.count()).select_from(table)).scalar() == 0
        assert conn.execute(select(func.max(t.device.c.push_no))).scalar() == 0


def test_many_at_once_each_once_and_in_order(store: Store) -> None:
    """Several devices push one after the other, all at the same time: everything counts once, in each one's order."""
    chain = Chain(store)
    rounds, people = 8, {"amy": "e1", "ben": "e2", "wes": "w1", "eva": "e1"}
    creates = {person: chain.create(org) for person, org in people.items()}

    def push(person: str) -> None:
        chain.push(person, (creates[person],), push_no=1)
        for n in range(2, rounds):
            reply = chain.command("reply", Reply(body=f"{n}"), ticket=creates[person].ticket_id)
            assert chain.push(person, (reply,), push_no=n)[0].status == "applied"

    threads = [threading.Thread(target=push, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as conn:
        assert feed_gap(conn)["missing"] == 0
        for create in creates.values():
            said = select(t.entry.c.body).where(
                t.entry.c.ticket == create.ticket_id, t.entry.c.kind == "reply"
            )
            bodies = list(conn.execute(said.order_by(t.entry.c.rev)).scalars())
            assert bodies == [f"{n}" for n in range(2, rounds)]
