"""The ladder of urging goes on where nobody answered, through the same door as everything (RULES §8)."""

from domain.ids import IdSource
from domain.wire.commands import Command
from sync_server.clock import Clock
from sync_server.push.pipeline import Pusher
from sync_server.store.engine import Store
from sync_server.store.epochs import is_held
from sync_server.store.urge_due import forget_urges, urges_due

SLICE = 200


class UrgeLadder:
    """Sends each due ticket one command; whether it is due still is decided under the ticket's lock.

    Two workers that find the same row send two commands, of which the second does nothing.
    """

    def __init__(self, store: Store, *, pusher: Pusher, clock: Clock, ids: IdSource) -> None:
        self._store, self._pusher, self._clock, self._ids = store, pusher, clock, ids

    def run(self) -> int:
        """Take everything that is due one level up; returns how many tickets that were."""
        climbed = 0
        while True:
            now = self._clock.now()
            with self._store.read() as conn:
                # After a restore the operator says when people are told again.
                due = [] if is_held(conn) else urges_due(conn, now=now, limit=SLICE)
            if not due:
                return climbed
            commands = [
                Command(id=self._ids.new(), ticket_id=id, kind="urge", set={}, at=now) for id, _ in due
            ]
            self._pusher.submit(commands)
            with self._store.write() as conn:
                forget_urges(conn, due)
                conn.commit()
            climbed += len(due)
