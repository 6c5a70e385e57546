"""`config apply`: validated whole, then written as new versions of what changed, in one transaction."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from domain.entities.base import Entity
from domain.errors import InvalidInputError
from domain.wire.configuration import entity_of
from sync_server.operations.configuration.building import Names, Wanted, build
from sync_server.operations.configuration.checking import check_all
from sync_server.operations.configuration.reading import FileProblem, Problems, read_folder
from sync_server.operations.tools import Tools
from sync_server.store.configuration_writer import Edit, Written, newest_rows, write_configuration
from sync_server.store.organisation_writer import stored_units
from sync_server.store.people_writer import people_by_login, write_grants
from sync_server.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Applied(Entity):
    """What came of it: problems (then nothing was written), or what was written."""

    problems: tuple[FileProblem, ...] = ()
    written: tuple[Written, ...] = ()
    granted: tuple[str, ...] = ()  # people whose grants changed


def apply(tools: Tools, folder: Path, *, dry_run: bool = False, person: str | None = None) -> Applied:
    """Make the configuration what the folder's files say; a noun without a file is left alone.

    Raises InvalidInputError ``config_no_folder``.
    """
    if not folder.is_dir():
        raise InvalidInputError("config_no_folder", folder=str(folder))
    unread = Problems()
    read = read_folder(folder, unread)

    def work() -> Applied:
        problems = Problems(unread.found)
        with tools.store.write() as conn:
            wanted = build(read, names_of(conn), problems)
            check_all(wanted, tools.configurations.current(conn), problems)
            if problems.found:
                return Applied(problems=tuple(problems.found))
            unit_of_work = UnitOfWork(conn, nonces=tools.ids, at=tools.clock.now())
            written = write_configuration(unit_of_work, _edits(conn, wanted), person=person)
            granted = [
                id
                for id, grants in wanted.grants.items()
                if write_grants(unit_of_work, tools.ids, id, grants)
            ]
            if not dry_run:
                unit_of_work.commit()
        return Applied(written=tuple(written), granted=tuple(granted))

    return tools.store.retrying(work)


def names_of(conn: "Connection") -> Names:
    """What files call units and people; a unit without a code goes by its id."""
    units = stored_units(conn)
    by_code = {unit.code: id for id, unit in units.items() if unit.code}
    return Names(units={**{id: id for id in units}, **by_code}, people=people_by_login(conn))


def _edits(conn: "Connection", wanted: Wanted) -> list[Edit]:
    """What is there as it should be, and what is no longer there."""
    edits = [
        Edit(kind=kind, id=id, entity=one) for kind, rows in wanted.kinds.items() for id, one in rows.items()
    ]
    for (kind, id), row in newest_rows(conn).items():
        gone = kind in wanted.kinds and id not in wanted.kinds[kind] and not row.deleted
        if gone and not _personal(kind, entity_of(row)):
            edits.append(Edit(kind=kind, id=id))
    return edits


def _personal(kind: str, entity: Any) -> bool:
    """Somebody's own text module is no administrator's business."""
    return kind == "text_module" and bool(entity.owner)
