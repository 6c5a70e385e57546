"""Who has a view, and what `me` means in it."""

from typing import Any

import pytest

from domain.entities.conditions import Condition, Conditions
from domain.entities.views import View
from domain.rules.views import has_view, seen_by


@pytest.mark.parametrize(
    ("audience", "has"),
    [
        ({}, True),
        ({"people": ("amy",)}, True),
        ({"people": ("ben",)}, False),
        ({"roles": ("agent",)}, True),
        ({"roles": ("head",), "teams": ("desk",)}, True),
        ({"roles": ("head",), "teams": ("other",), "people": ("ben",)}, False),
    ],
)
def test_view_is_everybodys_or_of_those_named(audience: dict[str, Any], has: bool) -> None:
    """By name, by role or by team; one that names nobody is everybody's."""
    view = View(id="v", name="V", **audience)
    assert has_view(view, person="amy", roles={"agent"}, teams={"desk"}) is has


def test_me_is_whoever_looks() -> None:
    """In conditions on people alone, in lists too; a subject that says so stays."""
    given = Conditions(
        all=(
            Condition(field="assignee", op="is", value="me"),
            Condition(field="subject", op="is", value="me"),
        ),
        any=(Condition(field="cc", op="in", value=["me", "ben"]), Condition(field="creator", op="is_unset")),
    )
    assert seen_by(given, "amy") == Conditions(
        all=(
            Condition(field="assignee", op="is", value="amy"),
            Condition(field="subject", op="is", value="me"),
        ),
        any=(Condition(field="cc", op="in", value=["amy", "ben"]), Condition(field="creator", op="is_unset")),
    )
