"""Flow: where a ticket stands in its scenario's flow (RULES §6)."""

import msgspec

from domain.entities.base import Instant


class Token(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One place where a ticket is in its flow at the moment; parallel branches have one each."""

    node: str
    visit: int = 1  # how often this node has been entered
    entered_at: Instant = 0
    assignee: str | None = None
    team: str | None = None


class FlowState(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """The tokens of a ticket's flow; none once it has come to an end."""

    tokens: tuple[Token, ...] = ()
    ended: str = ""  # the key of the end that was reached
