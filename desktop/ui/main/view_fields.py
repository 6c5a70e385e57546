"""What a view's conditions may name: the fields in words, how each is compared, and what it may be compared with."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from desktop.replica.queries import config
from desktop.replica.queries.tickets import values_held
from desktop.ui.directory import Directory
from desktop.ui.form.directory import Found
from desktop.ui.session import Session
from desktop.ui.text import has_text, tr
from desktop.ui.widgets.priority import priority_text
from desktop.ui.widgets.status import status_text
from domain.entities.base import Entity
from domain.entities.conditions import Condition, FieldKind, Op
from domain.entities.forms import FormField, Template
from domain.entities.ticket import PRIORITIES, STATUSES, TYPES
from domain.rules.ticket_values import FIELD_KINDS, FORM_KINDS

FORM = "fields."
MANY: frozenset[str] = frozenset({"in", "not_in"})
WITHOUT_VALUE: frozenset[str] = frozenset({"is_set", "is_unset"})
OFFERED: Mapping[FieldKind, tuple[Op, ...]] = {
    "choice": ("is", "is_not", "in", "not_in", "is_set", "is_unset"),
    "unit": ("under", "is", "is_not", "in", "not_in", "is_set", "is_unset"),
    "text": ("contains", "not_contains", "starts_with", "is", "is_not", "is_set", "is_unset"),
    "list": ("contains", "not_contains", "in", "not_in", "is_set", "is_unset"),
    "number": ("is", "gt", "gte", "lt", "lte", "is_set", "is_unset"),
    "date": ("within", "gte", "lt", "is_set", "is_unset"),
    "flag": ("is", "is_set", "is_unset"),
}
"""What is offered by kind, the likeliest first; what a given view compares by stays besides."""
_ONLY_SET = frozenset({"customer", "parent", "node"})
"""Whose values are identifiers that nobody writes."""
_LOOKED_UP: Mapping[str, str] = {
    "assignee": "person",
    "creator": "person",
    "cc": "person",
    "org": "unit",
    "category": "category",
    "team": "team",
}


class FieldChoice(Entity):
    """A field: its words, its kind, and its choices or what it is looked up among (person, unit, team, category)."""

    key: str
    words: str
    kind: FieldKind
    options: tuple[tuple[Any, str], ...] = ()
    lookup: str = ""
    ops: tuple[Op, ...] = ()

    def offered(self, op: str) -> tuple[str, ...]:
        """How it may be compared, and how it is."""
        return self.ops if op in self.ops else (*self.ops, op)


class Vocabulary:
    """The fields by key, in the order they are offered; reads the replica, so made off the window's thread."""

    def __init__(self, session: Session, directory: Directory) -> None:
        self._directory, self._me = directory, session.person
        with session.replica.read() as conn:
            templates = config.templates(conn)
            # Whose choices are what tickets here have.
            held = {"tier": values_held(conn, "tier"), "channel": values_held(conn, "channel")}
        lines = [(one.id, one.name) for one in directory.lines()]
        options = _options(templates, lines, held)
        known = [_column(name, options.get(name, ())) for name in FIELD_KINDS]
        self.fields: dict[str, FieldChoice] = {one.key: one for one in known}
        for template in templates:
            for field in template.fields:
                if not field.personal:
                    self.fields.setdefault(FORM + field.key, _of_form(field))

    @property
    def kinds(self) -> Mapping[str, FieldKind]:
        """For domain.rules.conditions.check."""
        return {key: one.kind for key, one in self.fields.items()}

    def field(self, key: str) -> FieldChoice:
        """A field; one that is known no longer has its key as words."""
        return self.fields.get(key) or FieldChoice(key=key, words=key, kind="text", ops=OFFERED["text"])

    def find(self, field: FieldChoice) -> Callable[[str], Sequence[Found]]:
        """What is found by typing; oneself first among people."""
        found: Mapping[str, Callable[[str], Sequence[Found]]] = {
            "person": self._people,
            "unit": self._directory.find_units,
            "team": self._directory.find_teams,
            "category": self._directory.find_categories,
        }
        return found[field.lookup]

    def name(self, field: FieldChoice) -> Callable[[str], str]:
        """The name of what was found."""
        known: Mapping[str, Callable[[str | None], str]] = {
            "person": self._directory.person,
            "unit": self._directory.unit,
            "team": self._directory.team,
            "category": self._directory.category,
        }
        return lambda id: known[field.lookup](id) or id

    def _people(self, text: str) -> Sequence[Found]:
        found = self._directory.find_people(text)
        if text:
            return found
        me = Found(id=self._me.id, name=self._me.name, detail=tr("view.me"))
        return [me, *(one for one in found if one.id != me.id)]


def _options(
    templates: Sequence[Template], lines: Sequence[tuple[str, str]], held: Mapping[str, Sequence[str]]
) -> dict[str, tuple[tuple[Any, str], ...]]:
    return {
        "status": tuple((one, status_text(one)) for one in STATUSES),
        "priority": tuple((one, priority_text(one)) for one in PRIORITIES),
        "type": tuple((one, tr(f"type.{one}")) for one in TYPES),
        "template": tuple((one.id, one.name) for one in templates),
        "line": tuple(lines),
        "requester": tuple((one, tr(f"view.requester.{one}")) for one in ("customer", "colleague")),
        "tier": tuple((one, one) for one in held["tier"]),
        "channel": tuple((one, _channel(one)) for one in held["channel"]),
    }


def _channel(id: str) -> str:
    return tr(f"channel.{id}") if has_text(f"channel.{id}") else id


def _column(name: str, options: tuple[tuple[Any, str], ...]) -> FieldChoice:
    kind, words = FIELD_KINDS[name], tr(f"explain.field.{name}")
    ops: tuple[Op, ...] = ("is_set", "is_unset") if name in _ONLY_SET else OFFERED[kind]
    return FieldChoice(
        key=name,
        words=words[:1].upper() + words[1:],
        kind=kind,
        options=options,
        lookup=_LOOKED_UP.get(name, ""),
        ops=ops,
    )


def _of_form(field: FormField) -> FieldChoice:
    kind = FORM_KINDS.get(field.kind, "text")
    lookup = {"store": "unit", "person": "person"}.get(field.kind, "")
    options = tuple((one.value, one.label) for one in field.options)
    ops = tuple(one for one in OFFERED[kind] if one != "under")
    return FieldChoice(
        key=FORM + field.key, words=field.label, kind=kind, options=options, lookup=lookup, ops=ops
    )


def fresh(field: FieldChoice) -> Condition:
    """A condition on a field, its value still to be given."""
    return Condition(field=field.key, op=field.ops[0])
