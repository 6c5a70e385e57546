"""The worked examples of a document: requests and answers in fences, played against a server in their order.

A fence ``json POST /v1/sync/pull as=amy`` is sent; the fence ``json answer 200`` after it is what must come. In
them ``"<name>"`` stands for a value: the first time in an answer it is learned, from then on it must be, or is sent
as, that value. ``"…"`` as a value stands for anything, as a key for any further keys.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

ANYTHING = "…"
_FENCE = re.compile(r"^```json (?P<head>[^\n]+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"^<(\w+)>$")


@dataclass(frozen=True)
class Example:
    """One question with its answer; `line` is where it stands in the document."""

    line: int
    method: str
    path: str
    person: str
    asked: Any
    status: int
    answered: Any


def examples(document: Path) -> list[Example]:
    """The examples of a document; ValueError where a question has no answer or a fence is no JSON."""
    text = document.read_text(encoding="utf-8")
    fences = list(_FENCE.finditer(text))
    found = []
    for asked, answered in zip(fences[::2], fences[1::2], strict=True):
        line = text.count("\n", 0, asked.start()) + 1
        method, path, *more = asked["head"].split()
        word, status = answered["head"].split()
        if word != "answer":
            raise ValueError(f"line {line}: no answer follows")
        person = more[0].removeprefix("as=") if more else ""
        found.append(
            Example(
                line=line,
                method=method,
                path=path,
                person=person,
                asked=json.loads(asked["body"] or "null"),
                status=int(status),
                answered=json.loads(answered["body"]),
            )
        )
    return found


@dataclass
class Player:
    """Sends the questions of a document one after the other, and remembers what their names stand for."""

    address: str
    known: dict[str, Any] = field(default_factory=dict)

    def play(self, one: Example) -> Iterator[str]:
        """Send one; yields what in its answer is not as the document says."""
        headers = {}
        if one.person:
            headers["Authorization"] = f"Bearer {self.known[f'{one.person}_token']}"
        answer = requests.request(
            one.method,
            self.address + self._filled(one.path),
            json=self._filled(one.asked),
            headers=headers,
            timeout=30,
        )
        if answer.status_code != one.status:
            yield f"status {answer.status_code}, not {one.status}: {answer.text[:300]}"
            return
        yield from self._differences(one.answered, answer.json(), "")

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._filled(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        if isinstance(value, str) and (name := _NAME.match(value)):
            return self.known[name[1]]
        if isinstance(value, str) and value.startswith("/"):
            return re.sub(r"<(\w+)>", lambda name: str(self.known[name[1]]), value)
        return value

    def _differences(self, said: Any, found: Any, place: str) -> Iterator[str]:
        if said == ANYTHING:
            return
        if isinstance(said, str) and (name := _NAME.match(said)):
            if self.known.setdefault(name[1], found) != found:
                yield f"{place}: {found!r} is not the {name[1]} of before"
        elif isinstance(said, dict) and isinstance(found, dict):
            further = found.keys() - said.keys()
            if further and ANYTHING not in said:
                yield f"{place}: the document lacks {sorted(further)}"
            for key, value in said.items():
                if key == ANYTHING:
                    continue
                if key not in found:
                    yield f"{place}.{key} is not answered"
                else:
                    yield from self._differences(value, found[key], f"{place}.{key}")
        elif isinstance(said, list) and isinstance(found, list):
            if len(said) != len(found):
                yield f"{place}: {len(found)} items, not {len(said)}: {json.dumps(found)[:400]}"
                return
            for number, (one, other) in enumerate(zip(said, found, strict=True)):
                yield from self._differences(one, other, f"{place}[{number}]")
        elif said != found:
            yield f"{place}: {found!r}, not {said!r}"
