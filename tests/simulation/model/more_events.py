"""The rarer things that happen: restores, retention, merged tickets, rot, files, revoked and full desktops."""

from tests.simulation.model import merging, recovery
from tests.simulation.model.rules import NOBODY, TID
from tests.simulation.model.world import World


def bring_back(world: World, _: int, choice: int) -> None:
    """The operator restores a backup: a new epoch, whose lost work may come back."""
    if world.backup is None or world.store.recovering:
        return
    store = world.store
    if world.say:
        world.say("the operator restores the server from its backup and opens the window for what was lost")
    head = world.backup.restore(store)
    world.ledger.rolled_back(store.rows, store.entries, store.verdicts)
    recovery.open_window(store, head)


def release(world: World, _: int, choice: int) -> None:
    """The operator closes the window."""
    if world.store.recovering:
        if world.say:
            world.say(f"the operator closes the window; {sorted(world.store.returned)} came back")
        recovery.close_window(world.store, world.ledger.now)


def overrun(world: World, _: int, choice: int) -> None:
    """The older part of the feed is given up."""
    if world.say:
        world.say("the older part of the feed is given up")
    world.store.overrun(choice % 4)


def retain(world: World, _: int, choice: int) -> None:
    """Time passes; tickets closed long ago are not kept by desktops any more."""
    store = world.store
    store.keep_since = max(store.keep_since, world.ledger.now - 7 * (choice & 31))
    if world.say:
        world.say(f"tickets closed before {store.keep_since} are not kept any more")


def merge(world: World, _: int, choice: int) -> None:
    """A ticket is merged into another."""
    tids = sorted(world.store.rows)
    if tids:
        tid, into = tids[choice % len(tids)], tids[(choice >> 8) % len(tids)]
        if merging.merge(world.store, tid, into, world.ledger.new_id() * 4, world.ledger.now) and world.say:
            world.say(f"ticket {tid} is merged into ticket {into}")


def split(world: World, _: int, choice: int) -> None:
    """Some texts of a ticket move to a new one."""
    store = world.store
    tids = sorted(store.rows)
    if not tids or NOBODY in tids:
        return
    tid = tids[choice % len(tids)]
    store.wait_for({tid, -1})
    eids = [eid for place, eid in enumerate(sorted(store.entries[tid])) if choice >> 8 + place & 1]
    new = world.ledger.new_id()
    if world.say:
        world.say(f"texts {[eid >> 2 for eid in eids]} of ticket {tid} move to the new ticket {new}")
    merging.split(store, tid, new, eids, world.ledger.now)


def rot(world: World, index: int, choice: int) -> None:
    """A desktop's disk loses a row, or goes back to an older one."""
    replica = world.replicas[index]
    tids = sorted(replica.base)
    if not tids or replica.protocol == 1:
        return
    tid = tids[choice % len(tids)]
    if world.say:
        world.say(f"desktop {index} loses the row of ticket {tid}")
    del replica.base[tid]
    replica.old_epoch.discard(tid)  # that it is of another past stands in the row
    replica.rotten = True
    replica.forgotten.update(cid for cid in replica.done if world.ledger.commands[cid][TID] == tid)
    for cid in [cid for cid, acked in replica.acked.items() if acked[0][TID] == tid]:
        del replica.acked[cid]
    replica.rebase(tid)
    replica.touched.discard(tid)


def verify(world: World, index: int, _: int) -> None:
    """A desktop is to compare what it holds with the server."""
    world.replicas[index].verify = True


def revoke(world: World, index: int, choice: int) -> None:
    """A device is revoked, or marked as stolen."""
    how = 2 if choice & 3 == 0 else 1
    replica = world.replicas[index]
    if world.say:
        world.say(f"desktop {index} is {'marked as stolen' if how == 2 else 'revoked'}")
    world.store.revoked[replica.device] = max(how, world.store.revoked.get(replica.device, 0))


def full(world: World, index: int, _: int) -> None:
    """A desktop's disk is full, or has room again."""
    replica = world.replicas[index]
    replica.full = not replica.full
    if world.say:
        world.say(f"desktop {index}: its disk {'is full' if replica.full else 'has room again'}")


def upgrade(world: World, index: int, _: int) -> None:
    """A desktop of the version before is upgraded."""
    replica = world.replicas[index]
    if replica.protocol == 1 and not replica.full:
        replica.protocol = 2
        replica.verify = world.safe.upgrade_verifies
        if world.say:
            world.say(f"desktop {index} is upgraded to the present version")


def hold(world: World, _: int, choice: int) -> None:
    """A legal hold is laid on a ticket."""
    tids = sorted(world.store.rows)
    if tids:
        if world.say:
            world.say(f"a legal hold is laid on ticket {tids[choice % len(tids)]}")
        world.store.holds.add(tids[choice % len(tids)])
        world.ledger.holds.add(tids[choice % len(tids)])


def send(world: World, _: int, choice: int) -> None:
    """What waits to be told to people outside goes out."""
    world.send_notices()
