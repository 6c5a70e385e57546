"""Many seeds on several processes; a violation comes back as its seed and its sentence."""

import logging
import multiprocessing
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass

import structlog

from tests.simulation.plan import make_plan
from tests.simulation.real.files import SHARED, make_folder
from tests.simulation.shrink import broken, shrink
from tests.simulation.tiers import Tier
from tests.simulation.violation import Violation

REPEATED_EVERY = 64
"""Every so many seeds one is played twice, to see that the same seed gives the same trace."""

Found = tuple[int, int, str]
"""Seed, invariant, sentence."""
Slice = tuple[Tier, int, int, str | None]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run of many seeds came to."""

    seeds: int
    found: list[Found]
    seconds: float


def play_seed(tier: Tier, seed: int, mutant: str | None) -> Found | None:
    """Play one story; now and then twice."""
    try:
        trace = tier.run(seed, mutant)
        if seed % REPEATED_EVERY == 0 and tier.run(seed, mutant) != trace:
            return seed, 15, "the same seed gave another trace"
    except Violation as violation:
        return seed, violation.invariant, violation.sentence
    return None


def _play_slice(piece: Slice) -> tuple[int, list[Found]]:
    """Play some seeds; with a mutant only until it is found."""
    tier, start, count, mutant = piece
    found: list[Found] = []
    for seed in range(start, start + count):
        one = play_seed(tier, seed, mutant)
        if one is not None:
            found.append(one)
            if mutant:
                return seed - start + 1, found
    return count, found


def run_seeds(tier: Tier, *, start: int, count: int, mutant: str | None = None, jobs: int = 1) -> Outcome:
    """Play `count` seeds from `start`; with a mutant stop at the first violation."""
    began = time.perf_counter()
    size = max(1, min(250, count // jobs // 2))
    pieces = [
        (tier, first, min(size, start + count - first), mutant) for first in range(start, start + count, size)
    ]
    played, found = 0, []
    for done, more in _results(pieces, jobs):
        played += done
        found += more
        if found and mutant:
            break
    return Outcome(seeds=played, found=sorted(found), seconds=time.perf_counter() - began)


def _results(pieces: list[Slice], jobs: int) -> Iterator[tuple[int, list[Found]]]:
    if jobs < 2:
        yield from map(_play_slice, pieces)
        return
    shared = make_folder()
    os.environ[SHARED] = str(shared)
    try:
        with multiprocessing.get_context("spawn").Pool(jobs, initializer=quiet) as pool:
            yield from pool.imap(_play_slice, pieces)
    finally:
        del os.environ[SHARED]
        shutil.rmtree(shared, ignore_errors=True)


def quiet() -> None:
    """The server's log tells of faults that the story wants; only what is worse is shown."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def tell(tier: Tier, seed: int, mutant: str | None) -> tuple[list[str], Violation | None]:
    """The shortest story found for a failing seed, in words."""

    def play(words: list[int]) -> object:
        return tier.play(seed, words, mutant, None)

    words = make_plan(seed)[: tier.longest + 1]
    violation = broken(play, words)
    if violation is None:
        return [], None
    words = shrink(play, words, violation.invariant, tries=tier.shrinking)
    story: list[str] = []
    try:
        tier.play(seed, words, mutant, story.append)
    except Violation as final:
        violation = final
    return story, violation
