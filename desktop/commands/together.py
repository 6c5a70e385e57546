"""Tickets that belong together: merged, split, linked, followed up; urging and handing back (RULES §8)."""

from collections.abc import Sequence

from desktop.commands.runner import Gesture, Runner
from desktop.replica import rows
from desktop.replica.changed import Changed
from desktop.replica.facts import FactSource
from domain.errors import RefusedError
from domain.rules.forms import file_fields
from domain.wire.commands import SplitTicket
from domain.wire.together_commands import HandBack, LinkTicket, MergeTicket, UnmergeTicket, Urge


def merge(runner: Runner, ticket: str, *, into: MergeTicket) -> Changed:
    """Make a ticket a pointer to another; refused unless both may be managed."""
    return runner.run([Gesture(ticket=ticket, kind="merge", intent=into)])


def unmerge(runner: Runner, ticket: str) -> Changed:
    """Make a merged ticket what it was, within a day."""
    with runner.replica.read() as conn:
        held = rows.load_ticket(conn, ticket)
    into = held.merged_into if held is not None else None
    if into is None:
        raise RefusedError("not_merged", number=held.number if held is not None else "")
    return runner.run([Gesture(ticket=ticket, kind="unmerge", intent=UnmergeTicket(into=into))])


def split(runner: Runner, ticket: str, *, entries: Sequence[str], subject: str) -> Changed:
    """Make a new ticket of chosen messages, otherwise like the one they come from; its id is in `tickets`."""
    with runner.replica.read() as conn:
        held = rows.load_ticket(conn, ticket)
        template = FactSource(conn).template(held.template, held.template_version) if held else None
    if held is None:
        raise RefusedError("out_of_scope")
    files = file_fields(template) if template is not None else {}
    intent = SplitTicket(
        template=held.template,
        template_version=held.template_version,
        org=held.org,
        line=held.line,
        subject=subject,
        type=held.type,
        priority=held.priority,
        category=held.category,
        channel=held.channel,
        fields={key: value for key, value in held.fields.items() if key not in files},
        tags=held.tags,
        team=held.team,
        assignee=held.assignee,
        source=ticket,
        entries=tuple(entries),
    )
    return runner.run([Gesture(ticket=runner.new_id(), kind="split", intent=intent)])


def link(runner: Runner, ticket: str, *, to: str, relation: str) -> Changed:
    """Link two tickets."""
    return runner.run([Gesture(ticket=ticket, kind="link", intent=LinkTicket(to=to, relation=relation))])


def unlink(runner: Runner, ticket: str, *, to: str, relation: str) -> Changed:
    """Take a link away."""
    return runner.run([Gesture(ticket=ticket, kind="unlink", intent=LinkTicket(to=to, relation=relation))])


def hand_back(runner: Runner, tickets: Sequence[str], *, reason: str) -> Changed:
    """Return tickets to whom they came from."""
    intent = HandBack(reason=reason)
    return runner.run([Gesture(ticket=ticket, kind="hand_back", intent=intent) for ticket in tickets])


def urge(runner: Runner, tickets: Sequence[str], *, reason: str) -> Changed:
    """Ask whoever holds tickets to get on with them."""
    return runner.run([Gesture(ticket=ticket, kind="urge", intent=Urge(reason=reason)) for ticket in tickets])
