"""How files write what structs hold: durations, steps, conditions, opening hours; and JSON as people read it."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from domain.entities.calendars import DAY_MINUTES, Period
from domain.entities.conditions import Condition, Conditions
from domain.entities.sla import Target
from domain.errors import InvalidInputError

WIDTH = 100
_TARGET = re.compile(r"(\d+) (minute|hour|day|week)s?( round the clock)?")
_LENGTH = re.compile(r"(\d+) (second|minute|hour)s?")
_STEP = re.compile(r"(\d+ \w+) (before|after)")
_PERCENT = re.compile(r"(\d+)%")
_CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")
_SECONDS = {"hour": 3600, "minute": 60, "second": 1}
_WITHOUT_VALUE = frozenset({"is_set", "is_unset"})


def _wrong(code: str, text: object) -> InvalidInputError:
    return InvalidInputError(code, text=str(text))


def read_target(text: str) -> Target:
    """Read `30 minutes`, `2 days`, `4 hours round the clock`."""
    found = _TARGET.fullmatch(text)
    if found is None:
        raise _wrong("config_target", text)
    unit: Any = found[2]
    return Target(n=int(found[1]), unit=unit, round_the_clock=found[3] is not None)


def write_target(target: Target) -> str:
    """The reverse of `read_target`."""
    text = _counted(target.n, target.unit)
    return f"{text} round the clock" if target.round_the_clock else text


def _counted(n: int, unit: str) -> str:
    return f"{n} {unit}" if n == 1 else f"{n} {unit}s"


def read_length(text: str) -> int:
    """Read `20 minutes` as seconds."""
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise _wrong("config_length", text)
    return int(found[1]) * _SECONDS[found[2]]


def write_length(seconds: int) -> str:
    """Seconds in the largest unit that divides them."""
    for unit, size in _SECONDS.items():
        if seconds and seconds % size == 0:
            return _counted(seconds // size, unit)
    return "0 minutes"


def read_step(text: str) -> dict[str, int]:
    """Read `30 minutes before`, `1 hour after`, `80%` as where a step stands."""
    percent = _PERCENT.fullmatch(text)
    if percent is not None:
        return {"percent": int(percent[1])}
    found = _STEP.fullmatch(text)
    if found is None:
        raise _wrong("config_step", text)
    seconds = read_length(found[1])
    return {"offset_s": -seconds if found[2] == "before" else seconds}


def write_step(offset_s: int | None, percent: int | None) -> str:
    """The reverse of `read_step`."""
    if offset_s is None:
        return f"{percent}%"
    return f"{write_length(abs(offset_s))} {'before' if offset_s < 0 else 'after'}"


def read_condition(written: Sequence[Any]) -> Condition:
    """Read `["priority", "is", "urgent"]`; `is_set` and `is_unset` take no value."""
    texts = len(written) >= 2 and all(isinstance(part, str) for part in written[:2])
    if not texts or len(written) != (2 if written[1] in _WITHOUT_VALUE else 3):
        raise _wrong("config_condition", json.dumps(written, ensure_ascii=False))
    return Condition(field=written[0], op=written[1], value=written[2] if len(written) == 3 else None)


def write_conditions(conditions: Conditions) -> dict[str, list[list[Any]]]:
    """The groups that hold anything, each condition as a list."""
    groups = {"all": conditions.all, "any": conditions.any}
    return {name: [_written(one) for one in group] for name, group in groups.items() if group}


def _written(condition: Condition) -> list[Any]:
    value = condition.value
    tail = [] if condition.op in _WITHOUT_VALUE else [list(value) if isinstance(value, tuple) else value]
    return [condition.field, condition.op, *tail]


def read_period(text: str) -> tuple[Period, Period | None]:
    """Read `09:00-18:00`; one past midnight is split, its second part falls on the next day."""
    begin, _, end = text.partition("-")
    from_m, to_m = _minutes(begin.strip(), text), _minutes(end.strip(), text)
    if from_m == to_m:
        raise _wrong("config_period", text)
    if from_m < to_m:
        return (from_m, to_m), None
    return (from_m, DAY_MINUTES), (0, to_m) if to_m else None


def _minutes(clock: str, text: str) -> int:
    found = _CLOCK.fullmatch(clock)
    minutes = int(found[1]) * 60 + int(found[2]) if found else DAY_MINUTES + 1
    if minutes > DAY_MINUTES:
        raise _wrong("config_period", text)
    return minutes


def write_period(period: Period) -> str:
    """Minutes since midnight as `09:00-18:00`."""
    return "-".join(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in period)


def read_json(raw: bytes) -> Any:
    """Parse a file; raise InvalidInputError with line and column, or naming a key that is given twice."""
    try:
        return json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise InvalidInputError("config_not_utf8", position=error.start) from None
    except json.JSONDecodeError as error:
        raise InvalidInputError(
            "config_not_json", line=error.lineno, column=error.colno, reason=error.msg
        ) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InvalidInputError("config_key_twice", key=key)
        found[key] = value
    return found


def write_json(value: Any) -> str:
    """JSON with each entry on lines of its own, and what fits kept on one line."""
    return _pretty(value, 0, top=True) + "\n"


def _pretty(value: Any, indent: int, *, top: bool = False) -> str:
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list | tuple) or not value:
        return flat
    nested = isinstance(value, Mapping) and any(isinstance(one, dict | list) for one in value.values())
    if not top and not nested and indent + len(flat) <= WIDTH:
        return flat
    pad = " " * (indent + 2)
    if isinstance(value, Mapping):
        opening, closing = "{", "}"
        parts = [f"{json.dumps(k, ensure_ascii=False)}: {_pretty(v, indent + 2)}" for k, v in value.items()]
    else:
        opening, closing = "[", "]"
        parts = [_pretty(one, indent + 2) for one in value]
    return opening + "\n" + ",\n".join(pad + part for part in parts) + "\n" + " " * indent + closing
