"""Plays one story of the real tier, then rest, with the invariants checked throughout."""

import atexit
from collections.abc import Callable
from functools import cache

from tests.simulation import plan
from tests.simulation.real import at_rest, files_at_rest, leases, parting, together
from tests.simulation.real.desktop import RESTLESS, suppress_full
from tests.simulation.real.files import Room, make_room
from tests.simulation.real.office import FragileStore
from tests.simulation.real.sight import ServerState
from tests.simulation.real.world import Say, World
from tests.simulation.violation import Violation

LONGEST = 48
"""Steps of a story; the plan's others belong to the model alone."""
ROUNDS, TURNS = 12, 120
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
DETAIL = False

_EVENTS: dict[int, Callable[[World, int, int], None]] = {
    plan.DELIVER: lambda world, _, bits: world.deliver(bits),
    plan.DESK: World.desk,
    plan.GRANT: World.grant,
    plan.MOVE: World.move,
    plan.CRASH_REPLICA: World.crash_desktop,
    plan.CRASH_SERVER: World.crash_server,
    plan.ATTEND: World.attend,
    plan.COPY: World.copy,
    plan.CLOCK: World.clock,
    plan.CURE: World.cure,
    plan.FULL: World.fill_disk,
    plan.UPGRADE: World.upgrade,
    plan.BACKUP: World.put_away,
    plan.RESTORE: World.go_back,
    plan.BRING_BACK: World.bring_back,
    plan.RELEASE: World.release,
    plan.COMPACT: World.compact,
    plan.OVERRUN: World.overrun,
    plan.RETAIN: World.retain,
    plan.VERIFY: World.verify,
    plan.ROT: World.rot,
}
_PARTING = _EVENTS | {plan.REVOKE: parting.revoke, plan.ERASE: parting.erase}
_LEASES = _PARTING | leases.EVENTS


@cache
def _stage() -> tuple[Room, FragileStore]:
    """The folder and the server's store of this process; the store keeps its compiled statements."""
    room = make_room()
    store = FragileStore(room)
    atexit.register(leave)
    return room, store


def leave() -> None:
    """Take this process's folder away, if it made one."""
    if _stage.cache_info().currsize:
        room, store = _stage()
        _stage.cache_clear()
        store.close()
        room.clear()


def run(seed: int, words: list[int], say: Say | None = None) -> str:
    """Play the steps, then rest; return the trace. Raises Violation."""
    room, store = _stage()
    world = World(words[0], room, store, say, first=seed < 0)
    world.joins = seed >= together.FIRST
    try:
        if seed >= leases.FIRST:
            leases.begin(world)
        return _play(world, seed, words)
    except Violation:
        raise
    except Exception as error:  # whatever escapes would have ended a program
        raise Violation(0, f"{type(error).__name__}: {error}") from error
    finally:
        world.close()


def _play(world: World, seed: int, words: list[int]) -> str:
    for index in range(len(world.desktops)):
        if words[0] >> 20 + index & 3:
            if world.say:
                world.say(f"desktop {index} does its first sync")
            _settle(world, index)
    if plan.is_backed_up(seed):
        world.put_away(0, 0)
    table, faults = plan.op_table(seed), plan.fault_table(seed)
    events = _EVENTS if seed < parting.FIRST else _PARTING if seed < leases.FIRST else _LEASES
    for word in words[1 : LONGEST + 1]:
        world.time.pass_by()
        op = table[word & 255]
        bits = word >> 16
        index = bits % len(world.desktops)
        bits >>= 8
        if op == plan.PUSH and plan.is_backed_up(seed):
            index = world.sender(index)
        if world.desktops[index].gone:
            continue
        if leases.spends(world, index, op, faults[word >> 8 & 255], bits):
            pass
        elif op == plan.GESTURE:
            world.gesture(index, bits)
        elif op <= plan.FETCH:
            world.exchange(op, index, faults[word >> 8 & 255], bits)
        elif op in (plan.UPLOAD, plan.LOOK):
            world.carry(index, faults[word >> 8 & 255], bits, up=op == plan.UPLOAD)
        elif op in events:
            with suppress_full():
                events[op](world, index, bits)
        world.trace.note(op, world.time.at, len(world.held))
    _finish(world)
    return world.trace.text()


def _finish(world: World) -> None:
    """Let everything arrive, exchange without faults until nothing moves, and check all of it."""
    if world.say:
        world.say("from here on nothing is lost")
    world.free_disks()
    leases.open_all(world)
    late = len(world.held) // 2
    while len(world.held) > late:
        world.deliver(world.trace.bits() & 255)
    _come_to_rest(world)
    if world.days_pass:
        _wake(world, days=1)
        _come_to_rest(world)
    rotten = any(one.rotten for one in world.desktops)
    if not rotten:
        _check(world)
    if rotten or world.trace.bits() & 3 == 0:
        _wake(world, verify=True)
        _come_to_rest(world)
        _check(world)


def _wake(world: World, *, days: int = 0, verify: bool = False) -> None:
    """Let time pass; have every desktop compare itself with the server."""
    world.time.at += days * (DAY_MS + HOUR_MS)
    for desktop in world.desktops:
        desktop.rested_at = RESTLESS
        if verify and not desktop.line.first_version:
            desktop.engine.verify()
    leases.open_all(world)


def _come_to_rest(world: World) -> None:
    for number in range(ROUNDS):
        if number < 2:
            world.last_words()
        moved = [_settle(world, one.index) for one in world.desktops if not one.gone]
        if world.office.is_open():
            world.release()
            _wake(world)
            moved.append(True)
        if number == 1:
            while world.held:
                world.deliver(world.trace.bits() >> 4 & 255)
        elif number > 1 and not any(moved):
            return
    raise Violation(11, f"no rest after {ROUNDS} rounds")


def _check(world: World) -> None:
    """The invariants at rest."""
    server = ServerState(world.office.store.path)
    replicas = [
        at_rest.Held(
            one.path,
            world.name(one.index),
            one.person,
            copied=one.copied,
            marked=not one.was_first_version,
            forgets=not one.line.first_version,
        )
        for one in world.desktops
        if not one.gone
    ]
    if not world.restored:
        world.note_numbers()
    at_rest.check(server, replicas, world.written, restored=world.restored, brought_back=world.brought_back)
    if world.joins and not (world.restored or world.brought_back):
        together.check(server)
    parting.check(world)
    leases.check(world)
    there = [one for one in world.desktops if not one.gone]
    for desktop in there:
        damaged = desktop.rotten or desktop.was_first_version or world.restored
        at_rest.check_verified(desktop.path, world.name(desktop.index), damaged=damaged)
    for held in replicas:
        files_at_rest.check(server, held, world.porter.files, lost=world.restored or world.brought_back)
    heard = server.verdicts.keys()  # what left with its ticket before it was sent told the server nothing
    spoke = [held for held, one in zip(replicas, there, strict=True) if heard & one.spoke]
    if not world.brought_back:
        at_rest.check_names(spoke)
    ends = [(row["id"], row["rev"], row["number"], row["org"]) for row in server.tickets.values()]
    world.trace.note(sorted(ends), server.head["seq"])


def _settle(world: World, index: int) -> bool:
    """Let one desktop's engine run freely until a pull and all that follows bring nothing; whether anything came."""
    desktop, moved = world.desktops[index], False
    head = world.office.head()
    if desktop.rested_at == head and not desktop.unsettled():
        return False
    desktop.engine.resume()
    for _ in range(TURNS):
        desktop.line.told = ""
        step = desktop.step()
        assert step is not None
        if world.say and DETAIL and desktop.line.told:
            world.say(
                f"    desktop {index}: {step.did} {step.error} {desktop.line.told} {sorted(step.changed.kinds)}"
            )
        if desktop.gone:
            return True
        if step.did == "waited":
            if world.office.is_open() or desktop.waits_for_others():
                return moved  # what waits, waits for the operator, or for somebody else's work to come back
            if not desktop.unsettled():
                desktop.lanes.settle()
                desktop.rested_at = head
                world.watches[index].look()
                return moved
            world.time.at += step.wait_ms
        moved = moved or (
            step.did not in ("indexed", "waited")
            and not (step.did == "pulled" and step.changed.kinds <= {"sync"})
        )
    raise Violation(11, f"desktop {index} exchanges without end: {desktop.line.told}")
