"""What signing in brings: a person with their open replica, or one who stands before a closed one (SYNC §7)."""

import base64
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from desktop.clock import ServerTime
from desktop.credentials import KeyVault
from desktop.lease import DeviceLease
from desktop.paths import write_whole
from desktop.replica import meta
from desktop.replica.engine import Replica
from desktop.sealed import SealedBox
from desktop.sync.http import HttpTransport
from desktop.sync.tokens import TokenShelf
from domain.entities.base import Entity
from domain.errors import InvalidInputError, RefusedError
from domain.wire import codec
from domain.wire.identity import Me, ReplicaKey

IDENTITY_FILE, REPLICA_FILE, KEPT_FILE = "identity.json", "replica.db", "key.kept"
Hints = tuple[tuple[str, dict[str, object]], ...]


class Identity(Entity):
    """Whose folder it is, and the device it is registered as; nothing secret."""

    server: str
    person: Me
    device: str
    code: str


@dataclass(frozen=True, kw_only=True)
class SignedOn:
    """A person with their open replica; `hints` are codes of what they should know, under ``hint.<code>``."""

    person: Me
    server: str
    folder: Path
    replica: Replica
    key: bytes
    shelf: TokenShelf
    transport: HttpTransport
    vault: KeyVault
    time: ServerTime
    lease: DeviceLease
    box: SealedBox
    code: str  # of the device: begins provisional numbers and challenges
    online: bool
    device_name: str
    hints: Hints = ()

    @property
    def key_kept(self) -> bool:
        """Whether the server keeps the replica's key."""
        return (self.folder / KEPT_FILE).exists()


@dataclass(frozen=True, kw_only=True)
class Locked:
    """A person past their lease: the replica stays closed, new tickets can be written and sealed."""

    person: Me
    server: str
    folder: Path
    key: bytes
    vault: KeyVault
    lease: DeviceLease
    box: SealedBox
    code: str

    @property
    def challenge(self) -> str:
        """What the person reads out on the telephone."""
        return self.lease.challenge(self.code)


class LeaseEndedError(RefusedError):
    """The password was right, but nothing may be read without the server any more."""

    def __init__(self, locked: Locked) -> None:
        super().__init__("lease_ended", until=locked.lease.until_at)
        self.locked = locked


def keep_key(signed_on: SignedOn, device: str) -> None:
    """Have the server keep the replica's key for this device, and note here that it does.

    A replica that was copied has become another device: the person signs in as that from then on.
    """
    signed_on.transport.keep_key(device, ReplicaKey(key=base64.b64encode(signed_on.key).decode()))
    identity = identity_of(signed_on.folder)
    if identity is not None and identity.device != device:
        with signed_on.replica.read() as conn:
            identity = replace(identity, device=device, code=meta.get(conn, "replica_code"))
        write_whole(signed_on.folder / IDENTITY_FILE, codec.encode(identity))
    (signed_on.folder / KEPT_FILE).write_text(device, encoding="utf-8")


def identity_of(folder: Path) -> Identity | None:
    """Whose folder it is; None where that can't be read."""
    try:
        return codec.decode((folder / IDENTITY_FILE).read_bytes(), Identity)
    except (OSError, InvalidInputError):
        return None
