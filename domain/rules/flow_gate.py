"""What has to be approved before a ticket leaves its department (RULES §6, D13)."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from domain.entities.flow import GATE, NO_FLOW, FlowState, Gate, Node, Passed, Token
from domain.entities.ticket import Changes, Entry, Ticket
from domain.rules import decide_people
from domain.rules.conditions import holds
from domain.rules.facts import Facts, Refusal, Rows, held
from domain.rules.flow_following import flow_values, walk_of, walked
from domain.wire.commands import Command, TransferTicket
from domain.wire.flow_commands import AskToLeave
from domain.wire.intent import Intent


def gate_of(facts: Facts, ticket: Ticket, org: str | None) -> Gate | None:
    """The first gate that a transfer to a unit would pass; None where it may just go."""
    if org is None or org == ticket.org:
        return None
    values = flow_values(facts, ticket)
    for gate in facts.configuration.gates:
        if holds(gate.conditions, values) and _leaves(gate, facts.org_path, facts.to_path):
            return gate
    return None


def _leaves(gate: Gate, path: Sequence[str], to_path: Sequence[str]) -> bool:
    """Whether the way leads out of one of the gate's departments; out of any unit where it names none."""
    return not gate.departments or any(one in path and one not in to_path for one in gate.departments)


def check_gate(facts: Facts, intent: Intent) -> None:
    """Refuse (`transfer_needs_approval`) a transfer for which somebody has to be asked first."""
    if not isinstance(intent, TransferTicket) or facts.actor.system or facts.optimistic:
        return
    gate = gate_of(facts, held(facts), intent.org)
    if gate is not None:
        raise Refusal("transfer_needs_approval", gate=gate.name or gate.id)


def ask_to_leave(facts: Facts, command: Command, intent: Intent) -> Changes:
    """Ask for the approval of a gate; once it is given, the ticket goes where it was asked to."""
    assert isinstance(intent, AskToLeave)
    ticket = held(facts)
    if ticket.status in ("resolved", "closed") and not facts.optimistic:
        raise Refusal("ticket_" + ticket.status, number=ticket.number or ticket.provisional or "")
    gate = gate_of(facts, ticket, intent.org)
    if gate is None:
        raise Refusal("gate_not_needed")
    if not intent.note.strip():
        raise Refusal("transfer_note_missing")
    state = ticket.flow or FlowState()
    if state.gate:
        raise Refusal("gate_asked_already", gate=gate.name or gate.id)
    flow = facts.template.flow or NO_FLOW if facts.template is not None else NO_FLOW
    walk = walk_of(facts, ticket, flow)
    walk.ask(facts.actor.person, gate.id, _asked(intent))
    rows = Rows(facts, command)
    rows.add("note", body=intent.note.strip(), field_class="internal")
    return walked(facts, command, Changes(ticket=ticket, entries=tuple(rows.entries)), walk, flow)


def _asked(intent: AskToLeave) -> dict[str, Any]:
    return {name: value for name in intent.__struct_fields__ if (value := getattr(intent, name)) is not None}


def gate_node(facts: Facts, token: Token) -> Node | None:
    """The gate a token stands at; None for any other token, and where the gate is gone."""
    state = held(facts).flow
    if token.node != GATE or state is None:
        return None
    gate = next((one for one in facts.configuration.gates if one.id == state.gate), None)
    return gate.node() if gate is not None else None


def passed_gate(facts: Facts, command: Command, changes: Changes, *, approved: bool) -> Changes:
    """The ticket goes where it was asked to, or stays; the flow goes on as it stood.

    The asking counts as passed, so that a late answer to it is none to the next one.
    """
    ticket = changes.ticket
    assert ticket.flow is not None
    here = next(one for one in ticket.flow.tokens if one.node == GATE)
    tokens = tuple(one for one in ticket.flow.tokens if one is not here)
    passed = (*(one for one in ticket.flow.passed if one.node != GATE), Passed(node=GATE, visit=here.visit))
    state = replace(ticket.flow, tokens=tokens, passed=passed, asked={}, gate="")
    after = replace(ticket, flow=state, node=tokens[0].node if tokens else "")
    changes = replace(changes, ticket=after, entries=_left(changes.entries))
    return _gone(facts, command, changes, ticket.flow.asked) if approved else changes


def _left(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The rows, of which the last answer says that the gate is left."""
    last = max((at for at, row in enumerate(entries) if row.kind == "approval"), default=-1)
    return tuple(
        replace(row, detail={**row.detail, "left": True}) if at == last else row
        for at, row in enumerate(entries)
    )


def _gone(facts: Facts, command: Command, changes: Changes, asked: dict[str, Any]) -> Changes:
    """Transfer the ticket as it was asked; where that can't be any more, it stays and its timeline says so."""
    wanted = TransferTicket(**{**asked, "note": asked.get("note") or "-"})
    if wanted.assignee is not None and wanted.assignee not in facts.people and wanted.org is not None:
        wanted = replace(wanted, assignee=None)  # the unit gives it out: who was meant may have left
    rows = Rows(facts, command)
    rows.entries = list(changes.entries)
    try:
        # Nobody else's base is meant: the ticket goes from where it stands.
        moved = decide_people.transfer(
            replace(facts, ticket=changes.ticket), replace(command, base={}), wanted
        )
    except Refusal:
        rows.add("flow_stopped", detail={"nodes": [GATE], "why": "stays"})
        return replace(changes, entries=tuple(rows.entries))
    for row in moved.entries:
        if row.kind == "transferred":
            rows.add(row.kind, detail=row.detail)
    return replace(changes, ticket=moved.ticket, entries=tuple(rows.entries))
