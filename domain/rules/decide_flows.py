"""The commands of a flow, and what flows have to say about all the others (RULES §6)."""

from collections.abc import Callable, Mapping

from domain.entities.ticket import Changes
from domain.rules import decide_flow, decide_node
from domain.rules.facts import Facts
from domain.rules.flow_following import followed
from domain.rules.flow_gate import ask_to_leave, check_gate
from domain.rules.flow_rights import check_edit
from domain.wire.commands import Command
from domain.wire.intent import Intent

Handler = Callable[[Facts, Command, Intent], Changes]

FLOW_HANDLERS: Mapping[str, Handler] = {
    "complete": decide_flow.complete,
    "return": decide_flow.send_back,
    "approve": decide_flow.approve,
    "delegate": decide_flow.delegate,
    "claim": decide_flow.claim,
    "ask_to_leave": ask_to_leave,
    "node": decide_node.at_node,
}


def flowing(handler: Handler) -> Handler:
    """The handler of another command, whose changes the ticket's flow follows."""

    def decided(facts: Facts, command: Command, intent: Intent) -> Changes:
        check_edit(facts, intent)
        check_gate(facts, intent)
        return followed(facts, command, handler(facts, command, intent))

    return decided
