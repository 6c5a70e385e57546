"""One story of the real tier: server, desktops, and the messages held up between them."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from desktop.sync.lanes import LaneName
from domain.errors import GongdanError
from domain.wire import codec
from domain.wire.commands import Command, payload
from domain.wire.sync import PushAnswer, PushRequest
from sync_server.store import tables as t
from tests.simulation import plan
from tests.simulation.plan import FAULT_NAMES
from tests.simulation.real import gestures
from tests.simulation.real.chain import DEVICE_OF, GRANTS, PEOPLE, STORES
from tests.simulation.real.desktop import Desktop, suppress_full
from tests.simulation.real.files import Remains, Room
from tests.simulation.real.line import ANSWERS, Held, Line, short
from tests.simulation.real.office import FragileStore, Office
from tests.simulation.real.parcels import Porter
from tests.simulation.real.running import Watch
from tests.simulation.real.stand_ins import STEP_MS, CountedIds, Time
from tests.simulation.trace import Trace
from tests.simulation.violation import Violation

Say = Callable[[str], None]
LANE_OF: dict[int, LaneName] = {plan.PUSH: "push", plan.PULL: "pull", plan.FETCH: "fill"}


class World:
    """Server, desktops and the messages between them, moved by one plan."""

    def __init__(
        self, setting: int, room: Room, store: FragileStore, say: Say | None = None, *, first: bool = False
    ) -> None:
        self.say, self.room, self.trace = say, room, Trace()
        self.time, self.ids = Time(), CountedIds()
        self.ids.jump(1000)
        self.office = Office(store, room, self.time, self.ids)
        shutil.rmtree(room.folder / "blobs", ignore_errors=True)
        self.porter, self.contents = Porter(self.office, room.folder / "blobs"), set[Path]()
        self.first, self.joins = first, False
        self.held: list[Held] = []
        self.poison: set[str] = set()
        self.verdicts: dict[str, tuple[Any, ...]] = {}
        self.written: dict[str, list[str]] = {}
        self.desktops: list[Desktop] = []
        self.watches: list[Watch] = []
        self.texts = 0
        self.numbers: dict[str, str] = {}
        self.told: dict[str, str] = {}
        self.backup: Remains | None = None
        self.restored = self.brought_back = self.days_pass = False
        self.erased: list[str] = []
        self._limits = setting >> 40
        for shift, person in enumerate(PEOPLE):
            self.office.grant(person, GRANTS[setting >> 3 * shift & 7])
        for index in range((2, 2, 3, 4)[setting >> 9 & 3]):
            self._add(index, PEOPLE[DEVICE_OF[index]]).install()
            old = not first and setting >> 32 + 2 * index & 3 == 0
            self.desktops[index].line.first_version = self.desktops[index].was_first_version = old

    def _add(self, index: int, person: str) -> Desktop:
        line = Line(self.office, self.porter, index, person, held=self.held, poison=self.poison)
        line.trace = self.trace
        line.heard = self._heard
        desktop = Desktop(
            self.room, index, person, line, time=self.time, ids=self.ids, limits=self._limits >> 2 * index
        )
        self.desktops.append(desktop)
        watch = Watch(desktop.path, self.name(index), person)
        desktop.lost_power, desktop.trace, line.device = watch.forget, self.trace, desktop.device
        self.watches.append(watch)
        self.written[self.name(index)] = []
        return desktop

    @staticmethod
    def name(index: int) -> str:
        """A desktop as stories call it."""
        return f"desktop {index}"

    def close(self) -> None:
        """Close every file."""
        for desktop in self.desktops:
            desktop.close()
        self.office.store.close()

    def _heard(self, request: PushRequest, answer: PushAnswer) -> None:
        """The same command gets the same verdict, whoever asks and whenever."""
        for verdict in answer.verdicts:
            if verdict.status == "retry" or self.restored:
                continue
            told = (verdict.status, verdict.seq, verdict.rev, verdict.number, verdict.code)
            before = self.verdicts.setdefault(verdict.id, told)
            if before != told:
                raise Violation(5, f"command {short(verdict.id)} was {before}, then {told}")

    # --- steps -----------------------------------------------------------------------------------------

    def gesture(self, index: int, bits: int) -> None:
        """A person does something."""
        self.texts += 1
        desktop = self.desktops[index]
        files = not (self.first or desktop.line.first_version)
        done = gestures.gesture(desktop, bits, self.texts, files=files, joins=self.joins and files)
        if done is None:
            return
        (ticket, kind), commands = done
        self.written[self.name(index)] += commands
        if bits >> 30 & 31 == 0:
            self.poison.update(commands)
        if self.say:
            bad = " (which the server chokes on)" if bits >> 30 & 31 == 0 else ""
            ids = [short(id) for id in commands]
            self.say(f"desktop {index} writes {kind} {ids} on ticket {short(ticket)}{bad}")
        self.watches[index].look()

    def sender(self, index: int) -> int:
        """A desktop that has something to send, this one if it has."""
        count = len(self.desktops)
        order = ((index + step) % count for step in range(count))
        return next((one for one in order if self.desktops[one].has_something_to_send()), index)

    def exchange(self, op: int, index: int, fault: int, bits: int) -> None:
        """One step of a desktop's engine, under one fault."""
        desktop = self.desktops[index]
        desktop.line.fault, desktop.line.told = fault, ""
        if fault in (plan.CLIENT_BEFORE, plan.CLIENT_AFTER):
            around = ("before", "within")[bits >> 8 & 1] if fault == plan.CLIENT_BEFORE else "after"
            desktop.replica.dies = (around, bits >> 9 & 1)
            desktop.replica.tear = bits >> 10
        self.office.store.torn = bits
        lane = LANE_OF[op] if bits >> 4 & 3 else None
        step = desktop.step(lane)
        desktop.line.fault = plan.OK
        if self.say and desktop.line.told:
            self.say(
                f"desktop {index}: {desktop.line.told}" + (f" [{step.did} {step.error}]" if step else "")
            )
        self.watches[index].look()

    def deliver(self, bits: int) -> None:
        """Something that was held up arrives."""
        if not self.held:
            return
        one = self.held.pop(bits % len(self.held))
        desktop, request, raw = self.desktops[one.desktop], one.request(), one.answer
        if self.say:
            what = "the held-up answer to a" if raw else "a held-up"
            self.say(f"desktop {one.desktop}: {what} {one.kind.__name__} arrives")
        if raw is None:
            try:
                raw = desktop.line.serve(request)
            except GongdanError:
                return
            if bits >> 8 & 1:
                return
        desktop.hear_late(request, codec.decode(raw, ANSWERS[one.kind]))
        self.watches[one.desktop].look()

    def attend(self, index: int, bits: int) -> None:
        """A person deals with what needs attention."""
        done = gestures.attend(self.desktops[index], bits)
        if done is None:
            return
        how, commands = done
        self.written[self.name(index)] += commands
        if self.say:
            self.say(f"desktop {index} {how} {[short(id) for id in commands]}")
        self.watches[index].look()

    def desk(self, _: int, bits: int) -> None:
        """The server itself changes a ticket."""
        tickets = [row[0] for row in self.office.rows(select(t.ticket.c.id).order_by(t.ticket.c.id))]
        if not tickets:
            return
        self.texts += 1
        kind, intent = gestures.intent_for(bits >> 8, gestures.mark(self.texts))
        if kind == "take":
            return
        command = Command(
            id=self.ids.new(),
            ticket_id=tickets[bits % len(tickets)],
            kind=kind,
            set=payload(intent),
            at=self.time.now(),
        )
        verdict = self.office.write(command)
        if self.say:
            self.say(f"the server: {kind} on ticket {short(command.ticket_id)}: {verdict.status}")

    def grant(self, _: int, bits: int) -> None:
        """Grants are given and taken."""
        person, grants = PEOPLE[bits % 3], GRANTS[bits >> 4 & 7]
        if self.say:
            told = [
                f"{one.unit}/{one.line or 'all'} level {one.level} classes {one.classes}" for one in grants
            ]
            self.say(f"{person} is granted {told}")
        self.office.grant(person, grants)

    def move(self, _: int, bits: int) -> None:
        """A store moves in the tree."""
        if self.say:
            self.say(f"store {STORES[bits & 3]} moves to the other region")
        self.office.move(STORES[bits & 3])

    def last_words(self) -> None:
        """After a copy everybody writes once more, so that the two of one name must meet."""
        for desktop in self.desktops if any(one.copied for one in self.desktops) else ():
            desktop.spoke = ()
            for bits in range(9, 260, 17):
                self.texts += 1
                done = gestures.gesture(desktop, bits << 3 | 1, self.texts)
                if done and done[1]:
                    self.written[self.name(desktop.index)] += done[1]
                    desktop.spoke = done[1]
                    break

    def crash_desktop(self, index: int, bits: int) -> None:
        """A desktop's machine loses power."""
        self.desktops[index].replica.tear = bits
        if self.say:
            self.say(f"desktop {index} dies and starts again")
        self.desktops[index].crash()
        self.watches[index].look()

    def crash_server(self, _: int, bits: int) -> None:
        """The server dies."""
        if self.say:
            self.say("the server dies and starts again")
        self.office.restart()

    def copy(self, index: int, _: int) -> None:
        """A desktop's disk is copied to another machine."""
        new = len(self.desktops)
        if new > 4:
            return
        if self.say:
            self.say(f"desktop {index} is copied as an image: the copy is desktop {new}")
        old = self.desktops[index]
        copy = self._add(new, old.person)
        # An image holds the program, too.
        copy.line.first_version, copy.was_first_version = old.line.first_version, old.was_first_version
        old.copy_to(copy)
        self.written[self.name(new)] += self.written[self.name(index)]

    def clock(self, index: int, bits: int) -> None:
        """A device's clock is set."""
        off_s = (0, 86_400, -86_400, 3_600, -50, 0, 13, -1)[bits & 7]
        self.desktops[index].clock.off_ms = off_s * 1000
        if self.say:
            self.say(f"desktop {index}: its clock is off by {off_s} s")

    def fill_disk(self, index: int, bits: int) -> None:
        """A disk gets full, or has room again: a desktop's, now and then the server's."""
        if bits & 7 == 0:
            store = self.office.store
            store.full = not store.full
            who, full = "the server", store.full
        else:
            desktop = self.desktops[index]
            desktop.fill_disk(full=not desktop.full)
            who, full = f"desktop {index}", desktop.full
        if self.say:
            self.say(f"{who}: its disk {'is full' if full else 'has room again'}")

    def carry(self, index: int, fault: int, bits: int, *, up: bool) -> None:
        """A file goes up, or one that somebody looks at comes down."""
        desktop = self.desktops[index]
        if desktop.line.first_version:
            return
        if not up:
            with suppress_full():
                desktop.lanes.look(bits)
        if self.say:
            self.say(
                f"desktop {index}: a file goes {'up' if up else 'down'}; the message {FAULT_NAMES[fault]}"
            )
        desktop.carry(up=up, fault=fault)

    def free_disks(self) -> None:
        """Make room everywhere."""
        self.office.store.full = False
        for desktop in self.desktops:
            desktop.fill_disk(full=False)

    def upgrade(self, index: int, _: int) -> None:
        """A desktop that spoke the version before gets the present program."""
        desktop = self.desktops[index]
        if desktop.line.first_version:
            desktop.line.first_version = False
            if self.say:
                self.say(f"desktop {index} is upgraded to the present version")

    def put_away(self, _: int, bits: int) -> None:
        """The server is backed up; more often than not the older backup is what is there when it is needed."""
        if self.backup is not None and bits & 3:
            return
        if self.say:
            self.say("the server is backed up")
        self.backup, self.contents = self.office.put_away(), self.porter.contents()
        self.backup.verdicts = self.office.count_verdicts()

    def go_back(self, _: int, bits: int) -> None:
        """The server silently goes back to its backup; the version before can't always notice."""
        if self.backup is None or any(desktop.line.first_version for desktop in self.desktops):
            return
        if self.say:
            self.say("the server goes back to its backup, and nobody is told")
        self.office.go_back(self.backup)
        self.porter.lose_all_but(self.contents)
        self.restored = True
        for watch in self.watches:
            watch.restored = True

    def bring_back(self, _: int, bits: int) -> None:
        """The operator restores the backup, if anything was done since; seldom while the window is open already."""
        office, backup = self.office, self.backup
        if backup is None or (bits & 7 and (office.is_open() or office.count_verdicts() <= backup.verdicts)):
            return
        if self.say:
            self.say(
                "the operator restores the server from its backup and opens the window for what was lost"
            )
        self.note_numbers()
        # Version 1 names no head with what it sends: what was held up of it can't be told from what is sent anew.
        self.held[:] = [one for one in self.held if not self.desktops[one.desktop].was_first_version]
        self.office.store.full = False
        self.office.bring_back(backup)
        self.porter.lose_all_but(self.contents)
        self.brought_back = True
        kept = {row[0] for row in self.office.rows(select(t.verdict.c.command))}
        self.verdicts = {id: told for id, told in self.verdicts.items() if id in kept}

    def note_numbers(self) -> None:
        """Which tickets have which numbers now, and which their creators were told."""
        for ticket, number in self.office.rows(select(t.ticket.c.id, t.ticket.c.number)):
            if self.numbers.setdefault(number, ticket) != ticket:
                raise Violation(9, f"number {number} was given to {self.numbers[number]}, and to {ticket}")
        for desktop in self.desktops:
            if desktop.was_first_version:
                continue  # it keeps no proof of what it was told, so its numbers may not be given back
            for ticket, number in desktop.told_numbers():
                if self.told.setdefault(ticket, number) != number:
                    raise Violation(9, f"ticket {ticket} was told as {self.told[ticket]}, now as {number}")

    def release(self, *_: int) -> None:
        """The operator closes the window for what was lost."""
        if self.office.is_open():
            if self.say:
                self.say("the operator closes the window")
            self.office.release()

    def compact(self, _: int, bits: int) -> None:
        """The feed is compacted up to some time ago; it may make cursors expire, so it is played as `overrun` is."""
        if any(desktop.line.first_version for desktop in self.desktops):
            return
        if self.say:
            self.say("the feed is compacted")
        self.office.compact(self.time.at - (bits & 15) * STEP_MS)

    def overrun(self, _: int, bits: int) -> None:
        """The feed up to some time ago is given up; the version before filled all anew then, which is not played."""
        if any(desktop.line.first_version for desktop in self.desktops):
            return
        if self.say:
            self.say("the older part of the feed is given up")
        self.office.raise_floor(self.time.at - (bits & 15) * STEP_MS)

    def retain(self, _: int, bits: int) -> None:
        """Desktops need not keep what was closed some time ago."""
        since = self.time.at - (bits & 31) * STEP_MS
        if self.say:
            self.say(f"tickets closed before {since} are not kept any more")
        self.office.keep_since(since)
        self.days_pass = True

    def verify(self, index: int, _: int) -> None:
        """A desktop is to compare itself with the server."""
        if self.say:
            self.say(f"desktop {index} is to compare itself with the server")
        self.desktops[index].engine.verify()

    def rot(self, index: int, bits: int) -> None:
        """A desktop's disk loses a ticket, or goes back to what it was before."""
        desktop = self.desktops[index]
        told = desktop.rot(bits)
        if told and self.say:
            self.say(f"desktop {index}: {told}")

    def cure(self, _: int, bits: int) -> None:
        """The server's defect is repaired."""
        if self.poison and self.say:
            self.say("the server is repaired: it chokes on nothing any more")
        self.poison.clear()
