"""The model server's committed state, and the one transaction that changes it."""

from bisect import bisect_left
from collections.abc import Callable

from tests.simulation.model.messages import Token, Verdict, Version
from tests.simulation.model.rules import (
    ERASED,
    FILE,
    MARK,
    NOBODY,
    ORG,
    REV,
    Command,
    Entries,
    Entry,
    Row,
    Scope,
    participants,
    put,
    resolve,
)
from tests.simulation.model.safeguards import Safeguards

Change = tuple[int, int, int, int]
"""Ticket (NOBODY: grants or tree), lowest revision before, mask of units, mask of people named."""
Stored = tuple[int, int, int, int, int, int]
"""Status, revision, seq, number, person, device."""
Grants = tuple[tuple[int, int], ...]
Watch = Callable[[int, Row, Entries], None]
NUMBERS = -1  # the lock of the number counter
DEVICE = -10  # the lock of device d is DEVICE - d


class Tx:
    """What one transaction has done and not yet committed."""

    __slots__ = (
        "answers",
        "device",
        "early",
        "entries",
        "given",
        "locks",
        "notices",
        "person",
        "push_no",
        "quiet",
        "returned",
        "rows",
        "verdicts",
    )

    def __init__(self, person: int, device: int, push_no: tuple[int, int]) -> None:
        self.person, self.device, self.push_no = person, device, push_no
        self.rows: dict[int, Row] = {}
        self.entries: dict[int, Entries] = {}
        self.verdicts: dict[int, tuple[int, int, int]] = {}  # command → status, revision, number
        self.answers: list[int | Verdict] = []  # a command of this transaction, or a verdict known before
        self.locks: set[int] = set()
        self.given = 0
        self.early = 0
        self.quiet = False  # nobody outside is told of it: they were told before
        self.notices: list[int] = []
        self.returned: dict[int, tuple[Command, int, int, int, int]] = {}


class Store:
    """Tickets with children, the feed, verdicts, grants and the tree."""

    def __init__(self, safe: Safeguards, grants: list[Grants], watch: Watch) -> None:
        self.safe = safe
        self.watch = watch
        self.rows: dict[int, Row] = {}
        self.entries: dict[int, Entries] = {}
        self.epoch = 1
        self.head = 0
        self.compacted_to = 0
        self.seqs: list[int] = []
        self.changes: list[Change] = []
        self.nonces: dict[int, int] = {0: 0}
        self.nonce = 1  # rises for ever, also through a restore: nonces never repeat
        self.reserved = 0  # what a sequence would have given out (a mutant's)
        self.verdicts: dict[int, Stored] = {}
        self.pushed: dict[int, tuple[int, int]] = {}  # push number and a hash of its commands
        self.number = 0
        self.grants = grants
        self.grants_version = [1] * len(grants)
        self.parent = [4, 4, 5, 5]
        self.tree_version = 1
        self.scopes: list[Scope] = [resolve(g, self.parent) for g in grants]
        self.slow: list[Tx] = []
        self.notices: list[int] = []
        self._begin_record()

    def _begin_record(self) -> None:
        """What is kept apart from the database, or worked out anew: a restore does not bring it back."""
        self.floor = 0
        self.keep_since = 0
        self.restores: dict[int, int] = {}  # epoch → the seq that its past ends with
        self.recovering = False
        self.returned: dict[int, tuple[Command, int, int, int, int]] = {}
        self.stale_notices: set[int] = set()
        self.salvaged: dict[int, tuple[Row, Entries]] = {}
        self.erased: set[int] = set()
        self.holds: set[int] = set()
        self.revoked: dict[int, int] = {}
        self.parts: dict[int, dict[int, bool]] = {}
        self.blobs: dict[int, bool] = {}

    def token(self) -> Token:
        """The head as a cursor."""
        return self.epoch, self.head, self.nonces[self.head]

    def knows(self, token: Token) -> bool:
        """Whether a token is of this server's past."""
        epoch, seq, nonce = token
        if epoch != self.epoch or seq > self.head:
            return False
        return self.nonces[seq] == nonce or not self.safe.nonce

    def version(self, person: int) -> Version:
        """The version of a person's scope."""
        return self.grants_version[person], self.tree_version

    def wait_for(self, locks: set[int]) -> None:
        """Commit the slow transactions that hold a lock this one needs."""
        for tx in [tx for tx in self.slow if tx.locks & locks]:
            self.slow.remove(tx)
            self.commit(tx)

    def commit_slow(self) -> None:
        """Let the slow transactions come to their end."""
        while self.slow:
            self.commit(self.slow.pop(0))

    def hold(self, tx: Tx) -> None:
        """Leave a transaction open for a while, with its locks."""
        if not self.safe.seq_last:
            tx.early = self.reserved = max(self.reserved, self.head) + len(tx.rows)
        self.slow.append(tx)

    def commit(self, tx: Tx, dies: bool = False) -> tuple[Verdict, ...]:
        """Write all of it; where `dies`, the server ends right after this commit."""
        safe = self.safe
        if not (dies and not safe.feed_with_rows):
            self._write_feed(tx)
        entries = self.entries
        for tid, row in tx.rows.items():
            row = put(row, (MARK, self.nonce))
            self.nonce += 1
            self.rows[tid] = row
            held = {**entries.get(tid, {}), **tx.entries.get(tid, {})}
            entries[tid] = held
            self.watch(tid, row, held)
        seq, person, device = self.head, tx.person, tx.device
        if not (dies and not safe.verdict_with_effect):
            for cid, (status, rev, number) in tx.verdicts.items():
                self.verdicts[cid] = (status, rev, seq, number, person, device)
        self.number += tx.given
        self.notices += tx.notices
        self.returned.update(tx.returned)
        if tx.push_no > self.pushed.get(device, (0, 0)):
            self.pushed[device] = tx.push_no
        told: list[Verdict] = []
        for answer in tx.answers:
            if isinstance(answer, int):
                status, rev, number = tx.verdicts[answer]
                told.append((answer, status, rev, seq, number))
            else:
                told.append(answer)
        return tuple(told)

    def _write_feed(self, tx: Tx) -> None:
        """Take the counter last and write a change row for each ticket."""
        seq = tx.early - len(tx.rows) if tx.early else self.head
        safe = self.safe
        for tid, row in tx.rows.items():
            old = self.rows.get(tid)
            units = 1 << row[ORG] if safe.new_coordinates or old is None else 0
            named, rev_from = participants(row), 0
            if old is not None:
                if safe.old_coordinates:
                    units |= 1 << old[ORG]
                named ^= participants(old)
                rev_from = old[REV]
            seq += 1
            self._append(seq, (tid, rev_from, units, named if safe.names_people else 0))

    def _append(self, seq: int, change: Change) -> None:
        self.nonces[seq] = self.nonce
        self.nonce += 1
        if seq > self.head:
            self.seqs.append(seq)
            self.changes.append(change)
            self.head = seq
        else:
            place = bisect_left(self.seqs, seq)
            self.seqs.insert(place, seq)
            self.changes.insert(place, change)

    def grant(self, person: int, grants: Grants) -> None:
        """Give or take grants."""
        self.grants[person] = grants
        self.grants_version[person] += 1
        self.scopes[person] = resolve(grants, self.parent)
        self._announce()

    def move(self, store: int) -> None:
        """Hang a store under the other region."""
        self.parent[store] = 9 - self.parent[store]
        self.tree_version += 1
        self.scopes = [resolve(g, self.parent) for g in self.grants]
        self._announce()

    def _announce(self) -> None:
        if self.safe.grants_in_feed:
            self._append(max(self.head, self.reserved) + 1, (NOBODY, 0, 0, 0))

    def compact(self) -> None:
        """Leave one change row for each ticket: lowest revision, every unit and every person named."""
        last: dict[int, tuple[int, Change]] = {}
        safe = self.safe
        for seq, change in zip(self.seqs, self.changes, strict=True):
            tid, rev_from, units, named = change
            if tid in last:
                _, (_, lowest, before, people) = last.pop(tid)
                rev_from = min(rev_from, lowest)
                if safe.compaction_keeps_units:
                    units, named = units | before, named | people
            last[tid] = (seq, (tid, rev_from, units, named))
        self.seqs = [seq for seq, _ in last.values()]
        self.changes = [change for _, change in last.values()]
        self.compacted_to = self.head
        if self.safe.compaction_in_feed:
            # Whoever read the compacted feed holds a head that a backup from before it doesn't know.
            self._announce()

    def overrun(self, share: int) -> None:
        """Give up the older part of the feed: who was away so long finds what changed in another way."""
        if len(self.seqs) < 4:
            return
        place = len(self.seqs) * (1 + share) // 5
        self.floor = max(self.floor, self.seqs[place - 1])
        self.seqs, self.changes = self.seqs[place:], self.changes[place:]

    def system(self, tid: int, row: Row, entries: Entries) -> None:
        """A change that no desktop asked for."""
        self.wait_for({tid})
        tx = Tx(NOBODY, 0, (0, 0))
        rev = self.rows[tid][REV] + 1
        tx.rows[tid] = (rev, *row[1:])
        tx.entries[tid] = {eid: (rev, *entry[1:]) for eid, entry in entries.items()}
        self.commit(tx)

    def erase(self, tid: int, eid: int) -> None:
        """Take the text from a child; its key, class and time stay, its revision rises."""
        if self.entries[tid][eid][2]:
            return  # it was erased, or stands in another ticket now
        entry: Entry = self.entries[tid][eid]
        if tid in self.holds and self.safe.legal_hold:
            return
        self.erased.add(eid)
        self.salvaged.pop(tid, None)  # copies that were given back for review hold it, too
        if entry[1] & FILE:
            self.blobs.pop(eid >> 2, None)
        if not self.safe.tombstones:
            self.entries[tid] = {e: kept for e, kept in self.entries[tid].items() if e != eid}
            self.system(tid, self.rows[tid], {})
            return
        self.system(tid, self.rows[tid], {eid: (0, entry[1], ERASED, entry[3])})
