"""The changes of the configuration as an administrator reads them: the log, and what differs between two."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from domain.entities.people import Grant
from domain.errors import InvalidInputError
from sync_server.operations.configuration.differing import Difference, differences
from sync_server.operations.configuration.exporting import codes_of, texts_of
from sync_server.operations.tools import Tools
from sync_server.store.configuration_changes import (
    PERSONAL,
    ConfigChange,
    change_of,
    changes_after,
    grants_as_of,
    rows_as_of,
)
from sync_server.store.organisation import counter_value
from sync_server.store.people_writer import all_grants, people_by_login

if TYPE_CHECKING:
    from sqlalchemy import Connection


def log(tools: Tools, limit: int) -> list[dict[str, Any]]:
    """The newest changes, newest first; what people keep of their own is left out."""
    with tools.store.read() as conn:
        logins = {id: login for login, id in people_by_login(conn).items()}
        changes = [one for one in changes_after(conn, 0) if one.author.cause != PERSONAL]
        return [_row(one, logins) for one in changes[:limit]]


def entry(tools: Tools, number: int) -> dict[str, Any]:
    """One change's row of the log; refused (``config_no_change``) where there is none."""
    with tools.store.read() as conn:
        found = change_of(conn, number)
        if found is None:
            raise InvalidInputError("config_no_change", number=number)
        return _row(found, {id: login for login, id in people_by_login(conn).items()})


def newest(tools: Tools) -> int:
    """The number of the newest change."""
    with tools.store.read() as conn:
        return counter_value(conn, "config")


def between(tools: Tools, first: int, last: int | None = None) -> list[Difference]:
    """What differs between the configuration after one change and after another, or now."""
    with tools.store.read() as conn:
        codes = codes_of(conn)
        sides = [texts_of(rows_as_of(conn, number), _grants(conn, number), codes) for number in (first, last)]
    return differences(*sides)


def _grants(conn: "Connection", number: int | None) -> list[tuple[str, Grant]]:
    now = all_grants(conn)
    later: Sequence[ConfigChange] = changes_after(conn, number) if number is not None else ()
    return [(person, one) for person, held in grants_as_of(now, later).items() for one in held]


def _row(change: ConfigChange, logins: dict[str, str]) -> dict[str, Any]:
    author = change.author
    return {
        "number": change.number,
        "at": datetime.fromtimestamp(change.at / 1000, UTC).isoformat(timespec="seconds"),
        "by": logins.get(author.person, author.person) if author.person else author.actor,
        "cause": author.cause,
        "rows": len(change.rows) + len(change.grants),
        "note": author.note,
    }
