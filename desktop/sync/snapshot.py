"""Taking a snapshot: it comes in pieces, the next on its way while one is enciphered; then all goes in (SYNC §6)."""

import hashlib
import secrets
import threading
from contextlib import suppress
from typing import Protocol

import zstandard

from desktop.replica import heads, meta, snapshot
from desktop.replica.changed import Changed
from desktop.replica.engine import Replica
from desktop.replica.part import KeyedFile
from desktop.sync.exchange import ExchangeError
from domain.errors import GongdanError, RefusedError, UnavailableError
from domain.wire.protocol import PROTOCOL
from domain.wire.snapshot import (
    LAYOUT,
    MOST_PART_BYTES,
    PAGE_BYTES,
    SnapshotAnswer,
    SnapshotPart,
    SnapshotRequest,
)

_SUFFIX = "-part"


class SnapshotSource(Protocol):
    """Where snapshots come from; raises our errors, as a transport does."""

    def snapshot(self, request: SnapshotRequest) -> SnapshotAnswer:
        """Ask whether there is one."""
        ...

    def snapshot_part(self, id: str, number: int) -> bytes:
        """The packed bytes of a part."""
        ...


class _Coming:
    """A part on its way, by a thread of its own."""

    def __init__(self, source: SnapshotSource, id: str, number: int, part: SnapshotPart) -> None:
        self.place = id, number
        self._source, self._part = source, part
        self._came: bytes | None = None
        self._error: GongdanError | None = None
        self._thread = threading.Thread(target=self._fetch, name="read-ahead", daemon=True)
        self._thread.start()

    def _fetch(self) -> None:
        try:
            packed = self._source.snapshot_part(*self.place)
            if len(packed) != self._part.size or hashlib.sha256(packed).hexdigest() != self._part.sha256:
                raise UnavailableError("bad_answer")
            self._came = _unpacked(packed)
        except GongdanError as error:
            self._error = error

    def wait(self) -> bytes:
        """Its plain pages; raises what hindered it."""
        self._thread.join()
        if self._came is None:
            raise self._error or UnavailableError("bad_answer")
        return self._came


def _unpacked(packed: bytes) -> bytes:
    try:
        told = zstandard.frame_content_size(packed)
        if not 0 < told <= MOST_PART_BYTES or told % PAGE_BYTES:
            raise UnavailableError("bad_answer")
        return zstandard.ZstdDecompressor().decompress(packed)
    except zstandard.ZstdError:
        raise UnavailableError("bad_answer") from None


class SnapshotTaker:
    """Takes the server's snapshot where it has one; asked for each step, it may break off between any two."""

    def __init__(self, replica: Replica, source: SnapshotSource) -> None:
        self._replica, self._source = replica, source
        self._offered: SnapshotAnswer | None = None
        self._next = 0
        self._file: KeyedFile | None = None
        self._coming: _Coming | None = None
        self._none = False
        for left in replica.path.parent.glob(f"{replica.path.name}{_SUFFIX}*"):
            with suppress(OSError):
                left.unlink()  # nobody has its key any more

    def wanted(self) -> bool:
        """Whether a snapshot is to be asked for, or the next part of one to be taken."""
        if self._none:
            return False
        with self._replica.read() as conn:
            return snapshot.wants_snapshot(conn)

    def look(self) -> None:
        """Grants came or went: what had come of a snapshot that is not wanted any more goes, too (SYNC §2)."""
        if self._offered is not None and not self.wanted():
            self.end()

    def step(self) -> tuple[Changed, int]:
        """Take the next piece; returns what moved and how many tickets came. Without a snapshot `wanted` ends.

        Raises ExchangeError for the network's trouble; then the same piece is taken at the next step.
        """
        offered = self._fitting()
        if offered is None:
            return Changed(), 0
        part = offered.parts[self._next]
        coming = self._begun(offered, self._next)
        self._coming = None
        try:
            plain = coming.wait()
        except RefusedError:
            self.end()
            return Changed(), 0
        except GongdanError as error:
            raise ExchangeError("fill", error) from error
        last = self._next + 1 == len(offered.parts)
        if not last:
            self._coming = self._begun(offered, self._next + 1)
        try:
            changed = self._take(offered, plain, last=last)
        except BaseException:
            # Whatever is wrong, with the pieces or with the disk: it is not tried again in a circle.
            self.end()
            raise
        self._next += 1
        if last:
            self.end()
        return changed, part.tickets

    def _take(self, offered: SnapshotAnswer, plain: bytes, *, last: bool) -> Changed:
        try:
            if self._file is None:
                name = f"{self._replica.path.name}{_SUFFIX}{secrets.token_hex(4)}"
                self._file = KeyedFile(self._replica.path.with_name(name))
            self._file.add(plain)
            if last:
                self._file.finish()
        except OSError:
            raise UnavailableError("disk_error") from None
        if not last:
            return Changed(kinds=frozenset({"sync"}))
        with self._replica.write_from(self._file) as conn:
            return snapshot.take_whole(conn, offered)

    def _fitting(self) -> SnapshotAnswer | None:
        """The offer at hand, or what the server offers now; None where there is nothing to take."""
        if self._offered is not None:
            with self._replica.read() as conn:
                if snapshot.fits(conn, self._offered):
                    return self._offered
        with self._replica.read() as conn:
            asked = SnapshotRequest(
                protocol=PROTOCOL,
                device=meta.get(conn, "device"),
                scope_version=meta.get(conn, "scope_version"),
                id=self._offered.id if self._offered is not None else "",
                seen=heads.seen(conn),
                layout=LAYOUT,
            )
        try:
            offered = self._source.snapshot(asked)
        except GongdanError as error:
            if error.code != "not_found":
                raise ExchangeError("fill", error) from error
            self.end()  # a server of the version before
            return None
        with self._replica.write(durable=False) as conn:
            if not heads.follows(conn, asked.seen):
                return None
            heads.take(conn, offered.seen)
            usable = bool(offered.id and offered.parts) and snapshot.fits(conn, offered)
            if usable:
                snapshot.want_moved(conn, offered)
        if not usable:
            self.end()
            return None
        if self._offered is None or self._offered.id != offered.id:
            self._restart()
        self._offered = offered
        return offered

    def _begun(self, offered: SnapshotAnswer, number: int) -> _Coming:
        coming = self._coming
        if coming is not None and coming.place == (offered.id, number):
            return coming
        return _Coming(self._source, offered.id, number, offered.parts[number])

    def _restart(self) -> None:
        """What came is of no use."""
        self._next = 0
        if self._file is not None:
            self._file.drop()
            self._file = None

    def end(self) -> None:
        """Go on row by row."""
        self._none, self._offered, self._coming = True, None, None
        self._restart()
