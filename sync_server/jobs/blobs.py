"""Cleans up attachments: uploads nobody went on with, contents nothing refers to, files without a row (SYNC §7)."""

from sync_server.clock import Clock
from sync_server.store import blobs
from sync_server.store.blob_files import BlobFiles
from sync_server.store.engine import Store

DAY_MS = 86_400_000
STALE_DAYS, UNUSED_DAYS = 7, 30
_HOUR_MS = 3_600_000
_PREFIXES = 256


class BlobClean:
    """Deletes rows first, then files, so that no row ever promises a file that was deleted on purpose."""

    def __init__(self, store: Store, files: BlobFiles, *, clock: Clock) -> None:
        self._store, self._files, self._clock = store, files, clock

    def run(self) -> int:
        """Clean one slice of everything; returns how many uploads and files went."""
        now = self._clock.now()
        with self._store.write() as conn:
            stale = blobs.drop_stale(conn, now - STALE_DAYS * DAY_MS)
            unused = blobs.drop_unused(conn, now - UNUSED_DAYS * DAY_MS)
            conn.commit()
        for hash, person in stale:
            self._files.drop(hash, person)
        for hash in unused:
            self._files.remove(hash)
        return len(stale) + len(unused) + self._strays(now)

    def _strays(self, now: int) -> int:
        """What a crash left without a row: one of 256 folders at each turn, and the parts of old uploads."""
        old_s = (now - STALE_DAYS * DAY_MS) // 1000
        parts = [name for name, at_s in self._files.left_parts() if at_s < old_s]
        for name in parts:
            self._files.drop_left(name)
        prefix = f"{now // _HOUR_MS % _PREFIXES:02x}"
        old = [hash for hash, at_s in self._files.listed(prefix) if at_s < old_s]
        with self._store.read() as conn:
            strays = sorted(set(old) - blobs.held_hashes(conn, old))
        for hash in strays:
            self._files.remove(hash)
        return len(parts) + len(strays)
