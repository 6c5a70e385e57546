"""Real processes on a real PostgreSQL, all at once: eight writers, two servers, a worker; and all of it dies.

Longer: `GONGDAN_SUITE_S=600`; other seeds: `GONGDAN_SUITE_SEEDS=a,b,c`.
"""

import os
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.e2e.fleet import Fleet, Plan, seeds
from tests.postgres import Postgres, durable
from tests.reader import Findings, audit, open_replica

__all__ = ["durable"]

LASTS_S = float(os.environ.get("GONGDAN_SUITE_S", "25"))
SEEDS = seeds(os.environ.get("GONGDAN_SUITE_SEEDS", ""), ["20261121"])

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(600 + 2 * LASTS_S)]


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_doubled_or_leaked_whatever_dies(
    seed: str, durable: Postgres, tmp_path: Path
) -> None:
    """With rows held locked, a bad line, and everything killed at least once, at the end all agree."""
    fleet = Fleet(tmp_path, durable, seed)
    plan = Plan(fleet, seed)
    try:
        fleet.start()
        plan.carry_out(lasts_s=LASTS_S)
        fleet.calm()
        fleet.rest()
    finally:
        fleet.close()
        print(
            f"seed {seed}: {plan.done}; held {fleet.held}; {fleet.line.resets} resets, {fleet.line.stalls} stalls"
        )
    found = audit(fleet.plain_url(), fleet.replicas())
    print(found.counts)
    assert found.clean(), found
    assert found.counts["commands_done"] + found.counts.get("commands_acked", 0) > 0
    _journal_is_kept(fleet, found)


def _journal_is_kept(fleet: Fleet, found: Findings) -> None:
    """Every ticket of which a person was told that it is kept has its number on the server, or waits for them."""
    told = fleet.journal()
    assert told
    there = _numbers(fleet)
    waiting: set[str] = set()
    for replica in fleet.replicas():
        with closing(open_replica(replica)) as conn:
            query = "SELECT ticket FROM command WHERE state = 'attention' AND kind = 'create'"
            waiting |= {row[0] for row in conn.execute(query)}
    assert told <= there.keys() | waiting
    assert all(there[id] for id in told & there.keys())
    assert found.counts["ticket"] == len(there)


def test_a_restored_backup_gets_its_lost_work_back(durable: Postgres, tmp_path: Path) -> None:
    """A backup made while everybody writes is restored later: what came after it is given back by the desktops."""
    seed = f"{SEEDS[0]} restore"
    fleet = Fleet(tmp_path, durable, seed)
    backup = tmp_path / "chain.backup"
    try:
        fleet.start()
        time.sleep(LASTS_S / 4)
        fleet.command("backup", str(backup))
        time.sleep(LASTS_S / 4)
        fleet.calm()
        fleet.rest()
        before = _numbers(fleet)
        fleet.restore(backup)
        lost = before.keys() - _numbers(fleet).keys()
        assert lost
        fleet.rest(window=True)
        fleet.command("recovery", "close")
        fleet.command("recovery", "release")
        fleet.rest()
    finally:
        fleet.close()
    after = _numbers(fleet)
    assert {id: after.get(id) for id in before} == before
    found = audit(fleet.plain_url(), fleet.replicas())
    print(f"lost {len(lost)} tickets, {found.counts}")
    assert found.clean(), found


def _numbers(fleet: Fleet) -> dict[str, str]:
    """The number of every ticket on the server."""
    with psycopg.connect(fleet.plain_url()) as conn:
        return {row[0]: row[1] for row in conn.execute("SELECT id, number FROM ticket")}
