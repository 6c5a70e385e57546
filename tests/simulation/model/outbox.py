"""The model's outbox: what is sent next, what a verdict does to it, and what comes of batches that fail."""

from typing import Any

from tests.simulation.model.messages import PUSH, Returned, Verdict
from tests.simulation.model.replica import UNSENT_KINDS, Replica
from tests.simulation.model.rules import BLOCKED, CID, CONFLICT, CREATE, DEPENDS, KIND, REJECTED, TID, Command


def judge(replica: Replica, verdict: Verdict) -> None:
    """Move a command as its verdict says."""
    cid, status, rev, seq, number = verdict
    command = replica.pending.get(cid)
    if command is None:
        return
    if status in UNSENT_KINDS:
        del replica.pending[cid]
        replica.aside.discard(cid)
        replica.done.add(cid)
        replica.kept[cid] = (command, seq, number)
        if cid in replica.blobs and replica.safe.files_offered_again:
            # A server that went back between the two has its message and not its bytes, and nothing tells of it.
            replica.uploads.setdefault(cid, 0)
        replica.returning.pop(cid, None)
        held = replica.base.get(command[TID])
        if held is None and command[KIND] != CREATE and not _creating(replica, command[TID]):
            replica.forgotten.add(cid)
        elif replica.safe.ack_kept:
            replica.acked[cid] = (command, rev, seq)
    elif status in (CONFLICT, REJECTED, BLOCKED):
        if not replica.safe.attention:
            return
        replica.set_aside(cid, status)
    else:
        if rev and command[DEPENDS] not in replica.pending and replica.safe.orphans_withdrawn:
            replica.aside.add(cid)  # what it depends on is unknown there and not on its way
        return
    replica.touched.add(command[TID])


def _creating(replica: Replica, tid: int) -> bool:
    """Whether a ticket that is not in base was created here and is still on its way back."""
    return any(acked[0][TID] == tid and acked[0][KIND] == CREATE for acked in replica.acked.values())


def next_push(replica: Replica) -> tuple[Any, ...] | None:
    """Make the next push request, and keep that these commands were sent."""
    if replica.aside:
        replica.push_no += 1
        return _push(replica, (), (min(replica.aside),))
    commands = list(replica.pending.values())[: replica.batch]
    if not commands:
        return None
    replica.push_no += 1
    for command in commands:
        if command[CID] not in replica.sent:
            replica.sent.add(command[CID])
            replica.sent_unkept.add(command[CID])
        if not replica.safe.verdict_final:
            replica.done.add(command[CID])
            del replica.pending[command[CID]]
    return _push(replica, tuple(commands), ())


def _push(replica: Replica, commands: tuple[Command, ...], withdrawn: tuple[int, ...]) -> tuple[Any, ...]:
    returned: tuple[Returned, ...] = tuple(
        (command[CID], *replica.returning[command[CID]])
        for command in commands
        if command[CID] in replica.returning
    )
    told = (*replica.met, replica.cursor) if replica.cursor else ()
    return PUSH, replica.device, replica.push_no, commands, withdrawn, returned, told, replica.protocol


def failed(replica: Replica, count: int) -> None:
    """After a batch failed while pulls succeed: halve it, at last set its one command aside."""
    if not replica.pulled or not replica.safe.halving:
        return
    replica.pulled = False
    if count > 1:
        replica.batch = count // 2
        return
    replica.alone += 1
    if replica.alone < 2 or not replica.pending:
        return
    replica.alone, replica.batch = 0, 50
    cid = next(iter(replica.pending))
    if replica.safe.withdraw:
        replica.aside.add(cid)
    else:
        tid = replica.pending[cid][TID]
        replica.set_aside(cid, REJECTED)
        replica.rebase(tid)
