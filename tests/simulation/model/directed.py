"""Stories of the model told step by step, for safeguards that random stories seldom or never miss."""

from collections.abc import Callable

from tests.simulation import plan
from tests.simulation.model import more_events, rest
from tests.simulation.model.backup import Backup
from tests.simulation.model.events import restore
from tests.simulation.model.gestures import keep
from tests.simulation.model.rules import (
    APPLIED,
    ATTACH,
    BASE,
    CLOSED,
    COMMENT,
    CREATE,
    EDIT_A,
    NOTE,
    NUMBER,
    STATUS_NAMES,
    STEP,
    A,
    Command,
)
from tests.simulation.model.safeguards import Safeguards
from tests.simulation.model.world import GRANTS, World
from tests.simulation.violation import Violation

EVERYTHING, NOTHING = 2, 7
"""Places in GRANTS: head office, and nothing at all."""
TICKET = 1
"""The first of the tickets that every story begins with."""
FIRST, SECOND, OTHER = range(3)
"""Desktops: the first two are one person's, the third another's."""
_SCENE = EVERYTHING | EVERYTHING << 3 | EVERYTHING << 6 | 1 << 9


class Script:
    """A world whose three desktops are in step with the server, and the sentences of a story told in it."""

    def __init__(self, safe: Safeguards) -> None:
        self.world = World(_SCENE, safe, first=True)
        self.store, self.ledger = self.world.store, self.world.ledger
        self.rest()

    def rest(self, *desktops: int) -> None:
        """Exchange without faults, all of them or these alone."""
        for _ in range(3):
            for index in desktops or range(len(self.world.replicas)):
                rest.rest(self.world, index)

    def write(self, desktop: int, tid: int, kind: int, value: int = 0, base: int = 0) -> Command:
        """A person writes a command."""
        self.ledger.now += 7
        replica = self.world.replicas[desktop]
        return keep(replica, self.ledger, (self.ledger.new_id(), tid, kind, value, base, 0), 0)

    def create(self, desktop: int) -> Command:
        """A person makes a ticket."""
        return self.write(desktop, self.ledger.new_id(), CREATE)

    def close(self, desktop: int, tid: int) -> None:
        """A person closes a ticket."""
        self.write(desktop, tid, STEP, 1, 0)
        self.write(desktop, tid, STEP, CLOSED, 1)

    def push(self, desktop: int) -> None:
        """One push that arrives, and its answer."""
        self.world.exchange(plan.PUSH, desktop, plan.OK, 0xFF0)

    def pull(self, desktop: int, rows: int = 8) -> None:
        """One pull that arrives, and its answer of at most so many rows of the feed."""
        self.world.exchange(plan.PULL, desktop, plan.OK, rows - 1 << 5)

    def put_away(self) -> None:
        """The server is backed up."""
        self.world.backup = Backup(self.store)

    def bring_back(self) -> None:
        """The operator restores the backup and opens the window."""
        more_events.bring_back(self.world, 0, 0)

    def finish(self) -> None:
        """Come to rest, the window closed, and check everything."""
        rest.finish(self.world)

    def applied(self, *commands: Command) -> None:
        """Each of these must have been applied in the end."""
        for command in commands:
            stored = self.store.verdicts.get(command[0])
            if stored is None or stored[0] != APPLIED:
                was = STATUS_NAMES[stored[0]] if stored else "unknown"
                raise Violation(
                    3, f"command {command[0]} of value {command[BASE]} ended as {was}, not applied"
                )


def _grants_in_feed(script: Script) -> None:
    """A server goes back to before a change of grants, and then makes another one of the same version."""
    script.put_away()
    script.store.grant(1, GRANTS[NOTHING])
    script.rest(OTHER)
    restore(script.world, 0, 0)
    script.store.grant(1, GRANTS[EVERYTHING])
    script.finish()


def _lost_edits(script: Script) -> tuple[Command, Command]:
    """Two people change one value, the one with the later device first; then the server is restored."""
    script.put_away()
    earlier = script.write(OTHER, TICKET, EDIT_A, 1, 0)
    script.rest()
    later = script.write(FIRST, TICKET, EDIT_A, 2, 1)
    script.rest()
    script.bring_back()
    return earlier, later


def _returned_wait(script: Script) -> None:
    """Who gives back first has done the later work."""
    edits = _lost_edits(script)
    script.rest(FIRST)
    script.rest()
    script.finish()
    script.applied(*edits)


def _returned_in_order(script: Script) -> None:
    """Who has the earlier device has done the later work."""
    edits = _lost_edits(script)
    script.rest()
    script.finish()
    script.applied(*edits)
    if script.store.rows[TICKET][A] != 2:
        raise Violation(3, "the earlier of two edits stands after both came back")


def _missing_waits(script: Script) -> None:
    """Somebody has written to a ticket that its maker has not given back yet."""
    script.put_away()
    create = script.create(FIRST)
    script.rest()
    comment = script.write(OTHER, create[1], COMMENT)
    script.bring_back()
    for _ in range(4):
        script.pull(OTHER)
        rest.fetch_all(script.world, OTHER)
    script.finish()
    script.applied(create, comment)


def _number_kept(script: Script) -> None:
    """A ticket's number was told before the server was restored."""
    script.put_away()
    create = script.create(FIRST)
    script.rest()
    told = script.store.rows[create[1]][NUMBER]
    script.bring_back()
    script.finish()
    script.applied(create)
    if script.store.rows[create[1]][NUMBER] != told:
        raise Violation(9, f"a ticket that was told as {told} is now {script.store.rows[create[1]][NUMBER]}")


def _digest_of_same_window(script: Script) -> None:
    """A page is held up while the window moves past a closed ticket; nothing else has changed meanwhile."""
    script.close(FIRST, TICKET)
    script.rest()
    script.ledger.now += 100
    script.world.replicas[OTHER].verify = True
    script.world.exchange(plan.PULL, OTHER, plan.ANSWER_LATE, 0xFF0)
    script.store.keep_since = script.ledger.now
    script.pull(OTHER)
    script.world.deliver(0)
    script.finish()


def _unheld_settled(script: Script) -> None:
    """A ticket is made and closed, and its maker hears that it is out of the window before hearing of it."""
    script.write(OTHER, TICKET, COMMENT)
    script.push(OTHER)
    create = script.create(FIRST)
    script.close(FIRST, create[1])
    script.push(FIRST)
    script.store.keep_since = script.ledger.now + 100
    script.pull(FIRST, rows=1)
    script.finish()


def _retention_keeps_unsent(script: Script) -> None:
    """Somebody writes a note on a ticket that falls out of the window before the note is sent."""
    script.close(FIRST, TICKET)
    script.rest()
    note = script.write(OTHER, TICKET, NOTE)
    script.store.keep_since = script.ledger.now + 100
    script.pull(OTHER)
    script.finish()
    script.applied(note)


def _files_offered_again(script: Script) -> None:
    """A file is on the server before its message is sent, and the server silently goes back to before both."""
    script.put_away()
    script.write(FIRST, TICKET, ATTACH)
    for _ in range(3):
        script.world.exchange(plan.UPLOAD, FIRST, plan.OK, 1)
    restore(script.world, 0, 0)
    script.finish()


DIRECTED: dict[str, Callable[[Script], None]] = {
    "grants-in-feed": _grants_in_feed,
    "returned-wait": _returned_wait,
    "returned-in-order": _returned_in_order,
    "missing-waits": _missing_waits,
    "number-kept": _number_kept,
    "digest-of-same-window": _digest_of_same_window,
    "unheld-settled": _unheld_settled,
    "retention-keeps-unsent": _retention_keeps_unsent,
    "files-offered-again": _files_offered_again,
}
"""By mutant that no random story was found for, the story that notices it."""


def play(story: str, safe: Safeguards) -> None:
    """Tell one of the stories; raises Violation where a promise is broken."""
    DIRECTED[story](Script(safe))
