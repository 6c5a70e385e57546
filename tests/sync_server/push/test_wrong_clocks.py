"""A wrong clock is never a reason to refuse: what the server makes of the times that devices tell (invariant 13)."""

import pytest
from msgspec.structs import replace
from sqlalchemy import select

from domain.wire.commands import DeviceClock, Reply
from sync_server.store import tables as t
from sync_server.store.engine import Store
from tests.sync_server.chain import START, Chain

DAY_MS = 86_400_000
MOST = (1 << 63) - 1
CLOCKS = (
    (START + 400 * DAY_MS, DeviceClock()),
    (START - 400 * DAY_MS, DeviceClock()),
    (START + DAY_MS, DeviceClock(offset_ms=-DAY_MS, error_ms=40, contact_at=START - 5_000)),
    (0, DeviceClock(reported=True)),
    (-MOST, DeviceClock(offset_ms=-MOST, error_ms=MOST, contact_at=-MOST)),
    (MOST, DeviceClock(offset_ms=MOST, contact_at=MOST)),
)


@pytest.mark.parametrize(("at", "clock"), CLOCKS)
def test_any_clock_is_taken_and_held_in_bounds(store: Store, at: int, clock: DeviceClock) -> None:
    """Every command is applied, at a time between the last contact and the receipt, in the order of the steps."""
    chain = Chain(store)
    create = replace(chain.create(), at=at, clock=clock)
    reply = replace(
        chain.command("reply", Reply(body="As I said"), ticket=create.ticket_id), at=at, clock=clock
    )
    assert [verdict.status for verdict in chain.do("amy", create, reply)] == ["applied", "applied"]
    received_by = chain.clock.now()
    with store.read() as conn:
        created_at = conn.execute(select(t.ticket.c.created_at)).scalar_one()
        rows = conn.execute(select(t.entry.c.at, t.entry.c.known_at).order_by(t.entry.c.rev)).all()
    assert min(max(0, clock.contact_at), START) <= created_at <= received_by
    for row in rows:
        assert created_at <= row.at <= row.known_at <= received_by
