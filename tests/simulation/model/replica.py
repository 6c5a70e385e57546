"""The model's desktop: base, shown, outbox, cursor, ranges to fill and tickets to ask for."""

from typing import Any

from tests.simulation.model.messages import (
    FILL,
    LIST,
    MINE,
    OFFER,
    PULL,
    TICKETS,
    Put,
    Token,
    Version,
)
from tests.simulation.model.rules import (
    APPLIED,
    AT,
    CID,
    CLASSES,
    CREATE,
    KIND,
    MERGED,
    ORG,
    REJECTED,
    REV,
    STORES,
    TID,
    UPDATED,
    Command,
    Entries,
    Row,
    Scope,
    access,
    created,
    decide,
    in_window,
    may,
)
from tests.simulation.model.safeguards import Safeguards

Held = tuple[Row, Entries, int]
"""A ticket in base: its row, its children, the access it was projected to."""
Shown = tuple[Row, Entries]
UNSENT_KINDS = (APPLIED, MERGED)


class Replica:
    """One desktop. Each public method is one transaction unless it says otherwise."""

    def __init__(self, safe: Safeguards, index: int, person: int) -> None:
        self.safe, self.index, self.person = safe, index, person
        self.device, self.registered = index + 1, 0
        self.base: dict[int, Held] = {}
        self.shown: dict[int, Shown] = {}  # of tickets with unsent or acknowledged commands only
        self.pending: dict[int, Command] = {}
        self.acked: dict[int, tuple[Command, int, int]] = {}  # command, revision and seq of its verdict
        self.attention: dict[int, tuple[Command, int]] = {}
        self.sent: set[int] = set()
        self.aside: set[int] = set()  # to be withdrawn
        self.cursor: Token | None = None
        self.met: set[Token] = set()  # heads that no pull has confirmed yet
        self.scope: Scope = (0,) * STORES
        self.version: Version = (0, 0)
        self.fills: dict[int, int] = {}
        self.wanted: set[int] = set()
        self.old_epoch: set[int] = set()
        self.push_no = self.kept_push_no = 0
        self.contact = 0  # the server's time at the last contact
        self.sent_unkept: set[int] = set()
        self._begin()
        self.crash()
        self._remember()

    def _begin(self) -> None:
        """What it keeps against the rarer things."""
        self.kept: dict[int, tuple[Command, int, int]] = {}  # for a month: command, seq and number
        self.returning: dict[int, tuple[int, int]] = {}  # acknowledged before the server was restored
        self.offers: set[int] = set()  # rows the server may have lost, to be sent for review
        self.offered: set[int] = set()
        self.keep_since = 0
        self.ahead = 0  # the seq up to which single tickets may be newer than the cursor
        self.places: dict[int, int] = {}  # of each command in the order of this desktop
        self.verify = self.suspect = False
        self.blobs: set[int] = set()
        self.uploads: dict[int, int] = {}  # file and the next chunk to send
        self.revoked = 0
        self.protocol = 2

    def _remember(self) -> None:
        """What the checks go by; no desktop has it."""
        self.done: set[int] = set()
        self.written: set[int] = set()
        self.forgotten: set[int] = set()  # acknowledged, then dropped with its ticket
        self.abandoned: set[int] = set()  # refused, and sent again by the person as another command
        self.touched: set[int] = set()
        self.copied = self.full = self.rotten = self.destroyed = False
        self.compared: bool | None = None
        self.unsent_at_end: list[int] = []
        self.spoke = False  # it wrote something after all copies were made

    def twin(self, index: int) -> "Replica":
        """A copy of the whole desktop, as an imaged disk makes one."""
        other = Replica(self.safe, index, self.person)
        for name, value in vars(self).items():
            if name != "index":
                setattr(other, name, value.copy() if isinstance(value, dict | set) else value)
        other.copied = self.copied = True
        return other

    def register(self) -> None:
        """Become a new device, keeping everything unsent: another desktop goes under this one's name."""
        self.registered += 1
        self.device = self.index + 1 + 10 * self.registered
        self.push_no = 0
        if not self.safe.outbox_kept:
            self.pending.clear()

    def crash(self) -> None:
        """Lose what was in memory only."""
        self.batch, self.alone, self.pulled = 50, 0, False
        if not self.safe.sent_kept:
            self.sent -= self.sent_unkept
        self.sent_unkept.clear()
        if not self.safe.push_no_kept:
            self.push_no = self.kept_push_no
        if not self.safe.wanted_kept:
            self.wanted.clear()

    # --- gestures --------------------------------------------------------------------------------------

    def ticket(self, tid: int) -> Row | None:
        """The ticket as it is shown."""
        if tid in self.shown:
            return self.shown[tid][0]
        held = self.base.get(tid)
        return held[0] if held else None

    def write(self, command: Command) -> None:
        """Keep a command in the outbox and show what it does."""
        if (
            command[KIND] == CREATE and self.safe.resent_create_first
        ):  # a create that is sent again goes before what was written on its ticket
            self.pending = {command[CID]: command, **self.pending}
            self.places[command[CID]] = -len(self.places)
        else:
            self.pending[command[CID]] = command
            self.places[command[CID]] = len(self.places)
        self.written.add(command[CID])
        self.rebase(command[TID])

    def attach(self, sha: int) -> None:
        """Keep a file's bytes, to be sent in their own time."""
        self.blobs.add(sha)
        self.uploads[sha] = 0

    def rebase(self, tid: int) -> None:
        """Show the base with the acknowledged commands it doesn't hold yet and the unsent ones over it."""
        held = self.base.get(tid)
        # What is held of an earlier epoch says nothing of what this one acknowledged.
        rev = held[0][REV] if held and tid not in self.old_epoch else 0
        commands: list[Command] = []
        for cid, (command, acked_rev, seq) in list(self.acked.items()):
            if command[TID] != tid:
                continue
            if self._passed(acked_rev, rev, seq):
                del self.acked[cid]
            else:
                commands.append(command)
        commands += [command for command in self.pending.values() if command[TID] == tid]
        self.touched.add(tid)
        if not commands:
            self.shown.pop(tid, None)
            return
        start: Shown | None = (held[0], dict(held[1])) if held else None
        if not self.safe.replay_from_base and tid in self.shown:
            start = self.shown[tid]
        shown = self._replay(start, commands)
        if shown:
            self.shown[tid] = shown
        else:
            self.shown.pop(tid, None)

    def _passed(self, acked_rev: int, rev: int, seq: int) -> bool:
        """Whether the base holds what was acknowledged."""
        if not self.safe.ack_dropped:
            return False
        if not self.safe.ack_by_rev:
            return self.cursor is not None and seq <= self.cursor[1]
        return acked_rev <= rev

    def _replay(self, shown: Shown | None, commands: list[Command]) -> Shown | None:
        derived = self.safe.entry_id_derived
        for command in commands:
            if shown is None:
                if command[KIND] != CREATE:
                    continue
                _, row, appended = created(command, self.person, command[AT])
                entries: Entries = {}
            elif command[KIND] == CREATE:
                continue
            else:
                row, entries = shown
                if not self.safe.replay_asks_no_level and not self._may(row, command):
                    continue
                _, after, appended = decide(row, command, self.person, command[AT], self.safe.own_wins)
                row = after or row
            assert row is not None
            for eid, field_class in appended:
                if not derived:
                    eid = -eid
                if eid not in entries:
                    entries[eid] = (row[REV], field_class, 0, row[UPDATED])
            shown = row, entries
        return shown

    def _may(self, row: Row, command: Command) -> bool:
        return may(self.person, row, access(self.person, row, self.scope), command[KIND])

    # --- what came from the server ---------------------------------------------------------------------

    def take(self, put: Put) -> None:
        """Take a ticket by revision; ask for the whole of it where a delta does not fit."""
        tid, row, since, classes, children = put
        safe = self.safe
        held = self.base.get(tid)
        if held is None and not in_window(row, self.keep_since):
            self.wanted.discard(tid)
            return
        if since == 0:
            if held and tid not in self.old_epoch and safe.by_revision:
                if held[0][REV] > row[REV]:
                    return
                if held[0][REV] == row[REV] and held[2] == classes:
                    self.wanted.discard(tid)
                    return
            whole = dict(children)
            if held and not safe.whole_replaces:
                whole = {**held[1], **whole}
            self._hold(tid, row, whole, classes)
            self.wanted.discard(tid)
            return
        fits = (held is not None and held[0][REV] >= since) or not safe.since_checked
        same = held is None or held[2] == classes or not safe.access_checked
        if not fits or not same or tid in self.old_epoch:
            if safe.wanted_asked:
                self.wanted.add(tid)
            return
        if held is None:
            self._hold(tid, row, dict(children), classes)
        elif row[REV] > held[0][REV] or not safe.by_revision:
            self._hold(tid, row, {**held[1], **dict(children)}, classes)

    def _hold(self, tid: int, row: Row, entries: Entries, classes: int) -> None:
        self.base[tid] = (row, entries, classes)
        self.old_epoch.discard(tid)
        self.touched.add(tid)

    def drop(self, tid: int) -> None:
        """Purge a ticket; what was never sent goes to needs attention, what was sent awaits its verdict."""
        self.old_epoch.discard(tid)
        if self.base.pop(tid, None) is None:
            return
        self.touched.add(tid)
        for cid in [cid for cid, acked in self.acked.items() if acked[0][TID] == tid]:
            del self.acked[cid]
            self.forgotten.add(cid)
        for cid, command in list(self.pending.items()):
            if command[TID] == tid and (cid not in self.sent or not self.safe.sent_stays):
                if self.safe.unsent_to_attention:
                    self.set_aside(cid, REJECTED)
                else:
                    del self.pending[cid]

    def set_aside(self, cid: int, status: int) -> None:
        """Move a command to needs attention."""
        command = self.pending.pop(cid)
        self.returning.pop(cid, None)
        self.kept.pop(cid, None)
        self.attention[cid] = (command, status)
        self.touched.add(command[TID])
        self.aside.discard(cid)

    def see(self, token: Token) -> None:
        """Keep a head met; it is sent along with the next pull, to notice a server that went back."""
        if token != self.cursor:
            self.met.add(token)

    def enter(self, version: Version, scope: Scope) -> None:
        """Take a new scope: purge what no reason covers, fill what came, ask again where classes changed."""
        before, self.scope, self.version = self.scope, scope, version
        safe, person = self.safe, self.person
        for unit in range(STORES):
            had, has = before[unit] & CLASSES, scope[unit] & CLASSES
            if had and not has:
                if safe.fill_restarts:
                    self.fills.pop(unit, None)
            elif has and not had and safe.gained_filled:
                self.fills.setdefault(unit, -1)
        for tid, (row, _, classes) in list(self.base.items()):
            judged = row if safe.purge_by_base or tid not in self.shown else self.shown[tid][0]
            now = access(person, judged, scope) & CLASSES
            if not safe.purge_by_reason and before[row[ORG]] & CLASSES and not scope[row[ORG]] & CLASSES:
                now = 0
            if not now:
                if safe.purge:
                    self.drop(tid)
                if not safe.wanted_survives_purge:
                    self.wanted.discard(tid)
            elif now != classes and safe.classes_asked_again:
                self.wanted.add(tid)

    def expire(self, token: Token, version: Version, scope: Scope) -> None:
        """Go on at the head after having been away too long: what differs is found out and asked for."""
        self.cursor = token
        self.met.clear()
        self.suspect = self.safe.expired_reconciles
        self.enter(version, scope)

    def retain(self) -> None:
        """Let go of tickets closed too long ago, but those with unsent commands."""
        if not self.keep_since or not self.safe.retention:
            return
        unsent = (
            {command[TID] for command in self.pending.values()} if self.safe.retention_keeps_unsent else ()
        )
        for tid, (row, _, _) in list(self.base.items()):
            if not in_window(row, self.keep_since) and tid not in unsent:
                self.drop(tid)
                self.rebase(tid)

    def destroy(self) -> None:
        """Throw away the key: nothing here can be read any more."""
        self.destroyed = True
        self.unsent_at_end = list(self.pending)
        for held in (
            self.base,
            self.shown,
            self.pending,
            self.acked,
            self.kept,
            self.fills,
            self.wanted,
            self.blobs,
            self.uploads,
        ):
            held.clear()
        self.touched.clear()

    def reset(self, token: Token, version: Version, scope: Scope) -> None:
        """Begin at the head of an epoch: all ranges are filled again, all that is held is asked for again."""
        self.offered.clear()
        self.ahead = 0
        self.cursor = token
        self.met.clear()
        self.forgotten.update(self.acked)
        self.acked.clear()
        self.suspect = False
        self.touched.update(self.shown)
        if self.safe.reset_asks_all:
            self.old_epoch = set(self.base)
            self.wanted |= self.old_epoch
        self.fills = {unit: -1 for unit in range(STORES) if scope[unit] & CLASSES}
        if self.safe.mine_filled:
            self.fills[MINE] = -1
        self.scope = scope  # nothing is gained any more: every range is filled
        self.enter(version, scope)

    # --- what to ask the server ------------------------------------------------------------------------

    def next_pull(self, limit: int) -> tuple[Any, ...] | None:
        """Ask for what moved since the cursor."""
        if self.pending and not self.safe.pull_not_behind_outbox:
            return None
        return PULL, self.cursor, tuple(self.met), self.version, limit, self.verify and self.protocol > 1

    def next_fetch(self, choice: int, limit: int) -> tuple[Any, ...] | None:
        """Ask for wanted tickets, or for the next page of a range."""
        if self.cursor is None:
            return None
        if self.offers and choice & 2:
            tid = min(self.offers)
            if tid in self.base:
                return OFFER, self.device, tid, self.base[tid]
            self.offers.discard(tid)
        if self.suspect and not self.fills and choice & 2:
            return LIST, self.version
        if self.wanted and (choice & 1 or not self.fills):
            return TICKETS, self.version, tuple(sorted(self.wanted)[:limit])
        if self.fills:
            unit = MINE if MINE in self.fills else min(self.fills)
            return FILL, self.version, unit, self.fills[unit], limit
        return None
