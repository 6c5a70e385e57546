"""A line in which a store or a person is found by name, pinyin initials or code."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCompleter,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop.ui.form.directory import MOST_FOUND, Found
from desktop.ui.text import tr
from desktop.ui.theme import colour, metrics
from desktop.ui.theme.tokens import ITEM_HEIGHT
from desktop.ui.widgets.painting import width, write
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.text_field import TextField

Index = QModelIndex | QPersistentModelIndex
LIST_WIDTH, _PADDING = 320, 12


class FoundModel(QAbstractListModel):
    """Matches as Qt's completer wants them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Found] = []

    def show_found(self, found: Sequence[Found]) -> None:
        """Offer other matches."""
        self.beginResetModel()
        self.found = list(found)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self.found[index.row()].name
        if role == Qt.ItemDataRole.UserRole:
            return self.found[index.row()]
        return None


class FoundDelegate(QStyledItemDelegate):
    """Name at the left, detail at the right in text3."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, ITEM_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        shown: Found = index.data(Qt.ItemDataRole.UserRole)
        place = QRect(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if chosen or hovered:
            painter.fillRect(place, colour("accent_soft" if chosen else "hover"))
        room = place.width() - 3 * _PADDING - width(shown.name)
        detail = metrics("small").elidedText(shown.detail, Qt.TextElideMode.ElideRight, max(0, room))
        left = place.right() + 1 - _PADDING - width(detail, "small")
        write(painter, place.left() + _PADDING, place, shown.name, tone="accent" if chosen else "text")
        write(painter, left, place, detail, kind="small", tone="text3")


class LookupField(TextField):
    """Typing lists matches; ↑↓ and Enter choose. What was typed but not chosen is no value."""

    def __init__(
        self,
        find: Callable[[str], Sequence[Found]],
        name: Callable[[str], str],
        *,
        glyph: str = "",
        placeholder: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(placeholder=placeholder, glyph=glyph, parent=parent)
        self._find, self._name = find, name
        self._id = self._chosen = ""
        self._model = FoundModel()
        self._completer = QCompleter(self._model, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(MOST_FOUND)
        popup = QListView()
        popup.setMouseTracking(True)
        ground(popup, edge="popup")
        self._completer.setPopup(popup)
        popup.setItemDelegate(FoundDelegate(popup))
        self._completer.activated[QModelIndex].connect(self._on_activated)  # type: ignore[index]
        self._completer.setWidget(self)
        self.textEdited.connect(lambda text: self._offer(text.strip()))

    def value(self) -> Any:
        """The id of what was chosen, or None."""
        return self._id if self._id and self.text() == self._chosen else None

    def set_value(self, value: object) -> None:
        """Choose by program."""
        self._id = str(value or "")
        self._chosen = self._name(self._id) if self._id else ""
        self.setText(self._chosen)

    def trouble(self) -> str | None:
        """The sentence for text that names nothing."""
        typed = self.text().strip()
        return tr("form.not_found", text=typed) if typed and self.value() is None else None

    def found(self, text: str) -> Sequence[Found]:
        """What would be offered for a text."""
        return self._find(text)

    def matches(self) -> QAbstractItemView:
        """The list of matches."""
        popup = self._completer.popup()
        assert popup is not None
        return popup

    def list_matches(self) -> None:
        """Open the list for what stands in the line."""
        self._offer("" if self.value() else self.text().strip())

    def _offer(self, text: str) -> None:
        self._model.show_found(self._find(text))
        popup = self.matches()
        if not self._model.found:
            popup.hide()
            return
        self._completer.complete(QRect(0, 0, max(self.width(), LIST_WIDTH), self.height() + 4))
        popup.setCurrentIndex(self._model.index(0))

    def _on_activated(self, index: QModelIndex) -> None:
        found = index.data(Qt.ItemDataRole.UserRole)
        if isinstance(found, Found):
            self._choose(found)

    def _choose(self, found: Found) -> None:
        self._id, self._chosen = found.id, found.name
        self.setText(found.name)
        self.edited.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down and not event.modifiers():
            self.list_matches()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if not self.text() and not self.isReadOnly():
            self.list_matches()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        typed = self.text().strip()
        if typed and self.value() is None and event.reason() != Qt.FocusReason.PopupFocusReason:
            exact = [found for found in self._find(typed) if found.name == typed]
            if len(exact) == 1:
                self._choose(exact[0])
