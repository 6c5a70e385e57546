"""docs/alarms.md is complete: whatever the server counts, logs or finds of itself is told there."""

import re
from pathlib import Path

import sync_server
from resources.i18n import load
from tests.desktop.sync.office import Office

ALARMS = (Path(__file__).parents[2] / "docs" / "alarms.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([a-z_]+)", ALARMS))
_LOGGED = re.compile(r"""\blog\.(?:debug|info|warning|error|exception)\(\s*"([a-z_]+)\"""")
_FOUND = re.compile(r"server\.doctor\.([a-z_]+)\.ill")


def test_every_metric_is_told(tmp_path: Path) -> None:
    """By its name without the program's."""
    office = Office(tmp_path / "server")
    try:
        names = {one.name for one in office.services.meters.registry.collect()}
    finally:
        office.close()
    told = {name.removeprefix("gongdan_") for name in names}
    assert len(told) > 20
    assert {name for name in told if not {name, f"{name}_total"} & NAMED} == set()


def test_every_event_of_the_log_is_told() -> None:
    """What stands in the server's code as an event, and what an operator would search for."""
    folder = Path(sync_server.__file__).parent
    events = {
        event for file in folder.rglob("*.py") for event in _LOGGED.findall(file.read_text(encoding="utf-8"))
    }
    assert len(events) > 15
    assert events - NAMED == set()


def test_every_finding_of_doctor_is_told() -> None:
    """Each that can be ill."""
    found = {one for key in load("en") for one in _FOUND.findall(key)}
    assert len(found) > 15
    assert found - NAMED == set()
