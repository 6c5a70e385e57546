"""What the server signs of a verdict, and that it can tell its own word from another's."""

import msgspec
import pytest

from domain.wire.sync import Verdict
from sync_server.push.pipeline import Pusher
from sync_server.push.proofs import Proofs
from sync_server.store.engine import Store
from tests.sync_server.chain import Chain

SAID = Verdict(id="c1", status="applied", seq=7, number="100001")


@pytest.mark.parametrize(
    "change",
    [{"id": "c2"}, {"status": "merged"}, {"seq": 8}, {"number": "100002"}, {"number": None}, {"proof": ""}],
)
def test_a_proof_holds_for_what_was_said_alone(change: dict[str, object]) -> None:
    """Another command, status, seq, number or ticket, or another server's secret: not our word."""
    proofs = Proofs(b"a" * 32)
    said = msgspec.structs.replace(SAID, proof=proofs.sign(SAID, ticket="t1"))
    assert proofs.verify(said, ticket="t1")
    assert not proofs.verify(said, ticket="t2")
    assert not Proofs(b"b" * 32).verify(said, ticket="t1")
    assert not proofs.verify(msgspec.structs.replace(said, **change), ticket="t1")


def test_every_kept_verdict_carries_its_proof_and_a_repeat_the_same(store: Store) -> None:
    """Applied and refused alike are signed; one that passes and one for a reused id are not."""
    chain, proofs = Chain(store), Proofs(b"a" * 32)
    chain.pusher = Pusher(
        store,
        trees=chain.trees,
        configurations=chain.configurations,
        clock=chain.clock,
        ids=chain.ids,
        proofs=proofs,
    )
    good, bad = chain.create(), chain.create(priority="whatever")
    waiting = msgspec.structs.replace(chain.create(), depends_on=("not-there",))
    first = chain.do("amy", good, bad, waiting)
    again = chain.do("amy", good, bad)
    assert [v.status for v in first] == ["applied", "rejected", "retry"]
    assert [v.proof for v in again] == [v.proof for v in first[:2]]
    assert all(proofs.verify(v, ticket=c.ticket_id) for v, c in zip(first, (good, bad), strict=False))
    assert first[2].proof == ""
    other = msgspec.structs.replace(good, set={**good.set, "subject": "else"})
    assert [(v.code, v.proof) for v in chain.do("amy", other)] == [("id_reused", "")]
