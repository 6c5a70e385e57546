"""The model server's push: dedupe, decide, and one transaction for effects and verdicts."""

from tests.simulation.model.merging import target
from tests.simulation.model.messages import ERROR, STALE, FailedAnswer, PushRequest
from tests.simulation.model.rules import (
    APPLIED,
    ASSIGNEE,
    AT,
    ATTACH,
    BLOCKED,
    CID,
    COMMENT,
    CONTACT,
    CREATE,
    DEPENDS,
    ERASED,
    HANDLE,
    INTERNAL,
    INTO,
    KIND,
    LINK,
    MERGED,
    MOVED,
    NUMBER,
    REJECTED,
    RETRY,
    REV,
    TID,
    UPDATED,
    VALUE,
    Command,
    Decision,
    Row,
    X,
    access,
    created,
    decide,
    may,
    put,
)
from tests.simulation.model.store import DEVICE, NUMBERS, Store, Tx

ROUTED_EVERY = 3


def push(
    store: Store, person: int, request: PushRequest, *, now: int, poison: set[int], retry: int
) -> Tx | FailedAnswer:
    """Decide a batch; the caller commits. `retry` is a mask of commands that meet passing trouble."""
    _, device, push_no, commands, withdrawn, returned, _, protocol = request
    locks = {command[TID] for command in commands}
    locks |= {target(store, tid) for tid in locks}
    locks.add(DEVICE - device)
    if any(command[KIND] == CREATE for command in commands):
        locks.add(NUMBERS)
    if store.slow and store.safe.row_locks:
        store.wait_for(locks)
    fresh = [command[CID] for command in commands if command[CID] not in store.verdicts]
    if poison and any(cid in poison for cid in fresh):
        return (ERROR,)
    last, ids = store.pushed.get(device, (0, 0)), tuple(command[CID] for command in commands)
    repeated = last == (push_no, hash(ids)) and store.safe.repeat_is_no_copy
    if device in store.revoked:
        repeated = True  # it sends its last, and gets no other name
    if fresh and push_no <= last[0] and not repeated and store.safe.push_no_checked:
        return (STALE,)
    batch = _Batch(store, Tx(person, device, (push_no, hash(ids))), now)
    batch.tx.locks = locks
    batch.protocol = protocol
    batch.returned = {cid: (seq, number) for cid, seq, number in returned}
    for index, command in enumerate(commands):
        batch.add(command, retry >> index & 1)
    for cid in withdrawn:
        batch.withdraw(cid)
    return batch.tx


def take_returned(store: Store, person: int, device: int, command: Command, number: int, *, now: int) -> Tx:
    """Decide a command that returned after a restore; the caller commits."""
    batch = _Batch(store, Tx(person, device, (0, 0)), now)
    batch.returned = {command[CID]: (0, number)}
    batch.add(command, 0)
    return batch.tx


class _Batch:
    """The commands of one request, decided one after the other over an overlay."""

    def __init__(self, store: Store, tx: Tx, now: int) -> None:
        self.store, self.tx, self.now = store, tx, now
        self.held_back: set[int] = set()
        self.held_back_commands: set[int] = set()
        self.returned: dict[int, tuple[int, int]] = {}
        self.protocol = 2

    def add(self, command: Command, trouble: int) -> None:
        """Answer one command: as it was answered before, or by deciding it."""
        store, tx, cid, tid = self.store, self.tx, command[CID], command[TID]
        stored = store.verdicts.get(cid)
        if stored is not None and store.safe.dedupe:
            self._repeat(command)
            return
        status, orphan = self._order(command)
        if trouble:
            status, orphan = RETRY, 0
        elif store.recovering and status != RETRY and self._waits(command):
            self.held_back_commands.add(cid)
            tx.answers.append((cid, RETRY, 0, 0, 0))
            return
        if status in (RETRY, BLOCKED):
            self.held_back.add(tid)
        if status == RETRY:
            self.held_back_commands.add(cid)
            tx.answers.append((cid, RETRY, orphan, 0, 0))
            return
        row = tx.rows.get(tid) or store.rows.get(tid)
        if status != BLOCKED:
            status, row = self._decide(command, row)
        tx.verdicts[cid] = (status, row[REV] if row else 0, row[NUMBER] if row else 0)
        tx.answers.append(cid)

    def _waits(self, command: Command) -> bool:
        """While lost work comes back: what returns is put by, and what is new goes behind it."""
        store, cid, tid = self.store, command[CID], command[TID]
        if cid in self.returned:
            if not store.safe.returned_wait:
                return False
            self.tx.returned[cid] = (command, self.tx.person, self.tx.device, *self.returned[cid])
            return True
        if not store.safe.window_waits:
            return False
        unknown = command[KIND] != CREATE and tid not in store.rows and tid not in self.tx.rows
        return unknown or any(
            held[0][TID] == tid for held in (*store.returned.values(), *self.tx.returned.values())
        )

    def withdraw(self, cid: int) -> None:
        """Say what became of a command, or see to it that nothing ever will."""
        stored = self.store.verdicts.get(cid)
        if stored is not None:
            self.tx.answers.append((cid, *stored[:4]))
            return
        self.tx.verdicts[cid] = (REJECTED, 0, 0)
        self.tx.answers.append(cid)

    def _repeat(self, command: Command) -> None:
        store, tx, cid = self.store, self.tx, command[CID]
        status, rev, seq, number, _, device = store.verdicts[cid]
        if not store.safe.verdict_to_any_device and device != tx.device:
            status = REJECTED
        if not store.safe.number_once and command[KIND] == CREATE and status == APPLIED:
            tx.given += 1
            number = store.number + tx.given
            row = put(store.rows[command[TID]], (NUMBER, number))
            tx.rows[command[TID]] = put(row, (REV, row[REV] + 1))
        tx.answers.append((cid, status, rev, seq, number))

    def _order(self, command: Command) -> tuple[int, int]:
        """RETRY or BLOCKED where an earlier command stands in the way, and whether that one is unknown."""
        store = self.store
        if command[TID] in self.held_back and store.safe.retry_keeps_order:
            return RETRY, 0
        depends = command[DEPENDS]
        if not depends or not store.safe.depends_on:
            return APPLIED, 0
        known = self.tx.verdicts.get(depends) or store.verdicts.get(depends)
        if known is None:
            return RETRY, int(depends not in self.held_back_commands)
        return (APPLIED if known[0] in (APPLIED, MERGED) else BLOCKED), 0

    def _decide(self, command: Command, row: Row | None) -> tuple[int, Row | None]:
        """Decide, and lay the outcome over what is stored."""
        store, tx, tid = self.store, self.tx, command[TID]
        at = command[AT]
        if store.safe.clock_bounded:
            at = min(max(at, command[CONTACT]), self.now)
        status, after, appended = self._decision(command, row, at)
        if after is None or (after is row and not appended):
            return status, row
        if tid not in tx.rows:
            old = store.rows.get(tid)
            after = put(after, (REV, old[REV] + 1 if old else 1))
        rows = tx.entries.setdefault(tid, {})
        for eid, field_class in appended:
            again = eid in store.erased and store.safe.erasure_over_returned
            rows[eid] = (after[REV], field_class, ERASED if again else 0, after[UPDATED])
        if after[INTO] and command[KIND] in (COMMENT, LINK, ATTACH):
            self._pass_on(tid, after)
        if command[KIND] == CREATE:
            after = self._numbered_and_routed(command, after)
        if self.protocol == 1 and not store.safe.older_keeps_newer:
            after = put(after, (X, 0))
        tx.rows[tid] = after
        if command[KIND] == COMMENT and not self._was_told(command[CID]):
            tx.notices.append(command[CID])
        return status, after

    def _pass_on(self, tid: int, row: Row) -> None:
        """What is said on a merged ticket goes to the one it was merged into, in the same transaction."""
        store, tx, into = self.store, self.tx, target(self.store, tid)
        if into == tid:
            return
        other = tx.rows.get(into) or store.rows[into]
        if into not in tx.rows:
            other = put(other, (REV, other[REV] + 1))
        tx.rows[into] = put(other, (UPDATED, max(other[UPDATED], row[UPDATED])))
        there, here = tx.entries.setdefault(into, {}), tx.entries[tid]
        for eid, (rev, field_class, erased, at) in list(here.items()):
            if rev == row[REV] and erased != MOVED:
                there[eid] = (other[REV], field_class, erased, at)
                here[eid] = (rev, field_class, MOVED, at)

    def _decision(self, command: Command, row: Row | None, at: int) -> Decision:
        person, scope = self.tx.person, self.store.scopes[self.tx.person]
        if command[KIND] == CREATE:
            if row is not None or not scope[command[VALUE]] & HANDLE:
                return REJECTED, None, ()
            return created(command, person, at)
        if row is None or not may(person, row, access(person, row, scope), command[KIND]):
            return REJECTED, None, ()
        return decide(row, command, person, at, False)

    def _was_told(self, cid: int) -> bool:
        """Whether people outside may have been told of a command before."""
        return cid in self.returned and self.store.safe.returned_quiet

    def _numbered_and_routed(self, command: Command, row: Row) -> Row:
        """What only the server does: the official number, and routing in the same transaction."""
        number = self.returned.get(command[CID], (0, 0))[1] if self.store.safe.number_kept else 0
        # Of two pasts, two of one batch may have had the same.
        rows = (*self.store.rows.values(), *self.tx.rows.values())
        if number and not any(one[NUMBER] == number for one in rows):
            row = put(row, (NUMBER, number))
        else:
            self.tx.given += 1
            row = put(row, (NUMBER, self.store.number + self.tx.given))
        if command[CID] % ROUTED_EVERY:
            return row
        eid = command[CID] * 4 + 3
        erased = ERASED if eid in self.store.erased and self.store.safe.erasure_over_returned else 0
        self.tx.entries[command[TID]][eid] = (row[REV], INTERNAL, erased, row[UPDATED])
        return put(row, (ASSIGNEE, command[CID] // ROUTED_EVERY % len(self.store.scopes)))
