"""Automations: in each slot every ticket is looked at once, batch by batch, and acted on once an episode (RULES §4).

What a batch finds, how far it came and what it does to tickets are one transaction: whenever the process ends, the
next one goes on where it ended. While a worker holds an automation's run, others leave it and those after it alone.
"""

from collections.abc import Callable, Sequence

import structlog
from msgspec.structs import replace

from domain.entities.rules import Automation
from domain.entities.ticket import Ticket
from domain.errors import RefusedError, UnavailableError
from domain.ids import IdSource
from domain.rules.actions import plan
from domain.rules.automations import begun, is_due, look
from domain.rules.conditions import holds
from domain.wire.commands import Command
from sync_server.push.pipeline import Pusher
from sync_server.push.rule_context import Desk, rule_command
from sync_server.store.automations import (
    candidates,
    edited_at,
    hold_run,
    open_episodes,
    write_episodes,
    write_run,
)
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.engine import Store
from sync_server.store.epochs import is_held
from sync_server.store.organisation import TreeCache
from sync_server.store.queries.tickets import entries_of
from sync_server.store.rule_due import claim_rest
from sync_server.store.unit_of_work import UnitOfWork

SLICE = 200

log = structlog.get_logger("automations")


class Automations:
    """Runs what is due; returns on how many tickets something acted."""

    def __init__(
        self,
        store: Store,
        *,
        pusher: Pusher,
        configurations: ConfigurationCache,
        trees: TreeCache,
        ids: IdSource,
        slice_size: int = SLICE,
    ) -> None:
        self._store, self._pusher, self._ids, self._slice = store, pusher, ids, slice_size
        self._configurations, self._trees = configurations, trees

    def run(self) -> int:
        """Do what waited for a ticket, then every automation in order, each to its end before the next."""
        acted = self._rest()
        with self._store.read() as conn:
            configuration = self._configurations.current(conn)
            edits = edited_at(conn) if configuration.automations else {}
        for one in configuration.automations:
            batch = _Batch(one, edits.get(one.id, 0), self._desk, self._ids)
            while batch.goes_on:
                self._work_off(batch)
                acted += batch.acted
            if batch.elsewhere:
                break
        return acted

    def _desk(self, work: UnitOfWork) -> Desk:
        return Desk(
            tree=self._trees.current(work.conn), configuration=self._configurations.current(work.conn)
        )

    def _work_off(self, batch: "_Batch") -> None:
        """Take a batch; where it breaks, ticket by ticket, the one that breaks it being passed over."""
        for limit, acting in ((self._slice, True), (1, True), (1, False)):
            batch.limit, batch.acting = limit, acting
            try:
                self._pusher.work_off(batch.begin)
            except (RefusedError, UnavailableError):
                raise
            except Exception:
                log.exception("automation_batch_failed", automation=batch.automation.id, tickets=limit)
                continue
            return
        batch.goes_on = False

    def _rest(self) -> int:
        """What triggers wanted of tickets that another transaction held."""
        done = 0

        def begin(work: UnitOfWork) -> Sequence[Command] | None:
            nonlocal done
            waiting = [] if is_held(work.conn) else claim_rest(work, self._slice)
            done = len(waiting)
            if not waiting:
                return None
            desk, commands = self._desk(work), list[Command]()
            work.lock([one.ticket for one in waiting])
            for one in waiting:
                if (ticket := work.ticket(one.ticket)) is not None:
                    context = desk.context(work.conn, ticket, rule=one.rule, name=one.name, at=work.at)
                    found = plan([one.action], ticket, context)
                    commands.append(rule_command(one.id, ticket.id, found, context))
            return commands

        self._pusher.work_off(begin)
        return done


class _Batch:
    """The next tickets of one automation."""

    def __init__(
        self, automation: Automation, edited: int, desk: Callable[[UnitOfWork], Desk], ids: IdSource
    ) -> None:
        self.automation, self._edited, self._desk, self._ids = automation, edited, desk, ids
        self.limit, self.acting = SLICE, True
        self.goes_on, self.elsewhere, self.acted = True, False, 0

    def begin(self, work: UnitOfWork) -> Sequence[Command] | None:
        """Hold the run, look at the next tickets, and name what is done to those whose episode begins."""
        self.acted, self.goes_on, self.elsewhere = 0, False, False
        one, now = self.automation, work.at
        if is_held(work.conn):
            return None
        free, known = hold_run(work, one.id)
        self.elsewhere = not free
        if not free or not is_due(one, edited_at=self._edited, run=known, now=now):
            return None
        run = begun(one, known, now)
        tickets = candidates(work.conn, one, after=run.after, now=now, limit=self.limit)
        self.goes_on = len(tickets) == self.limit
        looked = look(self._held(work, tickets), open_episodes(work.conn, one.id, [k.id for k in tickets]))
        write_episodes(work, one.id, begun=looked.act, ended=looked.ended, slot_at=run.slot_at)
        after = tickets[-1].id if tickets else run.after
        write_run(work, one.id, replace(run, after=after, done=not self.goes_on))
        if not self.acting:
            return []
        self.acted = len(looked.act)
        by_id = {ticket.id: ticket for ticket in tickets}
        return [self._command(work, by_id[id]) for id in looked.act]

    def _held(self, work: UnitOfWork, tickets: Sequence[Ticket]) -> list[tuple[str, bool]]:
        desk, timelines = self._desk(work), entries_of(work.conn, [ticket.id for ticket in tickets])
        calendar = desk.configuration.calendars.get(self.automation.calendar or "")
        return [
            (
                ticket.id,
                holds(
                    self.automation.conditions,
                    desk.values(ticket, timelines.get(ticket.id, []), work.at, calendar=calendar),
                ),
            )
            for ticket in tickets
        ]

    def _command(self, work: UnitOfWork, ticket: Ticket) -> Command:
        rule, name = f"automation:{self.automation.id}", self.automation.name
        context = self._desk(work).context(work.conn, ticket, rule=rule, name=name, at=work.at)
        return rule_command(
            self._ids.new(), ticket.id, plan(self.automation.actions, ticket, context), context
        )
