"""What is attached to a message that is being written: chips with a name and size, and ways to add more."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QMimeData, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop.ui.attachments.box import Box
from desktop.ui.attachments.prepare import Prepared
from desktop.ui.attachments.words import glyph_of, size_words
from desktop.ui.form.wrap_layout import WrapLayout
from desktop.ui.sentences import error_words
from desktop.ui.text import tr
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.field import ErrorLine
from domain.errors import GongdanError, RefusedError
from domain.rules.attachments import plain
from domain.wire.attachments import AttachmentRef, refs_in

_NAME_ROOM = 28


class AttachmentBar(QWidget):
    """`edited` tells that something came or went; hidden while nothing is attached and nothing is wrong.

    Without a box, what is attached can only be looked at and taken away.
    """

    edited = Signal()

    def __init__(self, box: Box | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box = box
        self._refs: list[AttachmentRef] = []
        self._was: dict[str, int] = {}
        self._asked = 0
        self._chips = QWidget()
        self._row = WrapLayout(self._chips)
        self._error = ErrorLine()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._chips)
        column.addWidget(self._error)
        self._draw()

    def refs(self) -> tuple[AttachmentRef, ...]:
        """What is attached."""
        return tuple(self._refs)

    def set_refs(self, refs: Sequence[AttachmentRef]) -> None:
        """Show what a draft holds; `edited` stays silent."""
        self._asked += 1
        self._refs = list(refs)
        self._error.set_text("")
        self._draw()

    def choose(self) -> None:
        """Ask for files."""
        names, _ = QFileDialog.getOpenFileNames(self, tr("attachment.choose"))
        self.add_files([Path(name) for name in names])

    def add_files(self, paths: Iterable[Path]) -> None:
        """Attach files; folders are passed over."""
        self._error.set_text("")
        files = [path for path in paths if not path.is_dir()]
        if self._box is not None:
            self._box.add_files(files, then=self._taker(), failed=self._complain)

    def add_image(self, image: QImage) -> None:
        """Attach a picture."""
        self._error.set_text("")
        if self._box is not None:
            self._box.add_image(image, then=self._taker(), failed=self._complain)

    def take(self, given: QMimeData) -> bool:
        """Attach what was dropped or pasted; False where it is text, or nothing of use."""
        paths = [Path(url.toLocalFile()) for url in given.urls() if url.isLocalFile()]
        if paths:
            self.add_files(paths)
            return True
        image = given.imageData() if given.hasImage() and not given.hasText() else None
        if isinstance(image, QImage) and not image.isNull():
            self.add_image(image)
            return True
        return False

    def welcome(self, event: QDragEnterEvent) -> None:
        """Say of something dragged over whether it may be dropped."""
        given = event.mimeData()
        if any(url.isLocalFile() for url in given.urls()) or (given.hasImage() and not given.hasText()):
            event.acceptProposedAction()

    def dropped(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        if self.take(event.mimeData()):
            event.acceptProposedAction()

    def _taker(self) -> Any:
        """What takes a prepared file, as long as the same message is being written."""
        asked = self._asked

        def take(made: Prepared) -> None:
            if asked != self._asked:
                return
            if any(ref.hash == made.ref.hash for ref in self._refs):
                self._complain(RefusedError("attachment_twice"))
                return
            self._refs.append(made.ref)
            self._was[made.ref.hash] = made.was
            self._draw()
            self.edited.emit()

        return take

    def _complain(self, error: GongdanError) -> None:
        self._error.set_text(error_words(error))
        self.setVisible(True)

    def _remove(self, ref: AttachmentRef) -> None:
        self._refs = [one for one in self._refs if one.hash != ref.hash]
        if self._box is not None:
            self._box.remove(ref)
        self._draw()
        self.edited.emit()

    def _draw(self) -> None:
        self._row.empty()
        for ref in self._refs:
            chip = Chip(
                f"{_short(ref.name)} · {size_words(ref.size)}",
                glyph=glyph_of(ref),
                large=True,
                removable=True,
            )
            was = self._was.get(ref.hash, 0)
            tip = tr("attachment.shrunk", was=size_words(was)) if was else ""
            chip.setToolTip("\n".join(filter(None, (ref.name, tip, f"{tr('widget.remove')} (Delete)"))))
            chip.removed.connect(lambda ref=ref: self._remove(ref))
            self._row.addWidget(chip)
            chip.show()
        self._chips.setVisible(bool(self._refs))
        self.setVisible(bool(self._refs) or bool(self._error.text()))
        self.updateGeometry()


def _short(name: str) -> str:
    if len(name) <= _NAME_ROOM:
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{(stem or name)[: _NAME_ROOM - 8]}…{dot}{ending[:5]}"


class FilesField(QWidget):
    """The editor of a form field of photos or files; its value is a list of references, as the form holds them."""

    edited = Signal()

    def __init__(self, box: Box | None, *, photos: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = AttachmentBar(box)
        words = tr("attachment.add_photo" if photos else "attachment.add_file")
        self._add = Button(words, icon="camera" if photos else "paperclip", small=True)
        self._add.clicked.connect(self.bar.choose)
        self.bar.edited.connect(self.edited)
        self.setFocusProxy(self._add)
        if box is None:
            self._add.hide()
        self.setAcceptDrops(box is not None)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.addWidget(self._add)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.bar)

    def value(self) -> list[dict[str, Any]]:
        """The references, as JSON."""
        return plain(self.bar.refs())

    def set_value(self, value: Any) -> None:
        """Fill it by program."""
        self.bar.set_refs(refs_in(msgspec.to_builtins(value)))

    def set_state(self, state: str) -> None:
        """The button turns to late where something has to be added."""
        self._add.set_kind("danger" if state == "error" else "normal")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.bar.welcome(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self.bar.dropped(event)
