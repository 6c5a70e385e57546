"""The sweep: due SLA steps fire, each once, however many workers there are and however they end (RULES §3)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import structlog

from domain.entities.base import Instant
from domain.entities.configuration import Configuration
from domain.entities.notices import Event
from domain.entities.rules import Plan
from domain.entities.sla import BREACH_STEP
from domain.entities.ticket import OPEN_STATUSES, Ticket
from domain.errors import RefusedError, UnavailableError
from domain.rules.notice_rules import Happened
from domain.rules.sla_steps import keyed
from domain.wire.commands import Command
from sync_server.access.viewer import sight
from sync_server.jobs.step_commands import (
    Around,
    command_of,
    kind_of,
    message_of,
    plan_for_holder,
    plan_of,
    tells_holder,
)
from sync_server.push.pipeline import Pusher
from sync_server.push.telling import Sees, Telling
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.deliveries import Outgoing, queue_deliveries
from sync_server.store.due_steps import ClaimedStep, claim_due, superiors, tickets_of
from sync_server.store.epochs import is_held
from sync_server.store.organisation import TreeCache
from sync_server.store.unit_of_work import UnitOfWork

SLICE = 5_000
"""Steps of one transaction: fewer cost more commits, more keep other writers of an SQLite waiting for longer."""
ACTING = 1_000
"""Steps of one transaction where more than so many do something to their tickets, which takes far longer."""

Effort = Literal["all", "tell", "none"]
"""What steps are fired with: everything, without what they do to their tickets, or as marks alone."""

Planned = tuple[ClaimedStep, Ticket | None, str, Plan]
"""A step, its whole ticket where more than the holder is looked at, its kind, and what it comes to."""

log = structlog.get_logger("sweep")


class Sweep:
    """Fires what is due: marks, commands and messages of a slice are one transaction."""

    def __init__(
        self, pusher: Pusher, *, configurations: ConfigurationCache, trees: TreeCache, limit: int = SLICE
    ) -> None:
        self._pusher, self._configurations, self._trees = pusher, configurations, trees
        self._limit = limit

    def run(self) -> int:
        """Fire everything that is due now, slice by slice; returns how many steps were fired.

        One bad step must not keep the others: slices are halved until it stands alone.
        """
        fired, limit = 0, self._limit
        told: set[str] = set()
        while True:
            try:
                count = self._slice(told, limit).run(self._pusher)
            except (RefusedError, UnavailableError):
                raise
            except Exception:
                log.exception("sweep_slice_failed", steps=limit)
                if limit > 1:
                    limit //= 2
                    continue
                count, limit = self._alone(told), self._limit
            if not count:
                return fired
            fired += count

    def _slice(self, told: set[str], limit: int, effort: Effort = "all") -> "_Slice":
        return _Slice(self._configurations, self._trees, told, limit, effort=effort)

    def _alone(self, told: set[str]) -> int:
        """Fire the step that is due first without what fails: what it does to its ticket, or anything at all."""
        try:
            return self._slice(told, 1, "tell").run(self._pusher)
        except (RefusedError, UnavailableError):
            raise
        except Exception:
            log.exception("sweep_step_given_up")
            return self._slice(told, 1, "none").run(self._pusher)


class _Slice:
    """So many steps at once."""

    def __init__(
        self,
        configurations: ConfigurationCache,
        trees: TreeCache,
        told: set[str],
        limit: int,
        *,
        effort: Effort,
    ) -> None:
        self._configurations, self._trees = configurations, trees
        self._told, self._limit, self._effort = told, limit, effort
        self._fresh: set[str] = set()
        self._count = 0
        self._smaller = False

    def run(self, pusher: Pusher) -> int:
        """Fire them; returns how many there were."""
        pusher.work_off(self._begin)
        if self._smaller:
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
        if self._effort == "none":
            return []
        configuration = self._configurations.current(work.conn)
        plans = self._plans(work, configuration, [one for one in claimed if one.status in OPEN_STATUSES])
        sees = sight(work.conn, self._trees.current(work.conn))
        tickets = {ticket.id: ticket for _, ticket, _, _ in plans if ticket is not None}
        queue_deliveries(work, self._messages(sees, work.at, plans), tickets)
        queue_deliveries(work, self._by_rules(sees, work, plans), tickets)
        if self._effort == "tell":
            return []
        heard = any(one.active and "overdue" in one.events for one in configuration.triggers)
        found = [command_of(one, plan, kind, work.at, heard=heard) for one, _, kind, plan in plans]
        commands = [command for command in found if command is not None]
        if self._limit > ACTING < len(commands):
            self._smaller, self._limit = True, ACTING
            return None  # nothing of this is written: once more with less
        return commands

    def _plans(
        self, work: UnitOfWork, configuration: Configuration, live: list[ClaimedStep]
    ) -> list[Planned]:
        """What each step comes to; whole tickets are read only for those that look at more than the holder."""
        steps = {key: step for policy in configuration.policies for key, step in keyed(policy).items()}
        brief = {BREACH_STEP, *(key for key, step in steps.items() if tells_holder(step))}
        kinds = {key: kind_of(step) for key, step in steps.items()}
        apart = live
        if not _listened(configuration):
            apart = [one for one in live if one.step not in brief or not one.assignee]
        tickets = tickets_of(work.conn, (one.ticket for one in apart))
        above = superiors(work.conn, {one.assignee for one in apart if one.assignee}) if apart else {}
        around = Around(configuration=configuration, superiors=above, now=work.at)
        told: dict[tuple[str, str], Plan] = {}
        planned: list[Planned] = []
        for one in live:
            if one.step != BREACH_STEP and one.step not in steps:
                continue  # its policy lost it, and the deadlines have yet to be measured again
            ticket = tickets.get(one.ticket)
            if one.assignee and one.step in brief:
                plan = told.get((one.step, one.assignee))
                if plan is None:
                    plan = plan_for_holder(one, steps.get(one.step), around)
                    told[one.step, one.assignee] = plan
            else:
                assert ticket is not None
                plan = plan_of(one, steps.get(one.step), ticket, around)
            planned.append((one, ticket, kinds.get(one.step, "late"), plan))
        return planned

    def _by_rules(self, sees: Sees, work: UnitOfWork, plans: Sequence[Planned]) -> Iterator[Outgoing]:
        """What notice rules want: once for each clock that is soon late, and once for each that is."""
        configuration, tree = self._configurations.current(work.conn), self._trees.current(work.conn)
        if not _listened(configuration):
            return
        telling = Telling(work.conn, tree=tree, configuration=configuration, sight=lambda _: sees)
        late = {(one.ticket, one.metric, one.cycle) for one, _, kind, _ in plans if kind == "late"}
        for one, ticket, kind, _ in plans:
            event: Event = "late" if kind == "late" else "soon"
            if event == "soon" and (one.ticket, one.metric, one.cycle) in late:
                continue  # whoever comes late says only that it is
            happened = Happened(event=event, at=one.due_at, cause=f"{one.metric}:{one.cycle}")
            assert ticket is not None
            # Of no revision: what was told once of a clock is told no more, however often the ticket changes.
            yield from telling.about(ticket, [happened], rev=0, known_at=work.at)

    def _messages(self, sees: Sees, now: Instant, plans: Iterable[Planned]) -> Iterator[Outgoing]:
        """One message for each person, ticket, kind and channel, however many steps came due together."""
        for one, ticket, kind, plan in plans:
            for found in plan.messages:
                message = message_of(found, one, kind, now)
                mark = f"{message.to} {message.ticket} {message.template} {message.channel}"
                if mark in self._told or mark in self._fresh:
                    continue
                # Who holds a ticket sees it: not worth asking a hundred thousand times.
                seen = message.to_kind != "person" or message.to == one.assignee
                if seen or (ticket is not None and sees(message.to, ticket)):
                    self._fresh.add(mark)
                    yield message


def _listened(configuration: Configuration) -> bool:
    """Whether notice rules have ears for deadlines."""
    return any({"soon", "late"} & {*rule.events} for rule in configuration.notice_rules)
