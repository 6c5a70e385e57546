"""The sweep: due SLA steps fire, each once, however many workers there are and however they end (RULES §3)."""

from collections.abc import Iterable, Iterator, Sequence

import structlog

from domain.entities.base import Instant
from domain.entities.notices import Event
from domain.entities.rules import Plan
from domain.entities.ticket import OPEN_STATUSES, Ticket
from domain.errors import RefusedError, UnavailableError
from domain.rules.notice_rules import Happened
from domain.rules.sla_steps import keyed
from domain.wire.commands import Command
from sync_server.access.viewer import sight
from sync_server.jobs.step_commands import Around, command_of, kind_of, message_of, plan_of
from sync_server.push.pipeline import Pusher
from sync_server.push.telling import Sees, Telling
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.deliveries import Outgoing, queue_deliveries
from sync_server.store.due_steps import ClaimedStep, claim_due, superiors
from sync_server.store.epochs import is_held
from sync_server.store.organisation import TreeCache
from sync_server.store.unit_of_work import UnitOfWork

SLICE = 2_000

Planned = tuple[ClaimedStep, Ticket, str, Plan]

log = structlog.get_logger("sweep")


class Sweep:
    """Fires what is due: marks, commands and messages of a slice are one transaction."""

    def __init__(self, pusher: Pusher, *, configurations: ConfigurationCache, trees: TreeCache) -> None:
        self._pusher, self._configurations, self._trees = pusher, configurations, trees

    def run(self) -> int:
        """Fire everything that is due now, slice by slice; returns how many steps were fired."""
        fired = 0
        told: set[str] = set()
        while count := self._fired(told):
            fired += count
        return fired

    def _fired(self, told: set[str]) -> int:
        try:
            return _Slice(self._configurations, self._trees, told, SLICE).run(self._pusher)
        except (RefusedError, UnavailableError):
            raise
        except Exception:  # one bad step must not keep the others
            log.exception("sweep_slice_failed")
            return self._one(told)

    def _one(self, told: set[str]) -> int:
        """Fire the step that is due first, without what it does to its ticket where that fails."""
        try:
            return _Slice(self._configurations, self._trees, told, 1).run(self._pusher)
        except (RefusedError, UnavailableError):
            raise
        except Exception:
            log.exception("sweep_step_failed")
            return _Slice(self._configurations, self._trees, told, 1, acting=False).run(self._pusher)


class _Slice:
    """So many steps at once."""

    def __init__(
        self,
        configurations: ConfigurationCache,
        trees: TreeCache,
        told: set[str],
        limit: int,
        *,
        acting: bool = True,
    ) -> None:
        self._configurations, self._trees = configurations, trees
        self._told, self._limit, self._acting = told, limit, acting
        self._fresh: set[str] = set()
        self._count = 0

    def run(self, pusher: Pusher) -> int:
        """Fire them; returns how many there were."""
        pusher.work_off(self._begin)
        self._told |= self._fresh
        return self._count

    def _begin(self, work: UnitOfWork) -> list[Command] | None:
        """Claim steps, queue what people are told, and name what is done to their tickets."""
        self._fresh, self._count = set(), 0  # a transaction that others came in between begins again
        if is_held(work.conn):
            return None  # after a restore the operator says when people are told again
        claimed = claim_due(work, limit=self._limit)
        self._count = len(claimed)
        if not claimed:
            return None
        configuration = self._configurations.current(work.conn)
        steps = {key: step for policy in configuration.policies for key, step in keyed(policy).items()}
        live = [(one, ticket) for one, ticket in claimed if ticket.status in OPEN_STATUSES]
        holders = {ticket.assignee for _, ticket in live if ticket.assignee}
        around = Around(configuration=configuration, superiors=superiors(work.conn, holders), now=work.at)
        plans = [
            (one, ticket, kind_of(steps.get(one.step)), plan_of(one, steps.get(one.step), ticket, around))
            for one, ticket in live
        ]
        sees = sight(work.conn, self._trees.current(work.conn))
        queue_deliveries(work, self._messages(sees, work.at, plans))
        queue_deliveries(work, self._by_rules(sees, work, plans))
        if not self._acting:
            return []
        heard = any(one.active and "overdue" in one.events for one in configuration.triggers)
        found = [
            command_of(one, plan, kind, ticket, work.at, heard=heard) for one, ticket, kind, plan in plans
        ]
        return [command for command in found if command is not None]

    def _by_rules(self, sees: Sees, work: UnitOfWork, plans: Sequence[Planned]) -> Iterator[Outgoing]:
        """What notice rules want: once for each clock that is soon late, and once for each that is."""
        configuration, tree = self._configurations.current(work.conn), self._trees.current(work.conn)
        if not any({"soon", "late"} & {*rule.events} for rule in configuration.notice_rules):
            return
        telling = Telling(work.conn, tree=tree, configuration=configuration, sight=lambda _: sees)
        late = {(one.ticket, one.metric, one.cycle) for one, _, kind, _ in plans if kind == "late"}
        for one, ticket, kind, _ in plans:
            event: Event = "late" if kind == "late" else "soon"
            if event == "soon" and (one.ticket, one.metric, one.cycle) in late:
                continue  # whoever comes late says only that it is
            happened = Happened(event=event, at=one.due_at, cause=f"{one.metric}:{one.cycle}")
            # Of no revision: what was told once of a clock is told no more, however often the ticket changes.
            yield from telling.about(ticket, [happened], rev=0, known_at=work.at)

    def _messages(self, sees: Sees, now: Instant, plans: Iterable[Planned]) -> Iterator[Outgoing]:
        """One message for each person, ticket, kind and channel, however many steps came due together."""
        for one, ticket, kind, plan in plans:
            for found in plan.messages:
                message = message_of(found, one, kind, ticket, now)
                mark = " ".join((message.to, ticket.id, message.template, message.channel))
                if mark in self._told or mark in self._fresh:
                    continue
                # Who holds a ticket sees it: not worth asking a hundred thousand times.
                if message.to_kind != "person" or message.to == ticket.assignee or sees(message.to, ticket):
                    self._fresh.add(mark)
                    yield message
