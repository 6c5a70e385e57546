"""Signing in: online where the server can be reached, else by the password that opens the replica here (SYNC §7)."""

import base64
import binascii
import errno
import platform
from pathlib import Path

from desktop.clock import Clock, Contact, ServerTime, boot_id
from desktop.commands.sealed import take_in
from desktop.credentials import KeyVault, SecretStore
from desktop.lease import DAY_MS, DeviceLease
from desktop.paths import Places, write_whole
from desktop.replica import attachments, meta, outbox
from desktop.replica.engine import Replica
from desktop.replica.standing import standing
from desktop.sealed import SealedBox
from desktop.sync.asked import Asked
from desktop.sync.farewell import farewell
from desktop.sync.http import HttpTransport, server_address
from desktop.sync.signed_on import (
    IDENTITY_FILE,
    KEPT_FILE,
    REPLICA_FILE,
    Hints,
    Identity,
    LeaseEndedError,
    Locked,
    SignedOn,
    identity_of,
)
from desktop.sync.state import CLOCK_TOLERANCE_MS
from desktop.sync.tokens import TokenShelf
from domain.errors import GongdanError, InvalidInputError, RefusedError, UnavailableError
from domain.wire import codec
from domain.wire.identity import DeviceName, SignedIn, SignIn

QUICK_S = 2.0
"""With a replica here nobody waits longer for a server that doesn't answer."""
PATIENT_S = 12.0
LAST_STEPS = 500
"""So many requests at most are made for what a revoked device still has."""
_BROKEN = frozenset({"replica_damaged", "replica_unreadable"})
_KEY_TROUBLE = frozenset(
    {"wrong_password", "locked_out", "keyring_secret_missing", "no_key_here", "key_damaged"}
)


class SignInDesk:
    """Signs people in on this machine; blocks for the network and for argon2, so never on the window's thread."""

    def __init__(
        self, places: Places, *, keyring: SecretStore | None, clock: Clock, boot: str | None = None
    ) -> None:
        self._places, self._keyring, self._clock = places, keyring, clock
        self._boot = boot_id() if boot is None else boot

    def sign_in(self, asked: Asked) -> SignedOn:
        """Sign a person in.

        Refused as ``wrong_password``, ``locked_out`` (until), ``device_revoked``, ``bad_address``,
        ``insecure_address``, ``login_missing``, ``replica_too_new``, ``replica_locked_away``, ``lease_ended`` (a
        LeaseEndedError, which tells what can be done); unavailable as
        ``no_replica_here`` where neither the server nor a replica is at hand, or for the disk's trouble.
        """
        server = server_address(asked.server)
        if not asked.login.strip() or not asked.password:
            raise InvalidInputError("login_missing")
        try:
            return self._signed_in(server, asked)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise UnavailableError("disk_full") from None
            raise UnavailableError(
                "folder_unwritable", folder=str(self._places.home), reason=error.strerror or ""
            ) from None

    def _signed_in(self, server: str, asked: Asked) -> SignedOn:
        known = self._known(server, asked.login)
        connect_s, read_s = (QUICK_S, 2 * QUICK_S) if known is not None else (PATIENT_S, 2 * PATIENT_S)
        transport = HttpTransport(server, TokenShelf(), self._clock, connect_s=connect_s, read_s=read_s)
        try:
            answer = transport.sign_in(_message(asked, known))
        except UnavailableError as error:
            transport.close()
            if known is None:
                raise UnavailableError("no_replica_here", reason=error.code) from None
            return self._offline(server, asked, known, error.code)
        except RefusedError as error:
            transport.close()
            if error.code == "device_revoked" and known is not None:
                self._leave(asked, known, error)
            raise
        try:
            return self._online(server, asked, answer, transport)
        finally:
            transport.close()

    def renew(self, signed_on: SignedOn, asked: Asked) -> SignedOn:
        """Sign the same person in again while they work: new tokens, and the key wrapped by the password of now."""
        with signed_on.replica.read() as conn:
            device = DeviceName(name=signed_on.device_name, id=meta.get(conn, "device"))
        message = SignIn(login=signed_on.person.login, password=asked.password, device=device)
        transport = HttpTransport(
            signed_on.server, TokenShelf(), self._clock, connect_s=PATIENT_S, read_s=2 * PATIENT_S
        )
        try:
            answer = transport.sign_in(message)
        finally:
            transport.close()
        if answer.person.id != signed_on.person.id:
            raise RefusedError("replica_of_another")
        identity = Identity(
            server=signed_on.server, person=answer.person, device=answer.device.id, code=answer.device.code
        )
        self._bind(signed_on.replica, identity)
        signed_on.shelf.keep(answer.tokens)
        signed_on.shelf.tell_lease(answer.lease, answer.server_time)
        signed_on.vault.wrap(signed_on.key, asked.password)
        write_whole(signed_on.folder / IDENTITY_FILE, codec.encode(identity))
        return signed_on

    def people(self) -> list[Identity]:
        """Who has a replica on this machine."""
        if not self._places.people.is_dir():
            return []
        found = [identity_of(folder) for folder in sorted(self._places.people.iterdir())]
        return [one for one in found if one is not None]

    def unlock(self, locked: Locked, code: str) -> SignedOn:
        """Open a replica past its lease with a code from the telephone; refused as `DeviceLease.unlock` does."""
        until_at = locked.lease.unlock(code)
        identity = identity_of(locked.folder)
        if identity is None:
            raise UnavailableError("server_needed", reason="identity")
        hints: Hints = (("unlocked", {"days": -(-(until_at - locked.lease.now()) // DAY_MS)}),)
        return self._opened(identity, locked.folder, locked.key, locked.vault, locked.lease, hints)

    def lock(self, signed_on: SignedOn) -> Locked:
        """What is left to somebody whose lease ran out while they worked; the caller closes the replica."""
        return Locked(
            person=signed_on.person,
            server=signed_on.server,
            folder=signed_on.folder,
            key=signed_on.key,
            vault=signed_on.vault,
            lease=signed_on.lease,
            box=signed_on.box,
            code=(identity_of(signed_on.folder) or signed_on).code,
        )

    def lock_away(self, server: str, person: str, *, stolen: bool = False, unsent: bool = True) -> bool:
        """Destroy the key of a revoked device's replica; False where something unsent would be lost by that.

        The server gives the key back if the device is let in again. Where it does not keep it, what could not be
        sent stays readable here; a stolen device keeps nothing.
        """
        folder = self._places.person(server, person)
        vault = KeyVault(folder, self._keyring, self._clock)
        if unsent and not stolen and not (folder / KEPT_FILE).exists():
            return False
        vault.destroy()
        return True

    def _leave(self, asked: Asked, known: Identity, error: RefusedError) -> None:
        """Signing in brought the word that this device was revoked: believe it, bring what it has, and go.

        Without the key its proof can't be checked; then the replica stays as closed as it is.
        """
        folder = self._places.person(known.server, known.person.id)
        vault = KeyVault(folder, self._keyring, self._clock)
        try:
            key = vault.open(asked.password)
        except RefusedError:
            return
        lease = self._lease(folder, key)
        means = farewell(error, lease=lease, device=known.device, unsent=True)
        if means == "unproven":
            raise UnavailableError("not_our_server")
        if means == "stolen":
            vault.destroy()
            return
        left = self._last_push(known, folder, key, vault, lease)
        self.lock_away(known.server, known.person.id, unsent=left)

    def _last_push(
        self, known: Identity, folder: Path, key: bytes, vault: KeyVault, lease: DeviceLease
    ) -> bool:
        """Bring what is unsent with the tokens of before; whether something is left."""
        from desktop.sync.engine import Engine

        signed_on = self._opened(known, folder, key, vault, lease, ())
        try:
            engine = Engine(
                signed_on.replica,
                signed_on.transport,
                signed_on.shelf,
                clock=self._clock,
                time=signed_on.time,
                lease=lease,
            )
            for _ in range(LAST_STEPS):
                step = engine.step()
                if engine.paused or step.did == "waited":
                    break
            with signed_on.replica.read() as conn:
                left, files = standing(conn), attachments.uploads_left(conn)
            return files or left.unsent + left.attention > 0
        finally:
            signed_on.transport.close()
            signed_on.replica.close()

    def _known(self, server: str, login: str) -> Identity | None:
        wanted = login.strip().casefold()
        return next(
            (one for one in self.people() if one.server == server and one.person.login.casefold() == wanted),
            None,
        )

    # Online.

    def _online(self, server: str, asked: Asked, answer: SignedIn, transport: HttpTransport) -> SignedOn:
        folder = self._places.person(server, answer.person.id)
        identity = Identity(
            server=server, person=answer.person, device=answer.device.id, code=answer.device.code
        )
        vault = KeyVault(folder, self._keyring, self._clock)
        key = self._key(vault, folder, asked, answer, transport)
        vault.forgive()
        lease = self._lease(folder, key)
        if answer.lease is not None:
            lease.told(answer.lease, server_at=answer.server_time)
        replica, hints = _open(folder, key, identity)
        try:
            self._bind(replica, identity)
            if lease.known:
                with replica.write() as conn:
                    meta.put(conn, "lease_until", lease.until_at)
            transport.shelf.keep_in(replica)
        except BaseException:
            replica.close()
            raise
        write_whole(folder / IDENTITY_FILE, codec.encode(identity))
        off_ms = answer.server_time - self._clock.now()
        if abs(off_ms) > CLOCK_TOLERANCE_MS:
            hints = (*hints, ("clock_off", {"minutes": abs(off_ms) // 60_000}))
        return self._signed_on(identity, folder, replica, key, transport, vault, lease, hints, online=True)

    def _lease(self, folder: Path, key: bytes) -> DeviceLease:
        return DeviceLease(folder, key, self._clock, boot=self._boot)

    def _key(
        self, vault: KeyVault, folder: Path, asked: Asked, answer: SignedIn, transport: HttpTransport
    ) -> bytes:
        """The replica's key: as wrapped here, else as the server kept it, else by the password from before."""
        if not (folder / REPLICA_FILE).exists() and not vault.exists:
            return vault.create(asked.password)
        try:
            return vault.open(asked.password)
        except RefusedError as error:
            if error.code not in _KEY_TROUBLE:
                raise
        key = _kept(transport, answer) if answer.key_kept else None
        if key is None and asked.old_password and vault.exists:
            key = vault.open(asked.old_password)
        if key is None:
            # Nothing is thrown away: with the password from before, or the server's help, it opens again.
            raise RefusedError("replica_locked_away")
        vault.wrap(key, asked.password)
        return key

    def _bind(self, replica: Replica, identity: Identity) -> None:
        with replica.write() as conn:
            held = meta.person(conn)
            if held and held != identity.person.id:
                raise RefusedError("replica_of_another")
            if meta.get(conn, "device") in ("", identity.device):
                meta.bind(conn, person=identity.person.id, device=identity.device, code=identity.code)
            else:
                # The server did not know the device any more and made a new one.
                outbox.register_anew(conn, device=identity.device, code=identity.code)

    # Offline.

    def _offline(self, server: str, asked: Asked, known: Identity, reason: str) -> SignedOn:
        folder = self._places.person(server, known.person.id)
        vault = KeyVault(folder, self._keyring, self._clock)
        try:
            key = vault.open(asked.password)
        except RefusedError as error:
            if error.code in ("keyring_secret_missing", "no_key_here", "key_damaged"):
                # Only the server can help, and it can't be reached.
                raise UnavailableError("server_needed", reason=reason) from None
            raise
        lease = self._lease(folder, key)
        if not lease.ended():
            signed_on = self._opened(known, folder, key, vault, lease, (("offline", {"reason": reason}),))
            with signed_on.replica.read() as conn:
                lost = not lease.known and bool(meta.number(conn, "lease_until"))
            if not lost:
                return signed_on
            # Who takes the lease's file away gains nothing by it.
            lease.lose()
            signed_on.transport.close()
            signed_on.replica.close()
        raise LeaseEndedError(
            Locked(
                person=known.person,
                server=server,
                folder=folder,
                key=key,
                vault=vault,
                lease=lease,
                box=SealedBox(folder),
                code=known.code,
            )
        )

    def _opened(
        self, known: Identity, folder: Path, key: bytes, vault: KeyVault, lease: DeviceLease, hints: Hints
    ) -> SignedOn:
        """Open a replica with what is here alone."""
        replica, more = _open(folder, key, known)
        transport = HttpTransport(known.server, TokenShelf(), self._clock)
        transport.shelf.keep_in(replica)
        return self._signed_on(
            known, folder, replica, key, transport, vault, lease, (*more, *hints), online=False
        )

    def _signed_on(
        self,
        identity: Identity,
        folder: Path,
        replica: Replica,
        key: bytes,
        transport: HttpTransport,
        vault: KeyVault,
        lease: DeviceLease,
        hints: Hints,
        *,
        online: bool,
    ) -> SignedOn:
        box = SealedBox(folder)
        taken = take_in(replica, box, key)
        if taken:
            hints = (*hints, ("sealed_taken_in", {"count": len(taken.tickets)}))
        with replica.read() as conn:
            contact = meta.struct(conn, "contact", Contact)
        transport.shelf.lease_told = lambda lease_, at: lease.told(lease_, server_at=at)
        return SignedOn(
            person=identity.person,
            server=identity.server,
            folder=folder,
            replica=replica,
            key=key,
            shelf=transport.shelf,
            transport=HttpTransport(identity.server, transport.shelf, self._clock),
            vault=vault,
            time=ServerTime(self._clock, contact, boot=self._boot),
            lease=lease,
            box=box,
            code=identity.code,
            online=online,
            device_name=_device_name(),
            hints=hints,
        )


def _kept(transport: HttpTransport, answer: SignedIn) -> bytes | None:
    try:
        return base64.b64decode(transport.give_key(answer.device.id).key, validate=True)
    except (RefusedError, binascii.Error):
        return None


def _message(asked: Asked, known: Identity | None) -> SignIn:
    device = DeviceName(name=_device_name(), id=known.device if known is not None else "")
    return SignIn(login=asked.login.strip(), password=asked.password, device=device)


def _device_name() -> str:
    """What this machine is called in the list of devices."""
    return platform.node()[:120]


def _open(folder: Path, key: bytes, identity: Identity) -> tuple[Replica, Hints]:
    """Open the replica; one that doesn't hold is rebuilt, with what the person wrote taken out of it first."""
    path = folder / REPLICA_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Replica(path, key), ()
    except GongdanError as error:
        if error.code not in _BROKEN:
            raise
    from desktop.replica.rescue import rebuild

    replica, rescued = rebuild(
        path, key, person=identity.person.id, device=identity.device, code=identity.code
    )
    return replica, (("replica_rebuilt", {"commands": rescued.commands, "lost": rescued.lost}),)
