"""Codes read out over the telephone that open a device past its lease, and proofs of a revocation (SYNC §7).

The device shows a challenge: its own code and how many codes it has used. The operator's command makes the answer
from the device's secret, which both ends know: a number of days, forty bits of a MAC over them and the counter, and
a check letter, so that a slip of the tongue costs no attempt.
"""

import hashlib
import hmac

from domain.entities.base import Entity
from domain.errors import InvalidInputError

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Thirty-two that nobody mistakes for another: no 0, O, 1 or I."""
MOST_DAYS = len(LETTERS) - 1
COUNTER_LETTERS, DEVICE_LETTERS = 3, 4
WINDOW = 16
"""How many codes the server may have given out that this device was never told."""
_MAC_LETTERS = 8
_CODE_LETTERS = 1 + _MAC_LETTERS + 1
_CHALLENGE_LETTERS = DEVICE_LETTERS + COUNTER_LETTERS + 1
_GROUP = {_CODE_LETTERS: 5, _CHALLENGE_LETTERS: 4}


class Challenge(Entity):
    """What a locked device shows: its code, and the number of the next unlock code it takes."""

    device: str
    counter: int


class Unlocked(Entity):
    """What a right code gives: so many days, and the number of the next code after it."""

    days: int
    next_counter: int


def write_challenge(challenge: Challenge) -> str:
    """The challenge as it is read out, such as ``A7KQ-224M``."""
    return _grouped(_checked(challenge.device + _number(challenge.counter, COUNTER_LETTERS)))


def read_challenge(text: str) -> Challenge:
    """A challenge as somebody typed it; raise InvalidInputError ``challenge_mistyped``."""
    letters = _letters(text)
    if len(letters) != _CHALLENGE_LETTERS or not _fits(letters):
        raise InvalidInputError("challenge_mistyped", text=text)
    device, rest = letters[:DEVICE_LETTERS], letters[DEVICE_LETTERS:-1]
    counter = 0
    for letter in rest:
        counter = counter * len(LETTERS) + LETTERS.index(letter)
    return Challenge(device=device, counter=counter)


def unlock_code(secret: bytes, *, counter: int, days: int) -> str:
    """The code for so many days (1 to 31), such as ``9XKQ2-7WM4T``; raise InvalidInputError ``unlock_days``."""
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInputError("unlock_days", days=days, most=MOST_DAYS)
    return _grouped(_checked(LETTERS[days] + _mac(secret, counter, days)))


def check_code(secret: bytes, text: str, *, counter: int) -> Unlocked | None:
    """What a code gives a device that waits for this number; None where it is no code of its.

    Raises InvalidInputError ``unlock_code_mistyped`` where it can't be a code at all: that is no attempt.
    """
    letters = _letters(text)
    if len(letters) != _CODE_LETTERS or not _fits(letters):
        raise InvalidInputError("unlock_code_mistyped")
    days, told = LETTERS.index(letters[0]), letters[1:-1]
    for number in range(counter, counter + WINDOW):
        if days and hmac.compare_digest(told, _mac(secret, number, days)):
            return Unlocked(days=days, next_counter=number + 1)
    return None


def revocation_proof(secret: bytes, device: str, *, stolen: bool) -> str:
    """What proves to a device that its own server revoked it: only the two of them can make it."""
    said = f"gongdan revoked {device} {'stolen' if stolen else 'left'}"
    return hmac.new(secret, said.encode(), hashlib.sha256).hexdigest()


def _mac(secret: bytes, counter: int, days: int) -> str:
    made = hmac.new(secret, f"gongdan unlock {counter} {days}".encode(), hashlib.sha256).digest()
    return _number(int.from_bytes(made[:5], "big"), _MAC_LETTERS)


def _number(value: int, length: int) -> str:
    letters = ""
    for _ in range(length):
        value, rest = divmod(value, len(LETTERS))
        letters = LETTERS[rest] + letters
    return letters


def _letters(text: str) -> str:
    return "".join(
        letter for letter in text.upper() if not letter.isspace() and letter not in "-\u2010\u2013"
    )


def _grouped(letters: str) -> str:
    at = _GROUP[len(letters)]
    return f"{letters[:at]}-{letters[at:]}"


def _checked(letters: str) -> str:
    """With the letter that makes the sum come out (Luhn's, in base 32): it notices one wrong or two swapped."""
    return letters + LETTERS[-_sum(letters, doubled=True) % len(LETTERS)]


def _fits(letters: str) -> bool:
    return all(one in LETTERS for one in letters) and _sum(letters, doubled=False) % len(LETTERS) == 0


def _sum(letters: str, *, doubled: bool) -> int:
    total = 0
    for letter in reversed(letters):
        value = LETTERS.index(letter) * (2 if doubled else 1)
        total += value // len(LETTERS) + value % len(LETTERS)
        doubled = not doubled
    return total
