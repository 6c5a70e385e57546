"""The exchange with the server, one step at a time: the next useful thing, without threads or sleeping (SYNC §3–6)."""

import random
from collections.abc import Callable

from desktop.clock import Clock, ServerTime
from desktop.lease import DeviceLease
from desktop.replica import meta, outbox, reconcile, search
from desktop.replica.apply import begin_anew
from desktop.replica.backfill import Filling
from desktop.replica.changed import Changed
from desktop.replica.engine import Replica
from desktop.sync import meanings
from desktop.sync.ahead import EarlyPull
from desktop.sync.attachments import LastFiles
from desktop.sync.exchange import DEFAULT_LIMITS, Exchange, ExchangeError, Limits
from desktop.sync.farewell import farewell
from desktop.sync.hints import Hints
from desktop.sync.lanes import LaneName, Lanes
from desktop.sync.look import Did, Look, Step, comes_first, look_at, phase
from desktop.sync.snapshot import SnapshotTaker
from desktop.sync.state import Connection, Phase
from desktop.sync.suspicion import Suspicion
from desktop.sync.tokens import TokenShelf
from desktop.sync.transport import Transport, UnreachableError
from desktop.sync.upkeep import Upkeep
from domain.entities.base import Instant
from domain.errors import GongdanError, UnavailableError

__all__ = ["Engine", "Step"]

POLL_MS, STREAMING_POLL_MS = 30_000, 300_000
LOOK_AFTER_BREAK_MS = 2_000
PULL_WHILE_PUSHING_MS = 2_000
SLOW_MS, ODD_ANSWER_MS = 3_000, 500
INDEX_SLICE = 100


class Engine:
    """Drives one replica against one server; all that has to survive stands in the replica."""

    def __init__(
        self,
        replica: Replica,
        transport: Transport,
        shelf: TokenShelf,
        *,
        clock: Clock,
        time: ServerTime,
        chance: Callable[[], float] = random.random,
        device_name: str = "",
        limits: Limits = DEFAULT_LIMITS,
        keep_key: Callable[[str], None] | None = None,
        snapshots: SnapshotTaker | None = None,
        lease: DeviceLease | None = None,
    ) -> None:
        self.replica, self._clock, self._time = replica, clock, time
        self._exchange = Exchange(
            replica, transport, shelf, clock=clock, time=time, device_name=device_name, limits=limits
        )
        self._limits, self._chance, self._keep_key = limits, chance, keep_key
        self._lease, self._snapshots = lease, snapshots
        self.lanes, self.suspicion = Lanes(chance), Suspicion()
        self.connection: Connection = "connecting"
        self.trouble = self.paused = ""
        self.streaming, self.received = False, 0
        self.phase: Phase = "config"
        self._upkeep = Upkeep(replica, clock=clock, time=time)
        self._pull_at, self._hints = 0, Hints()
        self._pulled_at = clock.monotonic()
        self._withdraws_next = True
        self._leaving, self._last_files = False, LastFiles(replica, clock)

    # What others tell it, from any thread.

    def poke(self, head: int = 0) -> None:
        """Something changed on the server, up to this head if it is told: pull at the next step."""
        if self._hints.take(head):
            self._pull_at = 0

    def stream(self, *, lives: bool) -> None:
        """Pokes arrive, or no longer: then look soon, but not with everybody else, whether the server is there."""
        self.streaming = lives
        if not lives:
            soon = self._clock.monotonic() + int(LOOK_AFTER_BREAK_MS * self._chance())
            self._pull_at = min(self._pull_at, soon)

    def try_now(self) -> None:
        """Don't wait any longer for anything."""
        self.lanes.wake()
        self._pull_at = 0

    def verify(self) -> None:
        """Compare the replica with the server now."""
        self._upkeep.verify()
        self._pull_at = 0

    def end(self) -> None:
        """The program ends in order: what is here need not be checked because of that."""
        self._upkeep.end()

    def resume(self) -> None:
        """Go on after the person has signed in again or the program was upgraded."""
        self.paused = self.trouble = ""
        self._leaving = False
        self.try_now()

    @property
    def lease_until_at(self) -> Instant:
        """Until when may be read without the server, in its time; 0 where no lease was told."""
        return 0 if self._lease is None else self._lease.until_at

    @property
    def lease_ends_soon(self) -> bool:
        """Whether that is near."""
        return self._lease is not None and self._lease.ends_soon()

    # One step.

    def step(self) -> Step:
        """Do the next useful thing. Raises our errors where the replica itself fails, such as ``disk_full``."""
        self._upkeep.begin()
        if self.paused:
            return self._idle()
        try:
            look = self._look()
            done = self._next(look, self._clock.monotonic())
        except ExchangeError as failure:
            return self._failed(failure.lane, failure.error)
        if done is None:
            return self._idle(asks_first=look.recovery == "asking")
        if done.did != "failed":
            self.connection = "slow" if self._exchange.took_ms > SLOW_MS else "online"
            self.trouble = "recovering" if look.recovery else ""
        return done

    def _look(self) -> Look:
        return look_at(self.replica, fetch=self._limits.fetch, keeps_key=self._keep_key is not None)

    def _next(self, look: Look, now: int) -> Step | None:
        """Forms and my own tickets first; then what waits to be sent, what moved, what is still to be filled."""
        if self._leaving:
            return self._push_last(look, now)
        doubt = bool(self.suspicion.in_doubt)
        wants_page = doubt or not look.begun or look.checks_feed or look.tells
        pulls = self.lanes.free("pull", now) and (wants_page or now >= self._pull_at)
        sends = self.lanes.free("push", now) and look.sends and not doubt
        fills = self.lanes.free("fill", now) and look.begun
        turn = doubt or not look.begun or now - self._pulled_at >= PULL_WHILE_PUSHING_MS
        filling = look.filling
        if look.recovery and self.lanes.free("recover", now) and (look.begun or look.recovery == "asking"):
            return self._give_back(look)
        if look.recovery == "asking":
            return None  # before it is known what the server lost, nothing may be taken for known to it
        if fills and filling is not None and comes_first(filling):
            return self._fill(filling)
        if look.totals and not sends:
            return self._compare()  # here alone: once the feed is read on, the totals hold no more
        if pulls and (turn or not sends):
            return self._pull()
        if sends:
            return self._push(now)
        if look.begun and not look.key_kept and self.lanes.free("key", now):
            return self._have_key_kept(look.device)
        if fills and look.wanted:
            return self._fetch(look.wanted)
        if fills and filling is not None:
            return self._fill_whole() or self._fill(filling)
        if fills and look.compares and not look.recovery:
            return self._compare()
        return None

    def _idle(self, *, asks_first: bool = False) -> Step:
        """With nothing to ask for: index what came, forget what is old, or say how long there is nothing to do."""
        with self.replica.write() as conn:
            indexed = search.index_slice(conn, INDEX_SLICE)
        if indexed:
            return Step(did="indexed")
        forgot = self._upkeep.forget()
        if forgot:
            return Step(did="forgot", changed=forgot)
        now = self._clock.monotonic()
        if self.paused:
            return Step(did="waited", wait_ms=POLL_MS, error=self.paused)
        if self._leaving:
            lane: LaneName = "pull" if self.suspicion.in_doubt else "push"
            return Step(did="waited", wait_ms=max(1, self.lanes.next_free(lane) - now), error=self.trouble)
        until = self.lanes.next_due(now, pull_at=self._pull_at, asks_first=asks_first)
        return Step(did="waited", wait_ms=max(1, until - now), error=self.trouble)

    # The requests.

    def _pull(self) -> Step:
        self._hints.pulling()
        answer, changed = self._exchange.pull()
        if not isinstance(answer, EarlyPull):  # the machine may have slept since that one came
            self._upkeep.renew(self._lease, answer, self._exchange.asked)
        now = self._clock.monotonic()
        self.lanes.pulled()
        self._judge(now)
        self.received += len(answer.put)
        self._pull_at = self._pulled_at = now
        if self._snapshots is not None and answer.scope is not None:
            self._snapshots.look()
        at_rest = bool(changed) and not answer.more and answer.scope is None
        if not changed:  # it did not follow on what is here: ask again, but not in a circle
            self.lanes.by_name["pull"].rest(now, ODD_ANSWER_MS)
        elif at_rest:
            if answer.digest is None:
                # Nothing was compared: a check that waits for it is not to pull in a circle.
                self.lanes.by_name["pull"].rest(now, ODD_ANSWER_MS if self._upkeep.checks_feed() else 0)
            rest_ms = STREAMING_POLL_MS if self.streaming else POLL_MS
            self._pull_at = now + int(rest_ms * (0.8 + 0.4 * self._chance()))
        if self._hints.pulled(answer.head if at_rest else 0):
            self._pull_at = now
        self.lanes.by_name["pull"].rest(now, answer.retry_after_ms)
        return Step(did="pulled", changed=changed)

    def _push(self, now: int) -> Step | None:
        turn, limit = self._withdraws_next, self.suspicion.limit
        with self.replica.write() as conn:
            request = outbox.next_request(conn, limit=limit, withdraws_first=turn)
        if request is None:
            return None
        try:
            answer, changed = self._exchange.push(request)
        except ExchangeError as failure:
            self._withdraws_next = not request.withdraw
            # What leaves has nobody to set commands aside for: trouble on the way is waited out.
            spared = self._leaving and failure.error.code in meanings.ON_THE_WAY
            if meanings.blames_batch(failure.error) and not spared:
                self.suspicion.doubt([command.id for command in request.commands])
            raise
        settled = [verdict.id for verdict in answer.verdicts if verdict.status != "retry"]
        self.suspicion.clear(settled)
        if settled:
            self.lanes.by_name["push"].succeed()
        else:
            self.lanes.fail("push", now)
        self._pull_at = min(self._pull_at, now)
        return Step(did="pushed", changed=changed)

    def _fetch(self, ids: tuple[str, ...]) -> Step:
        answer, changed = self._exchange.fetch(ids)
        return self._rows_came("fetched", changed, len(answer.put))

    def _fill(self, filling: Filling) -> Step:
        self.phase = phase(filling)
        answer, changed = self._exchange.fill(filling)
        if filling.range.kind == "config" and answer.done and self._upkeep.catches_up():
            self._pull_at = 0  # once, now that nothing else is to come: an older server never tells totals
        return self._rows_came("filled", changed, len(answer.put))

    def _compare(self) -> Step:
        """Find where the replica differs from the server; what was thrown away a pull clears up."""
        taken, changed = self._exchange.compare()
        return self._rows_came("compared", changed if taken else Changed(), 0)

    def _give_back(self, look: Look) -> Step:
        """Give a restored server what it may have lost; look again later where it is the operator's turn."""
        gave, changed = self._exchange.give_back()
        lane, rest_ms = self.lanes.by_name["recover"], POLL_MS if look.filling is None else SLOW_MS
        lane.succeed()
        if not gave:
            lane.rest(self._clock.monotonic(), rest_ms)
        return Step(did="gave_back", changed=changed)

    def _fill_whole(self) -> Step | None:
        """Take the next part of a snapshot; None where there is none for this person."""
        if self._snapshots is None or not self._snapshots.wanted():
            return None
        self.phase = "open"
        changed, count = self._snapshots.step()
        return self._rows_came("filled", changed, count) if changed else None

    def _rows_came(self, did: Did, changed: Changed, count: int) -> Step:
        self.received += count
        self.lanes.by_name["fill"].succeed()
        if not changed:
            # Thrown away: it belongs to another scope or an older state, which a pull clears up.
            self.lanes.by_name["fill"].rest(self._clock.monotonic(), ODD_ANSWER_MS)
            self._pull_at = 0
        return Step(did=did, changed=changed)

    def _have_key_kept(self, device: str) -> Step:
        """The server keeps the replica's key, so that it can be opened after a change of password."""
        assert self._keep_key is not None
        self._exchange.ask("key", self._keep_key, device)
        with self.replica.write() as conn:
            meta.put(conn, "key_kept", device)
        self.lanes.by_name["key"].succeed()
        return Step(did="kept_key")

    # What goes wrong.

    def _judge(self, now: int) -> None:
        """After a pull that succeeded: a batch in doubt is to blame itself."""
        if not self.suspicion.in_doubt:
            return
        culprit = self.suspicion.judge()
        if culprit:
            with self.replica.write() as conn:
                outbox.set_aside(conn, culprit)
            self.suspicion.clear([culprit])
            self._withdraws_next = True
        # The server is well: the next batch need not wait.
        self.lanes.by_name["push"].rests_until = now

    def _failed(self, lane: LaneName, error: GongdanError) -> Step:
        now, meaning = self._clock.monotonic(), meanings.meaning(error)
        if lane == "pull" and meaning == "failed":
            self.suspicion.acquit()
        if meaning == "register":
            return self._register(now)
        if meaning in ("restored", "expired"):
            return self._begin_anew(error.code, restored=meaning == "restored")
        if error.code == "device_revoked":
            return self._revoked(lane, error)
        self.trouble = error.code
        advised = error.args_by_name.get("retry_after_ms", 0)
        advised_ms = advised if isinstance(advised, int) else 0
        if meaning == "paused":
            self._pause(error.code)
        elif isinstance(error, UnreachableError):
            self.connection = "offline"
            self.lanes.lose_network(now, advised_ms)
        else:
            if isinstance(error, UnavailableError):
                self.connection = "offline" if error.code in meanings.ON_THE_WAY else "server_error"
            self.lanes.fail(lane, now, advised_ms)
        return Step(did="failed", error=error.code)

    def _begin_anew(self, code: str, *, restored: bool) -> Step:
        with self.replica.write() as conn:
            changed = begin_anew(conn, restored=True) if restored else reconcile.begin(conn)
        self._pull_at = 0
        # Whatever was waited for in an earlier recovery, this one has questions of its own.
        self.lanes.by_name["recover"].rests_until = 0
        return Step(did="began_anew", changed=changed, error=code)

    def _register(self, now: int) -> Step:
        """This replica is a copy of another, or the server does not know its device: become a new one."""
        # A server that asks for it again and again is not hurried.
        self.lanes.fail("push", now)
        try:
            changed = self._exchange.register()
        except ExchangeError as failure:
            if meanings.meaning(failure.error) != "register":
                return self._failed("push", failure.error)
            self.trouble = failure.error.code
            return Step(did="failed", error=failure.error.code)
        return Step(did="registered", changed=changed)

    def _pause(self, code: str) -> None:
        """Nothing more is asked until the person acts."""
        self.paused = "sign_in_needed" if code in meanings.SIGN_IN else code

    # Leases and leaving.

    def _revoked(self, lane: LaneName, error: GongdanError) -> Step:
        look = self._look()
        # A push that was refused is not made again, and no file goes where none is taken.
        unsent = lane != "push" and (look.sends or bool(self._last_files.wait_ms()))
        means = farewell(error, lease=self._lease, device=look.device, unsent=unsent)
        if means == "unproven":
            return self._failed(lane, UnavailableError("not_our_server"))
        if means == "last_push":
            self._leaving = True
        else:
            self._pause("device_stolen" if means == "stolen" else "device_revoked")
        return Step(did="failed", error=error.code)

    def _push_last(self, look: Look, now: int) -> Step | None:
        """Bring what there is, and nothing else; then this device is done."""
        if self.suspicion.in_doubt:
            return self._ask_whose_fault(now) if self.lanes.free("pull", now) else None
        if not look.sends:
            if wait_ms := self._last_files.wait_ms():
                return Step(did="waited", wait_ms=wait_ms)
            self._pause("device_revoked")
            return None
        return self._push(now) if self.lanes.free("push", now) else None

    def _ask_whose_fault(self, now: int) -> Step:
        """A batch failed: where the server refuses this device a page, and proves it, the server is well."""
        try:
            pulled = self._pull()
        except ExchangeError as failure:
            if failure.error.code != "device_revoked":
                raise
            step = self._revoked("pull", failure.error)
            if step.error == "device_revoked":
                # What is set aside goes with the key: the next try takes its time.
                push = self.lanes.by_name["push"]
                rests_until = push.rests_until
                self._judge(now)
                push.rests_until = rests_until
            return step
        self._leaving = False  # it was restored meanwhile
        return pulled
