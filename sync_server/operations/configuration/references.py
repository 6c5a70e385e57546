"""Who names whom in the configuration: found by walking entities of any kind, so that none is forgotten.

A field refers to a kind by its name: `team` names a team, `members` people. `REFERS` says so for every name that
entities use, `PLAIN` names the fields that hold ids of nothing; a test fails for a field that stands in neither.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from domain.entities.base import Entity
from domain.entities.conditions import Condition
from domain.wire.configuration import KINDS

PERSON, UNIT = "person", "unit"

REFERS: Mapping[str, str] = {
    **{kind: kind for kind in KINDS},
    "assignee": PERSON,
    "calendars": "calendar",
    "cc": PERSON,
    "channels": "notice_channel",
    "creator": PERSON,
    "flow": "flow",
    "frequent_categories": "category",
    "lead": PERSON,
    "members": PERSON,
    "org": UNIT,
    "owner": PERSON,
    "people": PERSON,
    "superior": PERSON,
    "teams": "team",
    "text_modules": "text_module",
}
"""The kind that a field of this name refers to, in every entity and in conditions and arguments of actions."""

OWN: Mapping[tuple[str, str], str] = {
    ("OrgUnit", "parent"): UNIT,
    ("Category", "parent"): "category",
    ("Gate", "departments"): UNIT,
    ("Condition", "by"): PERSON,  # who did what a trigger acts on
    ("NoticeRule", "template"): "notice_template",
}
"""Fields whose name means something else in another entity."""
KEYED: Mapping[tuple[str, str], str] = {("NoticeTemplate", "variants"): "notice_channel"}
"""Fields that hold something for each row of a kind, by its id."""


class Reference(Entity):
    """One row names another: where in it, and which."""

    kind: str
    id: str
    place: str
    target_kind: str
    target: str


def references(kind: str, id: str, entity: Any) -> Iterator[Reference]:
    """Everything an entity names."""
    for place, target_kind, target in _walk("", entity):
        if (target_kind, target) != (kind, id):
            yield Reference(kind=kind, id=id, place=place, target_kind=target_kind, target=target)


def refers_to(struct: str, field: str) -> str | None:
    """The kind that a field of a struct refers to; None where it refers to none that there is."""
    kind = OWN.get((struct, field), REFERS.get(field))
    return kind if kind in KINDS else None


Named = tuple[str, str, str]
"""Place, kind, id."""


def _walk(place: str, value: Any) -> Iterator[Named]:
    if isinstance(value, Condition):
        yield from _condition(place, value)
    elif isinstance(value, msgspec.Struct):
        struct = type(value).__name__
        for field in value.__struct_fields__:
            below = f"{place}.{field}" if place else field
            found = getattr(value, field)
            if keyed := KEYED.get((struct, field)):
                yield from _field(below, keyed, list(found))
            yield from _field(below, refers_to(struct, field), found)
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _field(f"{place}.{key}", refers_to("", str(key)), one)
    elif isinstance(value, list | tuple):
        for index, one in enumerate(value):
            yield from _walk(f"{place}[{index}]", one)


def _field(place: str, kind: str | None, value: Any) -> Iterator[Named]:
    """Texts in a field that refers to something are ids; whatever else it holds is looked through."""
    if kind is None or isinstance(value, Mapping | msgspec.Struct):
        yield from _walk(place, value)
        return
    for one in value if isinstance(value, list | tuple) else (value,):
        if isinstance(one, str):
            if one:
                yield place, kind, one
        else:
            yield from _walk(place, one)


def _condition(place: str, condition: Condition) -> Iterator[Named]:
    yield from _field(place, refers_to("Condition", condition.field.removeprefix("from.")), condition.value)
