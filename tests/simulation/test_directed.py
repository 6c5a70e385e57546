"""Each safeguard that stories seldom reach has a test that notices its absence: shown by taking it away."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.kept import MODEL_FOUND, REAL_FOUND
from tests.simulation.model import directed
from tests.simulation.model.safeguards import Safeguards
from tests.simulation.real.safeguards import DIRECTED
from tests.simulation.real.taking_away import NOTHING, PASSED
from tests.simulation.tiers import MODEL, REAL
from tests.simulation.violation import Violation

ROOT = Path(__file__).parents[2]
_WITHOUT = ("randomly", "xdist", "rerunfailures", "cacheprovider")
_HOW = ("-q", "--tb=no", "--timeout=60")
_OF_THE_MUTANT = ("TypeError", "AttributeError", "NameError", "ImportError", "UnboundLocalError")
"""A test that ends so has met a mutant that does not fit the code any more."""


def test_no_safeguard_is_left_without_proof() -> None:
    """Each mutant of either tier has a seed, a story or a test that notices it."""
    assert set(MODEL.mutants) == MODEL_FOUND.keys() | directed.DIRECTED.keys()
    assert set(REAL.mutants) == REAL_FOUND.keys() | DIRECTED.keys()


@pytest.mark.parametrize("mutant", directed.DIRECTED)
def test_each_story_of_the_model_needs_its_safeguard(mutant: str) -> None:
    """As it is the story keeps every promise; without the safeguard it breaks one."""
    directed.play(mutant, Safeguards())
    with pytest.raises(Violation):
        directed.play(mutant, Safeguards(mutant.replace("-", "_")))


@pytest.mark.slow
def test_each_directed_test_needs_its_safeguard(tmp_path: Path) -> None:
    """As it is each of them passes; without the safeguard its own body fails, and not for the mutant's own fault."""
    told = tmp_path / "told.json"
    tests = sorted(set(DIRECTED.values()))
    names = ["tests.simulation.real.taking_away", *(f"no:{name}" for name in _WITHOUT)]
    plugins = [part for name in names for part in ("-p", name)]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "--told", str(told), *_HOW, *tests],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.exists(), ran.stdout[-2_000:] + ran.stderr[-2_000:]
    ends: dict[str, dict[str, str]] = json.loads(told.read_text(encoding="utf-8"))
    assert {test: ends.get(test, {}).get(NOTHING) for test in tests} == dict.fromkeys(tests, PASSED)
    without = {name: ends[test].get(name, "not run") for name, test in DIRECTED.items()}
    unnoticed = {
        name: end
        for name, end in without.items()
        if end in (PASSED, "not run", *_OF_THE_MUTANT) or ":" in end
    }
    assert unnoticed == {}
