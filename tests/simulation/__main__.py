"""python -m tests.simulation [--model] --seeds N [--start S] [--mutant NAME] [--list-mutants] [--jobs J] [--trace]."""

import argparse
import sys

from tests.simulation.kept import MODEL_FOUND, REAL_FOUND
from tests.simulation.model import directed
from tests.simulation.real.safeguards import DIRECTED
from tests.simulation.runs import Outcome, quiet, run_seeds, tell
from tests.simulation.tiers import MODEL, REAL, REAL_PREFIX, Tier

_STORIES_TOLD = 2


def main(arguments: list[str]) -> int:
    """Run the seeds asked for; 1 where an invariant was broken, 2 where there is no such mutant."""
    options = _parse(arguments)
    if options.list_mutants:
        _list()
        return 0
    tier, mutant = _chosen(options)
    if mutant is not None and mutant not in tier.mutants:
        print(f"there is no mutant {options.mutant!r}; --list-mutants names them", file=sys.stderr)
        return 2
    quiet()
    if options.trace:
        for seed in range(options.start, options.start + options.seeds):
            print(seed, tier.run(seed, mutant))
        return 0
    outcome = run_seeds(tier, start=options.start, count=options.seeds, mutant=mutant, jobs=options.jobs)
    _report(tier, outcome, mutant)
    return 1 if outcome.found else 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulation", description=__doc__)
    parser.add_argument(
        "--model", action="store_true", help="the model of the rules (fast), not the real code"
    )
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument(
        "--mutant", help=f"remove one safeguard of the model, or with {REAL_PREFIX}NAME of the code"
    )
    parser.add_argument("--list-mutants", action="store_true")
    parser.add_argument("--trace", action="store_true", help="print each seed with its trace, a SHA-256")
    parser.add_argument("--jobs", type=int, default=1)
    return parser.parse_args(arguments)


def _list() -> None:
    stories = {name: f"story {name}" for name in directed.DIRECTED}
    for tier, prefix, found, told in (
        (MODEL, "", MODEL_FOUND, stories),
        (REAL, REAL_PREFIX, REAL_FOUND, DIRECTED),
    ):
        for name, sentence in tier.mutants.items():
            way = f"seed {_seed(found[name][0])}" if name in found else told[name]
            print(f"{prefix + name:34} {tier.name:6} {sentence} ({way})")


def _seed(seed: int) -> str:
    """A seed as it is written in the list of those kept: ~n is seed n of the first edition."""
    return str(seed) if seed >= 0 else f"~{~seed}"


def _chosen(options: argparse.Namespace) -> tuple[Tier, str | None]:
    """The tier that was asked for, by flag or by the mutant's name."""
    mutant: str | None = options.mutant
    if mutant is None:
        return (MODEL if options.model else REAL), None
    if mutant.startswith(REAL_PREFIX):
        return REAL, mutant.removeprefix(REAL_PREFIX)
    return MODEL, mutant


def _report(tier: Tier, outcome: Outcome, mutant: str | None) -> None:
    for seed, invariant, sentence in outcome.found[:_STORIES_TOLD]:
        print(f"seed {seed} breaks invariant {invariant}: {sentence}")
        story, violation = tell(tier, seed, mutant)
        for number, step in enumerate(story, 1):
            print(f"  {number:3} {step}")
        print(f"  → {violation}")
    for seed, invariant, sentence in outcome.found[_STORIES_TOLD:]:
        print(f"seed {seed} breaks invariant {invariant}: {sentence}")
    rate = outcome.seeds / outcome.seconds
    print(f"{tier.name}: {rate:.1f} seeds/s, {outcome.seconds:.1f} s")
    print(f"seeds={outcome.seeds} violations={len(outcome.found)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
