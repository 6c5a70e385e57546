"""What the placeholders in the texts of rules and macros stand for, on one ticket (RULES §4, §5)."""

from collections.abc import Mapping

from domain.entities.configuration import Configuration
from domain.entities.ticket import Ticket

PLACEHOLDERS = (
    "number", "subject", "store", "line", "team", "category", "handler", "creator", "order", "by",
)  # fmt: skip


def text_values(
    ticket: Ticket, configuration: Configuration, names: Mapping[str, str], *, store: str, by: str | None
) -> dict[str, str]:
    """The placeholders' values, people by their names; what the ticket has not is empty."""
    line, team = configuration.lines.get(ticket.line), configuration.teams.get(ticket.team or "")
    category = configuration.categories.get(ticket.category or "")
    return {
        "number": ticket.number or ticket.provisional or "",
        "subject": ticket.subject,
        "store": store,
        "line": line.name if line else "",
        "team": team.name if team else "",
        "category": category.name if category else "",
        "handler": names.get(ticket.assignee or "", ""),
        "creator": names.get(ticket.creator or "", ""),
        "order": ticket.order_no or "",
        "by": names.get(by or "", ""),
    }
