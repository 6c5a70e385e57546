"""The invariants of SYNC §8 on the model, by a reader of its own: it shares no code with replica and server."""

from tests.simulation.model.ledger import Ledger, Window
from tests.simulation.model.replica import Replica
from tests.simulation.model.rules import (
    APPLIED,
    ASSIGN,
    ASSIGNEE,
    ATTACH,
    CC,
    CID,
    CLASSES,
    CLOSED,
    CLOSED_AT,
    COMMENT,
    CREATE,
    CREATOR,
    EDIT_A,
    EDIT_B,
    EDIT_X,
    FILE,
    FOLLOW,
    INTERNAL,
    KIND,
    LINK,
    MARK,
    MERGED,
    MOVED,
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
    X,
    put,
)
from tests.simulation.model.store import Store
from tests.simulation.violation import Violation

TEXTS = (COMMENT, NOTE, LINK, ATTACH)


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
    rev = held[0][REV] if held and tid not in replica.old_epoch else 0
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
        elif kind in (EDIT_A, EDIT_B, EDIT_X, STEP):
            expected[{EDIT_A: A, EDIT_B: B, EDIT_X: X, STEP: STATUS}[kind]] = value
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
        if replica.destroyed or replica.device in store.revoked:
            _ended(store, replica)
            continue
        _same(store, replica)
        _files(store, replica, ledger)
    if not ledger.restored:
        for replica in replicas:
            if not replica.destroyed:
                _commands(store, replica, ledger)
        _texts_once(store, ledger)
        _erased(store)
        _merged(store, ledger)
    if any(replica.registered and not replica.copied for replica in replicas) and not ledger.restored:
        raise Violation(3, "a desktop that nobody copied was taken for a copy")
    spoke = [replica.device for replica in replicas if replica.spoke]
    if len(set(spoke)) < len(spoke) and not store.restores:
        raise Violation(3, "a copied desktop goes on under the name of the other")


def _feed(store: Store) -> None:
    above = [seq for seq in store.seqs if seq > store.compacted_to]
    if above and (len(above) != above[-1] - above[0] + 1 or len(set(above)) != len(above)):
        raise Violation(6, f"the feed has a gap: {above}")
    if len({row[NUMBER] for row in store.rows.values()}) != len(store.rows):
        raise Violation(9, "two tickets have one number")


def expected(store: Store, person: int) -> dict[int, tuple[Row, Entries, int]]:
    """What a person may hold, with the classes: worked out here, not by the code under test."""
    scope = store.scopes[person]
    expected: dict[int, tuple[Row, Entries, int]] = {}
    for tid, row in store.rows.items():
        classes = scope[row[ORG]] & CLASSES
        if row[ASSIGNEE] == person:
            classes = SEE | INTERNAL
        elif row[CREATOR] == person or row[CC] >> person & 1:
            classes |= SEE
        if classes and not (row[STATUS] == CLOSED and row[CLOSED_AT] < store.keep_since):
            entries = store.entries[tid]
            expected[tid] = (row, {e: v for e, v in entries.items() if v[1] & classes}, classes)
    return expected


def _same(store: Store, replica: Replica) -> None:
    """Base is what the server has and the person may see, exactly."""
    wanted = expected(store, replica.person)
    if replica.protocol == 1:
        wanted = {tid: (put(held[0], (X, 0), (MARK, 0)), held[1], held[2]) for tid, held in wanted.items()}
    _differs(replica, wanted)


def _differs(replica: Replica, expected: dict[int, tuple[Row, Entries, int]]) -> None:
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
        alone = stored is None or replica.copied  # a copy may bring it anew, to another end
        if cid in replica.done and alone and replica.kept[cid][1] in store.restores.values():
            continue  # it changed nothing, and its verdict was the last thing that a backup does not have
        if (cid in replica.done) != applied and not (replica.copied and applied):
            where = "done" if cid in replica.done else "in needs attention"
            raise Violation(
                3, f"command {cid} is {where} on desktop {replica.index}; the server has {stored}"
            )


def _ended(store: Store, replica: Replica) -> None:
    """A revoked desktop holds nothing, and sent what it had; one that was stolen is not waited for."""
    if not replica.destroyed:
        raise Violation(2, f"desktop {replica.index} was revoked and goes on")
    if replica.revoked == 1 and replica.unsent_at_end:
        raise Violation(3, f"desktop {replica.index} threw its key away with {replica.unsent_at_end} unsent")


def _files(store: Store, replica: Replica, ledger: Ledger) -> None:
    """Bytes are held of what is in sight only, and all that was named has come whole."""
    own = replica.pending.keys() | replica.attention.keys()
    named = {e >> 2 for held in replica.base.values() for e, v in held[1].items() if v[1] & FILE and not v[2]}
    if replica.blobs - named - own:
        raise Violation(2, f"desktop {replica.index} holds files out of sight: {replica.blobs - named - own}")
    if replica.uploads.keys() - own:
        raise Violation(11, f"desktop {replica.index} has not sent the files {sorted(replica.uploads)}")
    for sha in (replica.blobs & named & replica.done) - ledger.unnoticed:
        if not store.blobs.get(sha):
            raise Violation(1, f"file {sha} of desktop {replica.index} is not whole on the server")


def may_have(store: Store, person: int, sha: int) -> None:
    """The bytes of a file go only to whom a ticket shows it."""
    held = expected_anyway(store, person)
    if not any(sha * 4 in entries and not entries[sha * 4][2] for entries in held):
        raise Violation(2, f"person {person} is given file {sha}, which is not theirs")


def expected_anyway(store: Store, person: int) -> list[Entries]:
    """The children a person may see, those of tickets closed long ago too."""
    keep_since, store.keep_since = store.keep_since, 0
    try:
        return [entries for _, entries, _ in expected(store, person).values()]
    finally:
        store.keep_since = keep_since


def salvaged(store: Store, ledger: Ledger, dropped: set[int]) -> None:
    """What a server lost is not let go of before it was offered for review."""
    for tid in dropped:
        if tid not in store.rows and tid not in store.salvaged and not ledger.restored:
            raise Violation(3, f"ticket {tid}, which the server lost, was let go of unseen")


def compared(replica: Replica, ledger: Ledger, at: Window) -> None:
    """A digest differs if and only if what is held differs."""
    found, replica.compared = replica.compared, None
    there = ledger.expected[replica.person, at]
    keep = replica.keep_since
    here = {t: h for t, h in replica.base.items() if h[0][STATUS] != CLOSED or h[0][CLOSED_AT] >= keep}
    differ = {
        tid: (here.get(tid), there.get(tid))
        for tid in sorted(here.keys() | there.keys())
        if here.get(tid) != there.get(tid)
    }
    if found != bool(differ):
        raise Violation(12, f"desktop {replica.index}: the digest says {found}; (here, there) are {differ}")
    known = replica.rotten or ledger.restored or any(not h[0][MARK] for h in here.values())
    if found and not known:
        raise Violation(
            1, f"desktop {replica.index} holds otherwise than it ought to: (here, there) {differ}"
        )


def _erased(store: Store) -> None:
    """What was erased does not come back, by no way."""
    kept = [*store.entries.values(), *(entries for _, entries in store.salvaged.values())]
    for entries in kept:
        back = [eid for eid, entry in entries.items() if eid in store.erased and not entry[2]]
        if back:
            raise Violation(2, f"erased texts are back: {back}")


def _merged(store: Store, ledger: Ledger) -> None:
    """What comes for a merged ticket stands in the one it was merged into."""
    for tid, rev in ledger.merged.items():
        for eid, entry in store.entries[tid].items():
            command = ledger.commands.get(eid >> 2)
            late = entry[0] > rev and not entry[2] and eid & 3 == 0
            if late and command and command[KIND] == COMMENT and command[TID] == tid:
                raise Violation(4, f"the text of command {eid >> 2} stands on ticket {tid}, which was merged")


def _texts_once(store: Store, ledger: Ledger) -> None:
    """Each text that was applied stands once on the server, each refused one nowhere."""
    found: dict[int, int] = {}
    for entries in store.entries.values():
        for eid in entries:
            if eid & 3 == 0 and entries[eid][2] != MOVED:
                found[eid >> 2] = found.get(eid >> 2, 0) + 1
    for cid, command in ledger.commands.items():
        if command[KIND] in TEXTS or command[KIND] == CREATE:
            stored = store.verdicts.get(cid)
            times = 1 if stored and stored[0] == APPLIED else 0
            if found.get(cid, 0) != times:
                raise Violation(4, f"the text of command {cid} stands {found.get(cid, 0)} times, not {times}")
