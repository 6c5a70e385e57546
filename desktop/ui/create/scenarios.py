"""The scenarios at the left: a card for each template, chosen by its digit."""

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

from desktop.ui.theme import paint_icon
from desktop.ui.theme.style import draw_ring
from desktop.ui.theme.tokens import ICON_SIZE_HEAD, RADIUS_CARD
from desktop.ui.widgets.painting import box, fitted, width, write
from domain.entities.forms import Template

WIDTH = 208
_CARD, _GAP, _TEXT_LEFT = 52, 8, 41
_TEMPLATE = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class _Model(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.templates: list[Template] = []

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.templates)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        template = self.templates[index.row()]
        if role == _TEMPLATE:
            return template
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{template.name}, {template.description}" if template.description else template.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return template.description
        return None


class _Cards(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(WIDTH - 24, _CARD + _GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        template: Template = index.data(_TEMPLATE)
        place = QRect(option.rect.left(), option.rect.top(), option.rect.width(), _CARD)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        fill = "accent_soft" if chosen else "hover" if hovered else "surface"
        box(painter, place, fill=fill, line="accent" if chosen else "line", radius=RADIUS_CARD)
        tone = "accent" if chosen else "text2"
        at = QPointF(place.left() + 12, place.top() + (_CARD - ICON_SIZE_HEAD) // 2)
        paint_icon(painter, at, template.icon, size=ICON_SIZE_HEAD, tone=tone)
        self._write(painter, place, template, index.row(), chosen=chosen)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if focused and _by_keyboard(option.widget):
            draw_ring(painter, place.toRectF(), RADIUS_CARD)

    def _write(self, painter: QPainter, place: QRect, template: Template, row: int, *, chosen: bool) -> None:
        digit = str(row + 1) if row < 9 else ""
        upper, lower = QRect(place), QRect(place)
        lines = 2 if template.description else 1
        upper.setTop(place.top() + (6 if lines == 2 else 0))
        upper.setHeight(22 if lines == 2 else _CARD)
        lower.setTop(place.top() + 27)
        lower.setHeight(18)
        room = place.width() - _TEXT_LEFT - 12
        kind, tone = ("body_bold", "accent") if chosen else ("body", "text")
        name = fitted(template.name, kind, room - 16)
        write(painter, place.left() + _TEXT_LEFT, upper, name, kind=kind, tone=tone)
        ink = "accent" if chosen else "text3"
        write(painter, place.right() - 11 - width(digit, "small"), upper, digit, kind="small", tone=ink)
        told = fitted(template.description, "small", room)
        write(painter, place.left() + _TEXT_LEFT, lower, told, kind="small", tone="text2")


def _by_keyboard(widget: QWidget | None) -> bool:
    return widget is not None and widget.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)


class ScenarioList(QListView):
    """`chosen` tells the template's id; `taken` that it was chosen by digit or Enter, to go on from there."""

    chosen = Signal(str)
    taken = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Model()
        self.setModel(self._model)
        self.setItemDelegate(_Cards(self))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Digits have to come through while a Chinese input method is on.
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setStyleSheet("QListView { background: transparent; }")
        self.clicked.connect(lambda _: self.taken.emit())

    def show_templates(self, templates: Sequence[Template]) -> None:
        """Offer these, the first nine with a digit."""
        self._model.beginResetModel()
        self._model.templates = list(templates)
        self._model.endResetModel()

    def choose(self, id: str) -> None:
        """Mark one by program; `chosen` tells it as well."""
        for row, template in enumerate(self._model.templates):
            if template.id == id:
                self.setCurrentIndex(self._model.index(row))

    def current(self) -> str:
        """The id of the chosen template, or ""."""
        index = self.currentIndex()
        return self._model.templates[index.row()].id if index.isValid() else ""

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid():
            self.chosen.emit(self._model.templates[current.row()].id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        digit = event.key() - Qt.Key.Key_1
        if 0 <= digit < min(9, len(self._model.templates)) and not event.modifiers():
            self.setCurrentIndex(self._model.index(digit))
            self.taken.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.taken.emit()
        else:
            super().keyPressEvent(event)
