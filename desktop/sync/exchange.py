"""Single exchanges: ask, and take what comes into the replica in one transaction (SYNC §3)."""

from collections.abc import Callable
from typing import Any, TypeVar

from desktop.clock import Clock, ServerTime
from desktop.replica import heads, integrity, meta, notices, outbox, recovery
from desktop.replica.apply import apply_pull, apply_rows, apply_verdicts
from desktop.replica.backfill import Filling
from desktop.replica.changed import Changed
from desktop.replica.engine import Connection, Replica
from desktop.sync.ahead import EarlyPull
from desktop.sync.lanes import LaneName
from desktop.sync.tokens import TokenShelf
from desktop.sync.transport import Transport
from domain.entities.base import Entity
from domain.errors import GongdanError
from domain.wire.identity import DeviceName
from domain.wire.integrity import DigestRequest
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

READ_AT_ONCE = 500
"""Notices that the server is told of with one pull."""


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
        self.took_ms = self.asked = 0
        """How long the last answer took, and what the steady clock said when it was asked for."""

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
                digest=integrity.wants_digest(conn),
                read=notices.untold(conn, READ_AT_ONCE),
            )
        answer = self.ask("pull", self._transport.pull, asked)
        with self.replica.write(durable=False) as conn:
            if not heads.follows(conn, asked.seen):
                return answer, Changed()
            changed = apply_pull(conn, answer)
            notices.mark_told(conn, asked.read if answer.read is None else answer.read)
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

    def compare(self) -> tuple[bool, Changed]:
        """Compare totals, or ask for the next page of shares; False where what came is thrown away."""
        with self.replica.read() as conn:
            summed = integrity.totals(conn)
        if summed is not None:
            with self.replica.write() as conn:
                return True, integrity.compare(conn, *summed, self._time.now())
        with self.replica.read() as conn:
            wanted = integrity.question(conn)
            assert wanted is not None, "no check is under way"
            level, groups, after = wanted
            asked = DigestRequest(
                protocol=PROTOCOL,
                device=meta.get(conn, "device"),
                scope_version=meta.get(conn, "scope_version"),
                level=level,
                groups=groups,
                after=after,
                seen=heads.seen(conn),
            )
        answer = self.ask("fill", self._transport.digest, asked)
        with self.replica.write() as conn:
            if not heads.follows(conn, asked.seen):
                return False, Changed()
            heads.take(conn, answer.seen)
            taken = integrity.take(conn, asked, answer, self._time.now())
        return taken, Changed(kinds=frozenset({"sync"}))

    def give_back(self) -> tuple[bool, Changed]:
        """Give a restored server the next part of what it may have lost; False where only its word is waited for."""
        with self.replica.read() as conn:
            asked = recovery.next_request(conn)
        answer = self.ask("recover", self._transport.recover, asked)
        with self.replica.write() as conn:
            if not heads.follows(conn, asked.seen):
                return False, Changed()
            heads.take(conn, answer.seen)
            changed = recovery.take(conn, asked, answer)
            return not recovery.is_idle(asked) or bool(asked.epoch) or not recovery.stage(conn), changed

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
        # Another device has another secret: without it neither codes nor the word that it is revoked can be checked.
        self._shelf.tell_lease(answer.lease, answer.server_time)
        return Changed(kinds=frozenset({"sync"}))

    def ask(self, lane: LaneName, question: Callable[[Any], A], request: object) -> A:
        """Ask once; raises ExchangeError, so that the network's trouble is not taken for the replica's."""
        self.asked = asked = self._clock.monotonic()
        try:
            answer = question(request)
        except GongdanError as error:
            raise ExchangeError(lane, error) from error
        answered = self._clock.monotonic()
        server_at = getattr(answer, "server_time", 0)
        if server_at and not isinstance(answer, EarlyPull):
            self._time.observe(asked=asked, answered=answered, server_at=server_at)
        self.took_ms = answered - asked
        return answer
