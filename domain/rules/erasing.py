"""Finding what is erased: values are known by keyed hashes alone, so that a ledger of them tells nobody (SYNC §6)."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import msgspec

from domain.entities.ticket import Entry, PersonalValue, Ticket

Kind = Literal["digits", "words"]
Hashed = Callable[[Kind, str], str]
"""The keyed hash of a value in its normal form."""

BLOT = "█"
LEAST_WORDS = 2
"""Characters of a value that is looked for inside texts; a shorter one would be found everywhere."""
_LEAST_DIGITS, _MOST_DIGITS = 6, 20
_RUN = re.compile(rf"\+?\d(?:[\s\-()（）]*\d){{{_LEAST_DIGITS - 1},{_MOST_DIGITS - 1}}}")


def normal(value: str) -> tuple[Kind, str]:
    """A value as it is compared: digits without country code and spacing, or words in lower case."""
    digits = "".join(char for char in value if char.isdecimal())
    if len(digits) >= _LEAST_DIGITS and not any(char.isalpha() for char in value):
        return "digits", re.sub(r"^(?:00)?86(?=\d{11}$)", "", digits)
    return "words", " ".join(value.casefold().split())


class Matcher:
    """Knows values by their hashes (with the length of those that are words), and blots them out of texts."""

    def __init__(self, hashed: Hashed, values: Mapping[str, tuple[Kind, int]]) -> None:
        self._hashed = hashed
        self._digits = frozenset(one for one, (kind, _) in values.items() if kind == "digits")
        self._words = frozenset(one for one, (kind, _) in values.items() if kind == "words")
        lengths = {length for kind, length in values.values() if kind == "words" and length >= LEAST_WORDS}
        self._lengths = sorted(lengths, reverse=True)

    def is_value(self, value: str) -> bool:
        """Whether a value is one of those."""
        kind, text = normal(value)
        return bool(text) and self._hashed(kind, text) in (self._digits if kind == "digits" else self._words)

    def blotted(self, text: str) -> str:
        """A text without the values in it; the same object where there is none."""
        found = _RUN.sub(self._run, text) if self._digits else text
        for length in self._lengths:
            found = self._without_words(found, length)
        return text if found == text else found

    def _run(self, match: re.Match[str]) -> str:
        kind, digits = normal(match[0])
        return BLOT * 3 if self._hashed(kind, digits) in self._digits else match[0]

    def _without_words(self, text: str, length: int) -> str:
        plain = text.casefold()
        if len(plain) != len(text):
            return text  # a letter that has no single small form: not a name or address of ours
        place = 0
        parts: list[str] = []
        while place < len(text):
            if self._hashed("words", plain[place : place + length]) in self._words:
                parts.append(BLOT * 3)
                place += length
            else:
                parts.append(text[place])
                place += 1
        return "".join(parts)

    def without(self, content: Any) -> Any:
        """JSON content without the values in its texts."""
        if isinstance(content, str):
            return self.blotted(content)
        if isinstance(content, dict):
            return {key: self.without(one) for key, one in content.items()}
        if isinstance(content, list | tuple):
            return [self.without(one) for one in content]
        return content


def erased_entry(entry: Entry) -> Entry:
    """A timeline row of which who, when and what kind of step remain."""
    return msgspec.structs.replace(entry, body=None, detail={}, erased=True)


def erased_value(value: PersonalValue) -> PersonalValue:
    """A personal value of which only the key remains."""
    return msgspec.structs.replace(value, value=None, masked=False, erased=True)


def cleared(ticket: Ticket, matcher: Matcher) -> Ticket:
    """A ticket without the values in its subject and form fields."""
    subject, fields = matcher.blotted(ticket.subject), matcher.without(ticket.fields)
    if subject == ticket.subject and fields == ticket.fields:
        return ticket
    return msgspec.structs.replace(ticket, subject=subject, fields=fields)


def holding(entries: Iterable[Entry], matcher: Matcher) -> list[Entry]:
    """Those timeline rows whose text holds one of the values."""
    return [
        entry
        for entry in entries
        if not entry.erased
        and (
            (entry.body is not None and matcher.blotted(entry.body) is not entry.body)
            or (entry.detail and matcher.without(entry.detail) != entry.detail)
        )
    ]
