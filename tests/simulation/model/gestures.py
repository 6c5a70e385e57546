"""What people do in the model: each choice of the plan becomes a command that fits what is shown."""

from tests.simulation.model.ledger import Ledger
from tests.simulation.model.replica import Replica
from tests.simulation.model.rules import (
    ASSIGN,
    ASSIGNEE,
    ATTACH,
    BASE,
    CID,
    COMMENT,
    CREATE,
    DEPENDS,
    EDIT_A,
    EDIT_B,
    EDIT_X,
    EDITED,
    FOLLOW,
    HANDLE,
    KIND,
    LINK,
    NOTE,
    STATUS,
    STEP,
    STORES,
    TAG,
    TAKE,
    TID,
    TRANSFER,
    Command,
    Row,
    access,
    may,
    whereabouts,
)

_KINDS = (
    COMMENT, COMMENT, COMMENT, NOTE, EDIT_A, EDIT_A, EDIT_B, TAG, FOLLOW,
    TAKE, ASSIGN, TRANSFER, TRANSFER, STEP, LINK, COMMENT,
)  # fmt: skip
_MORE_KINDS = (
    COMMENT, COMMENT, ATTACH, NOTE, EDIT_A, EDIT_X, EDIT_B, TAG, FOLLOW,
    TAKE, ASSIGN, TRANSFER, TRANSFER, STEP, LINK, STEP,
)  # fmt: skip


def gesture(
    replica: Replica, ledger: Ledger, choice: int, clock: int, *, first: bool = False
) -> Command | None:
    """Write one command, chosen by the bits of `choice`; None where the person may not."""
    cid = ledger.new_id()
    if choice & 7 == 0 or not (replica.base or replica.shown):
        return _create(replica, ledger, cid, choice >> 3, clock)
    tids = sorted(replica.base.keys() | replica.shown.keys())
    choice >>= 3
    tid = tids[choice % len(tids)]
    row = replica.ticket(tid)
    kind = (_KINDS if first else _MORE_KINDS)[choice >> 8 & 15]
    if kind in (EDIT_X, ATTACH) and replica.protocol == 1:
        kind = COMMENT
    if row is None or not may(replica.person, row, access(replica.person, row, replica.scope), kind):
        return None
    value, base, depends = _values(replica, row, kind, choice >> 12)
    if kind == LINK and value in (0, tid):
        return None
    return keep(replica, ledger, (cid, tid, kind, value, base, depends), clock)


def keep(replica: Replica, ledger: Ledger, head: tuple[int, ...], clock: int) -> Command:
    """Write a command whose id, ticket, kind, value, base and dependency are given."""
    command = (*head, replica.index, ledger.now + clock, replica.contact)
    ledger.wrote(command)
    if command[KIND] == ATTACH:
        replica.attach(command[CID])
    replica.write(command)
    return command


def _create(replica: Replica, ledger: Ledger, cid: int, choice: int, clock: int) -> Command | None:
    units = [unit for unit in range(STORES) if replica.scope[unit] & HANDLE]
    if not units:
        return None
    head = (cid, ledger.new_id(), CREATE, units[choice % len(units)], 0, 0)
    return keep(replica, ledger, head, clock)


def _values(replica: Replica, row: Row, kind: int, choice: int) -> tuple[int, int, int]:
    """Value, base and dependency of a command of that kind."""
    if kind in EDITED:
        return choice % 4, row[EDITED[kind]], 0
    if kind in (TAG, FOLLOW):
        return (1 << choice % 3) << (4 if choice & 8 else 0), 0, 0
    if kind == TAKE:
        return 0, row[ASSIGNEE], 0
    if kind == ASSIGN:
        return choice % 4 - 1, row[ASSIGNEE], 0
    if kind == TRANSFER:
        return choice % STORES, whereabouts(row), 0
    if kind == STEP:
        return choice % 3, row[STATUS], 0
    if kind == LINK:
        return _target(replica, choice)
    return 0, 0, 0


def _target(replica: Replica, choice: int) -> tuple[int, int, int]:
    """A ticket to refer to, rather one whose creation is still unsent; then the link depends on it."""
    pending = list(replica.pending.values())
    if pending and choice & 1:
        return pending[-1][TID], 0, pending[-1][CID]
    creates = [command for command in pending if command[KIND] == CREATE]
    if creates:
        create = creates[choice % len(creates)]
        return create[TID], 0, create[CID]
    tids = sorted(replica.base)
    return tids[choice % len(tids)] if tids else 0, 0, 0


def attend(replica: Replica, ledger: Ledger, choice: int, clock: int) -> Command | None:
    """Edit a refused command and send it again; a create keeps its ticket."""
    if not replica.attention:
        return None
    cid = sorted(replica.attention)[choice % len(replica.attention)]
    old, _ = replica.attention.pop(cid)
    replica.written.discard(cid)
    replica.abandoned.add(cid)
    row = replica.ticket(old[TID])
    base = old[BASE]
    if row is not None and old[KIND] not in (CREATE, LINK):
        _, base, _ = _values(replica, row, old[KIND], 0)
    depends = 0
    if old[DEPENDS] and old[KIND] == LINK:
        waiting = [c for c in replica.pending.values() if c[KIND] == CREATE and c[TID] == old[3]]
        if not waiting and old[3] not in replica.base:
            return None
        depends = waiting[0][CID] if waiting else 0
    head = (ledger.new_id(), old[TID], old[KIND], old[3], base, depends)
    return keep(replica, ledger, head, clock)
