"""The org tree in memory, loaded again when its version moved."""

from collections.abc import Iterable
from functools import cached_property

from sqlalchemy import Connection, select

from domain.entities.org import OrgUnit
from sync_server.store import tables as t
from sync_server.store.direct import Sql


class Tree:
    """One version of the org tree: who is above whom, and what lies below."""

    def __init__(self, version: int, units: Iterable[tuple[OrgUnit, int, int]]) -> None:
        self.version = version
        self.units: dict[str, OrgUnit] = {}
        self._span: dict[str, tuple[int, int]] = {}
        self._order: list[str] = []
        for unit, pos, end in units:
            self.units[unit.id] = unit
            self._span[unit.id] = (pos, end)
            self._order.append(unit.id)
        self._paths: dict[str, tuple[str, ...]] = {}

    @cached_property
    def ids(self) -> frozenset[str]:
        """Every unit."""
        return frozenset(self.units)

    def path(self, unit: str) -> tuple[str, ...]:
        """The units from the root down to this one; a unit that is not in the tree stands alone."""
        known = self._paths.get(unit)
        if known is None:
            parent = self.units[unit].parent if unit in self.units else ""
            known = self._paths[unit] = (*(self.path(parent) if parent else ()), unit)
        return known

    def ancestors(self, unit: str) -> frozenset[str]:
        """The unit itself and all above it."""
        return frozenset(self.path(unit))

    def span(self, unit: str) -> tuple[int, int]:
        """Preorder position and end: everything at or below the unit has its position in [pos, end)."""
        return self._span.get(unit, (-1, -1))

    def below(self, unit: str) -> tuple[str, ...]:
        """The unit and everything below it, in preorder."""
        if unit not in self._span:
            return ()
        pos, end = self._span[unit]
        return tuple(self._order[pos:end])

    def is_root(self, unit: str) -> bool:
        """Whether the unit's subtree is the whole tree."""
        return bool(self._order) and self._order[0] == unit and self._span[unit][1] == len(self._order)


class TreeCache:
    """Gives the tree as a transaction sees it."""

    def __init__(self) -> None:
        self._tree: Tree | None = None

    def current(self, conn: Connection, version: int | None = None) -> Tree:
        """The tree of the version that this transaction sees, asked for unless it is known already."""
        tree = self._tree
        if version is None:
            version = counter_value(conn, "tree")
        while tree is None or tree.version != version:
            tree = Tree(version, _load(conn))
            # Outside a snapshot the tree may have moved between the version and the rows.
            version = counter_value(conn, "tree")
        self._tree = tree
        return tree


_COUNTER = Sql("SELECT value FROM counter WHERE name = ?")


def counter_value(conn: Connection, name: str) -> int:
    """A counter's value; 0 where it was never raised."""
    rows = _COUNTER.all(conn, name)
    return int(rows[0][0]) if rows else 0


def _load(conn: Connection) -> Iterable[tuple[OrgUnit, int, int]]:
    for row in conn.execute(select(t.org_unit).order_by(t.org_unit.c.pos)):
        unit = OrgUnit(**{name: row._mapping[name] for name in OrgUnit.__struct_fields__})
        yield unit, row.pos, row.end
