"""Flows go on where a time has come: deadlines told, approvals timed out, timers run down (RULES §6)."""

from typing import Any

from domain.ids import IdSource
from domain.wire.commands import Command, payload
from domain.wire.flow_commands import SettleNode
from sync_server.clock import Clock
from sync_server.push.pipeline import Pusher
from sync_server.store.engine import Store
from sync_server.store.epochs import is_held
from sync_server.store.flow_due import ClaimedDue, claim_flow_due

SLICE = 200
CLAIM_MS = 60_000
"""How long a worker that died keeps others from what it had claimed."""


class FlowTimes:
    """Sends each due node one command; under the ticket's lock it does nothing where the ticket has gone on.

    That is why nothing happens twice, even where a worker died between sending and committing its claim.
    """

    def __init__(self, store: Store, *, pusher: Pusher, clock: Clock, ids: IdSource) -> None:
        self._store, self._pusher, self._clock, self._ids = store, pusher, clock, ids

    def run(self) -> int:
        """Do everything that is due; returns how much that was."""
        done = 0
        while True:
            due = self._store.retrying(self._claim)
            if due:
                self._pusher.submit([self._command(one) for one in due])
            done += len(due)
            if len(due) < SLICE:
                return done

    def _claim(self) -> list[ClaimedDue]:
        now = self._clock.now()
        with self._store.write() as conn:
            # After a restore nothing goes on before the operator says so.
            if is_held(conn):
                return []
            due = claim_flow_due(conn, now=now, until=now + CLAIM_MS, limit=SLICE)
            conn.commit()
        return due

    def _command(self, one: ClaimedDue) -> Command:
        act: Any = one.act
        intent = SettleNode(node=one.node, visit=one.visit, act=act)
        at = self._clock.now()
        return Command(id=self._ids.new(), ticket_id=one.ticket, kind="node", set=payload(intent), at=at)
