"""What narrows a list, as chips say it and as conditions for the replica."""

from collections.abc import Mapping
from typing import Any

import msgspec

from desktop.ui.times import beginning, local
from domain.entities.base import Entity, Instant
from domain.entities.conditions import Condition, Conditions
from domain.entities.ticket import OPEN_STATUSES, STATUSES
from domain.entities.views import View
from domain.rules.spans import Moment, resolved

UNSOLVED = tuple(status for status in STATUSES if status in OPEN_STATUSES)
FIELDS = ("status", "priority", "org", "assignee", "category", "line")
_UNDER = frozenset({"org", "category"})
NOBODY = "-"
"""Stands for no handler at all."""


class Filter(Entity):
    """One narrowing: a field, what it may be, and the words of its chip."""

    field: str
    values: tuple[str, ...]
    words: str

    def condition(self) -> Condition:
        """As the replica is asked."""
        if self.field == "assignee" and self.values == (NOBODY,):
            return Condition(field="assignee", op="is_unset")
        if self.field in _UNDER:
            return Condition(field=self.field, op="under", value=self.values[0])
        return Condition(field=self.field, op="in", value=list(self.values))


class ListShape(Entity):
    """How a list is narrowed and sorted; remembered per view, without anybody's words of customers."""

    filters: tuple[Filter, ...] = ()
    sort: str = "due"
    descending: bool = False
    group: str = ""  # tickets of one store, status … stand together

    def with_filter(self, one: Filter) -> "ListShape":
        """Narrowed by one more; of each field only one counts."""
        rest = tuple(known for known in self.filters if known.field != one.field)
        return msgspec.structs.replace(self, filters=(*rest, one))

    def without(self, field: str) -> "ListShape":
        """No longer narrowed by a field."""
        rest = tuple(known for known in self.filters if known.field != field)
        return msgspec.structs.replace(self, filters=rest)

    def conditions(self) -> Conditions | None:
        """For the replica; None where nothing narrows."""
        if not self.filters:
            return None
        return Conditions(all=tuple(one.condition() for one in self.filters))


class SavedView(Entity):
    """A list that somebody gave a name, or an administrator: conditions over everything in sight."""

    id: str
    name: str
    conditions: Conditions = Conditions()
    shape: ListShape = ListShape()
    columns: tuple[str, ...] = ()  # those shown; none given is all
    given: bool = False  # by an administrator: nobody drops it


def given_view(view: View) -> SavedView:
    """An administrator's view as the sidebar has it."""
    shape = ListShape(sort=view.sort, descending=view.descending, group=view.group)
    return SavedView(
        id=f"given.{view.id}",
        name=view.name,
        conditions=view.conditions,
        shape=shape,
        columns=view.columns,
        given=True,
    )


def as_of(conditions: Conditions, now_at: Instant) -> Conditions:
    """The conditions with `today` and the like worked out by this machine's calendar."""
    return resolved(conditions, Moment(now=now_at, today=local(now_at).date(), begin=beginning))


def worklist_conditions(worklist: str, me: str) -> tuple[Condition, ...]:
    """A worklist as conditions, as far as conditions can say it; the basis of a saved view."""
    unsolved = Condition(field="status", op="in", value=list(UNSOLVED))
    known: Mapping[str, tuple[Condition, ...]] = {
        "todo": (Condition(field="assignee", op="is", value=me), unsolved),
        "to_transfer": (
            Condition(field="assignee", op="is", value=me),
            Condition(field="status", op="is", value="on_hold"),
        ),
        "created": (Condition(field="creator", op="is", value=me),),
        "cc": (Condition(field="cc", op="contains", value=me),),
        "unassigned": (Condition(field="assignee", op="is_unset"), unsolved),
        "soon": (unsolved,),
        "late": (unsolved,),
    }
    return known.get(worklist, ())


def views_from(raw: Any) -> list[SavedView]:
    """Saved views as they were remembered; what is unreadable is left out."""
    found = []
    for one in raw if isinstance(raw, list) else []:
        try:
            found.append(msgspec.convert(one, SavedView))
        except msgspec.ValidationError:
            continue
    return found


def shape_from(raw: Any) -> ListShape:
    """A remembered shape, or the plain one."""
    try:
        return msgspec.convert(raw, ListShape)
    except msgspec.ValidationError:
        return ListShape()
