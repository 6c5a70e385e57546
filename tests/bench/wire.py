"""The wire: how many bytes it takes to tell a desktop that one field of a ticket was changed."""

from pathlib import Path

from sqlalchemy import text

from domain.wire.commands import Command, EditTicket, payload
from sync_server.clock import SystemClock, SystemIds
from sync_server.push.pipeline import Pusher
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.engine import Store
from sync_server.store.organisation import TreeCache
from tests.bench.desktop import Desk
from tests.bench.figures import Figures
from tests.bench.server import make_database, serving

CHANGES = 20


def run(folder: Path, tickets: int) -> Figures:
    """Measure the answers that bring one changed field each, as they travel, without the headers of HTTP."""
    figures = Figures("wire")
    database = make_database(folder, tickets)
    with serving(folder, database) as server:
        desk = Desk(folder, server.address, "hq-one")
        desk.settle(index=False)
        sizes = []
        for number in range(CHANGES):
            _change(database, number)
            desk.answers.clear()
            desk.look()
            desk.settle(index=False)
            sizes.append(max(desk.answers))
        desk.close()
    figures.add("changes", len(sizes))
    figures.add("answer_median_bytes", sorted(sizes)[len(sizes) // 2])
    figures.add("answer_largest_bytes", max(sizes))
    return figures


def _change(database: str, number: int) -> None:
    """Give one open ticket another priority, as a colleague would."""
    store, ids = Store(database), SystemIds()
    pusher = Pusher(
        store, trees=TreeCache(), configurations=ConfigurationCache(), clock=SystemClock(), ids=ids
    )
    with store.read() as conn:
        asked = text("SELECT id, priority FROM ticket WHERE status = 'open' ORDER BY id LIMIT 1 OFFSET :n")
        ticket, priority = conn.execute(asked, {"n": number}).one()
    new = "low" if priority != "low" else "high"
    edit = Command(
        id=ids.new(),
        ticket_id=ticket,
        kind="edit",
        base={"priority": priority},
        set=payload(EditTicket(values={"priority": new})),
    )
    pusher.submit([edit])
    store.close()
