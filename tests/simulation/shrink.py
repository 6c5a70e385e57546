"""Makes a failing story short: steps are left out while the same invariant still breaks."""

from collections.abc import Callable

from tests.simulation.violation import Violation

Play = Callable[[list[int]], object]


def broken(play: Play, words: list[int]) -> Violation | None:
    """The violation that a plan leads to."""
    try:
        play(words)
    except Violation as violation:
        return violation
    return None


def shrink(play: Play, words: list[int], invariant: int, tries: int = 2000) -> list[int]:
    """Leave out ever smaller runs of steps (the first word sets the scene and stays)."""
    size = max(1, len(words) // 2)
    while size and tries > 0:
        place = len(words) - size
        shorter = False
        while place >= 1 and tries > 0:
            candidate = words[:place] + words[place + size :]
            tries -= 1
            violation = broken(play, candidate)
            if violation is not None and violation.invariant == invariant:
                words, shorter = candidate, True
            place -= size
        if not shorter or size > 1:
            size //= 2
    return words
