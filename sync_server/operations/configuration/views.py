"""Views as files: building, checking, exporting (RULES §5)."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from domain.entities.conditions import Conditions, FieldKind
from domain.entities.views import ME, View
from domain.rules.conditions import check
from sync_server.operations.configuration.reading import Problems
from sync_server.operations.configuration.shapes import When
from sync_server.operations.configuration.view_shapes import ViewShape

FILE = "views.json"
_PLAIN = ("name", "columns", "sort", "descending", "group")


class Logins(Protocol):
    """Gives people's logins."""

    def person(self, id: str) -> str:
        """A person's login."""
        ...


def build_view(
    id: str, shape: ViewShape, at: int, names: Any, conditions: Callable[[When, Any], Conditions]
) -> View:
    """The view of an entry; `conditions` reads them with people's names, `names` knows people."""
    # `me` is nobody's login here: it stands for itself.
    knowing = msgspec.structs.replace(names, people={**names.people, ME: ME})
    plain = {name: getattr(shape, name) for name in _PLAIN}
    return View(
        id=id,
        position=at,
        conditions=conditions(shape.when, knowing),
        roles=shape.roles,
        teams=shape.teams,
        people=tuple(names.person(login) for login in shape.people),
        **plain,
    )


def view_file(view: View, codes: Logins, when: When) -> dict[str, Any]:
    """The entry of a view."""
    plain = {name: getattr(view, name) for name in _PLAIN}
    people = tuple(codes.person(id) for id in view.people)
    shape = ViewShape(when=when, roles=view.roles, teams=view.teams, people=people, **plain)
    found: dict[str, Any] = msgspec.to_builtins(shape)
    return found


def check_views(
    views: Mapping[str, View],
    fields: Mapping[str, FieldKind],
    known: Callable[[str, str], bool],
    problems: Problems,
) -> None:
    """Conditions that can't hold, and teams that are not there."""
    for id, view in views.items():
        for problem in check(view.conditions, fields, spans=True):
            problems.add(FILE, f"{id}.when.{problem.place}", problem.code, **problem.args)
        for team in view.teams:
            if not known("team", team):
                problems.add(FILE, f"{id}.teams", "config_unknown_team", team=team)
