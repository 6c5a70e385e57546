"""The model's desktop after a restored server: lost work goes back, and what will not come is done with."""

from tests.simulation.model.replica import Replica
from tests.simulation.model.rules import TID, Command


def take_back(replica: Replica, since: int) -> None:
    """The server may have lost what it acknowledged after `since`: that goes back, in this desktop's order."""
    lost = sorted((seq, cid) for cid, (_, seq, _) in replica.kept.items() if seq > since)
    before: dict[int, Command] = {}
    for seq, cid in lost:
        command, _, number = replica.kept[cid]
        before[cid] = command
        replica.returning[cid] = (seq, number)
        replica.sent.add(cid)
        replica.done.discard(cid)
        replica.forgotten.discard(cid)
        replica.touched.add(command[TID])
    if replica.safe.files_sent_again:
        # Their bytes go apart from their messages: a backup may hold one without the other.
        for cid in replica.blobs & (replica.kept.keys() | replica.pending.keys()):
            replica.uploads.setdefault(cid, 0)
    for cid in replica.pending:
        if cid in replica.sent:
            replica.returning.setdefault(cid, (1 << 40, 0))  # done or not, nobody knows
    replica.pending = {**before, **replica.pending}
    if replica.safe.returned_own_order:
        _in_own_order(replica)


def _in_own_order(replica: Replica) -> None:
    """Numbers of two pasts don't compare: after two restores only a desktop's own order is the order of its work."""
    replica.pending = dict(sorted(replica.pending.items(), key=lambda item: replica.places[item[0]]))
    highest: dict[int, int] = {}
    for cid, command in replica.pending.items():
        if cid in replica.returning:
            seq, number = replica.returning[cid]
            highest[command[TID]] = seq = max(seq, highest.get(command[TID], 0))
            replica.returning[cid] = (seq, number)


def settle_unheld(replica: Replica) -> None:
    """What was acknowledged and told of, on tickets that did not come, is done with."""
    if replica.acked and replica.cursor and not replica.fills and replica.safe.unheld_settled:
        for cid, (command, _, seq) in list(replica.acked.items()):
            tid = command[TID]
            if seq <= replica.cursor[1] and tid not in replica.base and tid not in replica.wanted:
                del replica.acked[cid]
                replica.forgotten.add(cid)
                replica.touched.add(tid)


def forget_unlisted(replica: Replica) -> None:
    """Acknowledged commands on tickets that will not come are done with."""
    for cid, (command, _, _) in list(replica.acked.items()):
        if command[TID] not in replica.base and command[TID] not in replica.wanted:
            del replica.acked[cid]
            replica.forgotten.add(cid)
            replica.touched.add(command[TID])
