"""The all-knowing record beside the model, kept by neither end: what was written and what was ever true."""

from tests.simulation.model.messages import Verdict
from tests.simulation.model.rules import (
    CID,
    CLASSES,
    CONTACT,
    CREATE,
    KIND,
    LINK,
    NUMBER,
    ORIGIN,
    RETRY,
    REV,
    STATUS_NAMES,
    VALUE,
    Command,
    Entries,
    Row,
)
from tests.simulation.violation import Violation


class Ledger:
    """Sees every commit of the server, every verdict told and every command written."""

    def __init__(self) -> None:
        self.now = 1000
        self.history: dict[tuple[int, int], tuple[Row, Entries]] = {}
        self.newest: dict[int, int] = {}
        self.numbers: dict[int, int] = {}
        self.commands: dict[int, Command] = {}
        self.verdicts: dict[int, tuple[int, int, int, int]] = {}
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
            before = self.history.get((tid, rev - 1))
            if before and before[0][NUMBER] != row[NUMBER]:
                raise Violation(9, f"ticket {tid} had number {before[0][NUMBER]} and now {row[NUMBER]}")
        self.newest[tid] = rev
        self.history[tid, rev] = (row, entries)
        for eid, entry in entries.items():
            if entry[0] == rev and eid & 3 == 0 and not entry[2]:
                self._effect(tid, eid >> 2, entry[3])

    def _effect(self, tid: int, cid: int, at: int) -> None:
        """Check the effect of one command: within its time, in the order written."""
        command = self.commands.get(cid)
        if command is None:
            return
        if not command[CONTACT] <= at <= self.now:
            raise Violation(13, f"command {cid} counts at {at}, outside {command[CONTACT]}…{self.now}")
        key = (command[ORIGIN], tid)
        if self.last_of.get(key, 0) > cid and not self.restored:
            raise Violation(
                3, f"command {cid} took effect after a later one of the same desktop on ticket {tid}"
            )
        if command[KIND] != CREATE:
            self.last_of[key] = cid
        if command[KIND] == LINK:
            self.links.append(command)

    def told(self, verdicts: tuple[Verdict, ...]) -> None:
        """Check that a command has the same verdict each time, and that what it refers to is there."""
        while self.links:
            link = self.links.pop()
            if link[VALUE] not in self.newest and not self.restored:
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
        known = self.history.get((tid, row[REV]))
        if known is None or known[0] != row:
            return False
        if classes & CLASSES == CLASSES:
            return entries == known[1]
        return entries == {eid: entry for eid, entry in known[1].items() if entry[1] & classes}
