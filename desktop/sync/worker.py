"""The thread around the engine: it alone talks to the server, and nothing that happens in it escapes."""

import sys
import threading
from collections.abc import Callable

import msgspec
import structlog

from desktop.clock import Clock, ServerTime
from desktop.replica import integrity, meta
from desktop.replica.changed import Changed
from desktop.replica.standing import Standing, standing, tickets_held
from desktop.sync.engine import Engine, Step
from desktop.sync.pokes import PokeStream
from desktop.sync.state import CLOCK_TOLERANCE_MS, Progress, SyncState
from domain.entities.base import Instant
from domain.errors import GongdanError

MOST_WAIT_S = 30.0
"""A machine may have slept meanwhile, and what counts the wait with it."""
TROUBLE_WAIT_MS, BUG_WAIT_MS = 10_000, 30_000
STOP_S = 5.0
SWITCH_S = 0.001
"""So soon the window's thread gets the interpreter back from this one, where nothing else gives it up before."""
_FOR_GOOD = frozenset({"replica_damaged", "replica_unreadable"})

log = structlog.get_logger("sync")


class SyncWorker:
    """Steps the engine until stopped; it may be killed at any instant, since all state is in the replica."""

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Clock,
        time: ServerTime,
        changed: Callable[[Changed], None],
        state_changed: Callable[[SyncState], None],
        pokes: PokeStream | None = None,
    ) -> None:
        self._engine, self._clock, self._time = engine, clock, time
        self._changed, self._state_changed = changed, state_changed
        self._pokes = pokes
        self._woken, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self._held: int | None = None
        self._trouble = ""
        self.state = SyncState()

    def start(self) -> None:
        """Begin; returns at once."""
        sys.setswitchinterval(SWITCH_S)
        self._thread.start()
        if self._pokes is not None:
            self._pokes.start(poked=self._poked, streaming=self._streaming)

    def stop(self) -> None:
        """End after the step under way; a request that hangs is left to die with the process."""
        self._stopping.set()
        self._woken.set()
        if self._pokes is not None:
            self._pokes.stop()
        if self._thread.is_alive():
            self._thread.join(STOP_S)
        if not self._thread.is_alive():
            self._end()

    def _end(self) -> None:
        try:
            self._engine.end()
        except GongdanError as error:
            # It is checked at the next start, as after any end that was not in order.
            log.warning("replica_trouble", code=error.code)

    def wake(self) -> None:
        """There is something to send."""
        self._woken.set()

    def sync_now(self) -> None:
        """Try at once, whatever was waited for."""
        self._engine.try_now()
        self._woken.set()

    def verify(self) -> None:
        """Compare what is here with the server now."""
        self._engine.verify()
        self._engine.try_now()
        self._woken.set()

    def resume(self) -> None:
        """Go on after the person has signed in again."""
        self._engine.resume()
        self._woken.set()

    def _poked(self, head: int) -> None:
        self._engine.poke(head)
        self._woken.set()

    def _streaming(self, streams: bool) -> None:
        self._engine.stream(lives=streams)
        self._woken.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            # Cleared before the step, so that a call during it is not lost.
            self._woken.clear()
            wait_ms = self._turn()
            if wait_ms:
                self._woken.wait(min(MOST_WAIT_S, wait_ms / 1000))

    def _turn(self) -> int:
        """One step and what it means for the screens; returns how long to wait, in ms."""
        try:
            step = self._engine.step()
            self._trouble = ""
        except GongdanError as error:
            log.warning("replica_trouble", code=error.code)
            self._trouble = error.code
            if error.code in _FOR_GOOD:
                self._engine.paused = error.code
            step = Step(did="failed", wait_ms=TROUBLE_WAIT_MS, error=error.code)
        except Exception as error:
            log.error("bug", kind=type(error).__name__, exc_info=error)
            self._trouble = "bug"
            step = Step(did="failed", wait_ms=BUG_WAIT_MS, error="bug")
        self._tell(step)
        return step.wait_ms

    def _tell(self, step: Step) -> None:
        if step.did not in ("waited", "indexed"):
            log.debug("step", did=step.did, error=step.error, tickets=len(step.changed.tickets))
        try:
            if step.changed:
                self._changed(step.changed)
            state = self._stands(step)
        except Exception as error:
            log.error("bug", kind=type(error).__name__, exc_info=error)
            return
        if state != self.state:
            self.state = state
            self._state_changed(state)

    def _stands(self, step: Step) -> SyncState:
        engine = self._engine
        try:
            with engine.replica.read() as conn:
                counts, verified_at = standing(conn), meta.number(conn, "verified_at")
                check, checked = integrity.current(conn), integrity.last(conn)
                alarm = integrity.alarmed(conn, self._time.now())
                if self._held is None and counts.ranges_done < counts.ranges:
                    self._held = tickets_held(conn)
        except GongdanError:
            return msgspec.structs.replace(self.state, trouble=self._trouble, paused=engine.paused)
        off_ms = self._time.off_ms()
        return SyncState(
            connection=engine.connection,
            busy=step.did in ("pushed", "filled", "fetched"),
            unsent=counts.unsent,
            attention=counts.attention,
            verified_at=verified_at,
            progress=self._progress(counts),
            clock_off_ms=off_ms if abs(off_ms) > CLOCK_TOLERANCE_MS else 0,
            trouble=self._trouble or engine.trouble,
            retry_at=self._retry_at(step),
            paused=engine.paused,
            lease_until_at=engine.lease_until_at // 60_000 * 60_000,
            lease_ends_soon=engine.lease_ends_soon,
            checked_at=checked.at,
            checking=check.stage if check is not None and integrity.is_felt(check) else "",
            repaired=checked.repaired,
            alarm=alarm,
            streaming=engine.streaming,
        )

    def _progress(self, counts: Standing) -> Progress | None:
        if counts.ranges_done >= counts.ranges:
            self._held = None
            self._engine.received = 0
            return None
        return Progress(
            phase=self._engine.phase,
            tickets=(self._held or 0) + self._engine.received,
            ranges_done=counts.ranges_done,
            ranges=counts.ranges,
            held=counts.held,
        )

    def _retry_at(self, step: Step) -> Instant:
        """When the next attempt is made, rounded so that the state doesn't change with every wake-up."""
        if not (self._trouble or self._engine.trouble) or not step.wait_ms:
            return 0
        return (self._clock.now() + step.wait_ms) // 1000 * 1000
