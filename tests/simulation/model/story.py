"""Runs one story of the model from its plan."""

from tests.simulation import plan
from tests.simulation.model import events, rest
from tests.simulation.model.safeguards import Safeguards
from tests.simulation.model.world import Say, World


def run(seed: int, words: list[int], safe: Safeguards, say: Say | None = None) -> str:
    """Play the steps, then rest; return the trace. Raises Violation."""
    setting = words[0]
    world = World(setting, safe, say, first=seed < 0)
    for index in range(len(world.replicas)):
        if setting >> 20 + index & 3:
            if say:
                say(f"desktop {index} does its first sync")
            rest.rest(world, index)
    if plan.is_backed_up(seed):
        events.backup(world, 0, 0)
    table, faults = plan.op_table(seed), plan.fault_table(seed)
    ledger, store, replicas = world.ledger, world.store, world.replicas
    for word in words[1:]:
        ledger.now += 7
        op = table[word & 255]
        choice = word >> 16
        index = choice % len(replicas)
        choice >>= 8
        if op == plan.GESTURE:
            world.gesture(index, choice)
        elif op <= plan.FETCH or op in (plan.UPLOAD, plan.LOOK):
            world.exchange(op, index, faults[word >> 8 & 255], choice)
        else:
            events.EVENTS[op](world, index, choice)
        world.trace.note(op, store.head, len(world.held_up))
    rest.finish(world)
    return world.trace.text()
