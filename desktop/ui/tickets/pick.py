"""A pop-over to choose one of many by typing: people, teams, stores, categories."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QVBoxLayout, QWidget

from desktop.ui.form.directory import Found
from desktop.ui.form.lookup import FoundDelegate, FoundModel
from desktop.ui.text import tr
from desktop.ui.theme.tokens import ITEM_HEIGHT
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.popover import Popover
from desktop.ui.widgets.text_field import TextField

Find = Callable[[str], Sequence[Found]]
WIDTH, WIDTH_WIDE, MOST_ROWS = 344, 480, 9
_MOVES: dict[int, int] = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: MOST_ROWS,
    Qt.Key.Key_PageUp: -MOST_ROWS,
}


class PickList(QWidget):
    """A line to type in and the matches below it; ↑↓ move, Enter emits `picked` with the match."""

    picked = Signal(object)
    moved = Signal(object)

    def __init__(
        self, find: Find, *, placeholder: str, rows: int = MOST_ROWS, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._find = find
        self.field = TextField(placeholder=placeholder, glyph="magnifying-glass")
        self.field.setAccessibleName(placeholder)
        self._model = FoundModel()
        self._list = QListView()
        self._list.setAccessibleName(placeholder)
        self._list.setModel(self._model)
        self._list.setItemDelegate(FoundDelegate(self._list))
        self._list.setUniformItemSizes(True)
        self._list.setMouseTracking(True)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setFixedHeight(rows * ITEM_HEIGHT)
        self._nothing = Label(tr("pick.nothing"), tone="text3")
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.field)
        column.addWidget(self._list)
        column.addWidget(self._nothing)
        self.field.installEventFilter(self)
        self.field.textEdited.connect(self.search)
        self._list.clicked.connect(self._on_clicked)
        self.setFocusProxy(self.field)
        self.search("")

    def search(self, text: str) -> None:
        """Show what matches."""
        self._model.show_found(self._find(text.strip()))
        found = bool(self._model.found)
        self._list.setVisible(found)
        self._nothing.setVisible(not found)
        if found:
            self._list.setCurrentIndex(self._model.index(0))
        self._column.activate()  # who hears of it measures anew
        self.moved.emit(self.current())

    def current(self) -> Found | None:
        """The match that Enter would choose."""
        index = self._list.currentIndex()
        return self._model.found[index.row()] if index.isValid() else None

    def _on_clicked(self, index: QModelIndex) -> None:
        self.picked.emit(self._model.found[index.row()])

    def _move(self, by: int) -> None:
        if not self._model.found:
            return
        row = min(max(self._list.currentIndex().row() + by, 0), len(self._model.found) - 1)
        self._list.setCurrentIndex(self._model.index(row))
        self.moved.emit(self.current())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            by = _MOVES.get(event.key())
            if by is not None:
                self._move(by)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
                chosen = self.current()
                if chosen is not None:
                    self.picked.emit(chosen)
                return True
        return super().eventFilter(watched, event)


class Pick(Popover):
    """Choosing closes it and emits `picked` with the id."""

    picked = Signal(str)

    def __init__(
        self,
        anchor: QWidget,
        find: Find,
        *,
        title: str,
        placeholder: str,
        wide: bool = False,
        rows: int = MOST_ROWS,
    ) -> None:
        super().__init__(anchor, title=title, width=WIDTH_WIDE if wide else WIDTH)
        self.list = PickList(find, placeholder=placeholder, rows=min(rows, MOST_ROWS))
        self.body.addWidget(self.list)
        self.list.picked.connect(self._on_picked)

    def open(self) -> None:
        super().open()
        self.list.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def _on_picked(self, found: Found) -> None:
        self.close()
        self.picked.emit(found.id)
