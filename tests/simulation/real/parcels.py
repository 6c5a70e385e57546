"""Attachments of a story: the real lanes of a desktop over the server's own taking and giving of bytes."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection

from desktop.clock import Clock
from desktop.replica import attachments, sql
from desktop.replica.engine import Replica
from desktop.sync.attachments import DownLane, UpLane
from domain.errors import UnavailableError
from domain.wire import codec
from domain.wire.attachments import AttachmentLimits, AttachmentRef, UploadState, refs_of
from sync_server.access.attachments import content_for
from sync_server.access.tokens import Caller
from sync_server.api.attachments import Attachments
from sync_server.settings import Settings
from sync_server.store.blob_files import BlobFiles
from tests.simulation import plan
from tests.simulation.real.office import Office
from tests.simulation.real.stand_ins import Time

CACHE_BYTES = 4_096
STEPS = 12


@dataclass(frozen=True)
class _Parts:
    """What the server's attachments need of its services."""

    settings: Settings
    store: Any
    clock: Time
    blob_files: BlobFiles


class Porter:
    """The server's side: a folder of contents, which a restored backup may lack the latest of."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office, self.folder = office, folder
        folder.mkdir(exist_ok=True)
        self.settings = Settings(folder=folder, database="", attachment_keep_free_mb=0)

    @property
    def files(self) -> BlobFiles:
        """The contents."""
        return BlobFiles(self.settings.blob_folder)

    def attachments(self) -> Attachments:
        """The server's own taking of bytes."""
        parts = _Parts(self.settings, self.office.store, self.office.time, self.files)
        return Attachments(cast(Any, parts))

    def get(self, person: str, hash: str, ticket: str, start: int, end: int) -> bytes:
        """Bytes for somebody who sees the reference."""
        with self.office.store.read() as conn:
            content_for(conn, self.office.viewer(conn, person), hash, ticket)
        return b"".join(self.files.read(hash, start, end))

    def contents(self) -> set[Path]:
        """Every file there is."""
        return {path for path in self.folder.rglob("*") if path.is_file()}

    def lose_all_but(self, kept: set[Path]) -> None:
        """Go back to what a backup holds."""
        for path in self.contents() - kept:
            path.unlink()


class Courier:
    """Carries bytes between one desktop and the server; a fault that was planned befalls the next message."""

    def __init__(self, porter: Porter, person: str, device: str) -> None:
        self._porter, self._caller = porter, Caller(person=person, device=device)
        self.fault = plan.OK

    def limits(self) -> AttachmentLimits:
        """What may be attached."""
        return AttachmentLimits()

    def begin(self, hash: str, size: int) -> UploadState:
        """Begin an upload, or ask how far it is."""
        return self._porter.attachments().begin(self._caller, hash, size)

    def put(self, hash: str, offset: int, part: bytes) -> UploadState:
        """Send one part, which may be lost, damaged, or done without an answer."""
        fault, self.fault = self.fault, plan.OK
        if fault in (plan.LOST, plan.LATE, plan.DIES_BEFORE):
            raise UnavailableError("timeout")
        if fault in (plan.TWICE, plan.SLOW):
            part = bytes(byte ^ 1 for byte in part)
        state = self._porter.attachments().take(self._caller, hash, offset, part)
        if fault in (plan.ANSWER_LOST, plan.ANSWER_LATE, plan.DIES_AFTER):
            raise UnavailableError("timeout")
        return state

    def get(self, hash: str, ticket: str, start: int, end: int) -> bytes:
        """Fetch bytes, which may be lost or damaged on the way."""
        fault, self.fault = self.fault, plan.OK
        if fault in (plan.LOST, plan.LATE, plan.DIES_BEFORE, plan.ANSWER_LOST):
            raise UnavailableError("timeout")
        found = self._porter.get(self._caller.person, hash, ticket, start, end)
        return bytes(byte ^ 1 for byte in found) if fault in (plan.TWICE, plan.SLOW) else found


class Lanes:
    """Both lanes of one desktop, stepped by the story instead of threads."""

    def __init__(self, replica: Replica, courier: Courier, clock: Clock) -> None:
        self.courier, self._replica, self._clock = courier, replica, clock
        self._up = UpLane(replica, courier, clock=clock, changed=lambda _: None, chance=lambda: 0.0)
        self._down = DownLane(
            replica,
            courier,
            clock=clock,
            changed=lambda _: None,
            cache_bytes=lambda: CACHE_BYTES,
            chance=lambda: 0.0,
        )

    def attach(self, ticket: str, word: str) -> AttachmentRef:
        """Choose a file for a message."""
        content = (word * 40).encode()
        ref = AttachmentRef(hash=hashlib.sha256(content).hexdigest(), name=f"{word}.txt", size=len(content))
        with self._replica.write() as conn:
            attachments.choose(conn, ticket, ref, content, self._clock.now())
        return ref

    def look(self, bits: int) -> None:
        """Somebody looks at a file."""
        with self._replica.write() as conn:
            shown = _shown(conn)
            if shown:
                ticket, ref = shown[bits % len(shown)]
                attachments.want(conn, ticket, ref, self._clock.now())

    def step(self, *, up: bool, fault: int) -> None:
        """One transfer."""
        self.courier.fault = fault
        (self._up if up else self._down).step()
        self.courier.fault = plan.OK

    def settle(self) -> None:
        """Carry all there is to carry."""
        for lane in (self._up, self._down):
            lane.try_now()
            for _ in range(STEPS):
                if lane.step():
                    lane.try_now()
                    if lane.next() is None:
                        break


def _shown(conn: Connection) -> list[tuple[str, AttachmentRef]]:
    rows = sql.rows(conn, "SELECT ticket, detail FROM entry WHERE instr(detail, '\"hash\"') ORDER BY id")
    return [(ticket, ref) for ticket, detail in rows for ref in refs_of(codec.decode(detail, dict))]
