"""`import org`: stores under their cities and provinces, or any units under parents named by code."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from domain.entities.org import OrgUnit
from sync_server.operations.imports.columns import Columns, Outcome, Refuse, RowProblem, read_rows
from sync_server.operations.imports.sheet import SheetRow, open_sheet
from sync_server.operations.pinyin import initials
from sync_server.operations.tools import Tools
from sync_server.store.organisation_writer import stored_units, write_units
from sync_server.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = ("company", "region", "province", "city", "store", "department")
ROOT_CODE = "HQ"


class UnitRow(NamedTuple):
    """One unit as a file gives it."""

    code: str
    name: str
    kind: str
    parent: str
    province: str
    city: str
    address: str
    latitude: float | None
    longitude: float | None


def import_org(
    tools: Tools, path: Path, *, company: str, mapping: "Mapping[str, str]", dry_run: bool = False
) -> Outcome:
    """Add units or bring them to what the file says; units that the file doesn't name stay."""
    sheet = open_sheet(path)
    columns = Columns("org", sheet, mapping, ("code", "name"))
    problems: list[RowProblem] = []
    reader = _Reader(columns)
    rows = read_rows(sheet, columns, reader.row, problems)

    def work() -> Outcome:
        found = list(problems)
        with tools.store.write() as conn:
            builder = _Builder(tools, stored_units(conn), company)
            for line, row in rows:
                if row.parent and not builder.known(row.parent):
                    found.append(
                        RowProblem(
                            line=line,
                            column=columns.heading("parent"),
                            code="cell_unknown_unit",
                            args={"value": row.parent},
                        )
                    )
                    continue
                builder.add(row)
            unit_of_work = UnitOfWork(conn, nonces=tools.ids, at=tools.clock.now())
            change = write_units(unit_of_work, builder.units.values())
            if not dry_run:
                unit_of_work.commit()
        counts = {"added": change.added, "changed": change.changed, "unchanged": change.unchanged}
        return Outcome(counts=counts, problems=tuple(found), unread=columns.unread)

    return tools.store.retrying(work)


class _Reader:
    """Reads rows and notices codes that come twice."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._seen: set[str] = set()

    def row(self, row: SheetRow) -> UnitRow:
        """The unit of one row."""
        columns = self._columns
        code = columns.text(row, "code", required=True)
        kind = columns.text(row, "kind") or "store"
        if kind not in KINDS:
            raise Refuse("kind", "cell_unknown_option", value=kind[:60], known=", ".join(KINDS))
        found = UnitRow(
            code=code,
            name=columns.text(row, "name", required=True),
            kind=kind,
            parent=columns.text(row, "parent"),
            province=columns.text(row, "province"),
            city=columns.text(row, "city"),
            address=" ".join(columns.text(row, "address").split()),
            latitude=columns.number(row, "latitude", least=-90, most=90),
            longitude=columns.number(row, "longitude", least=-180, most=180),
        )
        if code in self._seen:
            raise Refuse("code", "cell_twice", value=code[:60])
        self._seen.add(code)
        return found


class _Builder:
    """Makes units of rows, and the provinces and cities that they stand under."""

    def __init__(self, tools: Tools, stored: "Mapping[str, OrgUnit]", company: str) -> None:
        self._tools = tools
        self._by_code = {unit.code: unit for unit in stored.values() if unit.code}
        self._root = next((unit for unit in stored.values() if not unit.parent), None)
        self._company = company
        self._regions = {
            (unit.parent, unit.name): unit
            for unit in stored.values()
            if unit.kind in ("region", "province", "city")
        }
        self.units: dict[str, OrgUnit] = {}

    def known(self, code: str) -> bool:
        """Whether a parent is stored already or stands before its children in the file."""
        return code in self._by_code

    def add(self, row: UnitRow) -> None:
        """Take one row."""
        heads = row.kind == "company" and not row.parent
        if heads and (self._root is None or self._root.code == row.code):
            self._root = self._put(row.code, row.name, "company", "", row)
            return
        parent = self._by_code[row.parent] if row.parent else self._place(row)
        self._put(row.code, row.name, row.kind, parent.id, row)

    def _place(self, row: UnitRow) -> OrgUnit:
        """The city of a row, else its province, else the company."""
        place = self._company_unit()
        if row.province:
            place = self._region(row.province, row.province, "province", place.id)
        if row.city:
            code = f"{row.province}/{row.city}" if row.province else row.city
            place = self._region(code, row.city, "city", place.id)
        return place

    def _region(self, code: str, name: str, kind: str, parent: str) -> OrgUnit:
        """The province or city of that name, whatever its code, or a new one."""
        known = self._regions.get((parent, name))
        if known is None:
            known = self._regions[parent, name] = self._put(code, name, kind, parent, None)
        return known

    def _company_unit(self) -> OrgUnit:
        if self._root is None:
            self._root = self._put(ROOT_CODE, self._company, "company", "", None)
        return self._root

    def _put(self, code: str, name: str, kind: str, parent: str, row: UnitRow | None) -> OrgUnit:
        before = self._by_code.get(code)
        if before is not None and row is None:
            return before
        unit = OrgUnit(
            id=before.id if before is not None else self._tools.ids.new(),
            parent=parent,
            name=name,
            kind=kind,
            code=code,
            pinyin=initials(name),
            latitude=row.latitude if row is not None else None,
            longitude=row.longitude if row is not None else None,
            address=row.address if row is not None else "",
        )
        self.units[unit.id] = self._by_code[code] = unit
        return unit
