"""Reading a file of SLA timelines: calendars by name and cases of policy, events and expectations."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, get_args

import msgspec

from domain.entities.base import Instant
from domain.entities.calendars import Calendar
from domain.entities.sla import METRICS, ClockEvent, Metric, Policy, Step, Target, Unit, default_pauses
from domain.entities.ticket import PRIORITIES, STATUSES
from domain.errors import InvalidInputError
from domain.rules.calendar_text import read_calendar
from domain.rules.open_time import instant_of
from sync_server.operations.words import Words

_OFFSET = re.compile(r"([+-])(\d+)(s|m|min|h)")
_SHARE = re.compile(r"(\d+)%")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600}


class Case(NamedTuple):
    """One timeline with the policy it is measured by and what is expected of it, still as text."""

    ident: str
    policy: Policy
    calendar: Calendar | None
    events: tuple[ClockEvent, ...]
    expect: Mapping[str, Any]
    in_utc: bool  # the timeline is written with Z, so the answers are too


class Malformed(Exception):
    """The file or one of its entries can't be read; the message begins with the place, then says what is wrong."""


def read_file(text: bytes) -> Mapping[str, Any]:
    """The file's outermost object, with `sla_cases` checked to be a list and `calendars` an object."""
    try:
        content = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(f"not JSON: {error}") from error
    if not isinstance(content, dict):
        raise Malformed("the file must hold one JSON object")
    _expect(isinstance(content.get("sla_cases"), list), "sla_cases", "a list of cases")
    _expect(isinstance(content.get("calendars", {}), dict), "calendars", "an object of calendars by name")
    return content


def name_of(entry: object, index: int) -> str:
    """The entry's id, or its place in the file where it has none."""
    ident = entry.get("id") if isinstance(entry, dict) else None
    return ident if isinstance(ident, str) and ident else f"sla_cases[{index}]"


def read_case(entry: object, ident: str, calendars: Mapping[str, Any]) -> Case:
    """Read one entry; raise Malformed where it isn't as README of the cases says."""
    case = read_object(entry, "the entry")
    events = case.get("events")
    _expect(isinstance(events, list) and bool(events), "events", "a list with at least a create")
    assert isinstance(events, list)
    read = tuple(_event(event, f"events[{index}]") for index, event in enumerate(events))
    ordered = tuple(sorted(read, key=lambda event: event.at))
    created = [event for event in ordered if event.kind == "created"]
    _expect(len(created) == 1 and ordered[0] is created[0], "events", "exactly one create, before all else")
    expect = case.get("expect")
    return Case(
        ident=ident,
        policy=_policy(case.get("policy")),
        calendar=_calendar(case.get("calendar"), calendars),
        events=ordered,
        expect=read_object(expect, "expect") if expect is not None else {},
        in_utc=str(events[0].get("t")).endswith("Z"),
    )


def _expect(holds: bool, where: str, what: str) -> None:
    if not holds:
        raise Malformed(f"{where}: expected {what}")


def read_object(value: object, where: str) -> Mapping[str, Any]:
    """An object, or Malformed that says where one was expected."""
    if not isinstance(value, dict):
        raise Malformed(f"{where}: expected an object")
    return value


def _calendar(name: object, calendars: Mapping[str, Any]) -> Calendar | None:
    if name is None:
        return None
    if not isinstance(name, str) or name not in calendars:
        raise Malformed(f"calendar: {name!r} is not among the file's calendars")
    try:
        return read_calendar(name, read_object(calendars[name], f"calendars.{name}"))
    except InvalidInputError as error:
        raise Malformed(f"calendars.{name}: {Words().error(error)}") from error


def _policy(value: object) -> Policy:
    policy = read_object(value, "policy")
    targets = read_object(policy.get("targets"), "policy.targets")
    pauses = read_object(policy.get("pause_in") or {}, "policy.pause_in")
    for priority in targets:
        _known(priority, PRIORITIES, f"policy.targets.{priority}")
    return Policy(
        id="replayed",
        targets={priority: _targets(by_metric, priority) for priority, by_metric in targets.items()},
        pause_in={**default_pauses(), **{_metric(name): _statuses(name, pauses[name]) for name in pauses}},
    )


def _metric(name: str) -> Metric:
    for metric in METRICS:
        if metric == name:
            return metric
    raise Malformed(f"{name!r} is no target; known: {', '.join(METRICS)}")


def _statuses(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(status, str) for status in value):
        raise Malformed(f"policy.pause_in.{name}: expected a list of statuses")
    return tuple(
        _known(status, STATUSES, f"policy.pause_in.{name}[{index}]") for index, status in enumerate(value)
    )


def _targets(value: object, priority: str) -> dict[Metric, Target]:
    where = f"policy.targets.{priority}"
    found: dict[Metric, Target] = {}
    for name, target in read_object(value, where).items():
        if target is not None:
            found[_metric(name)] = _target(read_object(target, f"{where}.{name}"), f"{where}.{name}")
    return found


def _target(value: Mapping[str, Any], where: str) -> Target:
    n, unit = value.get("n"), value.get("unit")
    unit = "day" if unit == "working_day" else unit
    _expect(isinstance(n, int) and not isinstance(n, bool), f"{where}.n", "a whole number")
    _expect(unit in get_args(Unit), f"{where}.unit", "minute, hour, working_day or week")
    try:
        return msgspec.convert({"n": n, "unit": unit}, Target)
    except InvalidInputError as error:
        raise Malformed(f"{where}: {Words().error(error)}") from error


def _event(value: object, where: str) -> ClockEvent:
    event = read_object(value, where)
    at, kind = read_instant(event.get("t"), f"{where}.t"), event.get("type")
    if kind == "create":
        by = event.get("by")
        _expect(by in ("customer", "agent"), f"{where}.by", "customer or agent")
        return ClockEvent(
            at=at,
            kind="created",
            status=_word(event, "status", where, STATUSES),
            priority=_word(event, "priority", where, PRIORITIES),
            requester=by == "customer",
        )
    if kind == "status":
        return ClockEvent(at=at, kind="status", status=_word(event, "to", where, STATUSES))
    if kind == "priority":
        return ClockEvent(at=at, kind="priority", priority=_word(event, "to", where, PRIORITIES))
    if kind == "agent_reply":
        return ClockEvent(at=at, kind="agent_reply")
    _expect(
        kind == "customer_reply", f"{where}.type", "create, status, priority, agent_reply or customer_reply"
    )
    return ClockEvent(at=at, kind="requester_message")


def _word(event: Mapping[str, Any], key: str, where: str, known: Sequence[str]) -> str:
    word = event.get(key)
    if not isinstance(word, str) or not word:
        raise Malformed(f"{where}.{key}: expected a word")
    return _known(word, known, f"{where}.{key}")


def _known(word: str, known: Sequence[str], where: str) -> str:
    if word not in known:
        raise Malformed(f"{where}: {word!r} is unknown; known: {', '.join(known)}")
    return word


def read_instant(value: object, where: str) -> Instant:
    """An ISO 8601 moment with its offset."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Malformed(f"{where}: {value!r} is not an ISO 8601 instant with an offset")
    return instant_of(moment)


def read_step(metric: Metric, text: str) -> Step:
    """A step written as an offset from the deadline (`+10h`, `-30m`) or a share of the target (`50%`)."""
    offset, share = _OFFSET.fullmatch(text), _SHARE.fullmatch(text)
    if offset:
        seconds = int(offset[2]) * _SECONDS[offset[3]]
        return Step(metric=metric, offset_s=-seconds if offset[1] == "-" else seconds)
    if share:
        return Step(metric=metric, percent=int(share[1]))
    raise Malformed(
        f"expect.{metric}.step_at: {text!r} is neither an offset such as +10h nor a share such as 50%"
    )
