"""What happens besides the exchange of desktops and server: people, grants, crashes, copies, backups."""

from collections.abc import Callable

from tests.simulation import plan
from tests.simulation.model import checks, more_events
from tests.simulation.model.backup import Backup
from tests.simulation.model.gestures import attend as resend
from tests.simulation.model.rules import (
    ASSIGNEE,
    CC,
    CID,
    CLOSED,
    CLOSED_AT,
    ORG,
    STATUS,
    STORES,
    UPDATED,
    A,
    put,
)
from tests.simulation.model.world import GRANTS, World

Event = Callable[[World, int, int], None]

_DESK: tuple[tuple[int, str, Callable[[int], int]], ...] = (
    (0, "a text", int),
    (A, "value a", lambda bits: bits & 3),
    (A, "value a", lambda bits: bits & 3),
    (ORG, "store", lambda bits: bits % STORES),
    (ORG, "store", lambda bits: bits % STORES),
    (ASSIGNEE, "assignee", lambda bits: bits % 4 - 1),
    (CC, "cc", lambda bits: bits & 7),
    (STATUS, "status", lambda bits: bits % 3),
)


def desk(world: World, _: int, choice: int) -> None:
    """Somebody without a desktop, or the server itself, changes a ticket."""
    store = world.store
    if not store.rows:
        return
    tids = sorted(store.rows)
    tid = tids[choice % len(tids)]
    store.wait_for({tid})
    row, kind, value = store.rows[tid], choice >> 8 & 7, choice >> 12
    place, name, after = _DESK[kind]
    values = [(UPDATED, max(row[UPDATED], world.ledger.now))]
    if place == STATUS:
        values.append((CLOSED_AT, world.ledger.now if after(value) == CLOSED else 0))
    if place:
        values.append((place, after(value)))
    eid = world.ledger.new_id() * 4
    cls = 1 + (value >> 8 & 1)
    if world.say:
        world.say(f"the server: ticket {tid} gets {name} {after(value) if place else eid}")
    store.system(tid, put(row, *values), {eid: (0, cls, 0, world.ledger.now)})


def erase(world: World, _: int, choice: int) -> None:
    """The text of a child is erased."""
    tids = sorted(world.store.rows)
    if not tids:
        return
    tid = tids[choice % len(tids)]
    eids = sorted(world.store.entries[tid])
    if not eids:
        return
    if world.say:
        world.say(f"the server: a text of ticket {tid} is erased")
    world.store.wait_for({tid})
    world.store.erase(tid, eids[(choice >> 8) % len(eids)])


def grant(world: World, _: int, choice: int) -> None:
    """Grants are given and taken."""
    person, grants = choice % 3, GRANTS[choice >> 4 & 7]
    if world.say:
        world.say(f"person {person} is granted {grants} instead of {world.store.grants[person]}")
    world.store.grant(person, grants)


def move(world: World, _: int, choice: int) -> None:
    """A store moves in the tree."""
    if world.say:
        world.say(f"store {choice % STORES} moves to the other region")
    world.store.move(choice % STORES)


def commit(world: World, _: int, choice: int) -> None:
    """Slow transactions come to their end."""
    if world.store.slow:
        if world.say:
            world.say("the server's slow transactions commit")
        world.store.commit_slow()


def crash_replica(world: World, index: int, _: int) -> None:
    """A desktop dies."""
    if world.say:
        world.say(f"desktop {index} dies and starts again")
    world.replicas[index].crash()


def crash_server(world: World, _: int, choice: int) -> None:
    """The server dies."""
    if world.say:
        world.say("the server dies and starts again")
    world.store.slow.clear()


def poke(world: World, index: int, _: int) -> None:
    """The server says that something changed."""
    if not world.safe.poke_is_a_hint and world.replicas[index].cursor:
        world.replicas[index].cursor = world.store.token()


def attend(world: World, index: int, choice: int) -> None:
    """A person deals with a refused command."""
    replica = world.replicas[index]
    if replica.full or replica.destroyed:
        return
    command = resend(replica, world.ledger, choice, world.offsets[index])
    if command and world.say:
        world.say(f"desktop {index} sends a refused command again as {command[CID]}")
    checks.running(replica, world.ledger, replica.cursor)


def copy(world: World, index: int, _: int) -> None:
    """A desktop's disk is copied to another computer."""
    if len(world.replicas) > 4 or world.replicas[index].destroyed:
        return
    if world.say:
        world.say(f"desktop {index} is copied as an image: the copy is desktop {len(world.replicas)}")
    world.ledger.copied = world.ledger.copied or bool(world.backup)
    world.replicas.append(world.replicas[index].twin(len(world.replicas)))


def backup(world: World, _: int, choice: int) -> None:
    """The server's state is put away; more often than not the older backup is what is there when it is needed."""
    if world.backup is not None and choice & 3 and not world.first:
        return
    if world.say:
        world.say("the server is backed up")
    world.backup = Backup(world.store)


def restore(world: World, _: int, choice: int) -> None:
    """The server silently goes back to what was put away."""
    if world.backup is None:
        return
    if world.say:
        world.say("the server goes back to its backup, and nobody is told")
    before = world.store.blobs
    world.backup.restore(world.store)
    world.ledger.restored = True
    world.ledger.unnoticed |= (before.keys() - world.store.blobs.keys()) & world.store.verdicts.keys()


def compact(world: World, _: int, choice: int) -> None:
    """The feed is compacted."""
    if world.say:
        world.say("the feed is compacted")
    world.store.compact()


def clock(world: World, index: int, choice: int) -> None:
    """A device's clock is set."""
    world.offsets[index] = (0, 86_400, -86_400, 3_600, -50, 0, 13, -1)[choice & 7]
    if world.say:
        world.say(f"desktop {index}: its clock is off by {world.offsets[index]}")


def cure(world: World, _: int, choice: int) -> None:
    """The server's defect is repaired."""
    if world.poison:
        if world.say:
            world.say("the server is repaired: it chokes on nothing any more")
        world.poison.clear()


EVENTS: dict[int, Event] = {
    plan.DELIVER: lambda world, index, choice: world.deliver(choice),
    plan.DESK: desk,
    plan.GRANT: grant,
    plan.MOVE: move,
    plan.COMMIT: commit,
    plan.CRASH_REPLICA: crash_replica,
    plan.CRASH_SERVER: crash_server,
    plan.POKE: poke,
    plan.ATTEND: attend,
    plan.COPY: copy,
    plan.BACKUP: backup,
    plan.RESTORE: restore,
    plan.COMPACT: compact,
    plan.CLOCK: clock,
    plan.ERASE: erase,
    plan.CURE: cure,
    plan.BRING_BACK: more_events.bring_back,
    plan.RELEASE: more_events.release,
    plan.OVERRUN: more_events.overrun,
    plan.RETAIN: more_events.retain,
    plan.MERGE: more_events.merge,
    plan.SPLIT: more_events.split,
    plan.ROT: more_events.rot,
    plan.VERIFY: more_events.verify,
    plan.REVOKE: more_events.revoke,
    plan.FULL: more_events.full,
    plan.UPGRADE: more_events.upgrade,
    plan.HOLD: more_events.hold,
    plan.SEND: more_events.send,
}
