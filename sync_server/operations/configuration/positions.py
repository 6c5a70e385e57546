"""Where in a file a place stands: line and column of each value of a JSON text."""

import json
import re

from domain.entities.base import Entity

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_SCALAR = re.compile(r"[^,\]}\s]+")
_STEP = re.compile(r"\[(\d+)\]")
_NAMED = re.compile(r"`([^`]+)`")


class Position(Entity):
    """A line and a column, both counted from 1."""

    line: int
    column: int


class Node(Entity):
    """A value of a JSON text: where it begins (with its key, in an object) and what it holds."""

    at: int
    named: dict[str, "Node"] = {}
    listed: tuple["Node", ...] = ()


def position_of(text: str, place: str, reason: str = "") -> Position | None:
    """The position of a place such as `retail.targets.urgent` or `fields[3].when`, as deep as it can be followed.

    A field that the reason names in backticks is looked for below the place. None for a text that is no JSON,
    and where the file does not name the place's first part at all.
    """
    try:
        whole = _Scanner(text).value()
    except (ValueError, IndexError):
        return None
    node = _followed(whole, place)
    if place and node is whole:
        return None
    named = _NAMED.search(reason)
    if named is not None and named[1] in node.named:
        node = node.named[named[1]]
    return Position(line=text.count("\n", 0, node.at) + 1, column=node.at - text.rfind("\n", 0, node.at))


def second_of(text: str, key: str) -> Position | None:
    """Where a key is given for the second time in one object; None where it is not, or the text is no JSON."""
    scanner = _Scanner(text)
    try:
        scanner.value()
    except (ValueError, IndexError):
        return None
    at = scanner.twice.get(key)
    if at is None:
        return None
    return Position(line=text.count("\n", 0, at) + 1, column=at - text.rfind("\n", 0, at))


def _followed(node: Node, place: str) -> Node:
    while place:
        step = _STEP.match(place)
        if step is not None and int(step[1]) < len(node.listed):
            node, place = node.listed[int(step[1])], place[step.end() :].removeprefix(".")
            continue
        # A category's place leaves out the word `children` between it and the one above.
        children = node.named["children"].named if "children" in node.named else {}
        below = {**children, **node.named}
        # A login may hold a dot: the longest name that fits is meant.
        name = max((one for one in below if _leads(one, place)), key=len, default="")
        if not name:
            return node
        node, place = below[name], place[len(name) :].removeprefix(".")
    return node


def _leads(name: str, place: str) -> bool:
    return place.startswith(name) and place[len(name) : len(name) + 1] in ("", ".", "[")


class _Scanner:
    """Walks a JSON text once; raises ValueError or IndexError where it is none."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self.twice: dict[str, int] = {}
        self._skip()

    def value(self) -> Node:
        """The value that begins here."""
        at, sign = self._at, self._text[self._at]
        if sign == "{":
            return Node(at=at, named=self._object())
        if sign == "[":
            return Node(at=at, listed=self._list())
        if sign == '"':
            self._string()
        else:
            found = _SCALAR.match(self._text, at)
            if found is None:
                raise ValueError(at)
            self._at = found.end()
        return Node(at=at)

    def _object(self) -> dict[str, Node]:
        found: dict[str, Node] = {}
        while self._more("}", first=not found):
            at, key = self._at, self._string()
            if key in found:
                self.twice.setdefault(key, at)
            self._skip()
            if self._text[self._at] != ":":
                raise ValueError(self._at)
            self._step()
            inner = self.value()
            found[key] = Node(at=at, named=inner.named, listed=inner.listed)
        return found

    def _list(self) -> tuple[Node, ...]:
        found: list[Node] = []
        while self._more("]", first=not found):
            found.append(self.value())
        return tuple(found)

    def _more(self, end: str, *, first: bool) -> bool:
        """Step over the bracket or the comma; whether another one comes."""
        if not first:
            self._skip()
            if self._text[self._at] not in (",", end):
                raise ValueError(self._at)
        if first or self._text[self._at] == ",":
            self._step()
        if self._text[self._at] != end:
            return True
        self._at += 1
        return False

    def _string(self) -> str:
        found = _STRING.match(self._text, self._at)
        if found is None:
            raise ValueError(self._at)
        self._at = found.end()
        return str(json.loads(found[0]))

    def _step(self) -> None:
        self._at += 1
        self._skip()

    def _skip(self) -> None:
        while self._at < len(self._text) and self._text[self._at] in " \t\n\r":
            self._at += 1
