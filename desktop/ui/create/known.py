"""All that the page offers to choose from, read from the replica once when it opens."""

from collections.abc import Mapping
from dataclasses import dataclass

from desktop.replica.config_rows import initials
from desktop.replica.engine import Replica
from desktop.replica.facts import FactSource
from desktop.replica.queries import config, intake
from desktop.replica.scope import Reach
from desktop.ui.form.directory import LoadedDirectory
from domain.entities.configuration import Configuration
from domain.entities.forms import Category, Template, TextModule
from domain.entities.people import CREATE
from domain.wire.identity import Me


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Everything the page offers."""

    templates: tuple[Template, ...]
    configuration: Configuration  # policies, calendars, categories
    modules: tuple[TextModule, ...]
    lines: tuple[tuple[str, str], ...]  # in which the person may make tickets: id and name
    directory: LoadedDirectory
    stores: LoadedDirectory  # units in which the person may make tickets
    own_store: str  # the person's unit, if it is a store
    recent_categories: tuple[str, ...]
    initials: Mapping[str, str]  # of categories

    def template(self, id: str) -> Template | None:
        """The newest version of a template."""
        return next((template for template in self.templates if template.id == id), None)

    def category_words(self, id: str) -> str:
        """门店客诉 › 生鲜 › 变质."""
        return " › ".join(self.configuration.categories[one].name for one in self.category_path(id))

    def category_path(self, id: str) -> tuple[str, ...]:
        """A category with those above it, from the root down."""
        return self.configuration.category_path(id)

    def category(self, id: str) -> Category | None:
        """The category of an id, if it is still there."""
        return self.configuration.categories.get(id)

    def found_categories(self, text: str) -> list[str]:
        """Categories whose name or initials hold the text, in the tree's order; all of them for none."""
        wanted = text.casefold().strip()
        return [one for one in self.tree() if not wanted or self._fits(one, wanted)]

    def tree(self) -> list[str]:
        """All categories, each above those below it."""
        below: dict[str, list[Category]] = {}
        for category in self.configuration.categories.values():
            below.setdefault(category.parent, []).append(category)
        ordered: list[str] = []

        def walk(parent: str) -> None:
            for category in sorted(below.pop(parent, []), key=lambda one: (one.position, one.name)):
                ordered.append(category.id)
                walk(category.id)

        walk("")
        return ordered

    def _fits(self, id: str, wanted: str) -> bool:
        name = self.configuration.categories[id].name.casefold()
        return wanted in name or self.initials.get(id, "").startswith(wanted)


def load(replica: Replica, person: Me) -> Catalogue:
    """Read it all; for a worker's thread."""
    with replica.read() as conn:
        facts = FactSource(conn)
        reach = facts.reach
        units, people = config.units(conn, limit=-1), config.people(conn, limit=-1)
        lines = {one.id: one.name for one in config.lines(conn)}
        may = _lines(reach, tuple(lines))
        own = config.unit(conn, person.unit)
        recent = tuple(intake.recent_categories(conn))
        templates = [one for one in config.templates(conn) if not one.line or one.line in may]
        modules = tuple(config.text_modules(conn, person.id, "description"))
        configuration, models = facts.configuration, config.equipment(conn)
    held = may or ("",)
    stores = [one for one in units if any(reach.access_at(one.id, line).level >= CREATE for line in held)]
    return Catalogue(
        templates=tuple(templates),
        configuration=configuration,
        modules=modules,
        lines=tuple((line, lines[line]) for line in may),
        directory=LoadedDirectory(units, people, models),
        stores=LoadedDirectory(stores, ()),
        own_store=own.id if own is not None and own.kind == "store" else "",
        recent_categories=recent,
        initials={one.id: initials(one.name) for one in configuration.categories.values()},
    )


def _lines(reach: Reach, known: tuple[str, ...]) -> tuple[str, ...]:
    """The business lines in which some grant lets the person make tickets."""
    granted = {grant.line for grant in reach.actor.grants if grant.level >= CREATE}
    return known if "" in granted else tuple(line for line in known if line in granted)


def path_of(replica: Replica, unit: str) -> tuple[str, ...]:
    """A unit's id with those above it, from the root down: a read by key."""
    with replica.read() as conn:
        return FactSource(conn).org_path(unit)
