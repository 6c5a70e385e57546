"""`config apply` and `config rollback`: validated whole, then written as one numbered change, or not at all."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from domain.entities.base import Entity
from domain.entities.people import Grant
from domain.errors import GongdanError, InvalidInputError
from domain.wire.configuration import KINDS, entity_of
from domain.wire.sync import ConfigRow
from sync_server.access.audit import Audit, Origin
from sync_server.operations.configuration.beside import beside
from sync_server.operations.configuration.building import Names, Wanted, build
from sync_server.operations.configuration.checking import check_all
from sync_server.operations.configuration.differing import Difference, differences
from sync_server.operations.configuration.exporting import codes_of, texts_of
from sync_server.operations.configuration.in_use import check_uses, file_of
from sync_server.operations.configuration.moving import moving
from sync_server.operations.configuration.reading import FileProblem, Problems, located, read_folder
from sync_server.operations.tools import Tools
from sync_server.store.configuration_changes import (
    Author,
    Granted,
    Key,
    Written,
    changes_after,
    grants_as_of,
    rows_as_of,
)
from sync_server.store.configuration_writer import Edit, write_configuration
from sync_server.store.organisation import counter_value
from sync_server.store.organisation_writer import stored_units
from sync_server.store.people_writer import all_grants, grants_of, people_by_login, write_grants
from sync_server.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from sqlalchemy import Connection

NOBODY = Author()


class Applied(Entity):
    """What came of it: problems (then nothing was written), or what was written as which change."""

    problems: tuple[FileProblem, ...] = ()
    written: tuple[Written, ...] = ()
    granted: tuple[str, ...] = ()  # people whose grants changed
    differences: tuple[Difference, ...] = ()
    number: int = 0  # of the change; 0 where there was nothing to change
    moved: int = 0  # in a dry run: open tickets whose deadline would be another


Wants = Callable[["Connection", Mapping[Key, ConfigRow], Problems], Wanted]


def apply(
    tools: Tools, folder: Path, *, add: bool = False, dry_run: bool = False, author: Author = NOBODY
) -> Applied:
    """Make the configuration what the folder's files say; a noun without a file is left alone.

    With `add` what the files don't name stays: they come beside it.

    Raises InvalidInputError ``config_no_folder``.
    """
    if not folder.is_dir():
        raise InvalidInputError("config_no_folder", folder=str(folder))
    unread = Problems()
    read = read_folder(folder, unread)

    def wants(conn: "Connection", rows: Mapping[Key, ConfigRow], problems: Problems) -> Wanted:
        problems.found += unread.found
        wanted = build(read, names_of(conn), problems)
        return beside(wanted, rows) if add else wanted

    done = _change(tools, wants, dry_run=dry_run, author=author)
    return msgspec.structs.replace(done, problems=located(folder, done.problems))


def roll_back(
    tools: Tools, number: int, *, grants: bool = False, dry_run: bool = False, author: Author = NOBODY
) -> Applied:
    """Make the rows what they were after a change, as a new change; people's grants only where asked for.

    Raises InvalidInputError ``config_no_change`` for a number that the configuration never had.
    """

    def wants(conn: "Connection", _rows: Mapping[Key, ConfigRow], problems: Problems) -> Wanted:
        later = changes_after(conn, number)
        first = later[-1].number - 1 if later else counter_value(conn, "config")
        if not first <= number <= counter_value(conn, "config"):
            raise InvalidInputError("config_no_change", number=number)
        granted: dict[str, list[Grant]] = {}
        if grants:
            before = grants_as_of(all_grants(conn), later)
            granted = {one.person: before.get(one.person, []) for change in later for one in change.grants}
        return _restored(rows_as_of(conn, number), granted, problems)

    author = msgspec.structs.replace(author, cause="rollback", note=author.note or f"rollback {number}")
    return _change(tools, wants, dry_run=dry_run, author=author)


def _restored(rows: Mapping[Key, ConfigRow], grants: dict[str, list[Grant]], problems: Problems) -> Wanted:
    """Every row as it stood; what an older program wrote and this one can't read is a problem."""
    kinds: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    for (kind, id), row in rows.items():
        if row.deleted or kind not in KINDS:
            continue
        try:
            kinds[kind][id] = entity_of(row)
        except (msgspec.ValidationError, GongdanError) as error:
            problems.add(file_of(kind, id), id, "config_not_valid", reason=str(error))
    named = {kind: set(found) for kind, found in kinds.items() if kind != "template"}
    return Wanted(kinds=kinds, named=named, grants=grants)


def _change(tools: Tools, wants: Wants, *, dry_run: bool, author: Author) -> Applied:
    """Bring the configuration to what is wanted, in one transaction with its audit row."""

    def work() -> Applied:
        problems = Problems()
        with tools.store.write() as conn:
            rows, granted_before = rows_as_of(conn), all_grants(conn)
            standing = tools.configurations.current(conn)
            wanted = wants(conn, rows, problems)
            check_all(wanted, tools.configurations.current(conn), problems)
            if problems.found:
                return Applied(problems=tuple(problems.found))
            unit_of_work = UnitOfWork(conn, nonces=tools.ids, at=tools.clock.now())
            granted = _grant(unit_of_work, tools, wanted)
            written = write_configuration(unit_of_work, _edits(rows, wanted), author=author, granted=granted)
            after = rows_as_of(conn)
            check_uses(conn, after, written, problems)
            if problems.found:
                return Applied(problems=tuple(problems.found))
            codes = codes_of(conn)
            found = differences(
                texts_of(rows, granted_before, codes), texts_of(after, all_grants(conn), codes)
            )
            number = counter_value(conn, "config") if written or granted else 0
            measured = any(one.kind in ("policy", "calendar") for one in written)
            moved = moving(tools, conn, standing, after.values()) if dry_run and measured else 0
            if number and not dry_run:
                _record(tools, conn, number, author, written)
                unit_of_work.commit()
        return Applied(
            written=tuple(written),
            granted=tuple(one.person for one in granted),
            differences=tuple(found),
            number=number,
            moved=moved,
        )

    return tools.store.retrying(work)


def _grant(work: UnitOfWork, tools: Tools, wanted: Wanted) -> list[Granted]:
    granted = []
    for person, grants in wanted.grants.items():
        before = tuple(grants_of(work.conn, person))
        if write_grants(work, tools.ids, person, grants):
            granted.append(Granted(person=person, before=before, after=tuple(grants_of(work.conn, person))))
    return granted


def _record(
    tools: Tools, conn: "Connection", number: int, author: Author, written: Sequence[Written]
) -> None:
    detail = {"number": number, "rows": len(written), "actor": author.actor, "note": author.note}
    Audit(tools.ids).record(
        conn,
        f"config_{author.cause}",
        at=tools.clock.now(),
        person=author.person,
        origin=Origin(address="console"),
        detail=detail,
    )


def names_of(conn: "Connection") -> Names:
    """What files call units and people; a unit without a code goes by its id."""
    units = stored_units(conn)
    by_code = {unit.code: id for id, unit in units.items() if unit.code}
    return Names(units={**{id: id for id in units}, **by_code}, people=people_by_login(conn))


def _edits(rows: Mapping[Key, ConfigRow], wanted: Wanted) -> list[Edit]:
    """What is there as it should be, and what is no longer there."""
    edits = [
        Edit(kind=kind, id=id, entity=one)
        for kind, found in wanted.kinds.items()
        for id, one in found.items()
        if not personal(one)
    ]
    for (kind, id), row in rows.items():
        gone = kind in wanted.kinds and id not in wanted.kinds[kind] and not row.deleted
        if gone and not personal(entity_of(row)):
            edits.append(Edit(kind=kind, id=id))
    return edits


def personal(entity: Any) -> bool:
    """Somebody's own text module or view is no administrator's business."""
    return bool(getattr(entity, "owner", ""))
