"""The server, the desktops and the messages between them; one exchange under one fault at a time."""

from collections.abc import Callable
from typing import Any

from tests.simulation import plan
from tests.simulation.model import blobs, checks, feed, outbox, recovery, verifying
from tests.simulation.model.apply import apply
from tests.simulation.model.backup import Backup
from tests.simulation.model.gestures import gesture as write
from tests.simulation.model.ledger import Ledger
from tests.simulation.model.messages import (
    FILL,
    LIST,
    LOOK,
    OFFER,
    OTHER_EPOCH,
    PAGE,
    PULL,
    PUSH,
    REQUEST_NAMES,
    REVOKED,
    ROWS,
    TAKEN,
    UPLOAD,
    VERDICTS,
)
from tests.simulation.model.push import push
from tests.simulation.model.replica import Replica
from tests.simulation.model.rules import (
    CID,
    KIND,
    KIND_NAMES,
    MARK,
    NOBODY,
    SEE,
    TID,
    Row,
    X,
    put,
)
from tests.simulation.model.safeguards import Safeguards
from tests.simulation.model.store import Grants, Store, Tx
from tests.simulation.trace import Trace
from tests.simulation.violation import Violation

GRANTS: tuple[Grants, ...] = (
    ((0, 7),),
    ((4, 7),),
    ((6, 7),),
    ((1, 7), (5, 1)),
    ((5, 3),),
    ((0, 7), (6, 1)),
    ((2, 7), (3, 3)),
    (),
)
"""Sets of (unit, bits): stores 0 to 3, regions 4 and 5, the root 6."""
PEOPLE = (0, 0, 1, 2)
"""The person of each desktop: the first two are one person's."""
FETCH_LIMITS = (1, 1, 2, 4)
Request = tuple[Any, ...]
Say = Callable[[str], None]


class World:
    """Server, desktops and the messages between them, moved by one plan."""

    def __init__(
        self, setting: int, safe: Safeguards, say: Say | None = None, *, first: bool = False
    ) -> None:
        self.safe = safe
        self.first = first
        self.notices: dict[int, int] = {}  # how often people outside were told of a command
        self.say = say
        self.ledger = Ledger()
        self.ledger.now = 1000
        grants = [GRANTS[setting >> shift & 7] for shift in (0, 3, 6)]
        self.store = Store(safe, grants, self.ledger.commit)
        self.replicas = [Replica(safe, index, PEOPLE[index]) for index in range(2 + (setting >> 9) % 3)]
        for index, replica in enumerate(self.replicas):
            replica.protocol = 2 if first or setting >> 36 + 2 * index & 3 else 1
        self.held_up: list[tuple[int, Request, Request | None]] = []  # desktop, request, answer if it is one
        self.poison: set[int] = set()
        self.offsets = [0, 0, 0, 0, 0]
        self.backup: Backup | None = None
        self.trace = Trace()
        for tid, org in ((self.ledger.new_id(), setting >> 30 + shift & 3) for shift in (0, 2, 4)):
            tx = Tx(NOBODY, 0, (0, 0))
            tx.given = 1
            number = self.store.number + 1
            tx.rows[tid] = (1, org, NOBODY, NOBODY, 0, 0, 0, 0, 0, number, self.ledger.now, 0, 0, 0, 0)
            tx.entries[tid] = {tid * 4: (1, SEE, 0, self.ledger.now)}
            self.store.commit(tx)

    def gesture(self, index: int, choice: int) -> None:
        replica = self.replicas[index]
        if replica.full or replica.destroyed:
            return
        command = write(replica, self.ledger, choice >> 8, self.offsets[index], first=self.first)
        if command is None:
            return
        if choice & 31 == 0:
            self.poison.add(command[CID])
        if self.say:
            bad = " (which the server chokes on)" if choice & 31 == 0 else ""
            self.say(
                f"desktop {index} writes {KIND_NAMES[command[KIND]]} {command[CID]} on ticket {command[TID]}"
                f" (value {command[3]}, base {command[4]}, depends on {command[5]}){bad}"
            )
        checks.running(replica, self.ledger, replica.cursor)

    def exchange(self, op: int, index: int, fault: int, choice: int) -> None:
        """One request of a desktop, under one fault."""
        replica = self.replicas[index]
        request = None if replica.full or replica.destroyed else self._request(op, replica, choice)
        if request is None:
            return
        if self.say:
            self.say(f"desktop {index}: {told(request)} {plan.FAULT_NAMES[fault]}")
        retry = choice >> 8 & 7 if choice & 240 == 0 else 0
        if fault in (plan.LOST, plan.LATE):
            if fault == plan.LATE:
                self.held_up.append((index, request, None))
            self._timed_out(replica, request)
            return
        if fault in (plan.TWICE, plan.ANSWER_BOTH):
            self.held_up.append((index, request, None))
        answer = self.serve(index, request, fault, retry)
        if answer is None or fault == plan.ANSWER_LOST:
            self._timed_out(replica, request)
        elif fault == plan.ANSWER_LATE:
            self.held_up.append((index, request, answer))
            self._timed_out(replica, request)
        else:
            if fault in (plan.ANSWER_TWICE, plan.ANSWER_BOTH):
                self.held_up.append((index, request, answer))
            self.take(replica, request, answer, fault)

    def _request(self, op: int, replica: Replica, choice: int) -> Request | None:
        if op == plan.PUSH:
            return outbox.next_push(replica)
        if op == plan.UPLOAD:
            return self.upload(replica, intact=choice & 3 != 0)
        if op == plan.LOOK:
            return self._look(replica, choice)
        if op == plan.FETCH and (request := replica.next_fetch(choice >> 4, FETCH_LIMITS[choice >> 5 & 3])):
            return request
        return replica.next_pull(1 + (choice >> 5 & 7))

    def upload(self, replica: Replica, *, intact: bool) -> Request | None:
        """The next chunk of a file, which may be damaged on the way."""
        for sha, chunk in replica.uploads.items():
            return UPLOAD, replica.device, sha, chunk, intact, sha in replica.pending
        return None

    def _look(self, replica: Replica, choice: int) -> Request | None:
        """The bytes of a file that somebody looks at."""
        shas = sorted(blobs.referenced(replica) - replica.blobs)
        return (LOOK, replica.device, shas[choice % len(shas)]) if shas else None

    def serve(self, index: int, request: Request, fault: int, retry: int) -> Request | None:
        """Let the server answer; None where it died or is not done yet."""
        answer = self._served(index, request, fault, retry)
        self.trace.note(index, request, answer)
        return answer

    def _served(self, index: int, request: Request, fault: int, retry: int) -> Request | None:
        store, person, kind = self.store, self.replicas[index].person, request[0]
        revoked = store.revoked.get(self.replicas[index].device, 0) if store.safe.revoked_refused else 0
        if revoked == 2 or (revoked and kind not in (PUSH, UPLOAD)):
            return REVOKED, revoked
        if kind != PUSH:
            if fault in (plan.DIES_BEFORE, plan.DIES_AFTER):
                store.slow.clear()
                return None
            return self._read(person, request)
        if fault == plan.DIES_BEFORE:
            store.slow.clear()
            return None
        told = request[6] if store.safe.epoch_checked and not revoked else ()
        if told and not feed.is_of_this_past(store, told):
            return (OTHER_EPOCH,)
        outcome = push(store, person, request, now=self.ledger.now, poison=self.poison, retry=retry)
        if not isinstance(outcome, Tx):
            return outcome
        if fault == plan.SLOW:
            store.hold(outcome)
            return None
        verdicts = store.commit(outcome, dies=fault == plan.DIES_AFTER)
        self.ledger.told(verdicts)
        if fault == plan.DIES_AFTER:
            store.slow.clear()
            return None
        return VERDICTS, verdicts, store.token()

    def _read(self, person: int, request: Request) -> Request:
        """Answer what changes no ticket."""
        store, kind = self.store, request[0]
        if kind in (UPLOAD, LOOK, OFFER):
            return self._apart(person, request)
        if kind == PULL:
            answer: Request = feed.pull(store, person, request)
            if answer[0] == PAGE and answer[9] is not None:
                window = answer[2], answer[8]
                self.ledger.expect(person, window, checks.expected(store, person))
            return answer
        if kind == FILL:
            return feed.fill(store, person, request)
        if kind == LIST:
            return verifying.listed(store, person)
        return feed.tickets(store, person, request)

    def _apart(self, person: int, request: Request) -> Request:
        """Files, and rows that only a desktop has."""
        store, kind = self.store, request[0]
        if kind == OFFER:
            if request[2] not in store.rows:
                recovery.salvage(store, request[2], request[3])
            return TAKEN, request[2]
        if kind == UPLOAD:
            return blobs.take_chunk(store, request)
        answer = blobs.give(store, person, request[2])
        if answer[2]:
            checks.may_have(store, person, request[2])
        return answer

    def send_notices(self) -> None:
        """What waits to be told to people outside is told."""
        for cid in recovery.send_notices(self.store):
            self.notices[cid] = self.notices.get(cid, 0) + 1
            # Of a copied desktop the other one may bring as new what came back already: nobody can know.
            if self.notices[cid] > 1 and not (self.ledger.restored or self.ledger.copied):
                raise Violation(4, f"people outside were told twice of command {cid}")

    def _timed_out(self, replica: Replica, request: Request) -> None:
        if request[0] == PUSH and request[3]:
            outbox.failed(replica, len(request[3]))

    def take(self, replica: Replica, request: Request, answer: Request, fault: int = plan.OK) -> None:
        """Let a desktop take an answer."""
        if replica.full or replica.destroyed:
            return
        if replica.protocol == 1:
            answer = _cut(answer)
        if fault == plan.CLIENT_BEFORE:
            apply(replica, request, answer, dies=True)
            replica.crash()
            return
        before = replica.cursor
        replica.contact = self.ledger.now
        held = set(replica.base)
        apply(replica, request, answer)
        if replica.copied:
            self.ledger.set_aside |= replica.attention.keys()
        if answer[0] == ROWS:
            checks.salvaged(self.store, self.ledger, held - replica.base.keys())
        if replica.compared is not None:
            checks.compared(replica, self.ledger, (answer[2], answer[8]))
        self.trace.note("takes", replica.index, replica.cursor, replica.push_no)
        if fault == plan.CLIENT_AFTER:
            replica.crash()
        checks.running(replica, self.ledger, before)

    def deliver(self, choice: int) -> None:
        """Something that was held up arrives."""
        if not self.held_up:
            return
        index, request, answer = self.held_up.pop(choice % len(self.held_up))
        if self.say:
            what = "the held-up answer to its" if answer else "its held-up"
            self.say(f"desktop {index}: {what} {told(request)} arrives")
        if answer is None:
            answer = self.serve(index, request, plan.OK, 0)
            assert answer is not None
            if choice >> 8 & 1:
                return
        self.take(self.replicas[index], request, answer)


def _cut(answer: Request) -> Request:
    """An answer as the version before reads it: it knows neither this field nor the marks."""
    if answer[0] not in (PAGE, ROWS):
        return answer
    place = 5 if answer[0] == PAGE else 3
    puts = tuple((one[0], without_newer(one[1]), *one[2:]) for one in answer[place])
    return (*answer[:place], puts, *answer[place + 1 :])


def without_newer(row: Row) -> Row:
    """A ticket as the version before knows it."""
    return put(row, (X, 0), (MARK, 0))


def told(request: Request) -> str:
    """A request in words."""
    name = REQUEST_NAMES[request[0]]
    if request[0] == PUSH:
        what = (
            f"withdraw {request[4]}" if request[4] else f"commands {[command[CID] for command in request[3]]}"
        )
        return f"{name} {request[2]} with {what}"
    if request[0] == PULL:
        return f"{name} from {request[1] and request[1][1]}"
    if request[0] == LIST:
        return name
    return f"{name} of {request[2]}" + (f" after {request[3]}" if request[0] == FILL else "")
