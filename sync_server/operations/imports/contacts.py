"""Where people are reached outside the program, from a file or one by one (RULES §9)."""

from collections.abc import Mapping
from pathlib import Path

from domain.entities.base import Entity
from domain.errors import InvalidInputError
from domain.rules.customers import contact_fault
from sync_server.operations.imports.columns import Columns, Refuse, RowProblem
from sync_server.operations.imports.sheet import open_sheet
from sync_server.operations.tools import Tools
from sync_server.store.contacts import KINDS, set_contacts
from sync_server.store.people_writer import people_by_login


class ContactsImported(Entity):
    """How many people's contacts changed, and the rows that were left out."""

    counts: Mapping[str, int]
    problems: tuple[RowProblem, ...] = ()
    unread: tuple[str, ...] = ()


def import_contacts(
    tools: Tools, file: Path, *, mapping: Mapping[str, str], dry_run: bool = False
) -> ContactsImported:
    """Take contacts from a file with a column of logins; a column that is not there leaves its kind alone."""
    sheet = open_sheet(file)
    columns = Columns("contacts", sheet, mapping, ("login",))
    problems: list[RowProblem] = []
    wanted: dict[str, tuple[int, dict[str, str]]] = {}
    present = [kind for kind in KINDS if columns.has(kind)]
    for row in sheet.rows:
        try:
            login = columns.text(row, "login", required=True)
            contacts = {kind: columns.text(row, kind) for kind in present}
            for kind, value in contacts.items():
                if (fault := contact_fault(kind, value)) is not None:
                    raise Refuse(kind, fault)
            wanted[login] = (row.line, contacts)
        except Refuse as refuse:
            problems.append(
                RowProblem(
                    line=row.line,
                    column=columns.heading(refuse.field),
                    code=refuse.code,
                    args=refuse.args_by_name,
                )
            )
    changed = 0
    with tools.store.write() as conn:
        people = people_by_login(conn)
        for login, (line, contacts) in wanted.items():
            if login not in people:
                problems.append(
                    RowProblem(
                        line=line,
                        column=columns.heading("login"),
                        code="config_unknown_person",
                        args={"login": login},
                    )
                )
            elif set_contacts(conn, people[login], contacts):
                changed += 1
        if not dry_run:
            conn.commit()
    return ContactsImported(
        counts={"read": len(wanted), "changed": changed}, problems=tuple(problems), unread=columns.unread
    )


def set_contact(tools: Tools, login: str, contacts: Mapping[str, str]) -> int:
    """Set some of one person's contacts; InvalidInputError where there is nobody of that login."""
    unknown = sorted(set(contacts) - set(KINDS))
    if unknown:
        raise InvalidInputError("contact_kind", kind=unknown[0], known=", ".join(KINDS))
    for kind, value in contacts.items():
        if contact_fault(kind, value) is not None:
            raise InvalidInputError("contact_value", kind=kind)
    with tools.store.write() as conn:
        people = people_by_login(conn)
        if login not in people:
            raise InvalidInputError("config_unknown_person", login=login)
        changed = set_contacts(conn, people[login], contacts)
        conn.commit()
    return changed
