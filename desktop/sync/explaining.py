"""Why a ticket is as it is: asked of the server, which alone knows the rules; else what is known here (RULES §4)."""

from typing import Protocol

from desktop.replica import meta, rows
from desktop.replica.engine import Replica
from desktop.replica.facts import FactSource
from domain.entities.base import Instant
from domain.entities.explaining import Section
from domain.rules.explain import Explained
from domain.rules.rule_values import rule_values
from domain.rules.ticket_clocks import latest, with_deadlines
from domain.wire.explaining import ExplainAnswer, ExplainRequest
from domain.wire.protocol import PROTOCOL


class Asking(Protocol):
    """The part of the transport that this needs; raises as desktop.sync.transport says."""

    def explain(self, request: ExplainRequest) -> ExplainAnswer:
        """Ask why a ticket is as it is."""
        ...


class Explaining:
    """Explains a ticket as the server does, or as far as it is known here."""

    def __init__(self, asking: Asking, replica: Replica) -> None:
        self._asking, self._replica = asking, replica

    def ask(self, ticket: str) -> tuple[Section, ...]:
        """What the server says; may wait, so not on the window's thread."""
        with self._replica.read() as conn:
            asked = ExplainRequest(protocol=PROTOCOL, device=meta.get(conn, "device"), ticket=ticket)
        return self._asking.explain(asked).sections

    def known(self, ticket: str, now: Instant) -> tuple[Section, ...]:
        """What is known without the server: policy, deadlines, flow, and what rules did."""
        with self._replica.read() as conn:
            held = rows.load_ticket(conn, ticket)
            if held is None:
                return ()
            facts, timeline = FactSource(conn), rows.load_entries(conn, ticket)
            configuration, path = facts.configuration, facts.org_path(held.org)
        _, _, clocks = with_deadlines(held, timeline, configuration, path, now)
        values = rule_values(
            held,
            timeline,
            org_path=path,
            category_path=configuration.category_path(held.category),
            now=now,
        )
        found = Explained(
            held, timeline, values, configuration, clocks=latest(clocks).values(), rules_known=False
        )
        return found.sections()
