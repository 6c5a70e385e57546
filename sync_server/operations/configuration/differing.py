"""What differs between two configurations, field by field in the notation of the files."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from domain.entities.base import Entity

_NAMED_BY = ("key", "name", "id")
"""The word by which the entries of a list are told apart, where each has another one."""


class Difference(Entity):
    """One place that is not the same: its file, its path in it, and the value on either side as JSON.

    An empty `before` means that it was added, an empty `after` that it was taken away.
    """

    file: str
    place: str
    before: str = ""
    after: str = ""

    def lines(self) -> list[str]:
        """As people read it."""
        where = ": ".join(part for part in (self.file, self.place) if part)
        sides = (("-", self.before), ("+", self.after))
        return [where, *(f"  {sign} {text}" for sign, text in sides if text)]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Compare what the files say (by name) on both sides."""
    found = []
    for file in sorted(before.keys() | after.keys()):
        for place, old, new in _compared("", before.get(file, {}), after.get(file, {})):
            found.append(Difference(file=file, place=place, before=_json(old), after=_json(new)))
    return found


class _Absent:
    """No value at all."""


ABSENT = _Absent()
Found = tuple[str, Any, Any]


def _json(value: Any) -> str:
    return "" if value is ABSENT else json.dumps(value, ensure_ascii=False)


def _compared(place: str, old: Any, new: Any) -> Iterator[Found]:
    if old is ABSENT or new is ABSENT:
        yield place, old, new
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _objects(place, old, new)
    elif _is_list(old) and _is_list(new) and old != new:
        yield from _lists(place, list(old), list(new))
    elif old != new:
        yield place, old, new


def _objects(place: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Found]:
    for key in [*old, *(key for key in new if key not in old)]:
        yield from _compared(_below(place, key), old.get(key, ABSENT), new.get(key, ABSENT))
    yield from _order(place, [key for key in old if key in new], [key for key in new if key in old])


def _order(place: str, old: list[str], new: list[str]) -> Iterator[Found]:
    """Policies and rules are tried in the order of their file."""
    if old != new:
        yield _below(place, "(order)"), old, new


def _lists(place: str, old: list[Any], new: list[Any]) -> Iterator[Found]:
    name = next((one for one in _NAMED_BY if _tells_apart(one, old) and _tells_apart(one, new)), None)
    if name is not None:
        by_name = [{str(one[name]): one for one in side} for side in (old, new)]
        for key in [*by_name[0], *(key for key in by_name[1] if key not in by_name[0])]:
            pair = by_name[0].get(key, ABSENT), by_name[1].get(key, ABSENT)
            yield from _compared(f"{place}[{key}]", *pair)
        kept = [[key for key in side if key in other] for side, other in (by_name, by_name[::-1])]
        yield from _order(place, *kept)
    elif any(isinstance(one, Mapping) for one in (*old, *new)):
        for index, pair in enumerate(zip_longest(old, new, fillvalue=ABSENT)):
            yield from _compared(f"{place}[{index}]", *pair)
    else:
        yield place, old, new


def _tells_apart(name: str, entries: Sequence[Any]) -> bool:
    named = [one.get(name) if isinstance(one, Mapping) else None for one in entries]
    return all(isinstance(one, str) for one in named) and len(set(named)) == len(named)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _below(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key
