"""Devices that are revoked or stolen and values that are erased, in stories of their own.

Stories from seed `FIRST` on have these events among the others; those before stay as they were.
"""

import sqlite3
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_server.store import tables as t
from tests.simulation.real.files import wal_of
from tests.simulation.violation import Violation

if TYPE_CHECKING:
    from tests.simulation.real.desktop import Desktop
    from tests.simulation.real.world import World

FIRST = 500_000
"""The seed of the first story with these events."""
_NEVER_TYPED = "1370000000%"
"""Telephone numbers of the tickets that were there first: nobody writes them down again."""


def revoke(world: "World", index: int, bits: int) -> None:
    """A device is revoked, or marked as stolen."""
    stolen = bits & 3 == 0
    device = world.desktops[index].device()
    world.office.revoke(world.desktops[index].person, device, stolen=stolen)
    for desktop in world.desktops:
        if desktop.device() == device:
            desktop.be_restless()  # the feed tells nobody, and who rests at its head is not played on
    if world.say:
        world.say(f"desktop {index} ({device}) is {'marked as stolen' if stolen else 'revoked'}")


def erase(world: "World", _: int, bits: int) -> None:
    """A customer's telephone number is erased."""
    c = t.personal.c
    query = select(c.value).where(c.value.like(_NEVER_TYPED)).distinct().order_by(c.value)
    values = [row[0] for row in world.office.rows(query)]
    if not values:
        return
    value = values[bits % len(values)]
    if world.say:
        world.say(f"{value} is erased")
    world.office.erase(value)
    world.erased.append(value)


def leave(desktop: "Desktop") -> None:
    """A desktop whose engine has heard that it is to go is gone; it brought what it had, unless it was stolen."""
    if desktop.engine.paused not in ("device_revoked", "device_stolen"):
        return
    desktop.gone = True
    unsent = desktop.unsent()
    if desktop.door is not None and desktop.door.box.count():
        unsent.append("what was sealed")
    if unsent and desktop.engine.paused == "device_revoked":
        raise Violation(3, f"desktop {desktop.index} threw its key away with {unsent} unsent")


def check(world: "World") -> None:
    """At rest who was revoked is gone, and what was erased stands nowhere (a silent server has forgotten both)."""
    for desktop in world.desktops:
        if not desktop.gone and desktop.device() in world.office.revoked:
            raise Violation(2, f"desktop {desktop.index} was revoked and goes on")
    if world.restored:
        return
    for value in world.erased:
        _is_nowhere(world, value)


def _is_nowhere(world: "World", value: str) -> None:
    conn = sqlite3.connect(world.office.store.path)
    try:
        tables = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        back = [
            name for name in tables if any(value in str(row) for row in conn.execute(f"SELECT * FROM {name}"))
        ]
    finally:
        conn.close()
    if back:
        raise Violation(2, f"{value} was erased and stands in the server's {back}")
    for desktop in world.desktops:
        if desktop.gone:
            continue
        raw, wal = desktop.path.read_bytes(), wal_of(desktop.path)
        if value.encode() in raw + (wal.read_bytes() if wal.exists() else b""):
            raise Violation(2, f"{value} was erased and stands in the file of desktop {desktop.index}")
