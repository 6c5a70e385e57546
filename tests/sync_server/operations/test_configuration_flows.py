"""Flows in template files: refused whole with file and reason where a ticket could be stuck in them (RULES §6)."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.entities.flow import Handler
from sync_server.operations.configuration.applying import apply
from sync_server.operations.configuration.exporting import export
from sync_server.operations.sample import FOLDER
from sync_server.operations.tools import Tools

TASK = {"kind": "task", "handler": "creator"}
ON_TIER = {"all": [["tier", "is", "x"]]}
ON_PHONE = {"all": [["fields.phone", "is_set"]]}  # a personal value


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    """The sample's files, to be changed."""
    return Path(shutil.copytree(FOLDER / "configuration", tmp_path / "files"))


def _problems(tools: Tools, folder: Path, edit: Callable[[Any], object]) -> set[tuple[str, str]]:
    file = folder / "templates" / "claim.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    edit(content["flow"])
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    found = apply(tools, folder, dry_run=True).problems
    assert {one.file for one in found} <= {"templates/claim.json"}
    return {(one.place, one.code) for one in found}


def test_the_sample_has_a_flow_with_handlers_by_id(sample: Tools) -> None:
    """Names of people in the files are ids in the configuration; teams and roles keep theirs."""
    with sample.store.read() as conn:
        template = sample.configurations.current(conn).template("claim", 1)
    assert template is not None
    assert template.flow is not None
    survey, pay = template.flow.node("survey"), template.flow.node("pay")
    assert survey is not None
    assert pay is not None
    assert survey.handler == Handler(kind="team", team="claims")
    assert pay.handler is not None
    assert len(pay.handler.person) == 32


@pytest.mark.parametrize(
    ("edit", "place", "code"),
    [
        (lambda f: f.update(start="nowhere"), "flow.start", "flow_no_node"),
        (lambda f: f["nodes"]["pay"]["edges"]["done"].update(to="paid"), "flow.nodes.pay.edges.done", ""),
        (lambda f: f["nodes"].update(lost={**TASK, "edges": {"on": {"to": "paid"}}}), "flow.nodes.lost", ""),
        (lambda f: f["nodes"]["survey"]["edges"]["done"].update(to="survey"), "flow.nodes.size", ""),
        (lambda f: f["nodes"]["survey"].update(handler="somebody"), "", "flow_handler"),
        (lambda f: f["nodes"]["survey"].update(handler="team:none"), "", "config_unknown_team"),
        (lambda f: f["nodes"]["survey"].update(inputs=["none"]), "", "flow_no_field"),
        (lambda f: f["nodes"]["survey"]["target"].update(calendar="none"), "", "config_unknown_calendar"),
        (lambda f: f["nodes"]["size"]["edges"]["small"].update(when=ON_TIER), "", "flow_edge_always"),
        (lambda f: f["nodes"]["size"]["edges"]["large"].update(when=ON_PHONE), "", "condition_unknown_field"),
        (lambda f: f["nodes"]["approve"]["edges"].pop("approved"), "", "flow_approval_edges"),
        (lambda f: f["nodes"]["both"].pop("join"), "", "flow_join_missing"),
        (lambda f: f["nodes"]["paid"].update(status="open"), "", "flow_end_status"),
        (lambda f: f["nodes"]["size"]["edges"]["large"].update(to="size"), "flow.nodes.size", "flow_idle_loop"),
        (lambda f: f["nodes"]["survey"].update(timer={"after": "1 hour"}), "", "flow_part_for_kind"),
        (lambda f: f["nodes"]["survey"].update(kind="unknown"), "", "config_not_valid"),
        (lambda f: f["nodes"]["visit"]["edges"].update(back={"to": "survey"}), "", "flow_crosses_parallel"),
    ],
)  # fmt: skip
def test_a_flow_that_can_not_work_is_refused(
    sample: Tools, flow: Path, edit: Callable[[Any], object], place: str, code: str
) -> None:
    """Whatever a ticket could be stuck at is told with its place, before any ticket enters it."""
    found = _problems(sample, flow, edit)
    assert any(place in at and (not code or code == why) for at, why in found), found


def test_gates_are_checked_like_approvals(quick_sample: Tools, tmp_path: Path) -> None:
    """Whom a time-out delegates to is named then and only then; teams and calendars are known."""
    late = {"after": "1 hour", "then": "approve"}
    good = {"name": "g", "approval": {"approvers": ["unit_head"], "time_out": late}}
    delegating = {"after": "1 hour", "calendar": "never"}
    wrong: list[tuple[Any, str]] = [
        ({**late, "to": ["team:claims"]}, "flow_time_out"),
        ({**late, "calendar": "never"}, "config_unknown_calendar"),
        (delegating, "flow_time_out"),
        ({**delegating, "to": ["team:nobody"]}, "config_unknown_team"),
    ]
    folder = tmp_path / "gates"
    folder.mkdir()
    for time_out, code in [(late, ""), *wrong]:
        gate = {**good, "approval": {"approvers": ["unit_head"], "time_out": time_out}}
        (folder / "gates.json").write_text(json.dumps({"g": gate}), encoding="utf-8")
        found = {one.code for one in apply(quick_sample, folder).problems}
        assert code in found if code else not found
    export(quick_sample, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "gates.json").read_text("utf-8"))["g"] == good


def test_a_fan_out_by_field_is_checked(quick_sample: Tools, flow: Path) -> None:
    """Either a unit or a field, of a kind that can name units, whose options are units' codes."""
    spread = {"kind": "fan_out", "edges": {"on": {"to": "paid"}}}
    with quick_sample.store.read() as conn:
        code = next(one.code for one in quick_sample.trees.current(conn).units.values() if one.code)
    file = flow / "templates" / "claim.json"
    before = file.read_text(encoding="utf-8")

    def told(child: dict[str, Any], options: dict[str, str]) -> set[str]:
        content = json.loads(before)
        content["fields"].append(
            {"key": "where", "label": "去向", "kind": "multi_select", "options": options}
        )
        nodes = {"spread": {**spread, "fan_out": [child]}, "paid": {"kind": "end"}}
        content["flow"] = {"start": "spread", "nodes": nodes}
        file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return {one.code for one in apply(quick_sample, flow, dry_run=True).problems}

    good = {"field": "where", "template": "claim"}
    assert told(good, {code: "x"}) == set()
    assert told(good, {"no-such-unit": "x"}) == {"config_unknown_unit"}
    assert told({**good, "unit": code}, {code: "x"}) == {"flow_child_unit"}
    assert told({**good, "field": "elsewhere"}, {code: "x"}) == {"flow_no_field"}
    assert told({**good, "field": "phone"}, {code: "x"}) == {"flow_child_field"}
