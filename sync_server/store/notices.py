"""Writing notices with the change that causes them."""

from collections.abc import Iterable
from typing import Any

from domain.wire.sync import Notice
from sync_server.store import tables as t
from sync_server.store.direct import WriteRows
from sync_server.store.rows import dump
from sync_server.store.unit_of_work import ChangeRow, UnitOfWork

_NOTICES = WriteRows(t.notice, conflict="kept")


def write_notices(work: UnitOfWork, notices: Iterable[tuple[str, Notice]]) -> None:
    """Queue notices, each for a person, and announce them in the feed to that person alone."""
    rows: list[dict[str, Any]] = []
    for person, notice in notices:
        rows.append(
            {
                "id": notice.id,
                "person": person,
                "ticket": notice.ticket,
                "kind": notice.kind,
                "detail": dump(notice.detail),
                "at": notice.at,
                "read_at": None,
            }
        )
        work.touch(ChangeRow(entity="notice", entity_id=notice.id, people=(person,)))
    work.later(_NOTICES, rows)
