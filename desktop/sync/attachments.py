"""The lanes of attachments' bytes, one up and one down, apart from the exchange: text never waits (SYNC §7).

Each lane is a thread with a connection of its own. All it knows stands in the replica, so it may be killed at any
instant and goes on at the part it was at.
"""

import random
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

import structlog

from desktop.clock import Clock
from desktop.replica import attachments, meta
from desktop.replica.attachments import Held
from desktop.replica.changed import Changed
from desktop.replica.engine import Replica
from desktop.sync.http import HttpTransport
from domain.errors import GongdanError, RefusedError, UnavailableError
from domain.wire import codec
from domain.wire.attachments import CHUNK, AttachmentLimits, UploadBegin, UploadState

if TYPE_CHECKING:
    from desktop.replica.engine import Connection

T = TypeVar("T")

MOST_WAIT_S = 30.0
"""A machine may have slept meanwhile, and what counts the wait with it."""
MOST_BACKOFF_MS, FIRST_BACKOFF_MS = 60_000, 1_000
SIGNED_OUT_MS = 30_000
LIMITS_EVERY_MS = 3_600_000
LAST_FILES_MS, LAST_LOOK_MS = 900_000, 1_000
MOST_TRIES = 8
STOP_S = 5.0

_AGAIN = frozenset(
    {"attachment_hash_mismatch", "attachment_not_begun", "attachment_chunk", "attachment_range"}
)
"""Refusals that a new beginning cures."""
_NOT_NOW = frozenset(
    {
        *("sign_in_needed", "token_missing", "token_unknown", "token_expired", "token_reused"),
        *("device_revoked", "person_inactive", "locked_out"),
        "not_found",  # a server of the version before knows no attachments
    }
)
"""Refusals of whoever asks, not of this content."""

log = structlog.get_logger("attachments")


class Courier(Protocol):
    """Carries bytes to and from the server."""

    def limits(self) -> AttachmentLimits:
        """What may be attached."""
        ...

    def begin(self, hash: str, size: int) -> UploadState:
        """Begin an upload, or ask how far it is."""
        ...

    def put(self, hash: str, offset: int, part: bytes) -> UploadState:
        """Send one part."""
        ...

    def get(self, hash: str, ticket: str, start: int, end: int) -> bytes:
        """Fetch the bytes from start up to (not with) end."""
        ...


class HttpCourier:
    """The courier over a connection of its own."""

    def __init__(self, transport: HttpTransport) -> None:
        self._transport = transport

    def limits(self) -> AttachmentLimits:
        """What may be attached."""
        return self._heard("GET", "/v1/attachments", None, AttachmentLimits)

    def begin(self, hash: str, size: int) -> UploadState:
        """Begin an upload, or ask how far it is."""
        body = codec.encode(UploadBegin(size=size))
        return self._heard("POST", f"/v1/attachments/{hash}", body, UploadState)

    def put(self, hash: str, offset: int, part: bytes) -> UploadState:
        """Send one part."""
        return self._heard("PUT", f"/v1/attachments/{hash}/{offset}", part, UploadState)

    def get(self, hash: str, ticket: str, start: int, end: int) -> bytes:
        """Fetch the bytes from start up to (not with) end."""
        path = f"/v1/attachments/{hash}?ticket={ticket}"
        raw = self._transport.carry("GET", path, span=f"bytes={start}-{end - 1}")
        if len(raw) != end - start:
            raise UnavailableError("bad_answer")
        return raw

    def _heard(self, method: str, path: str, body: bytes | None, kind: type[T]) -> T:
        try:
            return codec.decode(self._transport.carry(method, path, body), kind)
        except RefusedError as error:
            if error.code == "bad_message":
                raise UnavailableError("bad_answer") from None
            raise


class Lane(ABC):
    """What both directions share: one transfer at a time, waiting after trouble, woken by new work."""

    name = "attachments"

    def __init__(
        self,
        replica: Replica,
        courier: Courier,
        *,
        clock: Clock,
        changed: Callable[[Changed], None],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.replica, self.courier, self.clock = replica, courier, clock
        self._changed, self._chance = changed, chance
        self._failures, self._eager, self._began_at = 0, False, clock.now()
        self._woken, self.stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the part under way; one that hangs is left to die with the process."""
        self.stopping.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def wake(self) -> None:
        """There may be work."""
        self._woken.set()

    def try_now(self) -> None:
        """Try at once what was waited for: the server is back."""
        self._eager = True
        self._woken.set()

    def step(self) -> int:
        """Do one transfer; returns how long to wait before the next, in ms."""
        if self._eager:
            self._eager = False
            with self.replica.write(durable=False) as conn:
                attachments.try_now(conn)
        one = self.next()
        if one is None:
            return int(MOST_WAIT_S * 1000)
        try:
            self.carry(one)
            self._failures = 0
            return 0
        except UnavailableError as error:
            return self._later(one, error)
        except RefusedError as error:
            return self._refused(one, error)

    @abstractmethod
    def next(self) -> Held | None:
        """The next content to carry."""

    @abstractmethod
    def carry(self, one: Held) -> None:
        """Carry one content, part by part."""

    def tell(self, *tickets: str) -> None:
        """Tell the screens that attachments of tickets stand otherwise."""
        self._changed(Changed(tickets=frozenset(tickets), kinds=frozenset({"attachments"})))

    def _later(self, one: Held, error: UnavailableError) -> int:
        """Wait as the server advises, else longer with each failure, at random (SYNC §7)."""
        self._failures += 1
        most = min(MOST_BACKOFF_MS, FIRST_BACKOFF_MS << min(self._failures, 6))
        told = error.args_by_name.get("retry_after_ms", 0)
        advised = told if isinstance(told, int) else 0
        wait_ms = max(advised, int(self._chance() * most), FIRST_BACKOFF_MS // 4)
        log.debug("later", lane=self.name, code=error.code)
        with self.replica.write(durable=False) as conn:
            attachments.wait(conn, one, self.clock.now() + wait_ms)
        return wait_ms

    def _refused(self, one: Held, error: RefusedError) -> int:
        if error.code in _NOT_NOW:
            return SIGNED_OUT_MS
        with self.replica.write() as conn:
            if error.code in _AGAIN and one.tries < MOST_TRIES:
                attachments.try_again(conn, one)
            else:
                attachments.move(conn, one, "failed", code=error.code)
        log.info("refused", lane=self.name, code=error.code)
        self.tell(one.ticket)
        return FIRST_BACKOFF_MS

    def _run(self) -> None:
        while not self.stopping.is_set():
            # Cleared before the step, so that a call during it is not lost.
            self._woken.clear()
            wait_ms = self._turn()
            if wait_ms:
                self._woken.wait(min(MOST_WAIT_S, wait_ms / 1000))

    def _turn(self) -> int:
        try:
            return self.step()
        except GongdanError as error:
            log.warning("replica_trouble", lane=self.name, code=error.code)
        except Exception as error:
            log.error("bug", lane=self.name, kind=type(error).__name__, exc_info=error)
        return SIGNED_OUT_MS


class UpLane(Lane):
    """Uploads what was attached; keeps the bytes until the server has them whole and the command is settled."""

    name = "attachments up"
    _tidied = False
    _limits_at = 0

    def next(self) -> Held | None:
        """Put the books in order, then the next content to upload."""
        self._ask_limits()
        with self.replica.write() as conn:
            if not self._tidied:
                attachments.tidy(conn, self._began_at)
                self._tidied = True
            self._notice_epoch(conn)
            moved = attachments.queue(conn) + attachments.settle(conn)
            found = attachments.next_up(conn, self.clock.now())
        if moved:
            self.tell()
        return found

    def _notice_epoch(self, conn: "Connection") -> None:
        """A restored server may have lost what it had: offer it again."""
        epoch, known = meta.epoch(conn), meta.get(conn, "attachments_epoch")
        if epoch and epoch != known:
            if known:
                attachments.offer_again(conn)
            meta.put(conn, "attachments_epoch", epoch)

    def _ask_limits(self) -> None:
        now = self.clock.monotonic()
        if self._limits_at and now - self._limits_at < LIMITS_EVERY_MS:
            return
        try:
            told = self.courier.limits()
        except GongdanError:
            return
        self._limits_at = now
        with self.replica.write() as conn:
            if attachments.limits(conn) != told:
                attachments.keep_limits(conn, told)

    def carry(self, one: Held) -> None:
        """Send the parts that the server has not, from where it says."""
        with self.replica.read() as conn:
            last = attachments.settled(conn, one)
        state = self.courier.begin(one.hash, one.size)
        while state.state == "partial" and not self.stopping.is_set():
            self._note(one, state.offset)
            part = self.replica.vault.part(one.hash, one.size, state.offset)
            after = self.courier.put(one.hash, state.offset, part)
            if after.state == "partial" and after.offset <= state.offset:
                raise UnavailableError("bad_answer")
            state = after
        if state.state == "whole":
            with self.replica.write() as conn:
                attachments.move(conn, one, "cached" if last else "uploaded", offset=0 if last else one.size)
                attachments.settle(conn)
            self.tell(one.ticket)

    def _note(self, one: Held, offset: int) -> None:
        if offset != one.offset:
            with self.replica.write(durable=False) as conn:
                attachments.progress(conn, one, offset)
        self.tell(one.ticket)


class DownLane(Lane):
    """Fetches what is looked at, and keeps the cache within its bound (bytes)."""

    name = "attachments down"

    def __init__(
        self,
        replica: Replica,
        courier: Courier,
        *,
        clock: Clock,
        changed: Callable[[Changed], None],
        cache_bytes: Callable[[], int],
        chance: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(replica, courier, clock=clock, changed=changed, chance=chance)
        self._cache_bytes = cache_bytes

    def next(self) -> Held | None:
        """What was looked at last."""
        with self.replica.read() as conn:
            return attachments.next_down(conn, self.clock.now())

    def carry(self, one: Held) -> None:
        """Fetch the parts that are not here, then check the whole."""
        vault = self.replica.vault
        if not vault.holds(one.hash):
            offset = vault.fetched(one.hash, one.size)
            while offset < one.size:
                if self.stopping.is_set():
                    return
                end = min(one.size, offset + CHUNK)
                vault.append(one.hash, one.size, offset, self.courier.get(one.hash, one.ticket, offset, end))
                offset = end
                with self.replica.write(durable=False) as conn:
                    named = attachments.still_named(conn, one)
                    attachments.progress(conn, one, offset)
                if not named:
                    return
                self.tell(one.ticket)
            if not vault.complete(one.hash, one.size):
                raise RefusedError("attachment_hash_mismatch")
        with self.replica.write() as conn:
            attachments.still_named(conn, one)
            attachments.move(conn, one, "cached")
            attachments.settle(conn)
            attachments.evict(conn, self._cache_bytes())
        self.tell(one.ticket)


class LastFiles:
    """What a revoked device waits for after its last push: the files of that push, but not for ever."""

    def __init__(self, replica: Replica, clock: Clock) -> None:
        self._replica, self._clock = replica, clock
        self._began: int | None = None

    def wait_ms(self) -> int:
        """How long to wait before looking again; 0 once nothing is left, or it took too long."""
        now = self._clock.monotonic()
        self._began = now if self._began is None else self._began
        with self._replica.read() as conn:
            left = attachments.uploads_left(conn)
        return LAST_LOOK_MS if left and now - self._began < LAST_FILES_MS else 0
