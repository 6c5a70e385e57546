"""Hints of pokes: nothing new is no reason to pull, and nothing new is ever missed."""

from hypothesis import given
from hypothesis import strategies as st

from desktop.sync.hints import Hints


def test_what_was_read_is_not_pulled_again() -> None:
    """After a pull to the head a poke up to there asks for nothing; one beyond it, or without a head, does."""
    hints = Hints()
    assert hints.take(7)
    hints.pulling()
    assert not hints.pulled(9)
    assert not hints.take(9)
    assert hints.take(10)
    assert hints.take(0)


def test_a_head_that_never_comes_is_asked_for_once() -> None:
    """A restored server may stand below the head that was heard: one more pull, then rest."""
    hints = Hints()
    assert hints.take(1000)
    hints.pulling()
    assert hints.pulled(500)
    hints.pulling()
    assert not hints.pulled(500)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 3)), max_size=30))
def test_nobody_rests_behind_a_change_they_were_told_of(story: list[tuple[bool, int]]) -> None:
    """However pokes and pulls interleave, a pull that ends the pulling has read up to the last poke."""
    hints, head, pulls, again, read = Hints(), 0, False, False, 0
    for poke, step in story:
        if poke:
            head += step
            pulls |= hints.take(head)
        elif pulls:
            hints.pulling()
            # An answer may have been read ahead, and be older than the poke; one asked for anew is not.
            answered = head if again else max(1, head - (step - 1))
            read = max(read, answered)
            pulls = again = hints.pulled(answered)
    while pulls:
        hints.pulling()
        read = head
        pulls = hints.pulled(head)
    assert read == head
