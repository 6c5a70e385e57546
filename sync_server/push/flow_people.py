"""Who a flow's node is for: rules of handlers as the organisation stands (RULES §6)."""

from collections.abc import Iterable

from domain.entities.configuration import Configuration
from domain.entities.flow import Handler, Node, Token
from domain.entities.ticket import Ticket
from domain.rules.routing import Wanted
from sync_server.push.placing import Placing
from sync_server.store.organisation import Tree
from sync_server.store.standing_people import heads, superior, with_role
from sync_server.store.unit_of_work import UnitOfWork

_IN_TURN = frozenset({"round_robin", "least_loaded"})


class FlowPeople:
    """Finds people for nodes inside one transaction."""

    def __init__(
        self, work: UnitOfWork, placing: Placing, *, tree: Tree, configuration: Configuration
    ) -> None:
        self._work, self._placing, self._tree, self._configuration = work, placing, tree, configuration

    def handler(self, ticket: Ticket, node: Node, token: Token) -> tuple[str | None, str | None]:
        """Person and team of a task; without a person it waits in the team's queue."""
        handler = node.handler
        if handler is None or token.assignee is not None:
            return token.assignee, token.team
        if handler.kind == "team":
            team = self._configuration.teams.get(handler.team)
            if node.how not in _IN_TURN or team is None:
                return None, handler.team
            choice = self._placing.choose(team.members, Wanted(how=node.how, priority=ticket.priority))
            return choice.person, handler.team
        people = self.named(ticket, (handler,))
        if len(people) > 1:
            how = node.how if node.how in _IN_TURN else "least_loaded"
            chosen = self._placing.choose(people, Wanted(how=how, priority=ticket.priority))
            return chosen.person or people[0], token.team
        return (people[0] if people else None), token.team

    def approvers(self, ticket: Ticket, handlers: Iterable[Handler], token: Token) -> tuple[str, ...]:
        """Whose approval it takes, without whoever asked; where only they were named, who leads the unit."""
        asking = frozenset(one for one in (token.asker, ticket.creator) if one)
        found = self.named(ticket, handlers, not_of=asking)
        if not found:
            path = self._tree.path(ticket.org)
            return tuple(heads(self._work.conn, path, line=ticket.line, not_of=asking)[:1])
        return found

    def named(
        self, ticket: Ticket, handlers: Iterable[Handler], *, not_of: frozenset[str] = frozenset()
    ) -> tuple[str, ...]:
        """Everybody the rules name, in their order, each once."""
        found: dict[str, None] = {}
        for handler in handlers:
            found |= dict.fromkeys(one for one in self._of(ticket, handler, not_of) if one not in not_of)
        return tuple(found)

    def _of(self, ticket: Ticket, handler: Handler, not_of: frozenset[str]) -> list[str]:
        conn, path = self._work.conn, self._tree.path(ticket.org)
        if handler.kind == "person":
            return [handler.person]
        if handler.kind == "team":
            team = self._configuration.teams.get(handler.team)
            return list(team.members) if team is not None else []
        if handler.kind == "role":
            return with_role(conn, handler.role, path, line=ticket.line, not_of=not_of)
        if handler.kind == "unit_head":
            return heads(conn, path, line=ticket.line, not_of=not_of)[:1]
        if handler.kind == "earlier":
            passed = ticket.flow.passed if ticket.flow is not None else ()
            return [one.person for one in passed if one.node == handler.node and one.person]
        if ticket.creator is None:
            return []
        return [ticket.creator] if handler.kind == "creator" else superior(conn, ticket.creator)
