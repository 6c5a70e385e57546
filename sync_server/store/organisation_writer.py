"""Writing units of the organisation: positions counted anew, the tree's version raised once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Connection, bindparam, select, update

from domain.entities.base import Entity
from domain.entities.org import OrgUnit
from domain.errors import InvalidInputError
from sync_server.store import tables as t
from sync_server.store.rows import row_values
from sync_server.store.unit_of_work import ChangeRow, UnitOfWork, bump
from sync_server.store.upsert import upsert

_FIELDS = OrgUnit.__struct_fields__


class TreeChange(Entity):
    """How many units were added, changed, and left as they were."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


def stored_units(conn: Connection) -> dict[str, OrgUnit]:
    """All units by id, in preorder."""
    query = select(*(t.org_unit.c[name] for name in _FIELDS)).order_by(t.org_unit.c.pos)
    return {row[0]: OrgUnit(**dict(zip(_FIELDS, row, strict=True))) for row in conn.execute(query)}


def write_units(work: UnitOfWork, units: Iterable[OrgUnit]) -> TreeChange:
    """Add units or bring them to what is given; the others stay.

    Raises InvalidInputError: `unit_parent_unknown`, `unit_circle`, `tree_roots`.
    """
    # The tree's counter is locked first, so that two writers can't count positions at once.
    bump(work.conn, "tree", 0)
    before = stored_units(work.conn)
    after = before | {unit.id: unit for unit in units}
    positions = _preorder(after)
    changed = [id for id, unit in after.items() if before.get(id) != unit]
    if changed:
        _write(work, [after[id] for id in changed], positions)
        bump(work.conn, "tree")
    added = sum(1 for id in changed if id not in before)
    return TreeChange(added=added, changed=len(changed) - added, unchanged=len(after) - len(changed))


def _write(work: UnitOfWork, units: list[OrgUnit], positions: Mapping[str, tuple[int, int]]) -> None:
    old = select(t.org_unit.c.id, t.org_unit.c.version, t.org_unit.c.pos, t.org_unit.c.end)
    known = {row.id: row for row in work.conn.execute(old)}
    rows = []
    for unit in units:
        version = (known[unit.id].version if unit.id in known else 0) + 1
        pos, end = positions[unit.id]
        rows.append({**row_values(unit), "version": version, "pos": pos, "end": end})
        work.touch(ChangeRow(entity="unit", entity_id=unit.id, rev_from=version - 1, rev_to=version))
    work.conn.execute(upsert(work.conn, t.org_unit), rows)
    written = {unit.id for unit in units}
    moved = [
        {"v_id": id, "v_pos": pos, "v_end": end}
        for id, (pos, end) in positions.items()
        if id not in written and (known[id].pos, known[id].end) != (pos, end)
    ]
    if moved:
        place = update(t.org_unit).where(t.org_unit.c.id == bindparam("v_id"))
        work.conn.execute(place.values(pos=bindparam("v_pos"), end=bindparam("v_end")), moved)


def _preorder(units: Mapping[str, OrgUnit]) -> dict[str, tuple[int, int]]:
    """Position and end of each unit's subtree; siblings in the order of their ids, which is that of creation."""
    below: dict[str, list[str]] = defaultdict(list)
    for id in sorted(units):
        parent = units[id].parent
        if parent and parent not in units:
            raise InvalidInputError("unit_parent_unknown", unit=units[id].name, parent=parent)
        below[parent].append(id)
    if len(below[""]) > 1:
        raise InvalidInputError("tree_roots", roots=", ".join(units[id].name for id in below[""]))
    positions = dict(_walked(below))
    if len(positions) < len(units):
        lost = next(unit for id, unit in units.items() if id not in positions)
        raise InvalidInputError("unit_circle", unit=lost.name)
    return positions


def _walked(below: Mapping[str, list[str]]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Walk the tree without recursion; yields each unit when its subtree is done."""
    count = 0
    open_units: list[tuple[str, int, Iterator[str]]] = [("", -1, iter(below.get("", ())))]
    while open_units:
        unit, pos, children = open_units[-1]
        child = next(children, None)
        if child is not None:
            open_units.append((child, count, iter(below.get(child, ()))))
            count += 1
            continue
        open_units.pop()
        if unit:
            yield unit, (pos, count)


def unit_ids_by_code(conn: Connection) -> dict[str, str]:
    """The ids of units that have a code."""
    query = select(t.org_unit.c.code, t.org_unit.c.id).where(t.org_unit.c.code != "")
    return {row.code: row.id for row in conn.execute(query)}
