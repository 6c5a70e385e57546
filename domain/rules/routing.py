"""Where a ticket goes that nobody holds: ordered rules, the first match wins (RULES §7)."""

from collections.abc import Sequence

from domain.entities.configuration import Configuration
from domain.entities.routing import RoutingRule
from domain.entities.ticket import Ticket
from domain.rules.conditions import first_match
from domain.rules.ticket_values import ticket_values


def route(ticket: Ticket, configuration: Configuration, org_path: Sequence[str]) -> RoutingRule | None:
    """The rule that says where the ticket goes; None where it stays with its unit."""
    if ticket.team is not None or ticket.assignee is not None:
        return None
    path = configuration.category_path(ticket.category)
    return first_match(configuration.routing, ticket_values(ticket, org_path=org_path, category_path=path))
