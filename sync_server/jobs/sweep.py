"""The sweep: due SLA steps become notices, each once, however many workers there are (RULES §3)."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from domain.entities.base import Instant
from domain.entities.configuration import Configuration
from domain.entities.ticket import OPEN_STATUSES, Ticket
from domain.wire.sync import Notice
from sync_server.access.viewer import sight
from sync_server.clock import Clock
from sync_server.jobs.recipients import kind_of, people_of, roles_of, step_of
from sync_server.push.pipeline import Ids
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.due_steps import ClaimedStep, claim_due, superiors, tickets_by_id
from sync_server.store.engine import Store
from sync_server.store.epochs import is_held
from sync_server.store.notices import write_notices
from sync_server.store.organisation import TreeCache
from sync_server.store.unit_of_work import UnitOfWork

SLICE = 500


class Sweep:
    """Fires what is due."""

    def __init__(
        self,
        store: Store,
        *,
        configurations: ConfigurationCache,
        trees: TreeCache | None = None,
        clock: Clock,
        ids: Ids,
        after_commit: Callable[[int], None] = lambda seq: None,
    ) -> None:
        self._store, self._configurations, self._trees = store, configurations, trees or TreeCache()
        self._clock, self._ids, self._after_commit = clock, ids, after_commit

    def run(self) -> int:
        """Fire everything that is due now, slice by slice; returns how many steps were fired."""
        fired = 0
        while True:
            count = self._store.retrying(self._slice)
            fired += count
            if count < SLICE:
                return fired

    def _slice(self) -> int:
        now = self._clock.now()
        with self._store.write() as conn:
            work = UnitOfWork(conn, nonces=self._ids, at=now)
            if is_held(conn):
                return 0  # after a restore the operator says when people are told again
            steps = claim_due(conn, now=now, limit=SLICE)
            if not steps:
                return 0
            configuration = self._configurations.current(conn)
            tickets = tickets_by_id(conn, [step.ticket for step in steps])
            above = superiors(conn, [one.assignee for one in tickets.values() if one.assignee])
            sees = sight(conn, self._trees.current(conn))
            notices = self._notices(steps, tickets, configuration, above, now)
            write_notices(work, (one for one in notices if sees(one[0], tickets[one[1].ticket])))
            seq = work.commit()
        self._after_commit(seq)
        return len(steps)

    def _notices(
        self,
        steps: Sequence[ClaimedStep],
        tickets: Mapping[str, Ticket],
        configuration: Configuration,
        above: Mapping[str, str],
        now: Instant,
    ) -> Iterator[tuple[str, Notice]]:
        """One notice for each person and ticket and kind, however many steps came due together."""
        policies = {policy.id: policy for policy in configuration.policies}
        told: set[tuple[str, str, str]] = set()
        for claimed in steps:
            ticket = tickets.get(claimed.ticket)
            if ticket is None or ticket.status not in OPEN_STATUSES:
                continue
            step = step_of(policies.get(ticket.policy or ""), claimed.step)
            kind = kind_of(step)
            for person in sorted(people_of(ticket, roles_of(step, claimed.step), configuration, above)):
                if (person, ticket.id, kind) in told:
                    continue
                told.add((person, ticket.id, kind))
                yield person, self._notice(ticket, claimed, kind, now)

    def _notice(self, ticket: Ticket, claimed: ClaimedStep, kind: str, now: Instant) -> Notice:
        detail = {
            "number": ticket.number or "",
            "metric": claimed.metric,
            "due_at": ticket.due_at if kind == "soon" else claimed.due_at,
            "known_late_s": (now - claimed.due_at) // 1000,
        }
        return Notice(id=self._ids.new(), ticket=ticket.id, kind=kind, at=now, detail=detail)
