"""The attachments of one ticket, or of one that is being written, as its widgets work with them."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSize, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QImage

from desktop.commands import attachments as gestures
from desktop.replica import attachments
from desktop.replica.attachments import Held
from desktop.replica.changed import Changed
from desktop.ui.attachments import opened
from desktop.ui.attachments.prepare import Prepared, prepare_file, prepare_image, thumbnail
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.times import local
from domain.errors import GongdanError, RefusedError
from domain.wire.attachments import AttachmentLimits, AttachmentRef

THUMBNAIL = QSize(400, 240)
"""Device pixels: twice what a tile shows."""
_PICTURES_KEPT = 60

Failed = Callable[[GongdanError], None]


def _show(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


class Box(QObject):
    """Bytes are read, kept and decoded off the window's thread; `moved` tells that states have changed."""

    moved = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self.ticket = ""
        self._pictures: OrderedDict[str, QImage] = OrderedDict()
        session.bridge.changed.connect(self._on_changed)

    def show(self, ticket: str) -> None:
        """Be about another ticket."""
        self.ticket = ticket

    # Choosing.

    def add_files(self, paths: Iterable[Path], *, then: Callable[[Prepared], None], failed: Failed) -> None:
        """Attach files to what is being written, each on its own."""
        shrink = self._session.settings.current.shrink_photos
        for path in paths:
            self._add(partial(prepare_file, path, self._limits, shrink=shrink), then, failed)

    def add_image(self, image: QImage, *, then: Callable[[Prepared], None], failed: Failed) -> None:
        """Attach a picture from the clipboard."""
        name = tr("attachment.pasted", time=local(self._session.clock.now()).strftime("%m%d-%H%M%S"))
        self._add(partial(prepare_image, image, name, self._limits), then, failed)

    def _add(self, prepare: Callable[[], Prepared], then: Callable[[Prepared], None], failed: Failed) -> None:
        if not self._session.takes_files:
            failed(RefusedError("no_files_past_lease"))
            return
        ticket, replica, at = self.ticket, self._session.replica, self._session.clock.now()
        made: list[Prepared] = []

        def keep() -> Changed:
            one = prepare()
            made.append(one)
            return gestures.choose(replica, ticket, one.ref, one.content, at)

        self._session.bridge.act(keep, owner=self, then=lambda _: then(made[0]), failed=failed)

    def remove(self, ref: AttachmentRef) -> None:
        """Take an attachment off what is being written."""
        ticket, replica = self.ticket, self._session.replica
        self._session.bridge.act(lambda: gestures.unchoose(replica, ticket, ref.hash))

    def _limits(self) -> AttachmentLimits:
        with self._session.replica.read() as conn:
            return attachments.limits(conn)

    # Showing.

    def held(self, then: Callable[[Mapping[str, Held]], None], owner: QObject) -> None:
        """What is here of the ticket's attachments, by hash."""
        ticket, replica = self.ticket, self._session.replica

        def read() -> dict[str, Held]:
            with replica.read() as conn:
                return attachments.held(conn, ticket)

        self._session.bridge.read(read, then=then, owner=owner)

    def want(self, ref: AttachmentRef) -> None:
        """Fetch an attachment, or try again what failed."""
        ticket, replica, at = self.ticket, self._session.replica, self._session.clock.now()
        self._session.bridge.act(lambda: gestures.want(replica, ticket, ref, at))

    def picture(self, ref: AttachmentRef, then: Callable[[QImage], None], owner: QObject) -> None:
        """A small picture of an image that is here; a null one where it can't be made."""
        known = self._pictures.get(ref.hash)
        if known is not None:
            self._pictures.move_to_end(ref.hash)
            then(known)
            return
        vault = self._session.replica.vault

        def decode() -> QImage:
            try:
                return thumbnail(b"".join(vault.read(ref.hash, ref.size)), THUMBNAIL)
            except RefusedError:
                return QImage()

        def keep(image: QImage) -> None:
            self._pictures[ref.hash] = image
            if len(self._pictures) > _PICTURES_KEPT:
                self._pictures.popitem(last=False)
            then(image)

        self._session.bridge.read(decode, then=keep, owner=owner)

    def open(self, ref: AttachmentRef, *, failed: Failed) -> None:
        """Show an attachment in the system's program for it, from a copy that goes with this session."""
        replica, at = self._session.replica, self._session.clock.now()

        def copy() -> Path:
            with replica.write(durable=False) as conn:
                attachments.used(conn, ref.hash, at)
            return opened.copy(replica, ref)

        self._session.bridge.read(
            copy,
            then=_show,
            owner=self,
            failed=failed,
        )

    def save(self, ref: AttachmentRef, path: Path, *, failed: Failed) -> None:
        """Write an attachment to where the person wants it."""
        replica = self._session.replica
        self._session.bridge.read(
            lambda: opened.write(replica, ref, path), then=lambda _: None, owner=self, failed=failed
        )

    def _on_changed(self, moved: Changed) -> None:
        if "attachments" in moved.kinds and (not moved.tickets or self.ticket in moved.tickets):
            self.moved.emit()
