"""The SLA rules against an independent reading of them, over random calendars, policies and timelines."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_server.operations.sla_replay import replay
from tests.domain.rules.sla_oracle import judge, seconds
from tests.domain.rules.sla_stories import STEPS, story


def expected_of(case: dict[str, Any], calendars: dict[str, Any]) -> dict[str, Any]:
    """What the independent reading expects after the last event, and just before it."""
    events, now = case["events"], seconds(case["events"][-1]["t"])
    expect: dict[str, Any] = judge(case, calendars, events, now, STEPS)
    if len(events) > 1:
        expect["before"] = judge(case, calendars, events[:-1], now, STEPS)
    return expect


def differences(case: dict[str, Any], calendars: dict[str, Any], path: Path) -> list[Any]:
    """Where the product's replay of one entry differs from what was expected of it."""
    expect = _as_file(expected_of(case, calendars))
    path.write_text(
        json.dumps({"calendars": calendars, "sla_cases": [{"id": "x", **case, "expect": expect}]})
    )
    out, errors = io.StringIO(), io.StringIO()
    status = replay(path, out, errors)
    assert errors.getvalue() == ""
    found: list[Any] = json.loads(out.getvalue())["mismatches"]
    assert status == bool(found)
    return found


def _as_file(expect: dict[str, Any]) -> dict[str, Any]:
    """Instants as the file writes them."""
    return {
        key: _as_file(value) if isinstance(value, dict) else _instant(key, value)
        for key, value in expect.items()
    }


def _instant(key: str, value: Any) -> Any:
    if value is None or (key != "due" and key not in STEPS):
        return value
    return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")


@settings(max_examples=120)
@given(st.integers(0, 2**32))
def test_a_replay_says_what_the_independent_reading_says(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    """Every field of every metric, before and after the last event, and every step around the deadline."""
    path = tmp_path_factory.getbasetemp() / "story.json"
    assert differences(*story(Random(seed)), path) == []
