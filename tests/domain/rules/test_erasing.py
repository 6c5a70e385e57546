"""Values are found again by their hashes alone, in whatever spelling, and nothing else is touched."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rules.erasing import Kind, Matcher, normal


def hashed(kind: Kind, text: str) -> str:
    """A hash without a key is enough here."""
    return hashlib.sha256(f"{kind}:{text}".encode()).hexdigest()


def matcher(*values: str) -> Matcher:
    """What knows these values."""
    known: dict[str, tuple[Kind, int]] = {}
    for value in values:
        kind, text = normal(value)
        known[hashed(kind, text)] = (kind, len(text))
    return Matcher(hashed, known)


@pytest.mark.parametrize(
    "text",
    [
        "13800138000",
        "+86 138 0013 8000",
        "0086-138-0013-8000",
        "call 138-0013-8000, please",
        "电话：13800138000。",
        "(138)00138000",
    ],
)
def test_a_phone_is_found_in_whatever_spelling(text: str) -> None:
    """Nothing of it is left."""
    blotted = matcher("138 0013 8000").blotted(text)
    assert "8000" not in blotted
    assert blotted != text


@pytest.mark.parametrize(
    "text", ["113800138000", "1380013800", "order 8613911112222", "2026-05-03 10:00", ""]
)
def test_other_digits_stay(text: str) -> None:
    """A longer number, a shorter one, a date."""
    assert matcher("13800138000").blotted(text) is text


@pytest.mark.parametrize("text", ["李小明说", "Li Hua rang", "LI HUA"])
def test_names_are_found_inside_texts(text: str) -> None:
    """Whatever their case."""
    blotted = matcher("李小明", "Li  Hua").blotted(text)
    assert "李小明" not in blotted
    assert "hua" not in blotted.casefold()


def test_a_single_character_is_not_looked_for_inside_texts() -> None:
    """It would be found everywhere; as a value of its own it is known."""
    found = matcher("王")
    assert found.blotted("王府井店") == "王府井店"
    assert found.is_value(" 王 ")


@given(st.text(), st.text(min_size=2, max_size=12))
def test_what_holds_no_value_is_the_same_object(text: str, value: str) -> None:
    """And whole values are always known again."""
    found = matcher(value)
    kind, plain = normal(value)
    if plain:
        assert found.is_value(value)
    if plain and plain not in " ".join(text.casefold().split()) and kind == "words":
        assert found.blotted(text) is text


def test_json_content_is_cleared_at_every_depth() -> None:
    """Keys stay."""
    found = matcher("13800138000")
    content = {"a": ["call 13800138000", 7, None], "b": {"c": "13800138000"}}
    assert "138" not in str(found.without(content))
    assert found.without({"x": [1, "y"]}) == {"x": [1, "y"]}
