"""What a desktop keeps beside its replica: its lease, and the tickets that were sealed past it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from desktop.clock import Clock
from desktop.commands.sealed import take_in
from desktop.lease import DeviceLease
from desktop.replica import outside
from desktop.replica.engine import Replica
from desktop.sealed import SealedBox
from domain.wire import codec

KEY = bytes(range(32))


class Door:
    """The folder with the lease and the box of one desktop."""

    def __init__(self, path: Path, *, image_of: "Door | None" = None) -> None:
        self.folder = path.with_name(f"{path.stem}-door")
        shutil.rmtree(self.folder, ignore_errors=True)
        if image_of is None:
            self.folder.mkdir()
        else:
            shutil.copytree(image_of.folder, self.folder)
        self.box = SealedBox(self.folder)
        self.locked: bool = image_of is not None and image_of.locked
        self.device: str = "" if image_of is None else image_of.device
        """Under which name the person signs in."""
        self._started = 0

    def lease(self, clock: Clock) -> DeviceLease:
        """The lease, as the program reads it when it starts."""
        return DeviceLease(self.folder, KEY, clock, boot=f"{self.folder.name}.{self._started}")

    def machine_starts(self) -> None:
        """From here on another start of the machine counts."""
        self._started += 1

    def keep_forms(self, replica: Replica) -> None:
        """Keep outside what forms need."""
        with replica.read() as conn:
            forms = outside.taken_out(conn)
        if forms is not None:
            self.box.prepare(KEY, codec.encode(forms))

    def take_in(self, replica: Replica, *, comes_back: bool) -> None:
        """Queue what was sealed; where the machine dies of it, what had left the folder may be there again."""
        before = {path: path.read_bytes() for path in sorted(self.box.folder.glob("*.sealed"))}
        done = False
        try:
            take_in(replica, self.box, KEY)
            done = True
        finally:
            for path, content in before.items() if comes_back and not done else ():
                path.write_bytes(content)

    def contents(self) -> Iterator[bytes]:
        """Every file of the folder as bytes."""
        return (path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file())
