"""A person before their closed replica, without a server: a lease that has ended, forms that stand outside."""

import base64
from pathlib import Path

from desktop.credentials import KeyVault
from desktop.lease import DAY_MS, DeviceLease
from desktop.replica import outside
from desktop.sealed import SealedBox
from desktop.sync.signed_on import Locked
from domain.wire import codec
from domain.wire.identity import Lease
from tests.desktop.ui.world import KEY, World

SECRET = bytes(range(32))
LEASE = Lease(length_s=14 * 86_400, warn_s=3 * 86_400, secret=base64.b64encode(SECRET).decode())


def locked_out(folder: Path, *, forms: bool = True, away_days: int = 20) -> Locked:
    """A store agent twenty days after the server was last heard."""
    world = World(folder)
    box = SealedBox(folder)
    with world.replica.read() as conn:
        kept = outside.taken_out(conn)
    if forms:
        box.prepare(KEY, codec.encode(kept))
    lease = DeviceLease(folder, KEY, world.clock, boot="one")
    lease.told(LEASE, server_at=world.clock.now())
    person = world.session.person
    world.clock.at += away_days * DAY_MS
    world.stop()
    return Locked(
        person=person,
        server="https://gongdan.example.com",
        folder=folder,
        key=KEY,
        vault=KeyVault(folder, None, world.clock),
        lease=lease,
        box=box,
        code="A7KQ",
    )
