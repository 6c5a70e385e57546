"""`import people`: accounts with their unit, superior and one grant each."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from domain.entities.people import LEVELS, Grant
from domain.errors import InvalidInputError
from sync_server.operations.imports.columns import Columns, Outcome, Refuse, RowProblem, read_rows
from sync_server.operations.imports.sheet import SheetRow, open_sheet
from sync_server.operations.people import read_classes
from sync_server.operations.pinyin import initials
from sync_server.operations.tools import Tools
from sync_server.store.organisation_writer import unit_ids_by_code
from sync_server.store.people_writer import Account, grants_of, people_by_login, write_grants, write_people
from sync_server.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from sqlalchemy import Connection


class PersonRow(NamedTuple):
    """One person as a file gives them; an empty level is no grant."""

    login: str
    name: str
    unit: str
    superior: str
    password: str
    role: str
    level: str
    line: str
    scope: str
    classes: int


def import_people(tools: Tools, path: Path, *, mapping: Mapping[str, str], dry_run: bool = False) -> Outcome:
    """Add people or bring them to what the file says; passwords are set for new people only."""
    sheet = open_sheet(path)
    columns = Columns("people", sheet, mapping, ("login", "name", "unit"))
    problems: list[RowProblem] = []
    reader = _Reader(columns)
    rows = read_rows(sheet, columns, reader.row, problems)

    def work() -> Outcome:
        with tools.store.write() as conn:
            writer = _Writer(tools, conn, columns, list(problems))
            counts = writer.write(rows)
            if not dry_run:
                writer.work.commit()
        return Outcome(counts=counts, problems=tuple(writer.problems), unread=columns.unread)

    return tools.store.retrying(work)


class _Reader:
    """Reads rows and notices logins that come twice."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._seen: set[str] = set()

    def row(self, row: SheetRow) -> PersonRow:
        """The person of one row."""
        columns = self._columns
        login = columns.text(row, "login", required=True)
        level = columns.text(row, "level")
        if level and level not in LEVELS[1:]:
            raise Refuse("level", "cell_unknown_option", value=level[:60], known=", ".join(LEVELS[1:]))
        try:
            classes = read_classes(columns.text(row, "classes"))
        except InvalidInputError as error:
            raise Refuse("classes", error.code, **error.args_by_name) from None
        if login in self._seen:
            raise Refuse("login", "cell_twice", value=login[:60])
        self._seen.add(login)
        unit = columns.text(row, "unit", required=True)
        return PersonRow(
            login=login,
            name=columns.text(row, "name", required=True),
            unit=unit,
            superior=columns.text(row, "superior"),
            password=columns.text(row, "password"),
            role=columns.text(row, "role") or "agent",
            level=level,
            line=columns.text(row, "line"),
            scope=columns.text(row, "scope") or unit,
            classes=classes,
        )


class _Writer:
    """Checks rows against what is there and writes the people that stand the check."""

    def __init__(
        self, tools: Tools, conn: "Connection", columns: Columns, problems: list[RowProblem]
    ) -> None:
        self.problems = problems
        self.work = UnitOfWork(conn, nonces=tools.ids, at=tools.clock.now())
        self._tools, self._columns = tools, columns
        self._units = unit_ids_by_code(conn)
        self._people = people_by_login(conn)
        self._lines = tools.configurations.current(conn).lines

    def write(self, rows: list[tuple[int, PersonRow]]) -> dict[str, int]:
        """Write people first, then who is above whom may point anywhere in the file, then grants."""
        before = len(self._people)
        good = [(line, row) for line, row in rows if self._fits(line, row)]
        ids = {row.login: self._people.get(row.login) or self._tools.ids.new() for _, row in good}
        everybody = {**self._people, **ids}
        for line, row in good:
            self._check_superior(line, row, everybody)
        accounts = [self._account(row, everybody) for _, row in good]
        added, changed = write_people(self.work, accounts)
        granted = 0
        for _, row in good:
            if row.level:
                granted += self._grant(everybody[row.login], row)
        return {
            "added": added,
            "changed": changed,
            "unchanged": before - changed,
            "granted": granted,
        }

    def _problem(self, line: int, field: str, code: str, value: str) -> bool:
        self.problems.append(
            RowProblem(line=line, column=self._columns.heading(field), code=code, args={"value": value[:60]})
        )
        return False

    def _fits(self, line: int, row: PersonRow) -> bool:
        for field, code in (("unit", row.unit), ("scope", row.scope)):
            if code not in self._units:
                return self._problem(line, field, "cell_unknown_unit", code)
        if row.line and row.line not in self._lines:
            return self._problem(line, "line", "cell_unknown_line", row.line)
        return True

    def _check_superior(self, line: int, row: PersonRow, everybody: Mapping[str, str]) -> None:
        """A superior nobody knows is reported; the person comes without one."""
        if row.superior and row.superior not in everybody:
            self._problem(line, "superior", "cell_unknown_login", row.superior)

    def _account(self, row: PersonRow, everybody: Mapping[str, str]) -> Account:
        fresh = row.login not in self._people
        return Account(
            id=everybody[row.login],
            login=row.login,
            name=row.name,
            unit=self._units[row.unit],
            pinyin=initials(row.name),
            superior=everybody.get(row.superior, ""),
            password_hash=self._tools.passwords.hash(row.password) if fresh and row.password else "",
        )

    def _grant(self, person: str, row: PersonRow) -> bool:
        grant = Grant(
            id="",
            role=row.role,
            unit=self._units[row.scope],
            line=row.line,
            level=LEVELS.index(row.level),
            classes=row.classes,
        )
        others = [
            one
            for one in grants_of(self.work.conn, person)
            if (one.unit, one.line) != (grant.unit, grant.line)
        ]
        return write_grants(self.work, self._tools.ids, person, [*others, grant])
