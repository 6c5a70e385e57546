"""Notices that people have read: whoever urged is told that the urge was (RULES §8)."""

from collections.abc import Callable, Sequence

from domain.entities.base import Instant
from domain.ids import notice_id
from domain.wire.sync import Notice
from sync_server.access.viewer import sight
from sync_server.store.engine import Store
from sync_server.store.notices import mark_read, urged_by, write_notices
from sync_server.store.organisation import TreeCache
from sync_server.store.queries.tickets import ticket_rows
from sync_server.store.rows import ticket_of
from sync_server.store.unit_of_work import Nonces, UnitOfWork

URGED, URGE_READ = "urged", "urge_read"
MOST = 500
"""Notices taken at once; desktops send no more."""


class Receipts:
    """Takes what desktops say was read."""

    def __init__(
        self, store: Store, *, trees: TreeCache, nonces: Nonces, after_commit: Callable[[int], None]
    ) -> None:
        self._store, self._trees, self._nonces = store, trees, nonces
        self._after_commit = after_commit

    def take(self, person: str, ids: Sequence[str], *, at: Instant) -> None:
        """Note that a person has read notices of theirs; others' are left alone, and the first time counts."""
        if not ids:
            return
        seq = self._store.retrying(lambda: self._taken(person, ids[:MOST], at))
        if seq:
            self._after_commit(seq)

    def _taken(self, person: str, ids: Sequence[str], at: Instant) -> int:
        with self._store.write() as conn:
            fresh = [one for one in mark_read(conn, person, ids, at) if one.kind == URGED]
            by = urged_by(conn, fresh)
            if not by:
                conn.commit()
                return 0
            work = UnitOfWork(conn, nonces=self._nonces, at=at)
            tickets = {row[0]: ticket_of(row) for row in ticket_rows(conn, {one.ticket for one in fresh})}
            sees = sight(conn, self._trees.current(conn))
            told = []
            for one in fresh:
                to, ticket = by.get(one.id), tickets.get(one.ticket)
                if to is not None and to != person and ticket is not None and sees(to, ticket):
                    entry = str(one.detail["entry"])
                    detail = {"number": ticket.number or "", "entry": entry, "by": person}
                    id = notice_id(to, URGE_READ, f"{entry} {person}")
                    told.append((to, Notice(id=id, ticket=ticket.id, kind=URGE_READ, at=at, detail=detail)))
            write_notices(work, told)
            return work.commit()
