"""A desktop that dies at any moment: while it syncs, while somebody writes; nothing is lost or doubled."""

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo.chain import Files
from tests.demo.desk import DeskError
from tests.demo.journal import Journal
from tests.demo.stage import Stage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SEED, ROUNDS = 20261121, 3
SOONEST_S, LATEST_S = 0.4, 9.0
MOST_TICKETS = 40


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """The sample chain with its server running."""
    made = Stage(tmp_path, Journal(tmp_path))
    try:
        made.fill(Files())
        yield made
    finally:
        made.close()


def test_killed_at_random_three_times(stage: Stage) -> None:
    """Every ticket whose page closed is on the server once, whenever the desktop was killed."""
    dice = random.Random(SEED)
    made: list[str] = []
    for number in range(ROUNDS):
        stage.store.start()
        timer = threading.Timer(dice.uniform(SOONEST_S, LATEST_S), stage.store.kill)
        timer.daemon = True
        timer.start()
        with pytest.raises(DeskError):
            _work(stage, made, number)
        timer.join()
    stage.store.start()
    stage.sign_in(stage.store, stage.cast.store)
    stage.store.ask("wait_first_sync", within_s=200)
    stage.store.ask("wait_synced", within_s=120)
    held = {one["id"]: one for one in stage.store.ask("tickets", ids=made)}
    assert set(held) == set(made)
    assert all(one["number"] and not one["provisional"] for one in held.values())
    stage.quit(stage.store)
    findings = stage.read_back()
    assert findings.clean(), findings
    with stage.chain.read() as conn:
        there = [row[0] for row in conn.execute("SELECT id FROM ticket")]
    assert all(there.count(id) == 1 for id in made)


def _work(stage: Stage, made: list[str], number: int) -> None:
    """Sign in and make tickets until the program is gone."""
    stage.sign_in(stage.store, stage.cast.store)
    for place in range(MOST_TICKETS):
        id = stage.store.ask(
            "new_ticket",
            template="complaint",
            phone=f"138{number:04}{place:04}",
            name="陈女士",
            category="spoiled",
            description=f"第 {number} 轮第 {place} 张：草莓礼盒发霉。",
            fields={"demand": "apology"},
        )
        made.append(id)
        stage.store.ask("open_ticket", id=id)
        stage.store.ask("reply", text=f"第 {place} 次答复")
        stage.store.ask("back")
    raise AssertionError("the program outlived its end")
