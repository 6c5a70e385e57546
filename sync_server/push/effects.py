"""What follows from a change, in order: routing, SLA policy and clocks, due steps, notices (RULES §4)."""

from collections.abc import Iterable

from domain.entities.base import Instant
from domain.entities.configuration import Configuration
from domain.entities.sla import Clock, DueStep
from domain.entities.ticket import Changes, Ticket
from domain.ids import IdSource, notice_id
from domain.rules.noticing import told
from domain.rules.sla_steps import due_steps
from domain.rules.ticket_clocks import latest, with_deadlines
from domain.rules.urging import due_at
from domain.wire.sync import Notice
from sync_server.access.grants import GrantCache
from sync_server.push.chain import Chain
from sync_server.push.flow import Flows
from sync_server.push.placing import Placing
from sync_server.push.routing import Routing
from sync_server.push.rule_context import Desk, queue_rule_messages
from sync_server.push.telling import Sees, Telling
from sync_server.store.deliveries import queue_deliveries
from sync_server.store.notices import write_notices
from sync_server.store.organisation import Tree
from sync_server.store.sla_cache import write_clocks
from sync_server.store.unit_of_work import UnitOfWork
from sync_server.store.urge_due import write_urge_due


class Effects:
    """Brings the tickets of one transaction to rest after the commands have been decided."""

    def __init__(
        self,
        work: UnitOfWork,
        *,
        tree: Tree,
        configuration: Configuration,
        ids: IdSource,
        grants: GrantCache,
    ) -> None:
        self._work, self._tree, self._configuration, self._ids = work, tree, configuration, ids
        self._grants = grants
        self.placing = Placing(work, configuration)
        self._flows = Flows(work, self.placing, tree=tree, configuration=configuration, ids=ids)
        self._routing = Routing(work, self.placing, tree=tree, configuration=configuration, ids=ids)

    def settle(self, *, notices: bool = True) -> None:
        """Route what nobody holds, write deadlines and due steps, queue notices unless people were told before."""
        desk = Desk(tree=self._tree, configuration=self._configuration)
        if notices:  # what was done before, and is only given back, sets nothing off
            Chain(self._work, desk=desk, ids=self._ids).run()
        self._flows.settle()
        for id in self._work.changed():
            self._routing.route(id)
        self._flows.align()
        self.placing.close()
        self.write_deadlines()
        self._write_urges()
        self._flows.write_due()
        if notices:
            write_notices(self._work, self._notices())
            queue_deliveries(self._work, self._telling().of_changes(self._work))
            queue_rule_messages(self._work, desk, self._grants)

    def _telling(self) -> Telling:
        conn, tree = self._work.conn, self._tree

        def seen(people: Iterable[str]) -> Sees:
            return self._grants.sight(conn, people, tree)

        return Telling(conn, tree=tree, configuration=self._configuration, sight=seen)

    def write_deadlines(self) -> None:
        """Work out deadlines and due steps of the tickets that change; all that follows where nothing is decided."""
        self._write_deadlines(self._work.changed())

    def _write_deadlines(self, ids: Iterable[str]) -> None:
        clocks: dict[str, Iterable[Clock]] = {}
        steps: dict[str, Iterable[DueStep]] = {}
        for id in ids:
            ticket, timeline = self._ticket(id), self._work.timeline(id)
            after, policy, found = with_deadlines(
                ticket, timeline, self._configuration, self._tree.path(ticket.org), self._work.at
            )
            self._work.stage(Changes(ticket=after))
            clocks[id] = found
            if policy is not None:
                calendars = self._configuration.calendars
                calendar = calendars.get(policy.calendar or "")
                steps[id] = due_steps(latest(found), policy, calendar, calendars)
        write_clocks(self._work, clocks, steps)

    def _write_urges(self) -> None:
        """When the ladder of urging goes on, for tickets that are urged, were, or are where nobody asks."""
        work, configuration = self._work, self._configuration
        automatic = any(one.automatic for one in configuration.urging)
        found: dict[str, Instant | None] = {}
        for id in work.changed():
            before, after = work.before(id), self._ticket(id)
            if automatic or after.urged is not None or (before is not None and before.urged is not None):
                found[id] = due_at(after, work.timeline(id), configuration)
        write_urge_due(work, found)

    def _notices(self) -> Iterable[tuple[str, Notice]]:
        work = self._work
        found = [
            (one, after)
            for id in work.changed()
            for after in (self._ticket(id),)
            for one in told(work.before(id), after, work.new_entries(id))
        ]
        sees = self._grants.sight(work.conn, (one.person for one, _ in found), self._tree)
        for one, after in found:
            if sees(one.person, after):
                detail = {"number": after.number or "", "entry": one.entry}
                cause = self._cause(after.id, one.entry)
                # The same id when a command whose verdict was never heard is judged again by a restored server:
                # who was told of it keeps that notice as they left it.
                id = notice_id(one.person, one.kind, cause)
                yield one.person, Notice(id=id, ticket=after.id, kind=one.kind, at=work.at, detail=detail)

    def _cause(self, id: str, entry: str) -> str:
        """The timeline row that a person's command made; the server's own rows follow on one and are named anew."""
        rows = self._work.new_entries(id)
        routed = any(row.id == entry and row.kind == "routed" for row in rows)
        return rows[0].id if routed else entry

    def _ticket(self, id: str) -> Ticket:
        ticket = self._work.ticket(id)
        assert ticket is not None
        return ticket
