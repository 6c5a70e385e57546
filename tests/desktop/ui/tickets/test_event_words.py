"""Whatever the rules write into a timeline has a sentence in both languages."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from desktop.ui.text import set_language, tr
from desktop.ui.tickets.events import Event, Wording
from domain.entities.ticket import Entry
from tests.architecture.source import ROOT

NODE = {"node": "survey", "visit": 1}
HANDED = {"from": {"assignee": None}, "to": {"assignee": "guoting"}}
OTHER = {"ticket": "t2"}
SAMPLES: Mapping[str, Mapping[str, Any]] = {
    "approval": {**NODE, "approved": True},
    "asked": {**NODE, "approvers": ["guoting"]},
    "assigned": HANDED,
    "attached": {"field": "photos", "attachments": []},
    "branch": {**NODE, "assignee": {"from": None, "to": "guoting"}},
    "cc": {"added": ["guoting"], "removed": []},
    "children": {**NODE, "tickets": ["t2"]},
    "created": {"channel": "phone"},
    "delegated": {**NODE, "to": ["guoting"]},
    "edited": {"subject": {"from": "A", "to": "B"}},
    "flow_stopped": {"nodes": ["survey"], "why": "resolved"},
    "history": {"by": "A. Clerk"},
    "hop": {**NODE, "from": "", "edge": ""},
    "linked": {**OTHER, "relation": "related"},
    "macro": {"name": "M"},
    "merged_from": OTHER,
    "merged_into": OTHER,
    "message": {},
    "node_done": {**NODE, "stops": []},
    "node_late": NODE,
    "node_returned": {**NODE, "to": "created"},
    "note": {},
    "priority": {"from": "normal", "to": "high"},
    "redirected": OTHER,
    "reply": {},
    "returned": HANDED,
    "routed": {"rule": "r", "assignee": {"from": None, "to": "guoting"}, "reason": {"why": "least_loaded"}},
    "rule": {"rule": "r", "name": "R", "did": [{"action": "notify"}], "told": []},
    "snapshot": NODE,
    "split": {**OTHER, "entries": ["e1"]},
    "status": {"from": "open", "to": "pending"},
    "tags": {"added": ["t"], "removed": []},
    "taken": {},
    "transferred": HANDED,
    "unlinked": {**OTHER, "relation": "related"},
    "unmerged": OTHER,
    "unmerged_from": OTHER,
    "urged": {"count": 1, "to": ["guoting"]},
}
"""What a row of each kind holds; of the kinds that the rules write under a name of their own, too."""


class Names:
    """Everything is called by its id."""

    def person(self, id: str | None) -> str:
        return id or ""

    unit = team = line = category = person


def _literal(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def _written() -> set[str]:
    """The kinds that domain/rules writes as literals: `rows.add("taken")`, `Told(kind="hop")`."""
    found: set[str] = set()
    for file in (ROOT / "domain" / "rules").rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            called = ast.unparse(call.func)
            if called.lower().endswith("rows.add") and call.args:
                found.update(_literal(call.args[0]))
            elif called == "Told":
                found.update(
                    kind for word in call.keywords if word.arg == "kind" for kind in _literal(word.value)
                )
    return found


def _told(kind: str) -> Event:
    wording = Wording(Names(), {}, me="me", now_at=0, tickets={"t2": "100024"})
    return wording.event(Entry(id="e", ticket="t", kind=kind, at=0, person="me", detail=dict(SAMPLES[kind])))


def test_every_kind_the_rules_write_is_known_here() -> None:
    """A new kind of row needs its sentence before it can be written."""
    written = _written()
    assert {"hop", "node_returned", "merged_into", "urged", "rule", "routed", "created"} <= written
    assert written <= SAMPLES.keys()


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_a_row_is_a_sentence_in_both_languages(kind: str) -> None:
    """Neither the bare kind nor a placeholder is shown, and each language has its own words."""
    said = []
    for language in ("zh_CN", "en"):
        set_language(language)
        event = _told(kind)
        assert event.words
        assert "{" not in event.words
        assert event.words != tr("ticket.event.other", kind=kind)
        assert event.glyph != "info"
        said.append(event.words)
    assert said[0] != said[1]
