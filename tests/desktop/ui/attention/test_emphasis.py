"""Which pieces of two texts differ."""

from hypothesis import given
from hypothesis import strategies as st

from desktop.ui.attention.emphasis import marked, pieces


def test_what_differs_is_marked() -> None:
    """Words that only one side has are marked on that side."""
    theirs, mine = pieces("退款，请拍照后补发牛奶", "退款，补发牛奶，并赠券")
    assert [text for text, differs in theirs if differs] == ["请拍照后"]
    assert [text for text, differs in mine if differs] == ["，并赠券"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_is_lost(theirs: str, mine: str) -> None:
    """The pieces of each side make up its text."""
    left, right = pieces(theirs, mine)
    assert "".join(text for text, _ in left) == theirs
    assert "".join(text for text, _ in right) == mine


def test_values_are_no_markup() -> None:
    """What a person wrote is shown as written, not taken for markup."""
    assert "<b>" not in marked([("<b>x</b>", True)])
