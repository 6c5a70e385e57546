"""Evaluating a file of SLA timelines with the product's own rules, compared where results are expected."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any, TextIO

import msgspec

from domain.entities.base import Instant
from domain.entities.sla import Clock, ClockEvent, Metric
from domain.errors import InvalidInputError
from domain.rules.open_time import local
from domain.rules.sla import evaluate
from domain.rules.sla_steps import step_at
from domain.rules.zones import zone
from sync_server.operations.configuration.positions import position_of
from sync_server.operations.sla_case_file import (
    Case,
    Malformed,
    name_of,
    read_case,
    read_file,
    read_instant,
    read_object,
    read_step,
)
from sync_server.operations.words import Words

SHOWN: tuple[Metric, ...] = ("first_response", "next_response", "resolution")
FIELDS = ("state", "due", "elapsed_s", "late_by_s", "breached", "paused_business_s")
ALL_WELL, DIFFERS, UNREADABLE = 0, 1, 2

Results = Mapping[Metric, Mapping[str, Any]]
Expected = Mapping[str, Mapping[str, Any]]


def main(argv: Sequence[str] | None = None) -> int:
    """Run from a command line; the exit status is that of `replay`."""
    parser = argparse.ArgumentParser(prog="sla replay", description=__doc__)
    add_arguments(parser)
    return replay(parser.parse_args(argv).file)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("file", type=Path, help="JSON file with calendars and sla_cases")


def replay(path: Path, out: TextIO | None = None, errors: TextIO | None = None) -> int:
    """Write one JSON object a line for each timeline of the file.

    Returns 0, 1 where an expected result differs, 2 where the file or an entry can't be read; the readable
    entries are evaluated all the same, what is wrong with the others goes to `errors`.
    """
    out, errors = out or sys.stdout, errors or sys.stderr
    try:
        text = path.read_bytes()
        content = read_file(text)
    except (OSError, Malformed, RecursionError) as error:
        errors.write(f"{path}: {error}\n")
        return UNREADABLE
    status = ALL_WELL
    for index, entry in enumerate(content["sla_cases"]):
        ident = name_of(entry, index)
        try:
            line = _replayed(read_case(entry, ident, content.get("calendars", {})))
        except (Malformed, InvalidInputError, OverflowError) as error:
            said = Words().error(error) if isinstance(error, InvalidInputError) else error
            errors.write(f"{path}{_line(text, index, str(said))}: {ident}: {said}\n")
            status = UNREADABLE
            continue
        out.write(msgspec.json.encode(line).decode() + "\n")
        status = max(status, DIFFERS if line["mismatches"] else ALL_WELL)
    return status


def _line(text: bytes, index: int, said: str) -> str:
    """The line and column of the place that a complaint about an entry begins with, as compilers say it."""
    at = position_of(text.decode(errors="replace"), f"sla_cases[{index}].{said.partition(': ')[0]}")
    return f":{at.line}:{at.column}" if at is not None else ""


def _replayed(case: Case) -> dict[str, Any]:
    expect = _by_metric({key: value for key, value in case.expect.items() if key != "before"}, "")
    result = _results(case, case.events, expect)
    mismatches = _mismatches(result, expect, "")
    if case.expect.get("before") is not None:
        before = _by_metric(read_object(case.expect["before"], "expect.before"), "before.")
        mismatches += _mismatches(_results(case, case.events[:-1], before), before, "before.")
    return {"id": case.ident, "result": result, "mismatches": mismatches}


def _results(case: Case, events: tuple[ClockEvent, ...], expect: Expected) -> Results:
    """The clocks after the given events, as of the timeline's last instant."""
    clocks = evaluate(events, case.policy, case.calendar, case.events[-1].at)
    wanted = {metric for targets in case.policy.targets.values() for metric in targets}
    shown = [metric for metric in clocks if metric in SHOWN or metric in wanted]
    return {metric: _result(case, clocks[metric], expect) for metric in shown}


def _result(case: Case, clock: Clock, expect: Expected) -> dict[str, Any]:
    result: dict[str, Any] = {
        "state": clock.state,
        "due": _written(case, clock.due_at),
        "elapsed_s": clock.elapsed_s,
        "late_by_s": clock.late_by_s,
        "breached": clock.breached,
        "paused_business_s": clock.paused_business_s,
    }
    steps = expect.get(clock.metric, {}).get("step_at")
    if steps:
        result["step_at"] = {text: _written(case, _step_at(case, clock, text)) for text in steps}
    return result


def _step_at(case: Case, clock: Clock, text: str) -> Instant | None:
    step = read_step(clock.metric, text)
    return step_at(clock, case.calendar, offset_s=step.offset_s, percent=step.percent)


def _written(case: Case, at: Instant | None) -> str | None:
    """An instant as the timeline writes its own: with Z, or with the offset of the calendar's place."""
    if at is None:
        return None
    moment = local(UTC if case.in_utc or case.calendar is None else zone(case.calendar.zone), at)
    text = moment.isoformat(timespec="milliseconds" if at % 1000 else "seconds")
    return text.replace("+00:00", "Z") if case.in_utc else text


def _by_metric(expect: Mapping[str, Any], place: str) -> Expected:
    """What is expected: by metric, or before the last event also flat as `resolution_due`."""
    found: dict[str, dict[str, Any]] = {}
    for key, value in expect.items():
        field = next((field for field in FIELDS if key.endswith(f"_{field}")), None)
        if isinstance(value, dict):
            found.setdefault(key, {}).update(value)
        elif not place or field is None:
            form = "an object" if not place else f"<target>_<field>, a field being one of {FIELDS}"
            raise Malformed(f"expect.{place}{key}: expected {form}")
        else:
            found.setdefault(key.removesuffix(f"_{field}"), {})[field] = value
    for metric, fields in found.items():
        if not isinstance(fields.get("step_at", {}), dict):
            raise Malformed(f"expect.{place}{metric}.step_at: expected an object of steps")
    return found


def _mismatches(results: Results, expect: Expected, place: str) -> list[dict[str, Any]]:
    by_name = {str(metric): result for metric, result in results.items()}
    found: list[dict[str, Any]] = []
    for metric, fields in expect.items():
        for field, expected in fields.items():
            got = by_name.get(metric, {}).get(field)
            if not _same(field, expected, got):
                found.append({"at": f"{place}{metric}.{field}", "expected": expected, "got": got})
    return found


def _same(field: str, expected: Any, got: Any) -> bool:
    if field == "step_at" and isinstance(expected, dict) and isinstance(got, dict):
        return expected.keys() == got.keys() and all(
            _same("due", expected[key], got[key]) for key in expected
        )
    if field == "due" and expected is not None and got is not None:
        return read_instant(expected, "expect.due") == read_instant(got, "due")
    return bool(expected == got)


if __name__ == "__main__":
    raise SystemExit(main())
