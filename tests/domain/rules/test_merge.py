"""Merging what two people changed apart."""

from hypothesis import given
from hypothesis import strategies as st

from domain.rules.merge import merge_lines, merge_members, merge_value

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n", "e\n"]), max_size=8).map("".join)


@given(base=LINES, mine=LINES)
def test_one_sided_change_is_taken_whole(base: str, mine: str) -> None:
    """Where only one side changed the text, that side's text is the result."""
    assert merge_lines(base, mine, base) == mine
    assert merge_lines(base, base, mine) == mine


@given(base=LINES, mine=LINES, theirs=LINES)
def test_merge_does_not_depend_on_who_is_asked(base: str, mine: str, theirs: str) -> None:
    """Both sides come to the same text, or both to a conflict."""
    assert merge_lines(base, mine, theirs) == merge_lines(base, theirs, mine)


@given(base=LINES, both=LINES)
def test_same_change_on_both_sides_is_made_once(base: str, both: str) -> None:
    """Two people who wrote the same don't get it twice."""
    assert merge_lines(base, both, both) == both


def test_changes_of_the_same_line_are_a_conflict() -> None:
    """No words are dropped: where both changed one line there is no merged text."""
    assert merge_lines("one\ntwo\n", "one\nZWEI\n", "one\nDEUX\n") is None


@given(
    current=st.frozensets(st.sampled_from("abcdef")),
    add=st.frozensets(st.sampled_from("abcdef")),
    remove=st.frozensets(st.sampled_from("abcdef")),
)
def test_members_contain_what_was_added_and_lack_what_was_removed(
    current: frozenset[str], add: frozenset[str], remove: frozenset[str]
) -> None:
    """Additions win over removals of the same member; the result is sorted and has no doubles."""
    merged = merge_members(tuple(sorted(current)), tuple(add), tuple(remove))
    assert set(merged) == (current - remove) | add
    assert list(merged) == sorted(set(merged))


def test_values_are_judged_by_what_was_read() -> None:
    """Server = mine, server = base, both changed."""
    assert merge_value("x", "b", "x") == "same"
    assert merge_value("b", "b", "x") == "apply"
    assert merge_value("y", "b", "x") == "conflict"
