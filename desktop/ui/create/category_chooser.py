"""The whole category tree in a pop-over, searched by words or pinyin initials."""

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.ui.create.known import Catalogue
from desktop.ui.text import tr
from desktop.ui.theme import colour
from desktop.ui.theme.tokens import ITEM_HEIGHT
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import fitted, width, write
from desktop.ui.widgets.popover import Popover
from desktop.ui.widgets.search_box import SearchBox

Index = QModelIndex | QPersistentModelIndex
WIDTH, _ROWS, _INDENT, _PADDING = 440, 12, 16, 8
_STEPS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class _Model(QAbstractListModel):
    """Categories: the whole tree, or those found with the way to them."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._catalogue = catalogue
        self.ids: list[str] = []
        self.searched = False

    def search(self, text: str) -> None:
        self.beginResetModel()
        self.ids, self.searched = self._catalogue.found_categories(text), bool(text.strip())
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._catalogue.category_words(self.ids[index.row()])
        return None

    def shown(self, row: int) -> tuple[str, str, int]:
        """Name, way to it, depth."""
        path = self._catalogue.category_path(self.ids[row])
        names = [self._catalogue.configuration.categories[id].name for id in path]
        return names[-1], " › ".join(names[:-1]), len(names) - 1


class _Lines(QStyledItemDelegate):
    def __init__(self, model: _Model, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, ITEM_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        name, way, depth = self._model.shown(index.row())
        place = QRect(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if chosen or hovered:
            painter.fillRect(place, colour("accent_soft" if chosen else "hover"))
        left = place.left() + _PADDING + (0 if self._model.searched else depth * _INDENT)
        kind = "body_bold" if depth == 0 and not self._model.searched else "body"
        write(painter, left, place, name, kind=kind, tone="accent" if chosen else "text")
        if self._model.searched:
            room = place.width() - width(name) - 3 * _PADDING
            told = fitted(way, "small", room)
            end = place.right() + 1 - _PADDING - width(told, "small")
            write(painter, end, place, told, kind="small", tone="text3")


class CategoryChooser(Popover):
    """↑↓ move while the search keeps the cursor; Enter or a click chooses."""

    chosen = Signal(str)

    def __init__(self, catalogue: Catalogue, anchor: QWidget) -> None:
        super().__init__(anchor, title=tr("create.category"), width=WIDTH)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._model = _Model(catalogue)
        self._search = SearchBox(tr("create.find_category"))
        self._list = QListView()
        self._list.setModel(self._model)
        self._list.setAccessibleName(tr("create.category"))
        self._list.setItemDelegate(_Lines(self._model, self._list))
        self._list.setMouseTracking(True)
        self._list.setFixedHeight(_ROWS * ITEM_HEIGHT)
        self._list.setFocusProxy(self._search)
        self._nothing = Label(tr("create.no_category_found"), tone="text2")
        for part in (self._search, self._list, self._nothing):
            self.body.addWidget(part)
        self._search.textChanged.connect(self._find)
        self._search.installEventFilter(self)
        self._list.clicked.connect(lambda index: self._take(index.row()))
        self.setFocusProxy(self._search)
        self._find("")

    def _find(self, text: str) -> None:
        self._model.search(text)
        self._nothing.setVisible(not self._model.ids)
        if self._model.ids:
            self._list.setCurrentIndex(self._model.index(0))

    def _take(self, row: int) -> None:
        if 0 <= row < len(self._model.ids):
            self.chosen.emit(self._model.ids[row])
            self.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _STEPS:
                self._list.keyPressEvent(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._take(self._list.currentIndex().row())
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.close()
                return True
        return super().eventFilter(watched, event)
