"""Replaying files of timelines: what is written, what differs, what can't be read."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sync_server.operations.sla_replay import ALL_WELL, DIFFERS, UNREADABLE, main, replay
from sync_server.operations.words import Words

HOURS = [["10:00", "18:00"]]
OFFICE = {"timezone": "Asia/Shanghai", "weekly": {"mon": HOURS, "tue": HOURS}}
CREATE = {
    "t": "2026-06-01T11:00:00+08:00",
    "type": "create",
    "by": "customer",
    "status": "open",
    "priority": "normal",
}


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sentences are compared in English, whatever the console speaks."""
    monkeypatch.setenv("GONGDAN_LANGUAGE", "en")


def case(**changed: Any) -> dict[str, Any]:
    """A timeline with a first response of an hour and a resolution of one day."""
    targets = {"first_response": {"n": 1, "unit": "hour"}, "resolution": {"n": 1, "unit": "working_day"}}
    return {
        "id": "one",
        "calendar": "office",
        "policy": {"targets": {"normal": targets}, "pause_in": {"resolution": ["pending"]}},
        "events": [CREATE, {"t": "2026-06-01T13:00:00+08:00", "type": "agent_reply"}],
        **changed,
    }


def resolution(**target: Any) -> dict[str, Any]:
    """A policy of that one target."""
    return {"targets": {"normal": {"resolution": target}}}


def run(folder: Path, *cases: Any, **content: Any) -> tuple[int, list[dict[str, Any]], str]:
    """The exit status, the lines and the complaints for a file of these cases."""
    path = folder / "cases.json"
    written = {"calendars": {"office": OFFICE}, "sla_cases": cases, **content}
    path.write_text(json.dumps(written), encoding="utf-8")
    out, errors = io.StringIO(), io.StringIO()
    status = replay(path, out, errors)
    return status, [json.loads(line) for line in out.getvalue().splitlines()], errors.getvalue()


def test_a_timeline_without_expectations_is_evaluated(tmp_path: Path) -> None:
    """One object a line with every figure, instants written as the timeline writes its own."""
    status, lines, errors = run(tmp_path, case())
    assert (status, errors) == (ALL_WELL, "")
    assert lines[0]["mismatches"] == []
    assert lines[0]["result"]["first_response"] == {
        "state": "met",
        "due": "2026-06-01T12:00:00+08:00",
        "elapsed_s": 7200,
        "late_by_s": 3600,
        "breached": True,
        "paused_business_s": 0,
    }
    assert lines[0]["result"]["resolution"]["due"] == "2026-06-02T11:00:00+08:00"
    assert lines[0]["result"]["next_response"]["state"] == "no_target"


def test_what_is_expected_and_differs_is_named(tmp_path: Path) -> None:
    """Each field with both values, also those just before the last event; the exit status tells."""
    expect = {
        "first_response": {"state": "met", "late_by_s": 1},
        "before": {"first_response_due": "2026-06-01T04:00:00Z", "resolution_state": "paused"},
    }
    status, lines, _errors = run(tmp_path, case(expect=expect), case(id="two"))
    assert status == DIFFERS
    assert lines[0]["mismatches"] == [
        {"at": "first_response.late_by_s", "expected": 1, "got": 3600},
        {"at": "before.resolution.state", "expected": "paused", "got": "running"},
    ]
    assert lines[1]["id"] == "two"


def test_instants_are_compared_whatever_their_offset(tmp_path: Path) -> None:
    """The same instant written with Z, and steps by offset and by share."""
    steps = {
        "+1h": "2026-06-02T04:00:00Z",
        "-30m": "2026-06-02T10:30:00+08:00",
        "50%": "2026-06-01T15:00:00+08:00",
    }
    expect = {"resolution": {"due": "2026-06-02T03:00:00Z", "step_at": steps}}
    status, lines, errors = run(tmp_path, case(expect=expect))
    assert (status, errors) == (ALL_WELL, "")
    assert lines[0]["result"]["resolution"]["step_at"]["+1h"] == "2026-06-02T12:00:00+08:00"


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"calendar": "nowhere"}, "'nowhere' is not among the file's calendars"),
        ({"policy": None}, "policy: expected an object"),
        ({"policy": {"targets": {"normal": {"reply": {"n": 1, "unit": "hour"}}}}}, "'reply' is no target"),
        ({"policy": resolution(n=0, unit="hour")}, "a target of 0 hour is out of range"),
        ({"policy": resolution(n="1", unit="hour")}, "a whole number"),
        ({"policy": resolution(n=1, unit="moon")}, "unit: expected minute"),
        ({"policy": {"targets": {}, "pause_in": {"resolution": "pending"}}}, "a list of statuses"),
        ({"events": []}, "events: expected a list"),
        ({"events": [{"t": "2026-06-01T10:00:00Z", "type": "agent_reply"}]}, "exactly one create"),
        ({"events": [CREATE, CREATE]}, "exactly one create"),
        ({"events": [{**CREATE, "t": "2026-06-01T10:00:00"}]}, "events[0].t"),
        ({"events": [{**CREATE, "by": "bot"}]}, "customer or agent"),
        ({"events": [{**CREATE, "status": 1}]}, "events[0].status"),
        ({"events": [CREATE, {"t": "2026-06-01T12:00:00Z", "type": "vanish"}]}, "events[1].type"),
        ({"expect": {"resolution": 1}}, "expect.resolution: expected an object"),
        ({"expect": {"before": {"resolution": 1}}}, "expect.before.resolution"),
        ({"expect": {"before": 7}}, "expect.before: expected an object"),
        ({"expect": {"resolution": {"step_at": ["+1h"]}}}, "expect.resolution.step_at"),
        ({"calendar": None, "events": [{**CREATE, "t": "9999-12-31T23:00:00Z"}]}, "date value out of range"),
        ({"expect": {"resolution": {"step_at": {"soon": "2026-06-01T12:00:00Z"}}}}, "neither an offset"),
        ({"expect": {"resolution": {"due": "tomorrow"}}}, "'tomorrow' is not an ISO 8601 instant"),
    ],
)
def test_a_broken_entry_is_named_and_the_rest_goes_on(
    tmp_path: Path, changed: dict[str, Any], complaint: str
) -> None:
    """What is wrong where goes to the error stream; the entries around it are evaluated."""
    status, lines, errors = run(tmp_path, case(id="good"), case(id="bad", **changed), case(id="also good"))
    assert status == UNREADABLE
    assert [line["id"] for line in lines] == ["good", "also good"]
    assert ": bad: " in errors
    assert complaint in errors


def test_entries_that_are_no_objects_or_have_no_name(tmp_path: Path) -> None:
    """They are called by their place in the file."""
    nameless = case()
    del nameless["id"]
    status, lines, errors = run(tmp_path, 7, nameless)
    assert status == UNREADABLE
    assert [line["id"] for line in lines] == ["sla_cases[1]"]
    assert "sla_cases[0]: the entry: expected an object" in errors


def test_a_broken_calendar_is_named(tmp_path: Path) -> None:
    """A calendar nobody works in is refused with a sentence that says so."""
    status, _lines, errors = run(tmp_path, case(), calendars={"office": {"timezone": "UTC", "weekly": {}}})
    assert status == UNREADABLE
    assert f"office: {Words().say('server.error.calendar_never_open', calendar='office')}" in errors


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"sla_cases": {}}', '{"sla_cases": [], "calendars": []}', "\xff"]
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    """Not JSON, not an object, no list of cases: one line says so, and nothing is written."""
    path = tmp_path / "cases.json"
    path.write_bytes(text.encode("latin-1"))
    out, errors = io.StringIO(), io.StringIO()
    assert replay(path, out, errors) == UNREADABLE
    assert (out.getvalue(), errors.getvalue().count("\n")) == ("", 1)


def test_a_missing_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message names it."""
    assert main([str(tmp_path / "none.json")]) == UNREADABLE
    assert "none.json" in capsys.readouterr().err


def test_without_a_calendar_time_runs_round_the_clock(tmp_path: Path) -> None:
    """A day is 24 hours then."""
    _status, lines, _errors = run(tmp_path, case(calendar=None))
    assert lines[0]["result"]["resolution"]["due"] == "2026-06-02T03:00:00+00:00"


def test_the_module_runs_as_a_command(tmp_path: Path) -> None:
    """A process of its own writes the lines and ends with the status."""
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"calendars": {"office": OFFICE}, "sla_cases": [case()]}), encoding="utf-8")
    command = [sys.executable, "-m", "sync_server.operations.sla_replay", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (ALL_WELL, "")
    assert json.loads(done.stdout)["id"] == "one"


def test_the_reference_timelines_come_out_as_expected(sample_data: Path) -> None:
    """Every timeline of the reference file beside the real material gives what is expected of it."""
    path = sample_data.parent / "cases" / "sla_cases.json"
    if not path.is_file():
        pytest.skip("the reference timelines lie nowhere beside the real material")
    out, errors = io.StringIO(), io.StringIO()
    assert replay(path, out, errors) == ALL_WELL, out.getvalue() + errors.getvalue()
    assert out.getvalue().count("\n") >= 28


def test_misspelt_words_are_refused_with_line_and_the_known_ones(tmp_path: Path) -> None:
    """A status or priority that there is not would pass as one that never pauses, or has no target."""
    path = tmp_path / "cases.json"
    moved = {"t": "2026-06-01T12:00:00+08:00", "type": "status", "to": "pendnig"}
    wrong = case(events=[CREATE, moved])
    path.write_text(json.dumps({"calendars": {"office": OFFICE}, "sla_cases": [wrong]}, indent=1), "utf-8")
    line = path.read_text("utf-8").splitlines().index('     "to": "pendnig"') + 1
    errors = io.StringIO()
    assert replay(path, io.StringIO(), errors) == UNREADABLE
    known = "new, open, pending, on_hold, resolved, closed"
    told = f"{path}:{line}:6: one: events[1].to: 'pendnig' is unknown; known: {known}\n"
    assert errors.getvalue() == told
    paused = {"targets": {"normal": {}}, "pause_in": {"resolution": ["hold"]}}
    for changed, place in (
        ({"policy": paused}, "policy.pause_in.resolution[0]: 'hold'"),
        ({"policy": {"targets": {"urgnet": {}}}}, "policy.targets.urgnet"),
        ({"events": [{**CREATE, "priority": "urgnet"}]}, "events[0].priority: 'urgnet'"),
    ):
        assert place in run(tmp_path, case(**changed))[2]
