"""A section of a form that opens and closes: 客户信息, 服务请求, 完成信息, 结案信息."""

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy, QVBoxLayout, QWidget

from desktop.ui.theme import paint_icon
from desktop.ui.theme.tokens import ICON_SIZE_SMALL, PANE_PADDING
from desktop.ui.widgets.painting import fitted, width, write
from desktop.ui.widgets.polish import ground

_HEAD_HEIGHT, _TITLE_LEFT = 36, 36


class _Head(QAbstractButton):
    """Caret, title, and at the right how things stand."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.note = ""
        self.setText(title)
        self.setCheckable(True)
        self.setFixedHeight(_HEAD_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(
            _TITLE_LEFT + width(self.text(), "h3") + 8 + width(self.note, "small") + 16, _HEAD_HEIGHT
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        caret = "caret-down" if self.isChecked() else "caret-right"
        at = QPointF(PANE_PADDING, (_HEAD_HEIGHT - ICON_SIZE_SMALL) // 2)
        paint_icon(painter, at, caret, size=ICON_SIZE_SMALL, tone="text3")
        write(painter, _TITLE_LEFT, self.rect(), self.text(), kind="body_bold")
        taken = _TITLE_LEFT + width(self.text(), "body_bold") + 8
        room = self.width() - taken - PANE_PADDING
        note = fitted(self.note, "small", room)
        left = self.width() - PANE_PADDING - width(note, "small")
        write(painter, left, self.rect(), note, kind="small", tone="text3")


class Section(QFrame):
    """Add to `body`; `toggled` tells when it opens or closes."""

    toggled = Signal(bool)

    def __init__(
        self, title: str, *, note: str = "", opened: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        ground(self, edge="bottom")
        self._head = _Head(title, self)
        self._inside = QWidget()
        self.body = QVBoxLayout(self._inside)
        self.body.setContentsMargins(PANE_PADDING, 0, PANE_PADDING, 12)
        self.body.setSpacing(12)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 1)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self._inside)
        self._head.toggled.connect(self._on_toggled)
        self.set_note(note)
        self._head.setChecked(opened)
        self._inside.setVisible(opened)

    def is_open(self) -> bool:
        """Whether its content shows."""
        return self._head.isChecked()

    def set_open(self, opened: bool) -> None:
        """Open or close it."""
        self._head.setChecked(opened)

    def set_title(self, title: str) -> None:
        """Change the title."""
        self._head.setText(title)

    def set_note(self, note: str) -> None:
        """Say at the right how it stands: 已核实, 本环节填写."""
        self._head.note = note
        self._head.update()

    def _on_toggled(self, opened: bool) -> None:
        self._inside.setVisible(opened)
        self.toggled.emit(opened)
