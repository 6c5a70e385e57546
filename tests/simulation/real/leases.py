"""Leases that end out of the server's reach, and tickets written past them: stories of their own.

Stories from seed `FIRST` on have leases of minutes; those before stay as they were. Past its lease a program is closed:
new tickets are sealed, until the server is reached again or a code comes by telephone.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop.commands.runner import Gesture, Runner
from desktop.commands.sealed import seal
from desktop.lease import LeaseTime
from desktop.replica import outside
from desktop.replica.engine import Replica
from desktop.replica.outside import Outside
from desktop.sealed import overwrite
from desktop.sync.farewell import farewell
from domain.errors import RefusedError
from domain.rules.unlocking import read_challenge, unlock_code
from domain.wire import codec
from tests.simulation import plan
from tests.simulation.real.desktop import suppress_full
from tests.simulation.real.door import Door
from tests.simulation.real.files import begin_from
from tests.simulation.real.gestures import mark, new_ticket
from tests.simulation.real.line import short
from tests.simulation.violation import Violation

if TYPE_CHECKING:
    from tests.simulation.real.desktop import Desktop
    from tests.simulation.real.world import World

FIRST = 1_500_000
"""The seed of the first story with leases."""
LEASE_S = 300
_LAST_STEPS = 40
_LOOKS_MS = 1_000
"""Each look at a clock takes a millisecond."""
_NO_ANSWER = (
    plan.LOST,
    plan.LATE,
    plan.DIES_BEFORE,
    plan.ANSWER_LOST,
    plan.ANSWER_LATE,
    plan.DIES_AFTER,
    plan.SLOW,
)
_OF_THE_PROGRAM = (plan.ATTEND, plan.UPLOAD, plan.LOOK, plan.VERIFY)


def begin(world: "World") -> None:
    """Give each desktop its lease, as signing in does; those of version 1 have none."""
    world.office.lease_s = LEASE_S
    for desktop in world.desktops:
        if not desktop.was_first_version:
            desktop.door = Door(desktop.path)
            desktop.replica.close()
            desktop.start()
            _renew(world, desktop)


def _renew(world: "World", desktop: "Desktop") -> None:
    device = desktop.device()
    desktop.lease.told(world.office.lease_of(device), server_at=world.office.time.now())
    desktop.door_of().device = device


def spends(world: "World", index: int, op: int, fault: int, bits: int) -> bool:
    """Whether a step went into signing in again or writing past the lease, as the program is closed."""
    desktop = world.desktops[index]
    if desktop.door is None:
        return False
    look(world, desktop)
    if not desktop.door.locked:
        return False
    if op == plan.GESTURE:
        _write(world, desktop, bits)
    elif op == plan.PULL:
        _sign_in(world, desktop, fault, bits)
    return op <= plan.FETCH or op in _OF_THE_PROGRAM


def rest(world: "World", _: int, bits: int) -> None:
    """Nobody works for a while."""
    world.time.at += LEASE_S * 1000 >> (bits & 1)
    if world.say:
        world.say("nobody works for a while")


def telephone(world: "World", index: int, _: int) -> None:
    """Somebody past the lease gets a code by telephone, good for a day."""
    desktop = world.desktops[index]
    if desktop.door is None or not desktop.door.locked:
        return
    asked = read_challenge(desktop.lease.challenge("PC22"))
    desktop.lease.unlock(
        unlock_code(world.office.secret_of(desktop.door.device), counter=asked.counter, days=1)
    )
    if world.say:
        world.say(f"desktop {index} is unlocked by telephone")
    _open(desktop)


def write(world: "World", index: int, bits: int) -> None:
    """Somebody past the lease writes a ticket: this one or the next who is."""
    count = len(world.desktops)
    for one in (world.desktops[(index + step) % count] for step in range(count)):
        if one.door is not None and one.door.locked and not one.gone:
            _write(world, one, bits)
            return


EVENTS: dict[int, Callable[["World", int, int], None]] = {
    plan.MERGE: rest,
    plan.SPLIT: telephone,
    plan.SEND: write,
}
"""By steps of the plan that mean nothing else in the real tier."""


def look(world: "World", desktop: "Desktop") -> None:
    """What the program does once a minute: it closes where the lease has ended, else keeps its forms outside."""
    door, lease = desktop.door_of(), desktop.lease
    lease.touch()
    ended, off_ms = lease.ended(), world.time.at - lease.until_at
    if not ended and off_ms > _LOOKS_MS and not desktop.clock.went_back:
        raise Violation(2, f"desktop {desktop.index} may be read {off_ms} ms past its lease")
    if ended and off_ms < -_LOOKS_MS and not desktop.clock.was_set:
        raise Violation(7, f"desktop {desktop.index} is closed {-off_ms} ms before its lease ends")
    if door.locked:
        return
    if not ended:
        if door.device != desktop.device():
            _renew(world, desktop)  # with the next tokens of what became a device of its own
        if door.box.count():
            _take_in(desktop)
        door.keep_forms(desktop.replica)
        return
    door.device = desktop.device()
    with suppress_full():
        desktop.engine.end()
    desktop.replica.close()
    desktop.start()
    door.locked = True
    if world.say:
        world.say(f"desktop {desktop.index}: its lease has ended")


def _write(world: "World", desktop: "Desktop", bits: int) -> None:
    """A ticket over a scratch replica, as the window for it does, sealed into the box."""
    door = desktop.door_of()
    if not door.box.ready:
        return
    world.texts += 1
    word, folder = mark(world.texts), door.folder / "scratch"
    overwrite(folder)
    folder.mkdir(exist_ok=True)
    begin_from(world.room.replica, folder / "replica.db")
    scratch = Replica(folder / "replica.db", None, durable=False)
    try:
        forms = codec.decode(door.box.forms(), Outside)
        with scratch.write() as conn:
            outside.put_in(conn, forms, count=door.box.next_count())
        runner = Runner(
            scratch, clock=desktop.clock, time=LeaseTime(desktop.clock, desktop.lease), ids=world.ids
        )
        gesture = Gesture(ticket=runner.new_id(), kind="create", intent=new_ticket(bits >> 3, word))
        try:
            made = runner.run([gesture]).commands
        except RefusedError:
            return
        seal(scratch, door.box)
    finally:
        scratch.close()
        overwrite(folder)
    world.written[world.name(desktop.index)] += made
    if world.say:
        world.say(f"desktop {desktop.index} seals {[short(id) for id in made]}")
    if any(word.encode() in raw for raw in door.contents()):
        raise Violation(2, f"{word} was sealed on desktop {desktop.index} and can be read there")


def _sign_in(world: "World", desktop: "Desktop", fault: int, bits: int) -> None:
    """Somebody past the lease signs in; a fault befalls the message."""
    door = desktop.door_of()
    if fault in _NO_ANSWER:
        if not desktop.lease.ended():
            _open(desktop)
        return
    if world.say:
        world.say(f"desktop {desktop.index} signs in again")
    try:
        world.office.let_in(door.device)
    except RefusedError as error:
        _leave(desktop, error)
        return
    _renew(world, desktop)
    _open(desktop, bits)


def _leave(desktop: "Desktop", error: RefusedError) -> None:
    """Signing in brought the word that this device was revoked: bring what there is, and go."""
    door = desktop.door_of()
    means = farewell(error, lease=desktop.lease, device=door.device, unsent=True)
    if means == "unproven":
        raise Violation(2, f"desktop {desktop.index} does not believe that it was revoked")
    if means == "stolen":
        desktop.gone = True
        return
    _open(desktop)
    for _ in range(_LAST_STEPS):
        step = desktop.step()
        if desktop.gone or step is None or step.did == "waited":
            break


def _open(desktop: "Desktop", bits: int = 0) -> None:
    """The program opens and takes in what was sealed; it may die of that."""
    desktop.replica.close()
    desktop.start()
    desktop.door_of().locked = False
    if desktop.door_of().box.count() and bits & 3 == 1:
        desktop.replica.dies = (("before", "within", "after")[(bits >> 8) % 3], bits >> 10 & 1)
        desktop.replica.tear = bits >> 11
    _take_in(desktop)


def _take_in(desktop: "Desktop") -> None:
    with suppress_full():
        desktop.take_in()


def open_all(world: "World") -> None:
    """Everybody whose lease has ended signs in again."""
    for desktop in world.desktops:
        if desktop.door is None or desktop.gone:
            continue
        look(world, desktop)
        if desktop.door.locked:
            _sign_in(world, desktop, plan.OK, 0)


def check(world: "World") -> None:
    """At rest nothing is left in any box."""
    for desktop in world.desktops:
        if desktop.door is not None and not desktop.gone and desktop.door.box.count():
            raise Violation(3, f"desktop {desktop.index} is at rest, and its box holds what was sealed")
