"""One attachment as it stands in a conversation: a small picture or a file, how it stands, and what can be done."""

from pathlib import Path

from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QImage, QKeyEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QWidget

from desktop.replica.attachments import Held
from desktop.ui.attachments.box import Box
from desktop.ui.attachments.opened import plain_name
from desktop.ui.attachments.words import glyph_of, is_here, size_words, state_words
from desktop.ui.sentences import error_words
from desktop.ui.text import tr
from desktop.ui.theme import paint_icon
from desktop.ui.widgets.menu import Menu
from desktop.ui.widgets.painting import box as draw_box
from desktop.ui.widgets.painting import fitted, write
from domain.errors import GongdanError
from domain.wire.attachments import AttachmentRef

WIDTH, PICTURE_HEIGHT, LINE = 200, 112, 40
FETCHED_UNASKED = 3 * 1024 * 1024
"""A picture up to this size (bytes) is fetched when it comes into view; others on a click."""
_ICON, _PAD = 20, 8


class Tile(QAbstractButton):
    """A click opens what is here, fetches what is not, tries again what failed; the menu saves it elsewhere."""

    complained = Signal(str)

    def __init__(self, box: Box, ref: AttachmentRef, *, ticket: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box, self.ref, self._ticket = box, ref, ticket
        self.held: Held | None = None
        self._offline = self._known = self._asked = False
        self._picture: QPixmap | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedSize(self.sizeHint())
        self.clicked.connect(self._on_click)
        self._describe()

    @property
    def is_picture(self) -> bool:
        """Whether it is shown as a picture."""
        return self.ref.type.startswith("image/") and self.ref.width > 0

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, LINE + PICTURE_HEIGHT if self.is_picture else LINE)

    def show_state(self, held: Held | None, *, offline: bool) -> None:
        """Show how it stands now."""
        self.held, self._offline, self._known = held, offline, True
        if is_here(held) and self.is_picture and self._picture is None:
            self._box.picture(self.ref, self._take_picture, self)
        self._describe()
        self.update()

    def _describe(self) -> None:
        words = state_words(self.ref, self.held, offline=self._offline) if self._known else ""
        failed = self.held is not None and self.held.state == "failed"
        why = tr(f"error.{self.held.code}", **self._args()) if failed and self.held else ""
        self.setAccessibleName(
            tr("attachment.named", name=self.ref.name, size=size_words(self.ref.size), state=words)
        )
        self.setToolTip("\n".join(filter(None, (self.ref.name, why))))

    def _args(self) -> dict[str, object]:
        return {"name": self.ref.name, "limit": "-", "ending": "-", "reason": "", "size": self.ref.size}

    def _take_picture(self, image: QImage) -> None:
        if not image.isNull():
            self._picture = QPixmap.fromImage(image)
            self.update()

    # What can be done.

    def _on_click(self) -> None:
        if is_here(self.held) and not (self.held and self.held.state == "failed"):
            self.open_it()
        else:
            self.fetch_it()

    def fetch_it(self) -> None:
        """Fetch it, or try again what failed; nothing once another ticket is shown."""
        if self._box.ticket == self._ticket:
            self._box.want(self.ref)

    def open_it(self) -> None:
        """Show it in the system's program."""
        self._box.open(self.ref, failed=self._complain)

    def save_it(self) -> None:
        """Ask where to, and write it there."""
        to, _ = QFileDialog.getSaveFileName(self, tr("attachment.save_as"), plain_name(self.ref.name))
        if to:
            self._box.save(self.ref, Path(to), failed=self._complain)

    def _complain(self, error: GongdanError) -> None:
        self.complained.emit(error_words(error))

    def menu(self) -> Menu:
        """Open, save as, fetch or try again."""
        menu = Menu(parent=self)
        here = is_here(self.held)
        for words, act, wanted in (
            ("attachment.open", self.open_it, here),
            ("attachment.save_as", self.save_it, here),
            ("attachment.fetch", self.fetch_it, not here),
            ("attachment.retry", self.fetch_it, bool(self.held and self.held.state == "failed")),
        ):
            if wanted:
                menu.addAction(tr(words)).triggered.connect(act)
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    # Drawing.

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._known and self.held is None and not self._asked and self.is_picture:
            self._asked = True
            if self.ref.size <= FETCHED_UNASKED:
                self.fetch_it()
        painter = QPainter(self)
        failed = self.held is not None and self.held.state == "failed"
        line = "accent" if self.hasFocus() else "late_line" if failed else "line"
        fill = "hover" if self.underMouse() else "surface"
        draw_box(painter, self.rect(), fill=fill, line=line, radius=6)
        if self.hasFocus():
            draw_box(painter, self.rect().adjusted(1, 1, -1, -1), line="accent", radius=5)
        if self.is_picture:
            self._paint_picture(painter, QRect(1, 1, self.width() - 2, PICTURE_HEIGHT - 1))
        self._paint_line(painter, QRect(0, self.height() - LINE, self.width(), LINE), failed=failed)

    def _paint_picture(self, painter: QPainter, room: QRect) -> None:
        painter.save()
        if self._picture is None:
            draw_box(painter, room.adjusted(3, 3, -3, -3), fill="hover", radius=4)
            corner = QPointF(room.center().x() - 11, room.center().y() - 11)
            glyph = "image" if is_here(self.held) else "cloud-arrow-down"
            paint_icon(painter, corner, glyph, size=24, tone="text3")
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = self._picture.size().scaled(room.size() - QSize(8, 8), Qt.AspectRatioMode.KeepAspectRatio)
            shown = QRect(0, 0, size.width(), size.height())
            shown.moveCenter(room.center())
            painter.drawPixmap(shown, self._picture)
        painter.restore()

    def _paint_line(self, painter: QPainter, line: QRect, *, failed: bool) -> None:
        top = line.top() + (LINE - _ICON) // 2
        tone = "late" if failed else "text2"
        glyph = "warning-circle" if failed else glyph_of(self.ref)
        paint_icon(painter, QPointF(_PAD, top), glyph, size=_ICON, tone=tone)
        left = _PAD + _ICON + 8
        room = line.width() - left - _PAD
        first, second = (
            QRect(0, line.top() + 3, line.width(), 18),
            QRect(0, line.top() + 20, line.width(), 16),
        )
        write(painter, left, first, fitted(self.ref.name, "body", room))
        words = state_words(self.ref, self.held, offline=self._offline) if self._known else ""
        told = " · ".join(filter(None, (size_words(self.ref.size), words)))
        write(painter, left, second, fitted(told, "small", room), kind="small", tone=tone)
