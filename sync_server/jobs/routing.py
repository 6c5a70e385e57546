"""Tickets that nobody could be given are looked at again, as shifts begin and capacity frees (RULES §7)."""

from collections.abc import Sequence
from functools import partial
from typing import Protocol

from domain.ids import IdSource
from domain.wire.commands import Command
from sync_server.clock import Clock
from sync_server.push.pipeline import Pusher
from sync_server.push.placing import Placing
from sync_server.push.routing import Routing
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.engine import Store
from sync_server.store.epochs import is_held
from sync_server.store.organisation import TreeCache
from sync_server.store.routing import claim_waiting, waiting
from sync_server.store.unit_of_work import UnitOfWork

SLICE = 50


class Parts(Protocol):
    """What is needed of the server's parts."""

    @property
    def store(self) -> Store: ...
    @property
    def pusher(self) -> Pusher: ...
    @property
    def trees(self) -> TreeCache: ...
    @property
    def configurations(self) -> ConfigurationCache: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def ids(self) -> IdSource: ...


class Rerouting:
    """Gives waiting tickets to people, any number of workers at once."""

    def __init__(self, parts: Parts) -> None:
        self._store, self._pusher = parts.store, parts.pusher
        self._clock, self._ids = parts.clock, parts.ids
        self._trees, self._configurations = parts.trees, parts.configurations

    def run(self) -> int:
        """Look at everything that is due; returns how many tickets were looked at."""
        looked_at = 0
        while True:
            claimed = self._store.retrying(self._claim)
            if claimed:
                self._pusher.work_off(partial(self._place, claimed))
            looked_at += len(claimed)
            if len(claimed) < SLICE:
                return looked_at

    def _claim(self) -> list[str]:
        with self._store.write() as conn:
            if is_held(conn):
                return []  # after a restore nobody is given anything before desktops gave back what was lost
            found = claim_waiting(conn, now=self._clock.now(), limit=SLICE)
            conn.commit()
        return found

    def _place(self, tickets: Sequence[str], work: UnitOfWork) -> Sequence[Command]:
        work.lock(tickets)
        configuration = self._configurations.current(work.conn)
        placing = Placing(work, configuration)
        routing = Routing(
            work,
            placing,
            tree=self._trees.current(work.conn),
            configuration=configuration,
            ids=self._ids,
        )
        for one in sorted(waiting(work.conn, tickets), key=lambda one: (one.since_at, one.ticket)):
            routing.try_again(one)
        placing.close()
        return ()
