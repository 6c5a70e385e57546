"""A form that loses a field leaves no condition behind that asks for it, whichever file that stands in."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from domain.entities.conditions import Conditions
from domain.entities.configuration import Configuration
from sync_server.operations.configuration.in_use import file_of
from sync_server.operations.configuration.reading import Problems


def check_lost_fields(
    kinds: Mapping[str, Any],
    present: Configuration,
    before: Collection[str],
    after: Collection[str],
    problems: Problems,
) -> None:
    """Find the rows in force that the files leave alone and whose fields would be gone.

    What asked for a field that was never there is passed over: it can't be mended by who changes something else.
    """
    for kind, rows in _standing(present).items():
        for row in () if kind in kinds else rows:
            for place, field in _fields(row.conditions):
                if field in before and field not in after:
                    where = f"{row.id}.when.{place}"
                    problems.add(file_of(kind, row.id), where, "condition_unknown_field", field=field)


def _standing(present: Configuration) -> dict[str, Iterable[Any]]:
    return {
        "policy": present.policies,
        "routing": present.routing,
        "gate": present.gates,
        "view": present.views,
        "trigger": present.triggers,
        "automation": present.automations,
    }


def _fields(conditions: Conditions) -> Iterable[tuple[str, str]]:
    for name, group in (("all", conditions.all), ("any", conditions.any)):
        for index, one in enumerate(group):
            yield f"{name}[{index}]", one.field
