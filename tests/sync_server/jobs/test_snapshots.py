"""When a snapshot is made."""

from pathlib import Path

import pytest
from sqlalchemy import insert

from domain.entities.people import Grant
from domain.wire.protocol import PROTOCOL
from domain.wire.snapshot import SnapshotRequest
from sync_server.feed.snapshot import Snapshots, offer
from sync_server.jobs import snapshots as job
from sync_server.jobs.snapshots import SnapshotJob
from sync_server.store import tables as t
from sync_server.store.engine import Store
from tests.sync_server.chain import Chain


@pytest.fixture
def chain(store: Store, monkeypatch: pytest.MonkeyPatch) -> Chain:
    """A chain in which three tickets and two changes are many."""
    monkeypatch.setattr(job, "LEAST_TICKETS", 3)
    monkeypatch.setattr(job, "REBUILD_AFTER", 2)
    return Chain(store)


def _second_head(chain: Chain) -> None:
    """Somebody else at head office sees everything, too."""
    grant = Grant(id="g-eva-hq", role="head", unit="hq", level=4, classes=7)
    with chain.store.write() as conn:
        values = {"person": "eva", **{name: getattr(grant, name) for name in grant.__struct_fields__}}
        conn.execute(insert(t.grant).values(**values))
        conn.commit()


def _ask(chain: Chain, snapshots: Snapshots) -> str:
    with chain.store.read() as conn:
        viewer = chain.viewer_in(conn, "max")
        asked = SnapshotRequest(protocol=PROTOCOL, device="d-max", scope_version=viewer.scope_version)
        return offer(conn, viewer, asked, snapshots).id


def test_snapshot_is_made_where_it_is_worth_it(chain: Chain, tmp_path: Path) -> None:
    """Enough tickets, two people who may see everything; anew once somebody asked and enough has changed."""
    snapshots = Snapshots(tmp_path)
    turn = SnapshotJob(chain.store, snapshots, chain.trees, chain.ids)
    chain.do("max", *(chain.create("w1") for _ in range(2)))
    _second_head(chain)
    assert turn.run() == 0
    chain.do("max", chain.create("w1"))
    assert turn.run() == 3
    assert turn.run() == 0
    chain.do("max", *(chain.create("w1") for _ in range(2)))
    assert turn.run() == 0
    assert _ask(chain, snapshots)
    assert turn.run() == 5
    assert turn.run() == 0


def test_nobody_or_one_at_head_office_is_not_worth_it(chain: Chain, tmp_path: Path) -> None:
    """One person alone who may see everything is served row by row."""
    chain.do("max", *(chain.create("w1") for _ in range(5)))
    assert SnapshotJob(chain.store, Snapshots(tmp_path), chain.trees, chain.ids).run() == 0
