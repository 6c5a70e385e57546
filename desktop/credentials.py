"""The replica's key, wrapped by the keyring's secret and the person's password; the one gate to the keyring (SYNC §7).

The key itself is random. What wraps it is made from the password by argon2id, together with a secret in the
system's keyring, so that colleagues on one login of the machine can't open each other's replicas, nor can who
steals the disk alone. Without a keyring the password alone wraps it, at a higher cost. It is never kept plain.
"""

import base64
import hashlib
import hmac
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from desktop.clock import Clock
from desktop.paths import write_whole
from domain.entities.base import Entity, Instant
from domain.errors import RefusedError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SERVICE = "Gongdan"
KEY_BYTES = 32
MOST_SECRET_BYTES = 2_560
"""What Windows keeps under one name."""
KEY_FILE, ATTEMPTS_FILE = "key.json", "attempts.json"

_NONCE_BYTES = 12
_TRUSTED = tuple(
    f"keyring.backends.{name}" for name in ("Windows", "macOS", "SecretService", "libsecret", "kwallet")
)
_FREE_ATTEMPTS = 3
_DELAYS_S = (30, 60, 120, 300, 900, 1800)
_MINUTE_MS = 60_000


class SecretStore(Protocol):
    """Keeps short secrets by name, out of other people's reach."""

    def get(self, name: str) -> str | None:
        """The secret of that name; None where there is none or it can't be had now."""
        ...

    def put(self, name: str, secret: str) -> bool:
        """Keep a secret; False where it can't be kept."""
        ...

    def delete(self, name: str) -> None:
        """Forget a secret."""
        ...


class Keyring:
    """The system's keyring behind one of its backends."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def get(self, name: str) -> str | None:
        """The secret of that name; None where there is none or the keyring stays locked."""
        from keyring.errors import KeyringError

        try:
            found = self._backend.get_password(SERVICE, name)
        except (KeyringError, OSError):
            return None
        return None if found is None else str(found)

    def put(self, name: str, secret: str) -> bool:
        """Keep a secret and read it back; False where the keyring doesn't take it."""
        from keyring.errors import KeyringError

        if len(secret.encode("utf-16-le")) > MOST_SECRET_BYTES:
            raise ValueError("too long a secret for every system's keyring")
        try:
            self._backend.set_password(SERVICE, name, secret)
        except (KeyringError, OSError):
            return False
        return self.get(name) == secret

    def delete(self, name: str) -> None:
        """Forget a secret; nothing where there is none."""
        from keyring.errors import KeyringError

        try:
            self._backend.delete_password(SERVICE, name)
        except (KeyringError, OSError):
            return


def system_keyring() -> Keyring | None:
    """The system's best keyring among those known to encrypt; None where there is none.

    Others, such as those of keyrings.alt, keep secrets in plain files: they are never used, whatever the
    machine's configuration says.
    """
    import keyring.backend

    found = [one for one in keyring.backend.get_all_keyring() if trusted(one)]
    best = max(found, key=lambda one: float(one.priority), default=None)
    return None if best is None else Keyring(best)


def trusted(backend: object) -> bool:
    """Whether a backend of the keyring library is one of the systems' own."""
    return type(backend).__module__.startswith(_TRUSTED)


class Cost(Entity):
    """What argon2id is made to cost."""

    memory_kib: int
    passes: int
    lanes: int = 1


WITH_SECRET = Cost(memory_kib=64 * 1024, passes=3)
PASSWORD_ALONE = Cost(memory_kib=128 * 1024, passes=4)


class Wrapped(Entity):
    """A wrapped key as it stands in its file; bytes in base64."""

    cost: Cost
    salt: str
    nonce: str
    sealed: str
    with_secret: bool


class _Counted(Entity):
    """Wrong attempts since the last right one."""

    failed: int = 0
    last_at: Instant = 0


class Attempts:
    """Counts attempts at a secret in a file: three are free, then each costs a longer delay."""

    def __init__(self, file: Path, clock: Clock) -> None:
        self._file, self._clock = file, clock

    def count(self) -> None:
        """One more, before it is made; refused as ``locked_out`` while a delay runs."""
        locked = self.locked()
        if locked is not None:
            raise locked
        counted = _Counted(failed=self._counted().failed + 1, last_at=self._clock.now())
        write_whole(self._file, msgspec.json.encode(counted))

    def forgive(self) -> None:
        """Forget them."""
        self._file.unlink(missing_ok=True)

    def locked(self) -> RefusedError | None:
        """Refused as ``locked_out`` while the delay that follows this many wrong attempts runs."""
        attempts, now = self._counted(), self._clock.now()
        if attempts.failed < _FREE_ATTEMPTS:
            return None
        delay_s = _DELAYS_S[min(attempts.failed - _FREE_ATTEMPTS, len(_DELAYS_S) - 1)]
        if attempts.last_at > now + _MINUTE_MS:
            # The clock was set back: the delay begins anew.
            attempts = _Counted(failed=attempts.failed, last_at=now)
            write_whole(self._file, msgspec.json.encode(attempts))
        until = attempts.last_at + delay_s * 1000
        if until <= now:
            return None
        return RefusedError("locked_out", until=until, retry_after_s=max(1, (until - now) // 1000))

    def _counted(self) -> _Counted:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=_Counted)
        except (FileNotFoundError, msgspec.DecodeError):
            return _Counted()


class KeyVault:
    """The key of one person's replica, in their folder."""

    def __init__(self, folder: Path, keyring: SecretStore | None, clock: Clock) -> None:
        self._file, self._attempts = folder / KEY_FILE, Attempts(folder / ATTEMPTS_FILE, clock)
        self._name, self._keyring = folder.name, keyring

    @property
    def exists(self) -> bool:
        """Whether a wrapped key is here."""
        return self._file.exists()

    def create(self, password: str) -> bytes:
        """Make a new key and keep it wrapped."""
        key = os.urandom(KEY_BYTES)
        self.wrap(key, password)
        return key

    def wrap(self, key: bytes, password: str) -> None:
        """Keep a key wrapped by this password, in place of what was kept."""
        secret = self._make_secret()
        cost = PASSWORD_ALONE if secret is None else WITH_SECRET
        salt, nonce = os.urandom(16), os.urandom(_NONCE_BYTES)
        sealed = _cipher(password, salt, cost, secret).encrypt(nonce, key, self._bound())
        wrapped = Wrapped(
            cost=cost,
            salt=_text(salt),
            nonce=_text(nonce),
            sealed=_text(sealed),
            with_secret=secret is not None,
        )
        write_whole(self._file, msgspec.json.encode(wrapped))

    def open(self, password: str) -> bytes:
        """The key; refused as ``wrong_password``, ``locked_out``, ``no_key_here`` or ``keyring_secret_missing``."""
        wrapped = self._wrapped()
        secret = None
        if wrapped.with_secret:
            secret = self._keyring.get(self._name) if self._keyring is not None else None
            if secret is None:
                raise RefusedError("keyring_secret_missing")
        # Counted before it is tried, so that ending the program doesn't give another free attempt.
        self._attempts.count()
        key = self._tried(wrapped, password, secret)
        if key is None:
            raise self._attempts.locked() or RefusedError("wrong_password")
        self.forgive()
        return key

    def forgive(self) -> None:
        """Forget wrong attempts: the right password was given, here or to the server."""
        self._attempts.forgive()

    def destroy(self) -> None:
        """Make the key unreadable here for good; the server may still keep it."""
        if self._file.exists():
            write_whole(self._file, b"\0" * self._file.stat().st_size)
            self._file.unlink()
        if self._keyring is not None:
            self._keyring.delete(self._name)
        self.forgive()

    def _wrapped(self) -> Wrapped:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Wrapped)
        except FileNotFoundError:
            raise RefusedError("no_key_here") from None
        except msgspec.DecodeError:
            raise RefusedError("key_damaged") from None

    def _tried(self, wrapped: Wrapped, password: str, secret: str | None) -> bytes | None:
        from cryptography.exceptions import InvalidTag

        cipher = _cipher(password, _bytes(wrapped.salt), wrapped.cost, secret)
        try:
            return cipher.decrypt(_bytes(wrapped.nonce), _bytes(wrapped.sealed), self._bound())
        except InvalidTag:
            return None

    def _make_secret(self) -> str | None:
        """The keyring's secret for this folder, made where it is not there yet; None without a keyring."""
        if self._keyring is None:
            return None
        known = self._keyring.get(self._name)
        if known is not None:
            return known
        secret = _text(os.urandom(KEY_BYTES))
        return secret if self._keyring.put(self._name, secret) else None

    def _bound(self) -> bytes:
        return f"gongdan replica key {self._name}".encode()


def _cipher(password: str, salt: bytes, cost: Cost, secret: str | None) -> "AESGCM":
    """The cipher that wraps: argon2id of the password, keyed by the keyring's secret where there is one."""
    from argon2.low_level import Type, hash_secret_raw
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    stretched = hash_secret_raw(
        password.encode(), salt, cost.passes, cost.memory_kib, cost.lanes, KEY_BYTES, Type.ID
    )
    if secret is not None:
        stretched = hmac.new(_bytes(secret), stretched, hashlib.sha256).digest()
    return AESGCM(stretched)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
