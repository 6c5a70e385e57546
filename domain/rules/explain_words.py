"""Explanations as sentences: how each argument of a reason is said, given words, names and times (RULES §4)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from domain.entities.base import Instant
from domain.entities.explaining import Section
from domain.entities.sla import Reason


class Speech(Protocol):
    """The words of one language, the names of what has an id, and how instants are written."""

    def say(self, key: str, /, **args: Any) -> str:
        """The sentence of a key; a key that is not known comes back as it is."""
        ...

    def name(self, kind: str, id: str) -> str:
        """The name of a person, unit, team, line or category."""
        ...

    def moment(self, at: Instant) -> str:
        """An instant."""
        ...


_NAMED: Mapping[str, str] = {
    "person": "person",
    "assignee": "person",
    "creator": "person",
    "cc": "person",
    "by": "person",
    "org": "unit",
    "team": "team",
    "line": "line",
    "category": "category",
    "template": "template",
}
_WORDED: Mapping[str, str] = {
    "status": "status",
    "priority": "priority",
    "metric": "metric",
    "type": "type",
    "op": "explain.op",
    "action": "explain.action",
    "event": "explain.event",
    "events": "explain.event",
    "unit": "explain.unit",
    "state": "explain.state",
    "why": "explain.chosen",
}


def sentences(section: Section, speech: Speech) -> Iterator[str]:
    """Each reason of a section as a sentence."""
    for reason in section.reasons:
        yield sentence(reason, speech)


def sentence(reason: Reason, speech: Speech) -> str:
    """One reason in words."""
    args = dict(reason.args)
    if "code" in args:
        args["code"] = speech.say(f"error.{args['code']}", **args.pop("because", {}))
    if "field" in args:
        field = str(args["field"])
        for name in ("value", "actual"):
            args[name] = _value(field.removeprefix("from."), args.get(name), speech)
        args["field"] = _field(field, speech)
    return speech.say(reason.key, **{name: _said(name, value, speech) for name, value in args.items()})


def _said(name: str, value: Any, speech: Speech) -> Any:
    if value is None:
        return speech.say("explain.nothing")
    if name == "at" or name.endswith("_at"):
        return speech.moment(int(value))
    if name.endswith("_s") and isinstance(value, int):
        return duration(value, speech)
    if name in _WORDED:
        return _joined(value, lambda one: _word(_WORDED[name], one, speech), speech)
    if name in _NAMED:
        return _joined(value, lambda one: speech.name(_NAMED[name], one), speech) if value else ""
    return value


def _field(field: str, speech: Speech) -> str:
    room, _, name = field.partition(".")
    if room in ("changed", "from") and name:
        return speech.say(f"explain.field.{room}", field=_field(name, speech))
    if room == "fields":
        return name
    return _word("explain.field", field, speech)


def _value(field: str, value: Any, speech: Speech) -> str:
    if value is None or value in ("", [], ()):
        return speech.say("explain.nothing")
    if isinstance(value, bool):
        return speech.say("explain.yes" if value else "explain.no")
    if field.startswith("age.") and isinstance(value, int | float):
        return duration(int(value), speech)
    if field.endswith("_at") and isinstance(value, int):
        return speech.moment(value)
    return str(_said(field, value, speech)) if not isinstance(value, list | tuple) else _joined(
        value, lambda one: str(_said(field, one, speech)), speech
    )  # fmt: skip


def _word(prefix: str, value: Any, speech: Speech) -> str:
    key = f"{prefix}.{value}"
    if prefix == "explain.event" and str(value).startswith("field_changed:"):
        field = str(value).partition(":")[2]
        return speech.say("explain.event.field_changed", field=_field(field, speech))
    said = speech.say(key)
    return str(value) if said == key else said


def _joined(value: Any, one: Callable[[Any], str], speech: Speech) -> str:
    values: Iterable[Any] = value if isinstance(value, list | tuple) else (value,)
    return speech.say("explain.comma").join(str(one(each)) for each in values)


def duration(seconds: int, speech: Speech) -> str:
    """Seconds in days, hours and minutes, without those that are none."""
    sign = "-" if seconds < 0 else ""
    minutes, rest = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [("day", days), ("hour", hours), ("minute", minutes)]
    if rest and not days and not hours:
        parts.append(("second", rest))
    found = [speech.say(f"explain.length.{name}", count=count) for name, count in parts if count]
    return sign + " ".join(found or [speech.say("explain.length.minute", count=0)])
