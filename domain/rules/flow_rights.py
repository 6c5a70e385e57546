"""Who may do what at a node, and what the node lets be done with fields (RULES §6; B02, B03, B12)."""

from typing import Any

from domain.entities.flow import GATE, NO_FLOW, Flow, Node, Token
from domain.entities.people import HANDLE, MANAGE
from domain.entities.ticket import Ticket
from domain.rules.conditions import holds
from domain.rules.facts import Facts, Refusal, Unsure, held
from domain.rules.flow import node_at, token_of
from domain.rules.forms import field_error
from domain.wire.commands import EditTicket
from domain.wire.flow_commands import NodeIntent
from domain.wire.intent import Intent


def flow_of(facts: Facts) -> Flow:
    """The flow of the ticket's template; unsure where the template is not here."""
    if facts.template is None and not facts.complete:
        raise Unsure(f"template:{held(facts).template}")
    return facts.template.flow or NO_FLOW if facts.template is not None else NO_FLOW


def here(facts: Facts, intent: NodeIntent) -> Token:
    """The token a command is about; refused where the ticket has gone on since."""
    token = token_of(held(facts).flow, intent.node, intent.visit)
    if token is None:
        node = flow_of(facts).node(intent.node)
        raise Refusal("flow_node_passed", node=node.name or node.key if node is not None else intent.node)
    return token


def takes_part(facts: Facts) -> bool:
    """Whether the flow has given the actor anything to do on this ticket."""
    person, state = facts.actor.person, facts.ticket.flow if facts.ticket is not None else None
    if person is None or state is None:
        return False
    return any(
        person == one.assignee or person in one.approvers or _in_team(facts, one) for one in state.tokens
    )


def check_holder(facts: Facts, token: Token) -> None:
    """Refuse (`flow_not_yours`) whoever is neither the node's handler nor handles the ticket anyway."""
    if facts.optimistic or facts.actor.system or facts.access.level >= HANDLE:
        return
    if facts.actor.person is not None and facts.actor.person == token.assignee:
        return
    if token.assignee is None and _in_team(facts, token):
        return
    raise Refusal("flow_not_yours", node=name_of(facts, token))


def leads(facts: Facts) -> bool:
    """Whether the actor may step in where nobody was found."""
    return facts.actor.system or facts.access.level >= MANAGE


def _in_team(facts: Facts, token: Token) -> bool:
    team = facts.configuration.teams.get(token.team or "")
    return team is not None and facts.actor.person in team.members


def name_of(facts: Facts, token: Token) -> str:
    """What a node is called, for sentences."""
    node = node_at(flow_of(facts), token)
    if node is None and token.node == GATE:
        gates = {one.id: one.name for one in facts.configuration.gates}
        state = held(facts).flow
        return gates.get(state.gate if state is not None else "", "") or token.node
    return node.name or node.key if node is not None else token.node


def check_values(node: Node, values: dict[str, Any]) -> None:
    """Refuse values of fields that are not the node's to fill in."""
    rights = {one.key: one.right for one in node.outputs}
    for key in values:
        if rights.get(key, "read_only") == "read_only":
            raise Refusal("field_read_only", key=key, node=node.name or node.key)


def check_outputs(facts: Facts, node: Node, ticket: Ticket, personal: dict[str, Any]) -> None:
    """Refuse to leave a node whose required fields are empty; those that the form hides are not asked for."""
    if facts.optimistic or facts.actor.system:
        return
    values = {**personal, **ticket.fields}
    fields = {field.key: field for field in facts.template.fields} if facts.template is not None else {}
    errors = []
    for output in node.outputs:
        field = fields.get(output.key)
        if output.right != "required":
            continue
        if output.key == "category" and not ticket.category:
            raise Refusal("category_missing")
        if field is None or (field.when is not None and not holds(field.when, values)):
            continue
        empty = values.get(field.key) in (None, "", [], ())
        found = field_error(field, values.get(field.key), at="resolve")
        if empty:
            errors.append({"key": field.key, "code": "field_required", "args": {"label": field.label}})
        elif found is not None:
            errors.append({"key": field.key, "code": found.code, "args": found.args})
    if errors:
        raise Refusal("form_invalid", errors=errors)


def check_edit(facts: Facts, intent: Intent) -> None:
    """Refuse edits of what the current nodes make read only; who made the ticket may always mend its category."""
    ticket = facts.ticket
    if not isinstance(intent, EditTicket) or ticket is None or ticket.flow is None or facts.optimistic:
        return
    if facts.actor.system or facts.template is None or facts.template.flow is None:
        return
    for token in ticket.flow.tokens:
        node = facts.template.flow.node(token.node)
        fixed = {one.key for one in node.outputs if one.right == "read_only"} if node is not None else set()
        for key in intent.values:
            name = key.removeprefix("fields.").removeprefix("personal.")
            if name in fixed and not (name == "category" and facts.access.creator):
                raise Refusal("field_read_only", key=name, node=name_of(facts, token))
