"""What there is to do, as the replica says, and what was done."""

from typing import Literal

from desktop.replica import backfill, integrity, meta, notices, recovery, standing
from desktop.replica.backfill import Filling
from desktop.replica.changed import Changed
from desktop.replica.engine import Replica
from desktop.sync.state import Phase
from domain.entities.base import Entity

Did = Literal[
    "pulled",
    "pushed",
    "fetched",
    "filled",
    "indexed",
    "registered",
    "began_anew",
    "kept_key",
    "compared",
    "gave_back",
    "forgot",
    "failed",
    "waited",
]


class Step(Entity):
    """What one step did; `wait_ms` is how long nothing more is to be done, unless somebody wakes the engine."""

    did: Did
    changed: Changed = Changed()
    wait_ms: int = 0
    error: str = ""


class Look(Entity):
    """What the next step is chosen by."""

    begun: bool
    filling: Filling | None
    wanted: tuple[str, ...]
    sends: bool
    device: str
    key_kept: bool
    totals: bool  # a check has the server's totals, to be compared with those here
    compares: bool  # a check has something to ask
    checks_feed: bool  # a check goes on with the next page of the feed
    tells: bool  # the person has read notices, which the server is to know
    recovery: str  # where giving back to a restored server stands


def phase(filling: Filling) -> Phase:
    """What the person is told of a range that is being filled."""
    kind = filling.range.kind
    if kind == "unit":
        return "rest" if filling.range.open is False else "open"
    return kind


def comes_first(filling: Filling) -> bool:
    """Forms and the first page of the person's own tickets: with these they can work."""
    return filling.range.kind == "config" or (filling.range.kind == "mine" and not filling.after)


def look_at(replica: Replica, *, fetch: int, keeps_key: bool) -> Look:
    """Look once; `fetch` tickets at most are wanted at a time, and the key may have to be kept by the server."""
    with replica.read() as conn:
        device = meta.get(conn, "device")
        filling = backfill.following(conn)
        if filling is not None and backfill.is_held(conn) and not comes_first(filling):
            filling = None
        return Look(
            begun=bool(meta.cursor(conn)),
            filling=filling,
            wanted=standing.wanted(conn, fetch),
            sends=standing.is_anything_to_send(conn),
            device=device,
            key_kept=not keeps_key or meta.get(conn, "key_kept") == device,
            totals=integrity.has_totals(conn),
            compares=integrity.question(conn) is not None,
            checks_feed=integrity.waits_for_feed(conn),
            tells=bool(notices.untold(conn, 1)),
            recovery=recovery.stage(conn),
        )
