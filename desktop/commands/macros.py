"""Macros: what one comes to for a ticket, and applying it to one or many, each as one command (RULES §5)."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from desktop.commands.runner import Gesture, Runner
from desktop.replica import rows
from desktop.replica.changed import Changed
from desktop.replica.engine import Connection
from desktop.replica.facts import FactSource
from desktop.replica.queries.macros import line_names, people_named, unit_name
from domain.entities.configuration import Configuration
from domain.entities.rules import Macro, Plan
from domain.entities.ticket import Ticket
from domain.errors import RefusedError
from domain.rules.actions import Context, plan
from domain.rules.notice_text import filled
from domain.rules.rule_texts import text_values
from domain.wire.rule_commands import ApplyMacro


def plan_of(conn: Connection, macro: Macro, ticket: Ticket, *, at: int) -> tuple[Plan, str]:
    """What a macro comes to for a ticket now: its steps, and its reply with the placeholders filled in."""
    facts = FactSource(conn)
    configuration = replace(facts.configuration, lines=line_names(conn))
    values = _values(conn, facts, configuration, ticket)
    above = facts.superiors(ticket).direct
    context = Context(
        rule=f"macro:{macro.id}",
        name=macro.name,
        at=at,
        actor=facts.person,
        teams=configuration.teams,
        superiors={ticket.assignee: above} if ticket.assignee and above else {},
        values=values,
    )
    return plan(macro.actions, ticket, context), filled(macro.reply, values)


def replies_of(conn: Connection, macros: Sequence[Macro], ticket: Ticket) -> list[str]:
    """What each of them would answer on a ticket, for a list to choose from."""
    facts = FactSource(conn)
    configuration = replace(facts.configuration, lines=line_names(conn))
    values = _values(conn, facts, configuration, ticket)
    return [filled(one.reply, values) for one in macros]


def _values(
    conn: Connection, facts: FactSource, configuration: Configuration, ticket: Ticket
) -> dict[str, str]:
    names = people_named(conn, [one for one in (ticket.assignee, ticket.creator, facts.person) if one])
    store = unit_name(conn, ticket.org)
    return text_values(ticket, configuration, names, store=store, by=facts.person)


def apply(
    runner: Runner, tickets: Sequence[str], *, macro: Macro, replies: Mapping[str, str] | None = None
) -> Changed:
    """Apply a macro to tickets, each whole or not at all; `replies` says what is answered instead, by ticket."""
    with runner.replica.write() as conn:
        gestures = [_gesture(conn, macro, id, at=runner.now(), replies=replies or {}) for id in tickets]
        return runner.run_in(conn, gestures)


def _gesture(conn: Connection, macro: Macro, id: str, *, at: int, replies: Mapping[str, str]) -> Gesture:
    ticket = rows.load_ticket(conn, id)
    if ticket is None:
        raise RefusedError("out_of_scope", kind="macro")
    if macro.line and macro.line != ticket.line:
        raise RefusedError("macro_other_line", name=macro.name)
    found, reply = plan_of(conn, macro, ticket, at=at)
    if found.skipped:
        first = found.skipped[0]
        raise RefusedError(first.code, **first.args)
    intent = ApplyMacro(
        macro=macro.id,
        version=macro.version,
        name=macro.name,
        steps=found.steps,
        reply=replies.get(id, reply),
        internal=macro.internal,
    )
    return Gesture(ticket=id, kind="macro", intent=intent)
