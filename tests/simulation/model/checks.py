"""The invariants of SYNC §8 on the model, by a reader of its own: it shares no code with replica and server."""

from tests.simulation.model.ledger import Ledger
from tests.simulation.model.replica import Replica
from tests.simulation.model.rules import (
    APPLIED,
    ASSIGN,
    ASSIGNEE,
    CC,
    CID,
    CLASSES,
    COMMENT,
    CREATE,
    CREATOR,
    EDIT_A,
    EDIT_B,
    FOLLOW,
    INTERNAL,
    KIND,
    LINK,
    MERGED,
    NOTE,
    NUMBER,
    ORG,
    REV,
    SEE,
    STATUS,
    STEP,
    TAG,
    TAGS,
    TAKE,
    TID,
    VALUE,
    A,
    B,
    Command,
    Entries,
    Row,
)
from tests.simulation.model.store import Store
from tests.simulation.violation import Violation

TEXTS = (COMMENT, NOTE, LINK)


def running(replica: Replica, ledger: Ledger, before: tuple[int, ...] | None) -> None:
    """Check one desktop after each of its transactions (1 in part, 4, 6, 7, 8)."""
    cursor = replica.cursor
    if before and cursor and cursor < before and cursor[0] == before[0]:
        raise Violation(6, f"desktop {replica.index} moved its cursor back from {before} to {cursor}")
    for tid in replica.touched:
        held = replica.base.get(tid)
        if held and not ledger.restored and not ledger.was_true(tid, *held):
            raise Violation(1, f"desktop {replica.index} holds ticket {tid} as it never was: {held}")
        _own_writes(replica, tid)
    if replica.done and not ledger.restored:
        _acknowledged(replica, ledger)
    replica.touched.clear()


def _acknowledged(replica: Replica, ledger: Ledger) -> None:
    """A text that was acknowledged stays in sight until the base holds it."""
    for cid in replica.done:
        command = ledger.commands[cid]
        tid = command[TID]
        if tid in replica.touched and command[KIND] in TEXTS and cid not in replica.forgotten:
            held, shown = replica.base.get(tid), replica.shown.get(tid)
            rev = ledger.verdicts[cid][1] if cid in ledger.verdicts else 0
            if held and held[0][REV] < rev and (shown is None or cid * 4 not in shown[1]):
                raise Violation(7, f"desktop {replica.index} lost sight of its acknowledged command {cid}")


def _own_writes(replica: Replica, tid: int) -> None:
    """What is shown is the base with every unsent and unreturned command over it."""
    unsent = [c for c in replica.pending.values() if c[TID] == tid]
    held = replica.base.get(tid)
    rev = held[0][REV] if held else 0
    acked = [command for command, at, _ in replica.acked.values() if command[TID] == tid]
    for command, at, _ in replica.acked.values():
        if command[TID] == tid and at <= rev:
            raise Violation(
                8, f"desktop {replica.index} keeps the acknowledged command {command[CID]} for nothing"
            )
    shown = replica.shown.get(tid)
    commands = acked + unsent
    if not held and not any(command[KIND] == CREATE for command in commands):
        commands = []
    if not commands:
        if shown:
            raise Violation(8, f"desktop {replica.index} shows ticket {tid} over its base without a reason")
        return
    expected = _expected(held[0] if held else None, commands, replica.person)
    if shown is None or any(shown[0][place] != value for place, value in expected.items()):
        what = shown[0] if shown else None
        raise Violation(8, f"desktop {replica.index} shows ticket {tid} as {what}, not with {expected}")
    _own_texts(replica, tid, commands, held[1] if held else {}, shown[1])


def _own_texts(replica: Replica, tid: int, commands: list[Command], base: Entries, shown: Entries) -> None:
    """Every own text is shown once; nothing else came to the base."""
    own = {command[CID] for command in commands}
    texts = [abs(eid) >> 2 for eid in shown if abs(eid) & 3 == 0 and abs(eid) >> 2 in own]
    if len(texts) != len(set(texts)):
        raise Violation(4, f"desktop {replica.index} shows a text twice on ticket {tid}")
    for command in commands:
        if command[KIND] in TEXTS and command[CID] * 4 not in shown and -command[CID] * 4 not in shown:
            raise Violation(7, f"desktop {replica.index} lost sight of its own command {command[CID]}")
    strange = [eid for eid in shown if eid not in base and abs(eid) >> 2 not in own]
    if strange or any(eid not in shown for eid in base):
        raise Violation(8, f"desktop {replica.index} shows other rows than its base on ticket {tid}")


def _expected(row: Row | None, commands: list[Command], person: int) -> dict[int, int]:
    """What the last own command says of each column."""
    expected: dict[int, int] = {}
    masks = {TAGS: row[TAGS] if row else 0, CC: row[CC] if row else 0}
    for command in commands:
        kind, value = command[KIND], command[VALUE]
        if kind == CREATE and row is None:
            expected.update({ORG: value, CREATOR: person})
        elif kind in (EDIT_A, EDIT_B, STEP):
            expected[{EDIT_A: A, EDIT_B: B, STEP: STATUS}[kind]] = value
        elif kind in (TAKE, ASSIGN):
            expected[ASSIGNEE] = person if kind == TAKE else value
        elif kind in (TAG, FOLLOW):
            place = TAGS if kind == TAG else CC
            masks[place] = expected[place] = (masks[place] | value & 15) & ~(value >> 4)
        elif kind not in TEXTS and kind != CREATE:
            expected.update({ORG: value, ASSIGNEE: -1})
    return expected


def at_rest(store: Store, replicas: list[Replica], ledger: Ledger) -> None:
    """Check everything after the last message (1, 2, 3, 4, 6, 9)."""
    _feed(store)
    for replica in replicas:
        _same(store, replica)
    if not ledger.restored:
        for replica in replicas:
            _commands(store, replica, ledger)
        _texts_once(store, ledger)
    if any(replica.registered and not replica.copied for replica in replicas) and not ledger.restored:
        raise Violation(3, "a desktop that nobody copied was taken for a copy")
    spoke = [replica.device for replica in replicas if replica.spoke]
    if len(set(spoke)) < len(spoke):
        raise Violation(3, "a copied desktop goes on under the name of the other")


def _feed(store: Store) -> None:
    above = [seq for seq in store.seqs if seq > store.compacted_to]
    if above and (len(above) != above[-1] - above[0] + 1 or len(set(above)) != len(above)):
        raise Violation(6, f"the feed has a gap: {above}")
    if len({row[NUMBER] for row in store.rows.values()}) != len(store.rows):
        raise Violation(9, "two tickets have one number")


def _same(store: Store, replica: Replica) -> None:
    """Base is what the server has and the person may see, exactly."""
    person, scope = replica.person, store.scopes[replica.person]
    expected: dict[int, tuple[Row, Entries, int]] = {}
    for tid, row in store.rows.items():
        classes = scope[row[ORG]] & CLASSES
        if row[ASSIGNEE] == person:
            classes = SEE | INTERNAL
        elif row[CREATOR] == person or row[CC] >> person & 1:
            classes |= SEE
        if classes:
            entries = store.entries[tid]
            expected[tid] = (row, {e: v for e, v in entries.items() if v[1] & classes}, classes)
    if replica.base == expected and not replica.shown and not replica.acked:
        return
    for tid, (_, entries, _) in replica.base.items():
        if tid not in expected:
            raise Violation(2, f"desktop {replica.index} still holds ticket {tid}, which is not its person's")
        if set(entries) - set(expected[tid][1]):
            raise Violation(
                2, f"desktop {replica.index} holds rows of ticket {tid} that are not its person's"
            )
    for tid, held in expected.items():
        if replica.base.get(tid) != held:
            raise Violation(
                1, f"desktop {replica.index} has ticket {tid} as {replica.base.get(tid)}, not {held}"
            )
    raise Violation(
        8, f"desktop {replica.index} shows {sorted(replica.shown)} over its base with nothing unsent"
    )


def _commands(store: Store, replica: Replica, ledger: Ledger) -> None:
    """Each command is one of: applied, in needs attention, pending; and the server says the same."""
    states = (replica.pending, replica.attention, replica.done)
    for cid in replica.abandoned:
        stored = store.verdicts.get(cid)
        if stored and stored[0] in (APPLIED, MERGED) and not replica.copied:
            raise Violation(3, f"command {cid} was applied after its person had sent it again as another")
    for cid in replica.written:
        if sum(cid in state for state in states) != 1:
            raise Violation(3, f"command {cid} of desktop {replica.index} was lost or stands twice")
        stored = store.verdicts.get(cid)
        applied = stored is not None and stored[0] in (APPLIED, MERGED)
        if (cid in replica.done) != applied and not (replica.copied and applied):
            where = "done" if cid in replica.done else "in needs attention"
            raise Violation(
                3, f"command {cid} is {where} on desktop {replica.index}; the server has {stored}"
            )


def _texts_once(store: Store, ledger: Ledger) -> None:
    """Each text that was applied stands once on the server, each refused one nowhere."""
    found: dict[int, int] = {}
    for entries in store.entries.values():
        for eid in entries:
            if eid & 3 == 0:
                found[eid >> 2] = found.get(eid >> 2, 0) + 1
    for cid, command in ledger.commands.items():
        if command[KIND] in TEXTS or command[KIND] == CREATE:
            stored = store.verdicts.get(cid)
            times = 1 if stored and stored[0] == APPLIED else 0
            if found.get(cid, 0) != times:
                raise Violation(4, f"the text of command {cid} stands {found.get(cid, 0)} times, not {times}")
