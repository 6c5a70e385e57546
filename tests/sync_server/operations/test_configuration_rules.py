"""Triggers, automations and macros as files: applied, exported as they were, refused whole with the place."""

import json
from pathlib import Path
from typing import Any

import pytest

from sync_server.operations.configuration.applying import apply
from sync_server.operations.configuration.exporting import export
from sync_server.operations.tools import Tools
from sync_server.store.people_writer import people_by_login

TRIGGER: dict[str, Any] = {
    "name": "To the lead",
    "events": ["created", "field_changed:priority"],
    "when": {"all": [["priority", "is", "urgent"], ["changed.priority", "is", True], ["by", "is", "chenlu"]]},
    "actions": [
        {"kind": "assign", "arguments": {"assignee": "chenlu"}},
        {"kind": "tag", "arguments": {"add": ["seen"]}, "on": "children"},
    ],
    "oldest": "2 hours",
}
AUTOMATION: dict[str, Any] = {
    "name": "Quiet",
    "when": {"all": [["age.message_s", "gt", 3600]]},
    "actions": [{"kind": "comment", "arguments": {"text": "Ask again, {handler}"}}],
    "every": "30 minutes",
}
MACRO: dict[str, Any] = {"name": "Ask", "actions": [], "reply": "Which one?"}


def acts(kind: str, on: str = "", **arguments: Any) -> dict[str, Any]:
    """One action as the file says it."""
    return {"actions": [{"kind": kind, "arguments": arguments, **({"on": on} if on else {})}]}


def folder_with(folder: Path, **files: Any) -> Path:
    """A folder with these files."""
    for noun, content in files.items():
        (folder / f"{noun}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_rules_come_out_as_they_went_in(quick_sample: Tools, tmp_path: Path) -> None:
    """Logins and codes become ids and back; a second apply finds nothing to do."""
    login = _login(quick_sample)
    given = json.loads(json.dumps(TRIGGER).replace("chenlu", login))
    files = folder_with(tmp_path, triggers={"t": given}, automations={"a": AUTOMATION}, macros={"m": MACRO})
    assert not apply(quick_sample, files).problems
    export(quick_sample, tmp_path / "out")
    out = {
        noun: json.loads((tmp_path / "out" / f"{noun}.json").read_text())
        for noun in ("triggers", "automations", "macros")
    }
    assert out["triggers"]["t"] == given
    assert out["automations"]["a"] == AUTOMATION
    assert out["macros"]["m"] == {"name": "Ask", "reply": "Which one?"}
    assert apply(quick_sample, files).written == ()


def _login(tools: Tools) -> str:
    with tools.store.read() as conn:
        return sorted(people_by_login(conn))[0]


@pytest.mark.parametrize(
    ("noun", "change", "code", "place"),
    [
        ("triggers", {"events": ["wished"]}, "config_event", "x.events"),
        ("triggers", {"events": ["field_changed:nothing"]}, "config_event", "x.events"),
        ("triggers", {"when": {"all": [["hue", "is", "red"]]}}, "condition_unknown_field", "x.when.all[0]"),
        ("triggers", acts("assign", team="none"), "config_action_unknown", "x.actions[0]"),
        ("triggers", acts("tag", plus=["a"]), "config_action_argument", "x.actions[0]"),
        ("triggers", acts("assign", note="to whom?"), "config_action_argument_missing", "x.actions[0]"),
        ("triggers", acts("start_flow"), "config_action_no_flow", "x.actions[0]"),
        ("triggers", acts("set_status", status="gone"), "config_action_value", "x.actions[0]"),
        ("triggers", acts("set_field", field="due_at"), "config_action_field", "x.actions[0]"),
        ("triggers", acts("comment", text="{secret}"), "config_placeholder", "x.actions[0]"),
        ("triggers", acts("assign", assignee="nobody-here"), "config_unknown_person", "x"),
        (
            "automations",
            {"when": {"all": [["changed.team", "is", True]]}},
            "config_automation_change",
            "x.when",
        ),
        ("automations", {"every": "1 minute"}, "config_automation_interval", "x"),
        ("automations", acts("tag", on="parent", add=["a"]), "config_action_on", "x.actions[0].on"),
        ("macros", {"reply": ""}, "config_macro_empty", "x"),
        ("macros", acts("webhook", channels=[]), "config_action_not_in_macro", "x.actions[0]"),
    ],
)
def test_a_broken_rule_is_refused_with_its_place(
    quick_sample: Tools, tmp_path: Path, noun: str, change: dict[str, Any], code: str, place: str
) -> None:
    """Nothing of the folder is applied; the file, the line and the reason are told."""
    good = {
        "triggers": {**TRIGGER, "when": {}, "actions": TRIGGER["actions"][1:]},
        "automations": AUTOMATION,
        "macros": MACRO,
    }[noun]
    done = apply(quick_sample, folder_with(tmp_path, **{noun: {"x": {**good, **change}}}))
    assert [(one.file, one.place, one.code) for one in done.problems] == [(f"{noun}.json", place, code)]
    assert done.problems[0].line
    assert done.written == ()
