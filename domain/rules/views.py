"""Who has a view, and what it means for the one who looks (RULES §5)."""

from collections.abc import Collection, Iterable

from msgspec.structs import replace

from domain.entities.conditions import Condition, Conditions
from domain.entities.views import ME, View

PERSON_FIELDS = frozenset({"assignee", "creator", "cc"})


def has_view(view: View, *, person: str, roles: Collection[str], teams: Collection[str]) -> bool:
    """Whether a person has a view: by name, by role or by team; one for nobody in particular is everybody's."""
    if not (view.roles or view.teams or view.people):
        return True
    named = person in view.people
    return named or any(one in roles for one in view.roles) or any(one in teams for one in view.teams)


def seen_by(conditions: Conditions, person: str) -> Conditions:
    """The conditions with the person in place of `me`."""
    return Conditions(all=_seen(conditions.all, person), any=_seen(conditions.any, person))


def _seen(group: Iterable[Condition], person: str) -> tuple[Condition, ...]:
    return tuple(_for(one, person) if one.field in PERSON_FIELDS else one for one in group)


def _for(condition: Condition, person: str) -> Condition:
    value = condition.value
    if isinstance(value, list | tuple):
        return replace(condition, value=[person if one == ME else one for one in value])
    return replace(condition, value=person) if value == ME else condition
