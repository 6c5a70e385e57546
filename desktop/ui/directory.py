"""Names by id and things by what is typed: stores, people, teams, lines, categories of the replica."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from desktop.replica.changed import Changed
from desktop.replica.config_rows import initials
from desktop.replica.engine import Replica
from desktop.replica.queries import config
from desktop.ui.bridge import Bridge
from desktop.ui.form.directory import Found
from desktop.ui.text import has_text, tr
from domain.entities.equipment import EquipmentModel
from domain.entities.forms import Category
from domain.entities.org import BusinessLine, Team

T = TypeVar("T")
MOST = 50
UNIT, TEAM, PERSON, LINE = "unit", "team", "person", "line"


class Directory:
    """Reads by key where something is shown; the small lists are kept until the configuration changes."""

    def __init__(self, replica: Replica, bridge: Bridge) -> None:
        self._replica = replica
        self._kept: dict[str, object] = {}
        bridge.changed.connect(self._on_changed)

    def _on_changed(self, moved: Changed) -> None:
        if "config" in moved.kinds:
            self._kept.clear()

    def _keep(self, key: str, read: Callable[[], T]) -> T:
        if key not in self._kept:
            self._kept[key] = read()
        kept: T = self._kept[key]  # type: ignore[assignment]
        return kept

    # Names.

    def person(self, id: str | None) -> str:
        """A person's name; "" for nobody."""
        return self._keep(f"person:{id}", lambda: self._person(id)) if id else ""

    def _person(self, id: str) -> str:
        with self._replica.read() as conn:
            found = config.person(conn, id)
        return found.name if found else ""

    def unit(self, id: str | None) -> str:
        """A unit's name."""
        return self._keep(f"unit:{id}", lambda: self._unit(id)) if id else ""

    def _unit(self, id: str) -> str:
        with self._replica.read() as conn:
            found = config.unit(conn, id)
        return found.name if found else ""

    def team(self, id: str | None) -> str:
        """A team's name."""
        return {one.id: one.name for one in self._teams()}.get(id or "", "")

    def line(self, id: str | None) -> str:
        """A business line's name."""
        return {one.id: one.name for one in self._lines()}.get(id or "", id or "")

    def category(self, id: str | None) -> str:
        """A category with those above it: 生鲜 › 水果 › 变质."""
        names: list[str] = []
        held = self._categories()
        while id and id in held and len(names) < 6:
            names.insert(0, held[id].name)
            id = held[id].parent
        return " › ".join(names)

    def template(self, id: str | None) -> str:
        """A scenario's name."""

        def read() -> Mapping[str, str]:
            with self._replica.read() as conn:
                return {one.id: one.name for one in config.templates(conn)}

        return self._keep("templates", read).get(id or "", "")

    def unit_name(self, id: str) -> str:
        """For forms."""
        return self.unit(id)

    def person_name(self, id: str) -> str:
        """For forms."""
        return self.person(id)

    def models(self) -> Mapping[str, EquipmentModel]:
        """The catalogue of equipment, by id."""

        def read() -> Mapping[str, EquipmentModel]:
            with self._replica.read() as conn:
                return config.equipment(conn)

        return self._keep("equipment", read)

    # Finding.

    def find_units(self, text: str) -> Sequence[Found]:
        """Stores and departments by name, initials or code."""
        with self._replica.read() as conn:
            return [Found(id=u.id, name=u.name, detail=u.above) for u in config.units(conn, text, limit=MOST)]

    def find_people(self, text: str) -> Sequence[Found]:
        """People by name or initials."""
        with self._replica.read() as conn:
            found = config.people(conn, text, limit=MOST)
        return [Found(id=one.id, name=one.name, detail=one.unit_name) for one in found]

    def find_teams(self, text: str) -> Sequence[Found]:
        """Teams by a part of the name."""
        return [
            Found(id=one.id, name=one.name, detail=self.unit(one.unit))
            for one in self._teams()
            if _fits(one.name, text)
        ]

    def find_categories(self, text: str) -> Sequence[Found]:
        """Categories by a part of the name, each with what is above it."""
        found = [
            Found(id=id, name=one.name, detail=self.category(one.parent))
            for id, one in self._categories().items()
            if _fits(one.name, text)
        ]
        return found[: 4 * MOST]

    def find_holders(self, text: str) -> Sequence[Found]:
        """Whom a ticket may be assigned to: people, then teams; ids are `person:ID` and `team:ID`."""
        people = [_kinded(PERSON, one) for one in self.find_people(text)]
        teams = [_kinded(TEAM, one) for one in self.find_teams(text)]
        return [*teams, *people] if not text else [*people, *teams]

    def find_places(self, text: str) -> Sequence[Found]:
        """Where a ticket may be transferred to: units, teams, people, lines; ids begin with the kind."""
        teams = [_kinded(TEAM, one) for one in self.find_teams(text)]
        units = [_kinded(UNIT, one) for one in self.find_units(text)]
        people = [_kinded(PERSON, one) for one in self.find_people(text)] if text else []
        lines = [
            _kinded(LINE, Found(id=one.id, name=one.name))
            for one in self._lines()
            if text and _fits(one.name, text)
        ]
        return [*teams[:10], *units, *people, *lines]

    def lines(self) -> Sequence[Found]:
        """Every business line."""
        return [Found(id=one.id, name=one.name) for one in self._lines()]

    def _teams(self) -> Sequence[Team]:
        def read() -> Sequence[Team]:
            with self._replica.read() as conn:
                return config.teams(conn)

        return self._keep("teams", read)

    def _lines(self) -> Sequence[BusinessLine]:
        def read() -> Sequence[BusinessLine]:
            with self._replica.read() as conn:
                return config.lines(conn)

        return self._keep("lines", read)

    def _categories(self) -> dict[str, Category]:
        """By id, in the order of the tree."""

        def read() -> dict[str, Category]:
            with self._replica.read() as conn:
                tree = config.categories(conn)
            found: dict[str, Category] = {}

            def walk(parent: str) -> None:
                for one in tree.get(parent, ()):
                    if one.id not in found:
                        found[one.id] = one
                        walk(one.id)

            walk("")
            return found

        return self._keep("categories", read)


def _fits(name: str, text: str) -> bool:
    """Whether a name holds what was typed, or its initials begin with it."""
    wanted = text.casefold()
    return wanted in name.casefold() or initials(name).startswith(wanted)


def _kinded(kind: str, found: Found) -> Found:
    """With its kind before the id, and in words after the detail."""
    word = tr(f"pick.kind.{kind}") if has_text(f"pick.kind.{kind}") else kind
    detail = f"{word} · {found.detail}" if found.detail else word
    return Found(id=f"{kind}:{found.id}", name=found.name, detail=detail)
