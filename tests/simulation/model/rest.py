"""The end of a story: everything arrives, nothing fails any more, and at rest all invariants must hold."""

from tests.simulation import plan
from tests.simulation.model import checks, outbox, recovery
from tests.simulation.model.gestures import gesture
from tests.simulation.model.messages import ERROR
from tests.simulation.model.world import Request, World
from tests.simulation.violation import Violation

ROUNDS = 12
TURNS = 80


def finish(world: World) -> None:
    """Let everything arrive, then exchange without faults until nothing moves, and check all of it."""
    if world.say:
        world.say("from here on nothing is lost")
    world.store.commit_slow()
    for replica in world.replicas:
        replica.full = False
    late = len(world.held_up) // 2
    while len(world.held_up) > late:
        world.deliver(world.trace.bits() >> 4 & 63)
    last_words(world)
    for number in range(ROUNDS):
        quiet = settle_round(world)
        if number == 0:
            last_words(world)
        if number == 1:
            for replica in world.replicas:
                if replica.pending and not world.ledger.restored and not replica.revoked:
                    raise Violation(10, f"desktop {replica.index} still has {sorted(replica.pending)} unsent")
            while world.held_up:
                world.deliver(world.trace.bits() >> 8 & 63)
        elif quiet and number > 1:
            break
    else:
        raise Violation(11, f"no rest after {ROUNDS} rounds")
    world.ledger.told(())
    world.send_notices()
    checks.at_rest(world.store, [one for one in world.replicas if not one.rotten], world.ledger)
    world.ledger.unnoticed.clear()
    _verify(world)
    checks.at_rest(world.store, world.replicas, world.ledger)
    ends = [(replica.cursor, len(replica.base), replica.push_no) for replica in world.replicas]
    world.trace.note(sorted(world.store.rows.items()), ends)


def _verify(world: World) -> None:
    """Every desktop compares what it holds with the server, and mends it."""
    for replica in world.replicas:
        replica.verify = True
    for _ in range(ROUNDS):
        quiet = settle_round(world)
        if quiet and not any(one.verify and one.protocol > 1 and not one.destroyed for one in world.replicas):
            return
    raise Violation(11, "desktops verify without end")


def last_words(world: World) -> None:
    """After a copy every desktop writes once more, so that the two of one name must meet."""
    if any(replica.copied for replica in world.replicas):
        for replica in world.replicas:
            replica.spoke = not replica.destroyed and any(
                gesture(replica, world.ledger, choice, 0) for choice in range(9, 200, 6)
            )


def settle_round(world: World) -> bool:
    """One round of every desktop, then the operator closes the window for lost work; whether nothing moved."""
    moved = [rest(world, index) for index in range(len(world.replicas))]
    if world.store.recovering:
        recovery.close_window(world.store, world.ledger.now)
        moved.append(True)
    return not any(moved)


def rest(world: World, index: int) -> bool:
    """Push all, pull all, fetch all, without faults; whether anything moved."""
    if world.replicas[index].destroyed:
        return False
    moved = [_push_all(world, index), _pull_all(world, index), fetch_all(world, index)]
    return any([*moved, _upload_all(world, index)])


def _upload_all(world: World, index: int) -> bool:
    replica, moved = world.replicas[index], False
    for _ in range(TURNS):
        request = world.upload(replica, intact=True)
        if request is None:
            return moved
        _exchange(world, index, request)
        moved = True
    raise Violation(11, f"desktop {index} sends files without end")


def _push_all(world: World, index: int) -> bool:
    replica, moved = world.replicas[index], False
    for _ in range(TURNS):
        request = outbox.next_push(replica)
        if request is None:
            return moved
        moved, before = True, (len(replica.pending), len(replica.aside), replica.device)
        answer = _exchange(world, index, request)
        if replica.destroyed:
            return True
        if answer[0] == ERROR:
            pull = replica.next_pull(8)
            if pull:
                _exchange(world, index, pull)
        elif before == (len(replica.pending), len(replica.aside), replica.device):
            return moved  # the answers were of another epoch: pull first
    raise Violation(11, f"desktop {index} pushes without end")


def _pull_all(world: World, index: int) -> bool:
    replica, moved = world.replicas[index], False
    for _ in range(TURNS):
        before = replica.cursor, replica.version, replica.verify
        request = replica.next_pull(8)
        if request:
            _exchange(world, index, request)
        if replica.destroyed:
            return True
        if before == (replica.cursor, replica.version, replica.verify):
            return moved
        moved = True
    raise Violation(11, f"desktop {index} pulls without end")


def fetch_all(world: World, index: int) -> bool:
    """Fetch what is asked for, without faults; whether anything moved."""
    replica, moved = world.replicas[index], False
    for _ in range(TURNS):
        request = replica.next_fetch(3, 8)
        if request is None:
            return moved
        before = replica.wanted.copy(), replica.fills.copy(), len(replica.offers), replica.suspect
        _exchange(world, index, request)
        if before == (replica.wanted, replica.fills, len(replica.offers), replica.suspect):
            return moved  # it waits for what may still come back, or for a pull
        moved = True
        if replica.cursor and world.store.token() != replica.cursor:
            return moved  # pages older than the cursor come of a feed that went on
    raise Violation(11, f"desktop {index} fetches without end")


def _exchange(world: World, index: int, request: Request) -> Request:
    answer = world.serve(index, request, plan.OK, 0)
    assert answer is not None
    world.take(world.replicas[index], request, answer)
    return answer
