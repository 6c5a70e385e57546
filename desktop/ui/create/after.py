"""What will happen to a ticket once it is sent, by the policy that matches it here and now."""

from desktop.ui.create.draft import Draft
from desktop.ui.create.known import Catalogue
from domain.entities.base import Entity, Instant
from domain.entities.forms import Template
from domain.entities.sla import Metric
from domain.entities.ticket import Entry, Ticket
from domain.rules.ticket_clocks import latest, policy_for, ticket_clocks

SHOWN: tuple[Metric, ...] = ("first_response", "solution_proposed", "resolution")


class Promise(Entity):
    """One deadline the ticket would have."""

    metric: Metric
    n: int
    unit: str
    due_at: Instant | None


class Outlook(Entity):
    """The policy that would match, and its deadlines; no policy, no deadlines."""

    policy: str = ""
    priority: str = "normal"
    promises: tuple[Promise, ...] = ()


def outlook(
    draft: Draft, template: Template, catalogue: Catalogue, *, org_path: tuple[str, ...], now: Instant
) -> Outlook:
    """Judge the ticket as if it were sent now."""
    ticket = Ticket(
        id=draft.id,
        type=template.type,
        priority=draft.priority or template.priority,
        category=draft.category or None,
        template=template.id,
        template_version=template.version,
        org=draft.org,
        line=draft.line or template.line,
        requester=template.requester,
        fields=draft.values,
        created_at=now,
        customer=draft.customer or None,
        order_no=draft.order_no or None,
        tier=draft.tier,
    )
    policy = policy_for(ticket, catalogue.configuration, org_path, draft.description)
    if policy is None:
        return Outlook(priority=ticket.priority)
    by = "customer" if template.requester else "agent"
    detail = {"by": by, "status": "new", "priority": ticket.priority}
    created = Entry(id=draft.id, ticket=draft.id, kind="created", at=now, detail=detail)
    clocks = latest(ticket_clocks([created], policy, catalogue.configuration, now))
    promises = [
        Promise(metric=metric, n=clock.target.n, unit=clock.target.unit, due_at=clock.due_at)
        for metric in SHOWN
        if (clock := clocks.get(metric)) is not None and clock.target is not None
    ]
    return Outlook(policy=policy.name, priority=ticket.priority, promises=tuple(promises))
