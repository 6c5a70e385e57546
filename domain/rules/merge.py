"""Field-level merge of what two people changed apart (SYNC §4)."""

import difflib
from typing import Any, Literal

Outcome = Literal["same", "apply", "conflict"]


def merge_value(current: Any, base: Any, mine: Any) -> Outcome:
    """Judge a single value: server = mine → same; server = base → apply; both changed → conflict."""
    if current == mine:
        return "same"
    return "apply" if current == base else "conflict"


def merge_lines(base: str, mine: str, theirs: str) -> str | None:
    """Merge long text by lines; None where both changed the same or touching lines."""
    lines = base.splitlines(keepends=True)
    edits = sorted(_edits(lines, mine) + _edits(lines, theirs), key=lambda edit: edit[:2])
    kept: list[tuple[int, int, list[str]]] = []
    for edit in edits:
        if kept and edit == kept[-1]:
            continue
        if kept and edit[0] <= kept[-1][1]:
            return None
        kept.append(edit)
    merged: list[str] = []
    position = 0
    for start, end, replacement in kept:
        merged += lines[position:start] + replacement
        position = end
    return "".join(merged + lines[position:])


def _edits(base: list[str], other: str) -> list[tuple[int, int, list[str]]]:
    """The changes from base to other as (from line, to line, new lines)."""
    new = other.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(a=base, b=new, autojunk=False)
    return [(i1, i2, new[j1:j2]) for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal"]


def merge_members(current: tuple[str, ...], add: tuple[str, ...], remove: tuple[str, ...]) -> tuple[str, ...]:
    """Apply additions and removals to a set kept as a sorted tuple; always possible."""
    return tuple(sorted((set(current) - set(remove)) | set(add)))
