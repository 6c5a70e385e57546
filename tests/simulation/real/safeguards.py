"""The safeguards of the real code: each mutant by name, and how to take one away for a while."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.simulation.real.more_mutants import MORE
from tests.simulation.real.mutants import FIRST

_ALL = FIRST | MORE

MUTANTS: dict[str, str] = {name: sentence for name, (sentence, _, _) in _ALL.items()}

_COMPACTION = "tests/sync_server/feed/test_compaction.py"

DIRECTED: dict[str, tuple[str, str]] = {
    "compaction-announced": (
        "A compaction takes no number: a copy of the server from before it is not noticed.",
        _COMPACTION + "::test_feed_above_the_compacted_part_stays_dense",
    ),
    "cursor-unverifiable": (
        "A cursor whose change row went is taken for ours.",
        _COMPACTION + "::test_a_cursor_whose_row_went_has_expired_and_one_that_stayed_goes_on",
    ),
    "floor-keeps-head": (
        "The head's own row is deleted with the old ones.",
        _COMPACTION + "::test_rows_beyond_the_floor_go_and_the_head_stays",
    ),
    "erasure-ledger": (
        "What was erased after a backup is back after a restore, or with a late command.",
        "tests/sync_server/operations/test_erasing.py",
    ),
    "legal-hold": (
        "A legal hold does not keep from erasure.",
        "tests/sync_server/operations/test_erasing.py",
    ),
}
"""Safeguards that stories don't reach: what their absence does, and the test that would notice."""


@contextmanager
def without(name: str | None) -> Iterator[None]:
    """Take one safeguard away for the length of the block."""
    if name is None:
        yield
        return
    _, places, make = _ALL[name]
    real = [(place, attribute, getattr(place, attribute)) for place, attribute in places]
    for place, attribute, function in real:
        setattr(place, attribute, make(function))
    try:
        yield
    finally:
        for place, attribute, function in real:
            setattr(place, attribute, function)
