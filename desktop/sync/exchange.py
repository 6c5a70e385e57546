"""Single exchanges: ask, and take what comes into the replica in one transaction (SYNC §3)."""

from collections.abc import Callable
from typing import Any, TypeVar

from desktop.clock import Clock, ServerTime
from desktop.replica import heads, meta, outbox
from desktop.replica.apply import apply_pull, apply_rows, apply_verdicts
from desktop.replica.backfill import Filling
from desktop.replica.changed import Changed
from desktop.replica.engine import Connection, Replica
from desktop.sync.lanes import LaneName
from desktop.sync.tokens import TokenShelf
from desktop.sync.transport import Transport
from domain.entities.base import Entity
from domain.errors import GongdanError
from domain.wire.identity import DeviceName
from domain.wire.protocol import PROTOCOL
from domain.wire.sync import (
    BackfillRequest,
    PullAnswer,
    PullRequest,
    PushAnswer,
    PushRequest,
    RowsAnswer,
    TicketsRequest,
)

A = TypeVar("A")


class Limits(Entity):
    """How much is asked for at once."""

    pull: int = 2000
    fill: int = 1000
    fetch: int = 200


DEFAULT_LIMITS = Limits()


class ExchangeError(Exception):
    """A request failed, as opposed to keeping what it brought."""

    def __init__(self, lane: LaneName, error: GongdanError) -> None:
        super().__init__(error.code)
        self.lane, self.error = lane, error


class Exchange:
    """One replica and its way to the server; learns the server's time from each answer."""

    def __init__(
        self,
        replica: Replica,
        transport: Transport,
        shelf: TokenShelf,
        *,
        clock: Clock,
        time: ServerTime,
        device_name: str,
        limits: Limits,
    ) -> None:
        self.replica, self._transport, self._shelf = replica, transport, shelf
        self._clock, self._time = clock, time
        self._device_name, self._limits = device_name, limits
        self.took_ms = 0
        """How long the last answer took."""

    def pull(self) -> tuple[PullAnswer, Changed]:
        """Ask for one page of the feed."""
        with self.replica.read() as conn:
            asked = PullRequest(
                protocol=PROTOCOL,
                device=meta.get(conn, "device"),
                cursor=meta.cursor(conn),
                scope_version=meta.get(conn, "scope_version"),
                limit=self._limits.pull,
                seen=heads.seen(conn),
            )
        answer = self.ask("pull", self._transport.pull, asked)
        with self.replica.write(durable=False) as conn:
            if not heads.follows(conn, asked.seen):
                return answer, Changed()
            changed = apply_pull(conn, answer)
            heads.take(conn, answer.seen)
            meta.put_struct(conn, "contact", self._time.contact)
        return answer, changed

    def push(self, request: PushRequest) -> tuple[PushAnswer, Changed]:
        """Send commands that were taken from the outbox."""
        answer = self.ask("push", self._transport.push, request)
        with self.replica.write() as conn:
            if heads.follows(conn, request.seen):
                heads.take(conn, answer.head)
            for verdict in answer.verdicts:
                if verdict.status == "retry" and verdict.code == "dependency_missing":
                    outbox.set_aside_orphan(conn, verdict.id)
            return answer, apply_verdicts(conn, request, answer)

    def fetch(self, ids: tuple[str, ...]) -> tuple[RowsAnswer, Changed]:
        """Ask for whole tickets."""
        with self.replica.read() as conn:
            asked = TicketsRequest(
                protocol=PROTOCOL,
                device=meta.get(conn, "device"),
                scope_version=meta.get(conn, "scope_version"),
                ids=ids,
                seen=heads.seen(conn),
            )
        answer = self.ask("fill", self._transport.tickets, asked)
        with self.replica.write(durable=False) as conn:
            return answer, self._rows(conn, asked.seen, answer, None)

    def fill(self, filling: Filling) -> tuple[RowsAnswer, Changed]:
        """Ask for one page of a range."""
        with self.replica.read() as conn:
            asked = BackfillRequest(
                protocol=PROTOCOL,
                device=meta.get(conn, "device"),
                range=filling.range,
                scope_version=meta.get(conn, "scope_version"),
                after=filling.after,
                limit=self._limits.fill,
                seen=heads.seen(conn),
            )
        answer = self.ask("fill", self._transport.backfill, asked)
        with self.replica.write(durable=False) as conn:
            return answer, self._rows(conn, asked.seen, answer, filling)

    @staticmethod
    def _rows(conn: Connection, asked: str, answer: RowsAnswer, filling: Filling | None) -> Changed:
        if not heads.follows(conn, asked):
            return Changed()
        heads.take(conn, answer.seen)
        if filling is None:
            return apply_rows(conn, answer, None)
        return apply_rows(conn, answer, filling.range, after=filling.after)

    def register(self) -> Changed:
        """Become a new device with the same outbox: its name and tokens are kept together, before they are used."""
        answer = self.ask("push", self._transport.register, DeviceName(name=self._device_name))
        with self.replica.write() as conn:
            outbox.register_anew(conn, device=answer.device.id, code=answer.device.code)
            self._shelf.keep_with(conn, answer.tokens)
        self._shelf.use(answer.tokens)
        return Changed(kinds=frozenset({"sync"}))

    def ask(self, lane: LaneName, question: Callable[[Any], A], request: object) -> A:
        """Ask once; raises ExchangeError, so that the network's trouble is not taken for the replica's."""
        asked = self._clock.monotonic()
        try:
            answer = question(request)
        except GongdanError as error:
            raise ExchangeError(lane, error) from error
        answered = self._clock.monotonic()
        server_at = getattr(answer, "server_time", 0)
        if server_at:
            self._time.observe(asked=asked, answered=answered, server_at=server_at)
        self.took_ms = answered - asked
        return answer
