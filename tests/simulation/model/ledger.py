"""The all-knowing record beside the model, kept by neither end: what was written and what was ever true."""

from collections.abc import Iterable

from tests.simulation.model.messages import Token, Verdict
from tests.simulation.model.rules import (
    CID,
    CONTACT,
    CREATE,
    EDIT_X,
    ERASED,
    INTO,
    KIND,
    LINK,
    MARK,
    NUMBER,
    ORIGIN,
    RETRY,
    REV,
    STATUS_NAMES,
    TID,
    VALUE,
    Command,
    Entries,
    Row,
    X,
    put,
)
from tests.simulation.violation import Violation

Window = tuple[Token, int]
"""A cursor, and since when closed tickets were kept: that moves without the feed."""


class Ledger:
    """Sees every commit of the server, every verdict told and every command written."""

    def __init__(self) -> None:
        self.now = 1000
        self.history: dict[tuple[int, int], list[tuple[Row, Entries]]] = {}
        self.expected: dict[tuple[int, Window], dict[int, tuple[Row, Entries, int]]] = {}
        self.known: set[int] = set()
        self.merged: dict[int, int] = {}  # ticket and the revision in which it was merged
        self.holds: set[int] = set()
        self.erased: set[int] = set()
        self.copied = False
        """Whether a desktop was copied: then two may bring back one desktop's work after a restore."""
        self.set_aside: set[int] = set()
        """What a desktop let go of while a copy of it goes on with it: the two keep no order between them."""
        self.unnoticed: set[int] = set()
        """Files that a server which silently went back lost after their messages: only comparing finds that out."""
        self.newest: dict[int, int] = {}
        self.numbers: dict[int, int] = {}
        self.commands: dict[int, Command] = {}
        self.verdicts: dict[int, tuple[int, int, int, int]] = {}
        self.last: dict[int, tuple[Row, Entries]] = {}
        self.last_of: dict[tuple[int, int], int] = {}
        self.links: list[Command] = []
        self.restored = False
        self._ids = 0

    def new_id(self) -> int:
        """An id that sorts after all earlier ones."""
        self._ids += 1
        return self._ids

    def wrote(self, command: Command) -> None:
        """A person wrote a command."""
        self.commands[command[CID]] = command

    def commit(self, tid: int, row: Row, entries: Entries) -> None:
        """Check one ticket of a commit: revisions rise by one, one number for ever, times within bounds."""
        rev = row[REV]
        if not self.restored:
            if rev != self.newest.get(tid, 0) + 1:
                raise Violation(6, f"ticket {tid} went from revision {self.newest.get(tid, 0)} to {rev}")
            if self.numbers.setdefault(row[NUMBER], tid) != tid:
                raise Violation(9, f"number {row[NUMBER]} was given to two tickets")
            before = self.last.get(tid)
            if before:
                self._follows(tid, before, row, entries)
        self.erased.update(eid for eid, entry in entries.items() if entry[2] == ERASED)
        self.newest[tid] = rev
        self.known.add(tid)
        self.last[tid] = (row, entries)
        self.history.setdefault((tid, rev), []).append((row, entries))
        if row[INTO] and tid not in self.merged:
            self.merged[tid] = rev
        for eid, entry in entries.items():
            if entry[0] == rev and eid & 3 == 0 and not entry[2]:
                self._effect(tid, eid >> 2, entry[3])

    def _follows(self, tid: int, before: tuple[Row, Entries], row: Row, entries: Entries) -> None:
        """Check what may not change from one version of a ticket to the next."""
        if before[0][NUMBER] != row[NUMBER]:
            raise Violation(9, f"ticket {tid} had number {before[0][NUMBER]} and now {row[NUMBER]}")
        if before[0][X] != row[X]:
            new = [eid >> 2 for eid, entry in entries.items() if entry[0] == row[REV]]
            if not any(self.commands[cid][KIND] == EDIT_X for cid in new if cid in self.commands):
                raise Violation(14, f"ticket {tid} lost a field that an older desktop does not know")
        if tid in self.holds:
            for eid, entry in entries.items():
                again = eid in self.erased or before[1].get(eid, entry)[2]
                if entry[2] == ERASED and not again:
                    raise Violation(4, f"a text of ticket {tid} was erased against a legal hold")

    def rolled_back(self, rows: dict[int, Row], entries: dict[int, Entries], known: Iterable[int]) -> None:
        """The server went back to an older state, openly."""
        self.newest = {tid: row[REV] for tid, row in rows.items()}
        self.last = {tid: (row, entries[tid]) for tid, row in rows.items()}
        self.merged = {tid: rev for tid, rev in self.merged.items() if tid in rows and rows[tid][INTO]}
        self.verdicts = {cid: self.verdicts[cid] for cid in known if cid in self.verdicts}
        self.last_of.clear()
        self.links.clear()

    def expect(self, person: int, at: Window, tickets: dict[int, tuple[Row, Entries, int]]) -> None:
        """What a person's replica ought to hold as of a cursor and a retention window."""
        self.expected[person, at] = tickets

    def _effect(self, tid: int, cid: int, at: int) -> None:
        """Check the effect of one command: within its time, in the order written."""
        command = self.commands.get(cid)
        if command is None:
            return
        if not command[CONTACT] <= at <= self.now:
            raise Violation(13, f"command {cid} counts at {at}, outside {command[CONTACT]}…{self.now}")
        key = (command[ORIGIN], tid)
        if command[TID] != tid:
            return  # it was moved here, or came for a ticket that was merged into this
        in_order = cid not in self.set_aside
        if in_order and self.last_of.get(key, 0) > cid and not self.restored and not self.copied:
            raise Violation(
                3, f"command {cid} took effect after a later one of the same desktop on ticket {tid}"
            )
        if in_order and command[KIND] != CREATE:
            self.last_of[key] = cid
        if command[KIND] == LINK:
            self.links.append(command)

    def told(self, verdicts: tuple[Verdict, ...]) -> None:
        """Check that a command has the same verdict each time, and that what it refers to is there."""
        while self.links:
            link = self.links.pop()
            if link[VALUE] not in self.known and not self.restored:
                raise Violation(
                    3, f"command {link[CID]} refers to ticket {link[VALUE]}, which never came to be"
                )
        for cid, status, rev, seq, number in verdicts:
            if status == RETRY:
                continue
            before = self.verdicts.setdefault(cid, (status, rev, seq, number))
            if before != (status, rev, seq, number) and not self.restored:
                was, now = STATUS_NAMES[before[0]], STATUS_NAMES[status]
                raise Violation(5, f"command {cid} was {was} {before[1:]}, then {now} {(rev, seq, number)}")

    def was_true(self, tid: int, row: Row, entries: Entries, classes: int) -> bool:
        """Whether a ticket ever was like this, seen with these classes."""
        for known, children in self.history.get((tid, row[REV]), ()):
            if known != row and (row[MARK] or put(known, (X, row[X]), (MARK, 0)) != row):
                continue
            if entries == {eid: entry for eid, entry in children.items() if entry[1] & classes}:
                return True
        return False
