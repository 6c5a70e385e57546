"""Codes read out over the telephone: what is typed wrong is noticed, what is guessed is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInputError
from domain.rules.unlocking import (
    LETTERS,
    MOST_DAYS,
    WINDOW,
    Challenge,
    Unlocked,
    check_code,
    read_challenge,
    revocation_proof,
    unlock_code,
    write_challenge,
)

SECRET, OTHER = bytes(range(32)), bytes(32)
COUNTERS = st.integers(0, 30_000)
DAYS = st.integers(1, MOST_DAYS)


@given(counter=COUNTERS, days=DAYS, behind=st.integers(0, WINDOW - 1))
def test_a_code_gives_its_days_once(counter: int, days: int, behind: int) -> None:
    """A device that missed some codes still takes it; having taken it, never again."""
    code = unlock_code(SECRET, counter=counter, days=days)
    taken = check_code(SECRET, code.lower().replace("-", " "), counter=max(0, counter - behind))
    assert taken == Unlocked(days=days, next_counter=counter + 1)
    assert check_code(SECRET, code, counter=counter + 1) is None
    assert check_code(OTHER, code, counter=counter) is None


@given(counter=COUNTERS, days=DAYS, at=st.integers(0, 9), letter=st.sampled_from(LETTERS))
def test_one_wrong_letter_is_noticed_before_it_counts(counter: int, days: int, at: int, letter: str) -> None:
    """The check letter tells a slip from a guess."""
    code = unlock_code(SECRET, counter=counter, days=days).replace("-", "")
    wrong = code[:at] + letter + code[at + 1 :]
    if wrong != code:
        with pytest.raises(InvalidInputError, match="unlock_code_mistyped"):
            check_code(SECRET, wrong, counter=counter)


@given(device=st.text(LETTERS, min_size=4, max_size=4), counter=COUNTERS)
def test_a_challenge_is_read_as_it_was_shown(device: str, counter: int) -> None:
    """In capitals or not, with or without its dash."""
    challenge = Challenge(device=device, counter=counter)
    shown = write_challenge(challenge)
    assert read_challenge(shown.lower()) == read_challenge(shown.replace("-", "")) == challenge


@pytest.mark.parametrize("text", ["", "A7KQ", "A7KQ-2222", "0000-0000", "A7KQ-24FQX", "工单"])
def test_what_is_no_challenge_is_refused(text: str) -> None:
    """The operator is told to ask again."""
    with pytest.raises(InvalidInputError, match="challenge_mistyped"):
        read_challenge(text)


@pytest.mark.parametrize("text", ["", "1234567890", "22222-2222", "一二三"])
def test_what_is_no_code_is_refused(text: str) -> None:
    """Letters that no code has, or too few of them."""
    with pytest.raises(InvalidInputError, match="unlock_code_mistyped"):
        check_code(SECRET, text, counter=0)


@pytest.mark.parametrize("days", [0, -1, MOST_DAYS + 1])
def test_a_code_opens_for_a_month_at_most(days: int) -> None:
    """The days have to fit into one letter."""
    with pytest.raises(InvalidInputError, match="unlock_days"):
        unlock_code(SECRET, counter=0, days=days)


def test_a_proof_is_for_one_device_and_one_reason() -> None:
    """That it was revoked does not prove that it was stolen."""
    proofs = {
        revocation_proof(secret, device, stolen=stolen)
        for secret in (SECRET, OTHER)
        for device in ("a", "b")
        for stolen in (True, False)
    }
    assert len(proofs) == 8
