"""Working out the deadlines of open tickets anew after a policy, calendar or gate was changed (RULES §3, §6)."""

from collections.abc import Iterable, Sequence

from domain.entities.sla import Clock, DueStep
from domain.entities.ticket import Changes
from domain.rules.flow_clocks import Due
from domain.rules.sla_steps import due_steps
from domain.rules.ticket_clocks import latest, with_deadlines
from domain.wire.commands import Command
from sync_server.push.flow import due_of
from sync_server.push.pipeline import Pusher
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.engine import Store
from sync_server.store.epochs import is_held
from sync_server.store.flow_due import write_flow_due
from sync_server.store.organisation import TreeCache
from sync_server.store.remeasured import open_after, set_measured, to_measure
from sync_server.store.sla_cache import write_clocks
from sync_server.store.unit_of_work import UnitOfWork

SLICE = 200


class Remeasuring:
    """Goes through open tickets in slices; cut short it begins again, and what is right already stays as it is."""

    def __init__(
        self, store: Store, *, pusher: Pusher, configurations: ConfigurationCache, trees: TreeCache
    ) -> None:
        self._store, self._pusher = store, pusher
        self._configurations, self._trees = configurations, trees
        self._moved = 0

    def run(self) -> int:
        """Bring every open ticket up to date; returns how many of them have another deadline now."""
        with self._store.read() as conn:
            number = 0 if is_held(conn) else to_measure(conn)
        if not number:
            return 0
        self._moved, after = 0, ""
        while ids := self._next(after):
            self._pusher.work_off(lambda work, ids=ids: self._measured(work, ids))  # type: ignore[misc]
            after = ids[-1]
        with self._store.write() as conn:
            set_measured(conn, number)
            conn.commit()
        return self._moved

    def _next(self, after: str) -> list[str]:
        with self._store.read() as conn:
            return open_after(conn, after, SLICE)

    def _measured(self, work: UnitOfWork, ids: Sequence[str]) -> list[Command]:
        work.lock(ids)
        configuration, tree = self._configurations.current(work.conn), self._trees.current(work.conn)
        clocks: dict[str, Iterable[Clock]] = {}
        steps: dict[str, Iterable[DueStep]] = {}
        at_nodes: dict[str, Sequence[Due]] = {}
        for id in ids:
            ticket = work.ticket(id)
            if ticket is None:
                continue
            after, policy, clocks[id] = with_deadlines(
                ticket, work.timeline(id), configuration, tree.path(ticket.org), work.at
            )
            if policy is not None:
                calendar = configuration.calendars.get(policy.calendar or "")
                steps[id] = due_steps(latest(clocks[id]), policy, calendar, configuration.calendars)
            self._moved += after.due_at != ticket.due_at
            work.stage(Changes(ticket=after))
            if ticket.flow is not None and ticket.flow.tokens:
                at_nodes[id] = due_of(after, work.timeline(id), configuration, work.at)
        write_clocks(work, clocks, steps)
        if at_nodes:
            write_flow_due(work, at_nodes)
        return []
