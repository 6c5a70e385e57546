"""The safeguards of the real code: each mutant by name, and how to take one away for a while."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.simulation.real.more_mutants import MORE
from tests.simulation.real.mutants import FIRST

_ALL = FIRST | MORE

MUTANTS: dict[str, str] = {name: sentence for name, (sentence, _, _) in _ALL.items()}

_RECOVERY = "tests/desktop/sync/test_recovery.py"
_INTEGRITY = "tests/desktop/sync/test_integrity.py"
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
    "window-holds": (
        "Pushes are judged before lost work has come back.",
        _RECOVERY + "::test_pushes_wait_while_the_window_is_open",
    ),
    "confirm-waits": (
        "Tickets are purged before what is lost was given back.",
        _RECOVERY + "::test_an_older_backup_gets_the_work_of_three_desktops_back",
    ),
    "digest-compared": (
        "A digest that differs is not noticed.",
        _INTEGRITY + "::test_what_differs_is_found_and_repaired",
    ),
    "digest-base": (
        "Unsent edits count as differences.",
        _INTEGRITY + "::test_unsent_work_neither_counts_nor_is_lost",
    ),
    "compaction-rev-from": (
        "Compaction forgets the lowest revision before.",
        _COMPACTION + "::test_every_cursor_above_the_floor_ends_the_same",
    ),
    "compaction-keeps-moves": (
        "Compaction takes rows away that moved a ticket.",
        _COMPACTION + "::test_every_cursor_above_the_floor_ends_the_same",
    ),
    "keep-since-rises": (
        "The window of what is kept goes back.",
        _COMPACTION + "::test_keep_since_rises_by_days_and_never_falls",
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
