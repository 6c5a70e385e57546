"""The sync keeps its promises in random stories, and the simulation notices where a safeguard is missing."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.simulation.kept import MODEL_FOUND, MODEL_SEEDS, REAL_FOUND, REAL_SEEDS
from tests.simulation.plan import make_plan
from tests.simulation.real import leases, together
from tests.simulation.real.story import leave
from tests.simulation.runs import play_seed, quiet, run_seeds, tell
from tests.simulation.shrink import broken, shrink
from tests.simulation.tiers import MODEL, REAL, Tier

REAL_RUNS, REAL_SLICES = 200, 8
JOINED_RUNS, LEASED_RUNS = 24, 16
MODEL_RUNS, MODEL_SLICES = 2_000, 2
LOOKED_FOR = {MODEL.name: 8_000, REAL.name: 100}
"""How many more seeds a mutant gets, if it is not found where it was found before."""


@pytest.fixture(autouse=True, scope="module")
def stage() -> Iterator[None]:
    """Keep the faults that stories want out of the log, and take the files away at the end."""
    before = structlog.get_config()
    quiet()
    yield
    structlog.configure(**before)
    leave()


@pytest.mark.parametrize("part", range(MODEL_SLICES))
def test_the_rules_hold_in_the_model(part: int) -> None:
    """No invariant breaks in the model's stories."""
    size = MODEL_RUNS // MODEL_SLICES
    assert run_seeds(MODEL, start=part * size, count=size).found == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(REAL_SLICES))
def test_the_real_code_holds(part: int) -> None:
    """No invariant breaks in the stories of the real push, pull and replica."""
    size = REAL_RUNS // REAL_SLICES
    assert run_seeds(REAL, start=part * size, count=size).found == []


@pytest.mark.slow
def test_tickets_that_belong_together_hold() -> None:
    """Nor in stories where people merge, split, link, urge and return as well."""
    assert run_seeds(REAL, start=together.FIRST, count=JOINED_RUNS).found == []


@pytest.mark.slow
def test_leases_hold() -> None:
    """Nor where leases end, and tickets are sealed past them."""
    assert run_seeds(REAL, start=leases.FIRST, count=LEASED_RUNS).found == []


@pytest.mark.parametrize(
    ("tier", "seed"), [(MODEL, s) for s in MODEL_SEEDS] + [(REAL, s) for s in REAL_SEEDS]
)
def test_what_was_found_once_stays_mended(tier: Tier, seed: int) -> None:
    """A seed that once broke an invariant is played for ever."""
    assert play_seed(tier, seed, None) is None


def _noticed(tier: Tier, mutant: str, seeds: tuple[int, ...]) -> bool:
    if any(play_seed(tier, seed, mutant) for seed in seeds):
        return True
    return bool(run_seeds(tier, start=0, count=LOOKED_FOR[tier.name], mutant=mutant).found)


@pytest.mark.parametrize("mutant", [name for name in MODEL.mutants if name in MODEL_FOUND])
def test_the_model_needs_each_safeguard(mutant: str) -> None:
    """Without any one safeguard some story of the model goes wrong."""
    assert _noticed(MODEL, mutant, MODEL_FOUND.get(mutant, ()))


@pytest.mark.parametrize("mutant", [name for name in REAL.mutants if name in REAL_FOUND])
def test_the_real_code_needs_each_safeguard(mutant: str) -> None:
    """Without any one safeguard some story of the real code goes wrong."""
    assert _noticed(REAL, mutant, REAL_FOUND.get(mutant, ()))


@pytest.mark.parametrize("tier", [MODEL, REAL], ids=lambda tier: tier.name)
def test_the_trace_is_the_same_in_another_process(tier: Tier) -> None:
    """Neither the process nor the order of its sets tells in a story."""
    flag = ["--model"] if tier is MODEL else []
    told = subprocess.run(
        [sys.executable, "-m", "tests.simulation", *flag, "--trace", "--start", "8", "--seeds", "2"],
        env=os.environ | {"PYTHONHASHSEED": "7"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["8", tier.run(8), "9", tier.run(9)]


@pytest.mark.parametrize("tier", [MODEL, REAL], ids=lambda tier: tier.name)
def test_the_same_seed_gives_the_same_trace(tier: Tier) -> None:
    """A story can be played again exactly."""
    assert [tier.run(seed) for seed in (3, 5)] == [tier.run(seed) for seed in (3, 5)]


def test_a_failing_story_is_told_short() -> None:
    """Steps that don't matter are left out, and what is left breaks the same invariant."""
    mutant = "leave-on-transfer"
    seed = MODEL_FOUND[mutant][0]
    words = make_plan(seed)

    def play(plan: list[int]) -> object:
        return MODEL.play(seed, plan, mutant, None)

    violation = broken(play, words)
    assert violation is not None
    short = shrink(play, words, violation.invariant)
    assert len(short) < len(words) // 2
    story, told = tell(MODEL, seed, mutant)
    assert story
    assert told is not None
    assert told.invariant == violation.invariant
