"""Toasts: bottom centre, one at a time, merged, with undo instead of a question."""

from collections.abc import Callable

from PySide6.QtCore import (
    QEvent,
    QObject,
    QPoint,
    QPointF,
    QPropertyAnimation,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QGraphicsOpacityEffect, QHBoxLayout, QWidget

from desktop.ui.text import tr
from desktop.ui.theme import fade_ms, paint_icon
from desktop.ui.theme.tokens import ICON_SIZE, RADIUS_CARD, STATUS_BAR_HEIGHT, TOAST_HEIGHT, TOAST_MS
from desktop.ui.widgets.button import native
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import box, width, write

Undo = Callable[[], object]

GAP = 8
PLACE_MS = 250
_KEPT = "toastKeepsClear"


class _InvertedButton(QAbstractButton):
    """A button on the toast's dark ground: a bold word with its shortcut, or an icon."""

    def __init__(self, *, glyph: str = "", shortcut: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._glyph, self._shortcut = glyph, native(shortcut) if shortcut else ""
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        if self._glyph:
            return QSize(24, 24)
        return QSize(width(self.text(), "body_bold") + 12 + width(self._shortcut, "small"), 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._glyph:
            paint_icon(painter, QPointF(4, 4), self._glyph, tone="surface")
            return
        write(painter, 0, self.rect(), self.text(), kind="body_bold", tone="surface")
        word = width(self.text(), "body_bold")
        if self.underMouse() or self.hasFocus():
            painter.drawLine(0, self.height() - 3, word, self.height() - 3)
        write(painter, word + 12, self.rect(), self._shortcut, kind="small", tone="line")


class Toast(QFrame):
    """The strip itself; `Toasts` decides when it is there."""

    undone = Signal()
    closed = Signal()
    held = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.label = Label(tone="surface")
        self.failed = False
        self.undo_button = _InvertedButton(shortcut="Ctrl+Z")
        self.close_button = _InvertedButton(glyph="x")
        row = QHBoxLayout(self)
        row.setContentsMargins(40, 0, 12, 0)
        row.setSpacing(16)
        row.addWidget(self.label, 1)
        row.addWidget(self.undo_button)
        row.addWidget(self.close_button)
        self.undo_button.clicked.connect(self.undone)
        self.close_button.clicked.connect(self.closed)
        for button in (self.undo_button, self.close_button):
            button.installEventFilter(self)
        self.setFixedHeight(TOAST_HEIGHT)
        self.write_words()
        self.hide()

    def write_words(self) -> None:
        """Put the buttons into the language in force."""
        self.undo_button.setText(tr("widget.undo"))
        self.close_button.setAccessibleName(tr("widget.close"))
        self.close_button.setToolTip(tr("widget.close"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.held.emit(event.type() == QEvent.Type.FocusIn or self.underMouse())
        return super().eventFilter(watched, event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.held.emit(True)

    def leaveEvent(self, event: QEvent) -> None:
        self.held.emit(self.undo_button.hasFocus() or self.close_button.hasFocus())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box(painter, self.rect(), fill="text", radius=RADIUS_CARD)
        glyph = "warning" if self.failed else "check-circle"
        paint_icon(painter, QPointF(16, (TOAST_HEIGHT - ICON_SIZE) // 2), glyph, tone="surface")


class Toasts(QObject):
    """What one window says after an act; 6 s, held while hovered or focused."""

    def __init__(self, window: QWidget, *, above: int = STATUS_BAR_HEIGHT + 16) -> None:
        super().__init__(window)
        self._window, self._above = window, above
        self._key, self._args, self._count = "", dict[str, object](), 0
        self._undos: list[Undo] = []
        self.toast = Toast(window)
        self._effect = QGraphicsOpacityEffect(self.toast)
        self.toast.setGraphicsEffect(self._effect)
        self._fade = QPropertyAnimation(self._effect, b"opacity", self)
        self._fade.finished.connect(self._on_faded)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TOAST_MS)
        self._timer.timeout.connect(self.dismiss)
        # A page with a foot may open under a toast that is showing already.
        self._settle = QTimer(self)
        self._settle.setInterval(PLACE_MS)
        self._settle.timeout.connect(self._place)
        self.toast.undone.connect(self.undo)
        self.toast.closed.connect(self.dismiss)
        self.toast.held.connect(self._on_held)
        window.installEventFilter(self)

    @property
    def showing(self) -> bool:
        """Whether one is on the window and not on its way out."""
        return bool(self._key)

    @property
    def text(self) -> str:
        """What it says."""
        return self.toast.label.text()

    def say(
        self, key: str, *, count: int = 1, undo: Undo | None = None, failed: bool = False, **args: object
    ) -> None:
        """Say the text of a key, its {count} the sum over equal acts in a row; `undo` takes this act back.

        `failed` where it was not done.
        """
        if not (self.showing and key == self._key and args == self._args):
            self._count, self._undos = 0, []
        self._key, self._args, self._count = key, args, self._count + count
        if undo is not None:
            self._undos.append(undo)
        self.toast.label.setText(tr(key, count=self._count, **args))
        self.toast.undo_button.setVisible(bool(self._undos))
        self.toast.failed = failed
        self.toast.update()
        self._place()
        self._appear()
        self._timer.start()
        self._settle.start()

    def undo(self) -> bool:
        """Take back everything the toast speaks of, the last first; False when nothing is showing."""
        undos, self._undos = self._undos, []
        self.dismiss()
        for undo in reversed(undos):
            undo()
        return bool(undos)

    def dismiss(self) -> None:
        """Let it go."""
        self._key = ""
        self._timer.stop()
        self._run_fade(0.0)

    def _appear(self) -> None:
        if self.toast.isVisible() and self._effect.opacity() == 1.0:
            return
        self._effect.setOpacity(0.0)
        self.toast.show()
        self.toast.raise_()
        self._run_fade(1.0)

    def _run_fade(self, end: float) -> None:
        self._fade.stop()
        if fade_ms() == 0:
            self._effect.setOpacity(end)
            self._on_faded()
            return
        self._fade.setDuration(fade_ms())
        self._fade.setStartValue(self._effect.opacity())
        self._fade.setEndValue(end)
        self._fade.start()

    def _on_faded(self) -> None:
        # While it is invisible it must not take clicks from what lies below.
        if not self.showing:
            self._settle.stop()
            self.toast.hide()

    def _on_held(self, held: bool) -> None:
        if held:
            self._timer.stop()
        elif self.showing:
            self._timer.start()

    def _place(self) -> None:
        self.toast.adjustSize()
        wide = min(max(self.toast.sizeHint().width(), 240), self._window.width() - 32)
        left = (self._window.width() - wide) // 2
        self.toast.setGeometry(left, self._floor(left, wide) - TOAST_HEIGHT, wide, TOAST_HEIGHT)

    def _floor(self, left: int, wide: int) -> int:
        """Where the toast stands: above the status bar, and above what is kept clear in its way."""
        window = self._window
        kept = [
            one for one in window.findChildren(QWidget) if one.property(_KEPT) and one.isVisibleTo(window)
        ]
        boxes = [QRect(one.mapTo(window, QPoint()), one.size()) for one in kept]
        way = QRect(left, 0, wide, window.height())
        return min(
            [window.height() - self._above, *(one.top() - GAP for one in boxes if one.intersects(way))]
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.showing:
            self._place()
        elif event.type() == QEvent.Type.LanguageChange:
            self.toast.write_words()
        return super().eventFilter(watched, event)


def keep_clear(foot: QWidget) -> None:
    """Have toasts stand above a part of its window: a foot with buttons, a composer."""
    foot.setProperty(_KEPT, True)


def toasts_of(window: QWidget) -> Toasts:
    """The toasts of a window: those it has, else new ones, since two at a time would cover each other."""
    held = getattr(window, "toasts", None)
    return held if isinstance(held, Toasts) else Toasts(window)
