"""Rosters and equipment as files: what is written comes back, and what can't be is refused with its place."""

import json
from pathlib import Path
from typing import Any

import pytest

from sync_server.operations.configuration.applying import apply
from sync_server.operations.configuration.exporting import export
from sync_server.operations.tools import Tools

ROSTERS: dict[str, Any] = {
    "wangfang": {
        "skills": ["coffee"],
        "capacity": 6,
        "weights": {"urgent": 4},
        "shifts": ["2026-03-02 22:00 / 2026-03-03 06:00"],
        "away": ["2026-02-16 / 2026-02-22"],
    }
}


def written(folder: Path, name: str, value: Any) -> Path:
    """A folder with one file."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return folder


def test_rosters_and_equipment_come_back_as_they_were_written(quick_sample: Tools, tmp_path: Path) -> None:
    """Applied, exported, compared: spans keep their local times, whole days their short form."""
    faults = {"m1": {"name": "M1", "maker": "A", "group": "B", "faults": {"E1": "leaks"}}}
    folder = written(tmp_path / "in", "rosters.json", ROSTERS)
    assert apply(quick_sample, written(folder, "equipment.json", faults)).problems == ()
    with quick_sample.store.read() as conn:
        (roster,) = quick_sample.configurations.current(conn).rosters.values()
    begin, end = roster.away[0]
    assert end - begin == 7 * 86_400_000
    export(quick_sample, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "rosters.json").read_text("utf-8")) == ROSTERS
    assert json.loads((tmp_path / "out" / "equipment.json").read_text("utf-8")) == faults


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("rosters.json", {"nobody": {}}, "config_unknown_person"),
        ("rosters.json", {"wangfang": {"away": ["2026-02-22 / 2026-02-16"]}}, "config_span"),
        ("rosters.json", {"wangfang": {"capacity": -1}}, "config_roster_negative"),
        ("rosters.json", {"wangfang": {"calendar": "moon"}}, "config_unknown_calendar"),
        ("routing.json", {"r": {"name": "r", "how": "round_robin"}}, "config_routing_nobody"),
        ("routing.json", {"r": {"name": "r", "team": "claims", "how": "direct"}}, "config_routing_nobody"),
    ],
)
def test_what_cannot_be_is_refused_whole(
    quick_sample: Tools, tmp_path: Path, name: str, value: Any, code: str
) -> None:
    """Nothing is written, and the problem names the file."""
    problems = apply(quick_sample, written(tmp_path / "in", name, value)).problems
    assert [(one.file, one.code) for one in problems] == [(name, code)]
