"""What a desktop and a restored server say to each other, so that lost work comes back (SYNC §6, decision 0009)."""

from typing import Literal

from domain.entities.base import Entity, Instant
from domain.wire.commands import Command
from domain.wire.sync import Put, Verdict

RecoveryState = Literal["", "open", "closed", "released"]
"""No loss is known; desktops give back and pushes wait; given back and judged; jobs run again."""

MAX_RETURNED = 50
"""Commands of one request; they are bounded by bytes as those of a push are."""
MAX_ROWS = 200
"""Tickets of one request, by id or whole."""
MAX_ROW_BYTES = 512 * 1024
"""Of the whole tickets of one request."""


class Returned(Entity):
    """An acknowledged command as the desktop kept it, with the verdict and its proof."""

    command: Command
    verdict: Verdict


class RecoverRequest(Entity):
    """Give back what the server may have lost; with nothing in it, ask where recovery stands."""

    protocol: int
    device: str
    epoch: str
    """The epoch in which these commands were acknowledged; empty where it is this one."""
    contact_at: Instant = 0
    """The server's time at the last contact in that epoch."""
    commands: tuple[Returned, ...] = ()
    ask: tuple[str, ...] = ()
    """Ids of tickets that are held here and did not come again."""
    rows: tuple[Put, ...] = ()
    """Tickets of those that the server said it does not have, as they are held here: for review."""
    seen: str = ""


class RecoverAnswer(Entity):
    """Where recovery stands, and what became of what was given back."""

    state: RecoveryState
    above: int
    """What was acknowledged in the epoch named above this seq may be lost; 0: all of it."""
    verdicts: tuple[Verdict, ...] = ()
    """Of those commands that are settled; the others wait until the window is closed."""
    missing: tuple[str, ...] = ()
    """Of the tickets asked for, those the server has not got at all."""
    server_time: Instant = 0
    seen: str = ""
