"""The two tiers behind one face: play a plan, name the mutants."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.simulation.model.safeguards import MUTANTS, Safeguards
from tests.simulation.model.story import run
from tests.simulation.plan import make_plan
from tests.simulation.real import safeguards as real_safeguards
from tests.simulation.real import story as real_story

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Tier:
    """One way of playing the stories."""

    name: str
    mutants: Mapping[str, str]
    play: Callable[[int, list[int], str | None, Say | None], str]
    """Seed, plan, mutant, where to tell the steps → the trace; raises Violation."""
    longest: int = 1_000
    """Steps beyond this one are not played."""
    shrinking: int = 2_000
    """How many shorter plans are tried to make a failing story short."""

    def run(self, seed: int, mutant: str | None = None) -> str:
        """Play one seed's story."""
        return self.play(seed, make_plan(seed), mutant, None)


def _play_model(seed: int, words: list[int], mutant: str | None, say: Say | None) -> str:
    return run(seed, words, Safeguards(mutant.replace("-", "_") if mutant else None), say)


def _play_real(seed: int, words: list[int], mutant: str | None, say: Say | None) -> str:
    with real_safeguards.without(mutant):
        return real_story.run(seed, words, say)


MODEL = Tier(
    name="model",
    mutants={name.replace("_", "-"): sentence for name, sentence in MUTANTS.items()},
    play=_play_model,
)
REAL = Tier(
    name="real", mutants=real_safeguards.MUTANTS, play=_play_real, longest=real_story.LONGEST, shrinking=150
)
REAL_PREFIX = "real:"
"""Before the name of a mutant of the real code, where both tiers are meant."""
