"""The list at the left: what each item is about, in two lines of 69."""

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.ui.attention.concerns import Concern
from desktop.ui.attention.wording import title_of
from desktop.ui.text import tr
from desktop.ui.theme import colour, paint_icon
from desktop.ui.times import moment
from desktop.ui.widgets.painting import fitted, width, write
from domain.entities.base import Instant

ROW_HEIGHT, _LEFT, _TEXT_LEFT, _RIGHT = 69, 16, 40, 16
_CONCERN = Qt.ItemDataRole.UserRole
_OWN: frozenset[int] = frozenset(
    {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End}
)
Index = QModelIndex | QPersistentModelIndex


class _Model(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.concerns: list[Concern] = []
        self.now_at: Instant = 0

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.concerns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        concern = self.concerns[index.row()]
        if role == _CONCERN:
            return concern
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{title_of(concern)}, {concern.item.number}, {concern.item.subject}"
        return None


class _Rows(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        concern: Concern = index.data(_CONCERN)
        model = index.model()
        place = QRect(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        active = bool(option.state & QStyle.StateFlag.State_Active) and _focused(option.widget)
        if chosen:
            painter.fillRect(place, colour("accent_soft" if active else "hover"))
            mark = QRect(place.left(), place.top(), 2, place.height())
            painter.fillRect(mark, colour("accent" if active else "line_strong"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(place, colour("hover"))
        painter.fillRect(QRect(place.left(), place.bottom(), place.width(), 1), colour("line"))
        glyph, tone = ("git-diff", "soon") if concern.conflict else ("prohibit", "late")
        paint_icon(painter, QPointF(place.left() + _LEFT, place.top() + 15), glyph, tone=tone)
        now_at = model.now_at if isinstance(model, _Model) else 0
        self._write(painter, place, concern, moment(concern.item.at, now_at))

    def _write(self, painter: QPainter, place: QRect, concern: Concern, when: str) -> None:
        upper = QRect(place.left(), place.top() + 13, place.width(), 20)
        lower = QRect(place.left(), place.top() + 37, place.width(), 20)
        room = place.width() - _TEXT_LEFT - _RIGHT
        title = fitted(title_of(concern), "body_bold", room - width(when, "small") - 8)
        write(painter, place.left() + _TEXT_LEFT, upper, title, kind="body_bold")
        right = place.right() + 1 - _RIGHT - width(when, "small")
        write(painter, right, upper, when, kind="small", tone="text2")
        about = fitted(f"{concern.item.number} {concern.item.subject}".strip(), "body", room)
        write(painter, place.left() + _TEXT_LEFT, lower, about, tone="text2")


def _focused(widget: QWidget | None) -> bool:
    return widget is not None and widget.hasFocus()


class ItemList(QListView):
    """`chosen` tells the row; keys that are none of a list's go on to the page."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Model()
        self.setModel(self._model)
        self.setItemDelegate(_Rows(self))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)

    def show_concerns(self, concerns: Sequence[Concern], *, now_at: Instant) -> None:
        """Show these, staying at the item that was chosen, or at its place."""
        row = max(0, self.currentIndex().row())
        chosen = self.current()
        self._model.beginResetModel()
        self._model.concerns, self._model.now_at = list(concerns), now_at
        self._model.endResetModel()
        self.setAccessibleName(tr("attention.title"))
        nums = [one.item.num for one in concerns]
        if chosen is not None and chosen.item.num in nums:
            row = nums.index(chosen.item.num)
        if nums:
            self.setCurrentIndex(self._model.index(min(row, len(nums) - 1)))

    def current(self) -> Concern | None:
        """The chosen item."""
        row = self.currentIndex().row()
        return self._model.concerns[row] if 0 <= row < len(self._model.concerns) else None

    def choose(self, row: int) -> None:
        """Choose by place."""
        self.setCurrentIndex(self._model.index(row))

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid():
            self.chosen.emit(current.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _OWN and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
        else:
            event.ignore()
