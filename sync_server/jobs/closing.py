"""Resolved tickets are closed after a set number of days (RULES §1), through the same door as everything."""

from domain.ids import IdSource
from domain.wire.commands import ChangeStatus, Command, payload
from sync_server.clock import Clock
from sync_server.push.pipeline import Pusher
from sync_server.store.due_steps import resolved_before
from sync_server.store.engine import Store
from sync_server.store.epochs import is_held

SLICE = 200
DAY_MS = 86_400_000


class Closing:
    """Closes what has been resolved long enough."""

    def __init__(self, store: Store, *, pusher: Pusher, clock: Clock, ids: IdSource, after_days: int) -> None:
        self._store, self._pusher, self._clock, self._ids = store, pusher, clock, ids
        self._after_ms = after_days * DAY_MS

    def run(self) -> int:
        """Close everything that is due; returns how many tickets were closed."""
        closed = 0
        while self._after_ms:
            with self._store.read() as conn:
                # After a restore nothing is closed before desktops have given back what was lost.
                until = self._clock.now() - self._after_ms
                due = [] if is_held(conn) else resolved_before(conn, until, SLICE)
            verdicts = self._pusher.submit([self._command(ticket) for ticket in due]) if due else []
            done = sum(1 for verdict in verdicts if verdict.status == "applied")
            closed += done
            if len(due) < SLICE or not done:
                break
        return closed

    def _command(self, ticket: str) -> Command:
        intent = ChangeStatus(to="closed", reason="automatic")
        now = self._clock.now()
        return Command(id=self._ids.new(), ticket_id=ticket, kind="status", set=payload(intent), at=now)
