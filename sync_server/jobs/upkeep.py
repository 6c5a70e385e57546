"""What is old: desktops need not keep it, the feed grows short, verdicts are forgotten (SYNC §4, §6)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from domain.entities.base import Entity, Instant
from sync_server.clock import Clock
from sync_server.feed import compaction
from sync_server.feed.keeping import raise_keep_since
from sync_server.store.engine import Store
from sync_server.store.old_verdicts import forget_verdicts
from sync_server.store.unit_of_work import Nonces, UnitOfWork

if TYPE_CHECKING:
    from sqlalchemy import Connection

DAY_MS = 86_400_000
LEAST_VERDICT_DAYS = 180
"""A desktop may have been away that long and still ask what became of a command (SYNC §4)."""


class Spans(Entity):
    """How long things are kept, in days; 0 means for ever."""

    keep: int = 90  # closed tickets on desktops
    feed: int = 90  # change rows one by one
    floor: int = 180  # change rows at all
    verdicts: int = LEAST_VERDICT_DAYS


class Upkeep:
    """Runs often and does a little: nothing where the day has nothing new to forget."""

    def __init__(self, store: Store, *, clock: Clock, nonces: Nonces, spans: Spans) -> None:
        self._store, self._clock, self._nonces, self._spans = store, clock, nonces, spans

    def run(self) -> int:
        """Everything that is due; returns how many rows went."""
        return self.advance() + self.compact() + self.raise_floor() + self.forget()

    def advance(self) -> int:
        """Move `keep_since` on, by whole days; returns 1 where it moved."""
        since = self._before(self._spans.keep) // DAY_MS * DAY_MS
        return self._writing(lambda conn: raise_keep_since(conn, since)) if since > 0 else 0

    def compact(self) -> int:
        """Compact what is old, slice by slice; returns how many change rows went."""
        before, removed = self._before(self._spans.feed), 0
        with self._store.read() as conn:
            if not compaction.is_due(conn, before=before):
                return 0
            plain = compaction.plain_rows(conn)
        while True:
            looked, gone, plain = self._store.retrying(lambda known=plain: self._slice(known, before))  # type: ignore[misc]
            removed += gone
            if looked < compaction.SLICE:
                return removed

    def _slice(
        self, plain: dict[compaction.Key, compaction.Plain], before: Instant
    ) -> tuple[int, int, dict[compaction.Key, compaction.Plain]]:
        # On a copy: a transaction that has to be repeated begins from what stands.
        known = dict(plain)
        with self._store.write() as conn:
            work = UnitOfWork(conn, nonces=self._nonces, at=self._clock.now())
            return *compaction.compact_slice(work, known, before=before), known

    def raise_floor(self) -> int:
        """Delete change rows that are too old, slice by slice; returns how many."""
        days = max(self._spans.floor, self._spans.feed) if self._spans.floor else 0
        before = self._before(days)
        return self._until_done(lambda conn: compaction.raise_floor(conn, before=before), compaction.SLICE)

    def forget(self) -> int:
        """Forget old verdicts, slice by slice; returns how many."""
        days = max(self._spans.verdicts, LEAST_VERDICT_DAYS) if self._spans.verdicts else 0
        before = self._before(days)
        return self._until_done(lambda conn: forget_verdicts(conn, before=before), compaction.SLICE)

    def _before(self, days: int) -> Instant:
        return self._clock.now() - days * DAY_MS if days else 0

    def _until_done(self, work: "Callable[[Connection], int]", most: int) -> int:
        done = 0
        while True:
            count = self._writing(work)
            done += count
            if count < most:
                return done

    def _writing(self, work: "Callable[[Connection], int]") -> int:
        def once() -> int:
            with self._store.write() as conn:
                count = work(conn)
                if count:
                    conn.commit()
                return count

        return self._store.retrying(once)
