"""Spans relative to now: which moments and days they hold, and what is refused."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.entities.conditions import Condition, Conditions
from domain.rules.conditions import check, holds
from domain.rules.spans import COUNTED, NAMED, Moment, read_span, resolved

TODAY = date(2026, 11, 20)  # a Friday


def _at(day: str, hour: int = 0) -> int:
    return int(datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC).timestamp() * 1000)


NOW = _at("2026-11-20", 14)
MOMENT = Moment(now=NOW, today=TODAY, begin=lambda day: _at(day.isoformat()))


def _holds(span: Any, value: object, *, field: str = "due_at") -> bool:
    conditions = Conditions(all=(Condition(field=field, op="within", value=span),))
    return holds(resolved(conditions, MOMENT), {field: value})


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        ("today", "2026-11-20", "2026-11-20"),
        ("yesterday", "2026-11-19", "2026-11-19"),
        ("tomorrow", "2026-11-21", "2026-11-21"),
        ("this_week", "2026-11-16", "2026-11-22"),
        ("last_week", "2026-11-09", "2026-11-15"),
        ("next_week", "2026-11-23", "2026-11-29"),
        ("this_month", "2026-11-01", "2026-11-30"),
        ("last_month", "2026-10-01", "2026-10-31"),
        ("last_days:7", "2026-11-14", "2026-11-20"),
        ("next_days:2", "2026-11-20", "2026-11-21"),
    ],
)
def test_days(span: str, first: str, last: str) -> None:
    """The first and the last moment of the span are in it, those before and after not; for days of forms alike."""
    begin, end = _at(first), _at(last) + 86_400_000
    held = [_holds(span, at) for at in (begin - 1, begin, end - 1, end)]
    assert held == [False, True, True, False]
    before, after = (datetime.fromtimestamp(at / 1000, UTC).date().isoformat() for at in (begin - 1, end))
    held = [_holds(span, day, field="fields.when") for day in (before, first, last, after)]
    assert held == [False, True, True, False]


@pytest.mark.parametrize(
    ("span", "hours"),
    [("last_hours:4", (-4, 0)), ("next_hours:4", (0, 3.9)), ("over_hours:4", (-4.1, -1000))],
)
def test_hours(span: str, hours: tuple[float, float]) -> None:
    """Counted from now to the millisecond; overdue by more than some hours has no beginning."""
    assert [_holds(span, NOW + int(hour * 3_600_000)) for hour in hours] == [True, True]
    others = {"last_hours:4": (-4.1, 1), "next_hours:4": (-0.1, 4), "over_hours:4": (-4, 1)}[span]
    assert [_holds(span, NOW + int(hour * 3_600_000)) for hour in others] == [False, False]


def test_what_is_no_span() -> None:
    """Nothing is in it, worked out or not, and a check refuses it; rules that are not asked at a moment take none."""
    wrongs: list[Any] = [
        "",
        "soon",
        "last_days",
        "last_days:0",
        "last_days:10001",
        "over_hours:-1",
        7,
        None,
        [],
    ]
    for wrong in wrongs:
        assert read_span(wrong) is None
        assert not _holds(wrong, NOW)
    assert not _holds("today", None)
    raw = Conditions(all=(Condition(field="due_at", op="within", value="today"),))
    assert not holds(raw, {"due_at": NOW})
    assert check(raw, {"due_at": "date"}, spans=True) == ()
    assert check(raw, {"due_at": "date"})[0].code == "condition_unknown_op"
    wrong_span = Conditions(all=(Condition(field="due_at", op="within", value="soon"),))
    assert check(wrong_span, {"due_at": "date"}, spans=True)[0].code == "condition_value_no_span"
    bounds = Conditions(all=(Condition(field="due_at", op="between", value=[1, 2]),))
    assert check(bounds, {"due_at": "date"}, spans=True)[0].code == "condition_unknown_op"
    assert all(read_span(one) for one in (*NAMED, *(f"{one}:1" for one in COUNTED)))
