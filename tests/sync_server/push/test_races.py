"""Two connections push at the same time: whatever comes in between, each command counts once and is answered alike."""

import threading
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import Connection, delete, func, insert, select, text, update

from domain.entities.org import OrgUnit
from domain.errors import RefusedError
from domain.wire.commands import Command, Reply
from domain.wire.sync import PushRequest, Verdict
from sync_server.push.sender import Sender
from sync_server.store import organisation
from sync_server.store import tables as t
from sync_server.store.engine import Store
from sync_server.store.soundness import feed_gap
from sync_server.store.unit_of_work import bump
from tests.sync_server.chain import Chain

ROUNDS = 12
_WAITING = (
    "SELECT count(*) FROM pg_locks w WHERE NOT w.granted AND EXISTS (SELECT 1 FROM pg_locks h JOIN pg_database d "
    "ON d.oid = h.database WHERE h.pid = w.pid AND d.datname = current_database())"
)


def _together(*works: Callable[[], list[Verdict]]) -> list[list[Verdict]]:
    """Run works at the same instant on threads of their own and return what each came to."""
    barrier, answers = threading.Barrier(len(works)), [list[Verdict]() for _ in works]

    def run(at: int) -> None:
        barrier.wait()
        answers[at] = works[at]()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _plain(verdicts: list[Verdict]) -> list[tuple[str, str, str | None, int]]:
    return [(one.id, one.status, one.number, one.seq) for one in verdicts]


def _pushed(chain: Chain, sender: Sender, commands: tuple[Command, ...], push_no: int) -> list[Verdict]:
    request = PushRequest(protocol=1, device=sender.device, push_no=push_no, commands=commands)
    return list(chain.pusher.push(sender, request).verdicts)


def test_one_request_on_two_connections(store: Store) -> None:
    """A request sent again while the first is still at work: both are told that it was applied, once."""
    chain = Chain(store)
    for push_no in range(1, ROUNDS):
        create = chain.create()
        first, second = _together(*[partial(chain.push, "amy", (create,), push_no=push_no)] * 2)
        assert [one.status for one in first] == ["applied"]
        assert _plain(first) == _plain(second)
        assert sorted(one.duplicate for one in (*first, *second)) == [False, True]
    with store.read() as conn:
        assert conn.execute(select(func.count()).select_from(t.ticket)).scalar() == ROUNDS - 1
        assert feed_gap(conn)["missing"] == 0


def test_one_outbox_on_two_devices(store: Store) -> None:
    """A copied replica and the one it was copied from push the same outbox: every command counts once."""
    chain = Chain(store)
    with store.write() as conn:
        row = {"id": "d-copy", "person": "amy", "name": "", "code": "copy", "registered_at": 0, "seen_at": 0}
        conn.execute(insert(t.device), [{**row, "push_no": 0, "push_hash": "", "revoked": False}])
        conn.commit()
    copy = Sender(person="amy", device="d-copy")
    for push_no in range(1, ROUNDS):
        create = chain.create()
        reply = chain.command("reply", Reply(body="x"), ticket=create.ticket_id, depends_on=(create.id,))
        sent = (create,) if push_no % 2 else (create, reply)
        first, second = _together(
            partial(chain.push, "amy", sent, push_no=push_no),
            partial(_pushed, chain, copy, sent, push_no),
        )
        assert [one.status for one in first] == ["applied"] * len(sent)
        assert _plain(first) == _plain(second)
    with store.read() as conn:
        assert conn.execute(select(func.count()).select_from(t.ticket)).scalar() == ROUNDS - 1
        assert feed_gap(conn)["missing"] == 0


def test_said_twice_in_one_request(store: Store) -> None:
    """One id with two contents in one request: the first counts, the second is refused."""
    chain = Chain(store)
    create = chain.create()
    chain.do("amy", create)
    one = chain.command("reply", Reply(body="one"), ticket=create.ticket_id)
    two = type(one)(id=one.id, ticket_id=one.ticket_id, kind="reply", set={"body": "two"}, at=one.at)
    assert [v.code for v in chain.do("amy", one, two)] == ["", "id_reused"]


def test_set_aside_twice_and_sent_along(store: Store) -> None:
    """What is set aside in the very request that brings it stays aside; saying so twice is no fault."""
    chain = Chain(store)
    create = chain.create()
    verdicts = chain.push("amy", (create,), push_no=1, withdraw=(create.id, create.id))
    assert [v.code for v in verdicts] == ["withdrawn"] * 3


def test_a_tree_read_while_it_moved_is_read_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """At READ COMMITTED the version and the rows are two snapshots: the tree kept is the one its version names."""
    chain = Chain(store)
    plain = organisation._load

    def moved_meanwhile(conn: Connection) -> list[tuple[OrgUnit, int, int]]:
        monkeypatch.setattr(organisation, "_load", plain)
        if not store.sqlite:  # there no other writer can come in between
            with store.write() as other:
                other.execute(t.org_unit.update().where(t.org_unit.c.id == "w1").values(name="moved"))
                bump(other, "tree")
                other.commit()
        return list(plain(conn))

    monkeypatch.setattr(organisation, "_load", moved_meanwhile)
    with store.write() as conn:
        tree = chain.trees.current(conn)
        assert (tree.version, tree.units["w1"].name) == ((1, "w1") if store.sqlite else (2, "moved"))


def test_what_changed_while_a_push_waited_for_its_device_is_known(store: Store) -> None:
    """A person leaves and their tokens go while their push waits for its device's row: the push is refused."""
    if store.sqlite:
        pytest.skip("one writes at a time: nothing is read before the wait is over")
    chain = Chain(store)
    token = {"hash": "held", "kind": "access", "device": "d-amy", "person": "amy", "parent": ""}
    with store.write() as conn:
        conn.execute(insert(t.token), [{**token, "expires_at": 1 << 50}])
        conn.commit()
    request = PushRequest(protocol=1, device="d-amy", push_no=1, commands=(chain.create(),))
    sender = Sender(person="amy", device="d-amy", token="held")
    came: list[str] = []

    def push() -> None:
        try:
            came.append(chain.pusher.push(sender, request).verdicts[0].status)
        except RefusedError as refused:
            came.append(refused.code)

    waiting = threading.Thread(target=push)
    with store.write() as conn:
        conn.execute(update(t.device).where(t.device.c.id == "d-amy").values(seen_at=1))
        waiting.start()
        while not conn.execute(text(_WAITING)).scalar():
            assert waiting.is_alive()
        conn.execute(update(t.person).where(t.person.c.id == "amy").values(active=False))
        conn.execute(delete(t.token).where(t.token.c.hash == "held"))
        conn.commit()
    waiting.join()
    assert came == ["token_unknown"]


def test_a_device_marked_as_stolen_while_its_last_push_waits_brings_nothing(store: Store) -> None:
    """Who was let in to make a last push is looked at again under the device's lock."""
    chain = Chain(store)
    with store.write() as conn:
        conn.execute(update(t.device).where(t.device.c.id == "d-amy").values(revoked=True, stolen=True))
        conn.commit()
    request = PushRequest(protocol=1, device="d-amy", push_no=1, commands=(chain.create(),))
    with pytest.raises(RefusedError, match="device_revoked"):
        chain.pusher.push(Sender(person="amy", device="d-amy", leaving=True), request)
    with store.read() as conn:
        assert conn.execute(select(func.count()).select_from(t.ticket)).scalar() == 0


def test_a_copy_of_a_revoked_replica_brings_its_work_under_the_old_name(store: Store) -> None:
    """It can't register anew any more; its push number tells nothing but that somebody else pushed."""
    chain = Chain(store)
    chain.do("amy", chain.create())
    with store.write() as conn:
        conn.execute(update(t.device).where(t.device.c.id == "d-amy").values(revoked=True))
        conn.commit()
    request = PushRequest(protocol=1, device="d-amy", push_no=1, commands=(chain.create(),))
    answer = chain.pusher.push(Sender(person="amy", device="d-amy", leaving=True), request)
    assert [verdict.status for verdict in answer.verdicts] == ["applied"]
