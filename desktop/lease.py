"""The lease: for how long this device may read without the server, by time that can't be set back (SYNC §7).

What is known of it stands in a file of its own beside the replica's key, sealed by that key, since it is asked
before the replica is opened. Time is the server's, carried on by the machine's steady clock; after the machine was
started anew the wall clock counts, but only forwards from the latest time that was ever known.
"""

import base64
import hashlib
import hmac
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import structlog

from desktop.clock import Clock, ServerTime
from desktop.credentials import Attempts
from desktop.paths import write_whole
from domain.entities.base import Entity, Instant
from domain.errors import RefusedError
from domain.rules.unlocking import Challenge, check_code, revocation_proof, write_challenge
from domain.wire.commands import DeviceClock
from domain.wire.identity import Lease

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

LEASE_FILE, ATTEMPTS_FILE = "lease.bin", "unlock_attempts.json"
DAY_MS = 86_400_000
SAVE_EVERY_MS = 5 * 60_000
"""A power cut may give back so much of what had passed, never more."""
_NONCE_BYTES = 12
_WHAT = b"gongdan lease"

log = structlog.get_logger("lease")


class Held(Entity):
    """What is known of the lease, and the latest moment known with the clocks as they stood then."""

    until_at: Instant  # the server's time
    length_s: int
    warn_s: int = 0
    secret: str = ""
    next_code: int = 0
    known_at: Instant = 0  # the server's time
    monotonic: int = 0
    wall_at: Instant = 0
    boot: str = ""
    warned_at: Instant = 0


class DeviceLease:
    """The lease of one person's device; called from any thread."""

    def __init__(self, folder: Path, key: bytes, clock: Clock, *, boot: str = "") -> None:
        self._file, self._key, self._clock, self._boot = folder / LEASE_FILE, key, clock, boot
        self._attempts = Attempts(folder / ATTEMPTS_FILE, clock)
        self._lock = threading.RLock()
        self._held = self._saved = self._load()
        if self._held is not None and self._held.boot != boot:
            # From here on this start's steady clock counts, whatever the wall clock is set to.
            self._keep(self._anchored(self._held, self.now()), at_once=True)

    # What it says.

    @property
    def known(self) -> bool:
        """Whether a server ever told one; those of before didn't."""
        return self._held is not None

    @property
    def until_at(self) -> Instant:
        """Until when may be read, in the server's time; 0 where no lease was told."""
        return 0 if self._held is None else self._held.until_at

    @property
    def contact_at(self) -> Instant:
        """The server's time when it last told the lease, as far as codes have not put its end off; 0: never."""
        held = self._held
        return 0 if held is None else min(held.known_at, held.until_at - held.length_s * 1000)

    def now(self) -> Instant:
        """The server's time as far as it is known; it never goes back."""
        held = self._held
        if held is None:
            return self._clock.now()
        steady = self._clock.monotonic() - held.monotonic
        walked = self._clock.now() - held.wall_at
        if steady >= 0 and held.boot == self._boot:
            # Without a name for its starts, a machine that was started anew shows by its clocks drifting apart.
            return held.known_at + (steady if self._boot else max(steady, walked))
        return held.known_at + max(0, walked)

    def ended(self) -> bool:
        """Whether nothing may be read any more."""
        return self.known and self.now() >= self.until_at

    def left_s(self) -> int:
        """How much of it is left."""
        return max(0, self.until_at - self.now()) // 1000

    def ends_soon(self) -> bool:
        """Whether the person should be told of its end."""
        return self._held is not None and self.left_s() <= self._held.warn_s

    def warns_now(self) -> bool:
        """Whether to tell the person of its end now: once a day while it is near; saying yes counts as told."""
        with self._lock:
            held, now = self._held, self.now()
            if held is None or not self.ends_soon() or now < held.warned_at + DAY_MS:
                return False
            self._keep(msgspec.structs.replace(held, warned_at=now), at_once=True)
            return True

    # What moves it.

    def told(self, lease: Lease, *, server_at: Instant) -> None:
        """The server told the lease, with its secret: at sign-in and with new tokens."""
        with self._lock:
            before = self._held or Held(until_at=0, length_s=0)
            self._run(
                msgspec.structs.replace(
                    before, length_s=lease.length_s, warn_s=lease.warn_s, secret=lease.secret or before.secret
                ),
                server_at,
                at_once=True,
            )

    def renewed(self, length_s: int, *, server_at: Instant, asked: int | None = None) -> bool:
        """The server answered a pull; True where the new end was written down, which is not each time.

        `asked` is what the steady clock said then: since then may have passed what the machine slept on the answer.
        """
        with self._lock:
            held = self._held
            if held is None or not (length_s or held.length_s):
                return False
            longer = msgspec.structs.replace(held, length_s=length_s or held.length_s)
            passed = 0 if asked is None else max(0, self._clock.monotonic() - asked)
            return self._run(longer, server_at, at_once=False, passed_ms=passed)

    def lose(self) -> None:
        """Its file was taken away: it counts as ended until the server tells another."""
        with self._lock:
            self._held = Held(until_at=1, length_s=0, known_at=1)

    def touch(self, *, at_end: bool = False) -> None:
        """Write down how late it is: every few minutes, and always at the end of the program."""
        with self._lock:
            if self._held is not None:
                self._keep(self._anchored(self._held, self.now()), at_once=at_end)

    def _run(self, held: Held, server_at: Instant, *, at_once: bool, passed_ms: int = 0) -> bool:
        """It runs anew from the server's time, which is believed even where it went back."""
        until_at = server_at + held.length_s * 1000
        moved = msgspec.structs.replace(held, until_at=until_at, warned_at=0)
        return self._keep(self._anchored(moved, server_at + passed_ms), at_once=at_once)

    def _anchored(self, held: Held, at: Instant) -> Held:
        return msgspec.structs.replace(
            held,
            known_at=at,
            monotonic=self._clock.monotonic(),
            wall_at=self._clock.now(),
            boot=self._boot,
        )

    # Unlocking by telephone, and being told to go.

    def challenge(self, device_code: str) -> str:
        """What the person reads out."""
        counter = 0 if self._held is None else self._held.next_code
        return write_challenge(Challenge(device=device_code, counter=counter))

    def unlock(self, text: str) -> Instant:
        """Take a code; returns until when may be read from now on.

        Raises InvalidInputError ``unlock_code_mistyped``; refused as ``unlock_code_wrong``, ``unlock_paused`` (until)
        or ``no_unlock_secret``.
        """
        with self._lock:
            held = self._held
            if held is None or not held.secret:
                raise RefusedError("no_unlock_secret")
            self._check_pause()
            found = check_code(base64.b64decode(held.secret), text, counter=held.next_code)
            # Counted where it could have been a code; written down before it is told.
            self._attempts.count()
            if found is None:
                self._check_pause()
                raise RefusedError("unlock_code_wrong")
            now = self.now()
            until_at = max(held.until_at, now + found.days * DAY_MS)
            opened = msgspec.structs.replace(
                held, until_at=until_at, next_code=found.next_counter, warned_at=now
            )
            self._keep(self._anchored(opened, now), at_once=True)
            self._attempts.forgive()
        log.info("unlocked", days=found.days)
        return until_at

    def _check_pause(self) -> None:
        """Refuse while the delay that follows wrong codes runs."""
        locked = self._attempts.locked()
        if locked is not None:
            raise RefusedError("unlock_paused", **locked.args_by_name)

    def proves_revocation(self, device: str, *, stolen: bool, proof: str) -> bool:
        """Whether a refusal comes from the server that gave this device its secret.

        Where it never gave one, its word over TLS has to do.
        """
        held = self._held
        if held is None or not held.secret:
            return True
        wanted = revocation_proof(base64.b64decode(held.secret), device, stolen=stolen)
        return hmac.compare_digest(wanted, proof)

    # The file.

    def _keep(self, held: Held, *, at_once: bool) -> bool:
        """Hold it, and write it down if that is due; True where it was."""
        self._held, saved = held, self._saved
        late = saved is None or held.known_at - saved.known_at >= SAVE_EVERY_MS
        shorter = saved is not None and held.length_s != saved.length_s
        if not (at_once or late or shorter):
            return False
        nonce = os.urandom(_NONCE_BYTES)
        write_whole(self._file, nonce + self._cipher().encrypt(nonce, msgspec.json.encode(held), _WHAT))
        self._saved = held
        return True

    def _load(self) -> Held | None:
        """What the file says; a file that was meddled with says that the lease has ended."""
        from cryptography.exceptions import InvalidTag

        try:
            raw = self._file.read_bytes()
        except FileNotFoundError:
            return None
        try:
            return msgspec.json.decode(
                self._cipher().decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _WHAT), type=Held
            )
        except (InvalidTag, ValueError, msgspec.DecodeError):
            return Held(until_at=1, length_s=0, known_at=1)

    def _cipher(self) -> "AESGCM":
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(hmac.new(self._key, _WHAT, hashlib.sha256).digest())


class LeaseTime(ServerTime):
    """The server's time as the lease knows it: the replica that holds the last contact is closed."""

    def __init__(self, clock: Clock, lease: DeviceLease) -> None:
        super().__init__(clock)
        self._lease, self._wall = lease, clock

    def now(self) -> Instant:
        """The server's time as far as it is known."""
        return self._lease.now()

    def device_clock(self) -> DeviceClock:
        """The device's word, corrected by what the lease knows, and not before it was last told the time."""
        now = self.now()
        return DeviceClock(offset_ms=now - self._wall.now(), contact_at=self._lease.contact_at, reported=True)
