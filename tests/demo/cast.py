"""Who plays in the story: people chosen by what the database holds, never by name."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

HANDLE, MANAGE = 3, 4


@dataclass(frozen=True, kw_only=True)
class Store:
    """A store and the code of the area it lies in: its uppermost unit below the company."""

    id: str
    code: str
    name: str
    area: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who signs in."""

    id: str
    login: str
    name: str
    password: str
    unit: str
    """The unit's id."""
    unit_name: str


@dataclass(frozen=True, kw_only=True)
class Cast:
    """The people of the story: two stores of different areas, the lead over the first, head office."""

    store: Person
    other: Person
    lead: Person
    head: Person


class Tree:
    """The organisation as plain rows."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.units = {
            row["id"]: row for row in conn.execute("SELECT id, parent, code, name, kind FROM org_unit")
        }
        self.root = next(id for id, row in self.units.items() if not row["parent"])

    def above(self, unit: str) -> Iterator[str]:
        """The unit and everything above it, without the company."""
        while unit and unit != self.root:
            yield unit
            unit = self.units[unit]["parent"]

    def area(self, unit: str) -> str:
        """The uppermost unit below the company."""
        return list(self.above(unit))[-1]


def choose_stores(conn: sqlite3.Connection) -> list[Store]:
    """A store of the area with the most stores, and one of the area with the next most."""
    tree = Tree(conn)
    stores = sorted(id for id, row in tree.units.items() if row["kind"] == "store")
    if len(stores) < 2:
        raise SystemExit("the story needs two stores or more")
    areas = [area for area, _ in Counter(tree.area(store) for store in stores).most_common(2)]
    chosen = [next(store for store in stores if tree.area(store) == area) for area in areas]
    if len(chosen) < 2:
        chosen = [stores[0], stores[-1]]
    return [_store(tree, id) for id in chosen]


def _store(tree: Tree, id: str) -> Store:
    row = tree.units[id]
    return Store(id=id, code=row["code"], name=row["name"], area=tree.units[tree.area(id)]["code"])


def choose_cast(conn: sqlite3.Connection, password: str) -> Cast:
    """The people whose grants fit the parts."""
    tree = Tree(conn)
    people = {
        row["id"]: row for row in conn.execute("SELECT id, login, name, unit FROM person ORDER BY login")
    }
    grants = conn.execute("SELECT person, unit, line, level FROM access_grant ORDER BY id").fetchall()

    def with_grant(level: int, fits: object = None) -> list[tuple[str, str]]:
        return sorted(
            ((row["person"], row["unit"]) for row in grants if row["level"] == level and not row["line"]),
            key=lambda one: str(people[one[0]]["login"]),
        )

    at_stores = [(who, at) for who, at in with_grant(HANDLE) if tree.units[at]["kind"] == "store"]
    leads = {tree.area(at): who for who, at in with_grant(MANAGE) if at != tree.root and tree.area(at) == at}
    heads = [who for who, at in with_grant(HANDLE) if at == tree.root]
    led = [(who, at) for who, at in at_stores if tree.area(at) in leads]
    store, other = led[0], next(one for one in at_stores if tree.area(one[1]) != tree.area(led[0][1]))

    def person(id: str) -> Person:
        row = people[id]
        unit = tree.units[row["unit"]]
        return Person(
            id=id,
            login=row["login"],
            name=row["name"],
            password=password,
            unit=unit["id"],
            unit_name=unit["name"],
        )

    return Cast(
        store=person(store[0]),
        other=person(other[0]),
        lead=person(leads[tree.area(store[1])]),
        head=person(heads[-1]),
    )
