"""What a form asks of the directory: stores and people found by name, initials or code."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from desktop.replica.queries.config import PersonLine, UnitLine
from domain.entities.base import Entity
from domain.entities.equipment import EquipmentModel

MOST_FOUND = 8


class Found(Entity):
    """One match as a list shows it: the name, and at the right what tells it from its like."""

    id: str
    name: str
    detail: str = ""


class Directory(Protocol):
    """Finds units and people in the replica; `find_*` with an empty text gives the likeliest first."""

    def find_units(self, text: str) -> Sequence[Found]: ...
    def find_people(self, text: str) -> Sequence[Found]: ...
    def unit_name(self, id: str) -> str: ...
    def person_name(self, id: str) -> str: ...
    def models(self) -> Mapping[str, EquipmentModel]: ...


class NoDirectory:
    """A directory of nobody, for forms that name neither stores nor people."""

    def find_units(self, text: str) -> Sequence[Found]:
        """Nothing."""
        return ()

    def find_people(self, text: str) -> Sequence[Found]:
        """Nothing."""
        return ()

    def unit_name(self, id: str) -> str:
        """The id itself."""
        return id

    def person_name(self, id: str) -> str:
        """The id itself."""
        return id

    def models(self) -> Mapping[str, EquipmentModel]:
        """None."""
        return {}


class LoadedDirectory:
    """A directory held in memory: read once away from the window's thread, searched at each keystroke."""

    def __init__(
        self,
        units: Iterable[UnitLine],
        people: Iterable[PersonLine],
        models: Mapping[str, EquipmentModel] | None = None,
    ) -> None:
        self._models = models or {}
        self._units = [
            (one.name.casefold(), one.initials.casefold(), one.code.casefold(), _unit_found(one))
            for one in sorted(units, key=lambda one: one.kind != "store")
        ]
        self._people = [
            (one.name.casefold(), one.initials.casefold(), "", _person_found(one)) for one in people
        ]
        self._unit_names = {found.id: found.name for *_, found in self._units}
        self._person_names = {found.id: found.name for *_, found in self._people}

    def find_units(self, text: str) -> Sequence[Found]:
        """Units by part of the name, or the beginning of the initials or the code."""
        return _matches(self._units, text)

    def find_people(self, text: str) -> Sequence[Found]:
        """People by part of the name, or the beginning of the initials."""
        return _matches(self._people, text)

    def unit_name(self, id: str) -> str:
        """The name of a unit; its id where it is not known."""
        return self._unit_names.get(id, id)

    def person_name(self, id: str) -> str:
        """The name of a person; the id where they are not known."""
        return self._person_names.get(id, id)

    def models(self) -> Mapping[str, EquipmentModel]:
        """The catalogue of equipment, by id."""
        return self._models

    def knows_unit(self, id: str) -> bool:
        """Whether a unit is among these."""
        return id in self._unit_names


def _unit_found(one: UnitLine) -> Found:
    return Found(id=one.id, name=one.name, detail=" · ".join(part for part in (one.above, one.code) if part))


def _person_found(one: PersonLine) -> Found:
    return Found(id=one.id, name=one.name, detail=one.unit_name)


Entries = list[tuple[str, str, str, Found]]


def _matches(entries: Entries, text: str) -> Sequence[Found]:
    """The likeliest first: the whole name or code, the beginning of either, anywhere in the name; else as given."""
    wanted = text.casefold().strip()
    if not wanted:
        return [found for *_, found in entries[:MOST_FOUND]]
    ranked: list[tuple[int, Found]] = []
    for name, initials, code, found in entries:
        fits = (
            wanted in (code, name),
            name.startswith(wanted),
            initials.startswith(wanted) or code.startswith(wanted),
            wanted in name,
        )
        if any(fits):
            ranked.append((fits.index(True), found))
    ranked.sort(key=lambda one: one[0])
    return [found for _, found in ranked[:MOST_FOUND]]
