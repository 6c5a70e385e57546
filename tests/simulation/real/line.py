"""The line between one desktop and the server: messages as bytes, lost, late or twice as the story says."""

from collections.abc import Callable
from typing import Any, TypeVar

from desktop.sync.transport import UnreachableError
from domain.errors import UnavailableError
from domain.wire import codec
from domain.wire.identity import DeviceName, Me, SignedIn, Tokens
from domain.wire.integrity import DigestAnswer, DigestRequest
from domain.wire.recovery import RecoverAnswer, RecoverRequest
from domain.wire.sync import (
    BackfillRequest,
    PullAnswer,
    PullRequest,
    PushAnswer,
    PushRequest,
    RowsAnswer,
    TicketsRequest,
)
from tests.simulation import plan
from tests.simulation.real import first_version
from tests.simulation.real.office import FragileStore, Office
from tests.simulation.real.parcels import Porter
from tests.simulation.real.stand_ins import Crash
from tests.simulation.trace import Trace

A = TypeVar("A")
Request = PushRequest | PullRequest | BackfillRequest | TicketsRequest | DigestRequest | RecoverRequest
Heard = Callable[[PushRequest, PushAnswer], None]

NAMES = {
    PushRequest: "push",
    PullRequest: "pull",
    BackfillRequest: "back-fill",
    TicketsRequest: "tickets",
    DigestRequest: "digest",
    RecoverRequest: "recover",
}
ANSWERS: dict[type[Any], type[Any]] = {
    PushRequest: PushAnswer,
    PullRequest: PullAnswer,
    BackfillRequest: RowsAnswer,
    TicketsRequest: RowsAnswer,
    DigestRequest: DigestAnswer,
    RecoverRequest: RecoverAnswer,
}
_HELD = (plan.LATE, plan.TWICE, plan.ANSWER_BOTH)
_ANSWER_HELD = (plan.ANSWER_LATE, plan.ANSWER_TWICE, plan.ANSWER_BOTH, plan.SLOW)
_TIMED_OUT = (plan.ANSWER_LOST, plan.ANSWER_LATE, plan.SLOW)


class Held:
    """A message on its way, as bytes: a request, with the answer if it is that which is held up."""

    def __init__(self, desktop: int, request: Request, answer: bytes | None) -> None:
        self.desktop, self.answer = desktop, answer
        self.kind: type[Any] = type(request)
        self.raw = codec.encode(request)

    def request(self) -> Any:
        """The request, read anew."""
        return codec.decode(self.raw, self.kind)


class Line:
    """The transport of one desktop; a fault that was planned befalls the next request."""

    def __init__(
        self, office: Office, porter: Porter, index: int, person: str, *, held: list[Held], poison: set[str]
    ) -> None:
        self.porter = porter
        self._office, self._index, self._person = office, index, person
        self._held, self._poison = held, poison
        self.fault = plan.OK
        self.told = ""
        self.first_version = False
        """Whether this desktop speaks protocol version 1."""
        self.device: Callable[[], str] = lambda: ""
        """Under which name this desktop goes now."""
        self.trace = Trace()
        self.heard: Heard = lambda request, answer: None

    def push(self, request: PushRequest) -> PushAnswer:
        """Send commands."""
        return self._ask(request, PushAnswer)

    def pull(self, request: PullRequest) -> PullAnswer:
        """Ask for what moved."""
        return self._ask(request, PullAnswer)

    def tickets(self, request: TicketsRequest) -> RowsAnswer:
        """Ask for whole tickets."""
        return self._ask(request, RowsAnswer)

    def backfill(self, request: BackfillRequest) -> RowsAnswer:
        """Ask for a page of a range."""
        return self._ask(request, RowsAnswer)

    def digest(self, request: DigestRequest) -> DigestAnswer:
        """Ask for what groups or tickets add to the digest."""
        return self._ask(request, DigestAnswer)

    def recover(self, request: RecoverRequest) -> RecoverAnswer:
        """Give back what a restored server may have lost."""
        return self._ask(request, RecoverAnswer)

    def register(self, name: DeviceName) -> SignedIn:
        """Become another device."""
        self._office.let_in(self.device())
        device = self._office.register(self._person, name.name)
        now = self._office.time.now()
        return SignedIn(
            person=Me(id=self._person, login=self._person, name=self._person, unit="hq"),
            device=device,
            tokens=Tokens(access_token="", access_expires_at=0, refresh_token="", refresh_expires_at=0),
            server_time=now,
            protocol=1,
            lease=self._office.lease_of(device.id) if self._office.lease_s else None,
        )

    def _ask(self, request: Request, kind: type[A]) -> A:
        fault, self.fault = self.fault, plan.OK
        self.told = f"{_words(request)} {plan.FAULT_NAMES[fault]}"
        if fault == plan.LOST:
            raise UnreachableError("unreachable")
        if fault in _HELD:
            self._held.append(Held(self._index, request, None))
        if fault == plan.LATE:
            raise UnavailableError("timeout")
        raw = self.serve(request, dies=self._dies(fault))
        if fault in _ANSWER_HELD:
            self._held.append(Held(self._index, request, raw))
        if fault in _TIMED_OUT:
            raise UnavailableError("timeout")
        return codec.decode(raw, kind)

    def _dies(self, fault: int) -> str:
        """When the server is to die, if it is."""
        if fault == plan.DIES_BEFORE:
            return "torn" if self._office.store.torn & 1 else "before"
        return "after" if fault == plan.DIES_AFTER else ""

    def serve(self, request: Request, *, dies: str = "") -> bytes:
        """Let the server answer; raises what it refuses, or that the connection broke as it died."""
        asked = codec.encode(first_version.cut(request) if self.first_version else request)
        self.trace.raw(asked)
        heard = codec.decode(asked, type(request))
        self._office.store.dies = dies
        FragileStore.dying_after = dies == "after"
        try:
            answer = self._answer(heard)
        except Crash:
            self._office.restart()
            raise UnavailableError("connection_lost") from None
        finally:
            self._office.store.dies = ""
            FragileStore.dying_after = False
        if dies and not isinstance(request, PushRequest | RecoverRequest):
            self._office.restart()
            raise UnavailableError("connection_lost")
        raw = codec.encode(answer)
        if self.first_version:
            raw = codec.encode(first_version.cut(codec.decode(raw, ANSWERS[type(request)])))
        self.trace.raw(raw)
        if isinstance(request, PushRequest):
            self.heard(request, codec.decode(raw, PushAnswer))
        return raw

    def _answer(self, request: Any) -> object:
        office, person = self._office, self._person
        if isinstance(request, PushRequest):
            if any(command.id in self._poison for command in request.commands):
                raise UnavailableError("server_error")
            return office.take_push(person, request)
        office.let_in(request.device)
        if isinstance(request, PullRequest):
            return office.answer_pull(person, request)
        if isinstance(request, BackfillRequest):
            return office.answer_fill(person, request)
        if isinstance(request, DigestRequest):
            return office.answer_digest(person, request)
        if isinstance(request, RecoverRequest):
            return office.answer_recover(person, request)
        return office.answer_tickets(person, request)


def _words(request: Request) -> str:
    """A request in words."""
    name = NAMES[type(request)]
    if isinstance(request, PushRequest):
        if request.withdraw:
            return f"{name} {request.push_no}, withdrawing {[short(id) for id in request.withdraw]},"
        return f"{name} {request.push_no} with {[short(command.id) for command in request.commands]}"
    if isinstance(request, PullRequest):
        return f"{name} from {request.cursor.split('.')[1] if request.cursor else 'nothing'}"
    if isinstance(request, BackfillRequest):
        return (
            f"{name} of {request.range.kind} {request.range.unit} after {short(request.after) or 'nothing'}"
        )
    if isinstance(request, DigestRequest):
        return f"{name} of {request.level}"
    if isinstance(request, RecoverRequest):
        given = [short(one.command.id) for one in request.commands]
        return f"{name} with commands {given}, {len(request.rows)} tickets, asking for {len(request.ask)}"
    return f"{name} {[short(id) for id in request.ids]}"


def short(id: str) -> str:
    """An identifier as stories tell it."""
    return id.lstrip("0")
