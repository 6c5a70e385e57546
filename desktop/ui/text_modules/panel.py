"""The text modules to choose from: recommended by what was typed, public, personal; inserted by Enter."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

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
from PySide6.QtGui import QKeyEvent, QPainter, QTextLayout
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.ui.text import tr
from desktop.ui.text_modules.recommend import fits, recommended
from desktop.ui.theme import colour, font
from desktop.ui.widgets.button import LinkButton
from desktop.ui.widgets.key_cap import KeyCap
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import fitted, width, write
from desktop.ui.widgets.search_box import SearchBox
from desktop.ui.widgets.segmented import Segmented
from domain.entities.forms import TextModule

Index = QModelIndex | QPersistentModelIndex
_ROW, _PADDING, _MODULE = 68, 16, Qt.ItemDataRole.UserRole
_STEPS = (Qt.Key.Key_Up, Qt.Key.Key_Down)
KINDS = ("recommended", "public", "personal")


class _Model(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.modules: Sequence[TextModule] = ()

    def show_modules(self, modules: Sequence[TextModule]) -> None:
        if list(modules) != list(self.modules):
            self.beginResetModel()
            self.modules = list(modules)
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.modules)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        module = self.modules[index.row()]
        if role == _MODULE:
            return module
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{module.name}: {module.body}"
        return module.body if role == Qt.ItemDataRole.ToolTipRole else None


class _Blocks(QStyledItemDelegate):
    """Name and whose it is, then two lines of the text."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        module: TextModule = index.data(_MODULE)
        place = QRect(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(place, colour("accent_soft" if chosen else "hover"))
        if chosen:
            painter.fillRect(QRect(place.left(), place.top(), 2, place.height()), colour("accent"))
        whose = tr("create.personal" if module.owner else "create.public")
        head = QRect(place.left() + _PADDING, place.top() + 8, place.width() - 2 * _PADDING, 20)
        name = fitted(module.name, "body_bold", head.width() - width(whose, "small") - 8)
        write(painter, head.left(), head, name, kind="body_bold")
        right = head.right() + 1 - width(whose, "small")
        write(painter, right, head, whose, kind="small", tone="text3")
        for line, words in enumerate(two_lines(module.body, head.width())):
            text = QRect(head.left(), place.top() + 28 + 17 * line, head.width(), 17)
            write(painter, text.left(), text, words, kind="small", tone="text2")


@lru_cache(maxsize=256)
def two_lines(text: str, room: int) -> tuple[str, ...]:
    """A text broken where lines may break, the rest of it cut after the second line."""
    layout = QTextLayout(text.replace("\n", " "), font("small"))
    layout.beginLayout()
    first = layout.createLine()
    first.setLineWidth(room)
    layout.endLayout()
    end = first.textLength()
    rest = text.replace("\n", " ")[end:].strip()
    return (text[:end], fitted(rest, "small", room)) if rest else (text[:end],)


class ModulesPanel(QWidget):
    """`inserted` tells the module, `dropped` one to be deleted; `left` that Esc gave the focus back."""

    inserted = Signal(object)
    dropped = Signal(object)
    left = Signal()

    def __init__(self, use: str, *, keys: str, width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._use, self._room = use, width - 2 * _PADDING
        self._modules: Sequence[TextModule] = ()
        self._path_of: Callable[[str], Sequence[str]] = lambda category: ()
        self._preferred: Sequence[str] = ()
        self._typed, self._heard, self._category, self._line = "", "", "", ""
        self._uses: Mapping[str, int] = {}
        self._newer: tuple[TextModule, ...] | None = None
        self.keep = LinkButton(tr("module.keep"))
        self._kinds = Segmented([(kind, tr(f"create.{kind}")) for kind in KINDS])
        self._search = SearchBox(tr("composer.find_module"))
        self._model = _Model()
        self._list = QListView()
        self._list.setModel(self._model)
        self._list.setAccessibleName(tr("create.modules"))
        self._list.setItemDelegate(_Blocks(self._list))
        self._list.setMouseTracking(True)
        self._list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self._list.setFocusProxy(self._search)
        self._nothing = Label(tr("create.no_modules"), tone="text2", wrap=True)
        self._keys = Label(keys, kind="small", tone="text3", elide=True)
        self._arrange()
        self._kinds.changed.connect(lambda _: self._refill())
        self._search.textChanged.connect(lambda _: self._refill())
        self._search.installEventFilter(self)
        self._list.clicked.connect(lambda index: self._insert(index.row()))

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(_PADDING, 0, _PADDING, 0)
        head.setSpacing(8)
        title, keys = Label(tr("create.modules"), kind="body_bold"), KeyCap("Ctrl+/")
        head.addWidget(title)
        head.addWidget(keys)
        head.addStretch(1)
        wanted = title.sizeHint().width() + keys.width() + self._kinds.sizeHint().width() + 3 * 8
        if wanted > self._room:
            keys.hide()
        head.addWidget(self._kinds)
        search = QHBoxLayout()
        search.setContentsMargins(_PADDING, 0, _PADDING, 0)
        search.addWidget(self._search)
        foot = QHBoxLayout()
        foot.setContentsMargins(_PADDING, 0, _PADDING, 0)
        foot.addWidget(self._keys, 1)
        foot.addWidget(self.keep)
        nothing = QHBoxLayout()
        nothing.setContentsMargins(_PADDING, 0, _PADDING, 0)
        nothing.addWidget(self._nothing)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addLayout(search)
        column.addLayout(nothing)
        column.addWidget(self._list, 1)
        column.addLayout(foot)

    def offer(
        self,
        modules: Sequence[TextModule],
        path_of: Callable[[str], Sequence[str]],
        preferred: Sequence[str],
    ) -> None:
        """Know the modules, how a category is reached, and which modules the template names."""
        self._modules, self._path_of, self._preferred = modules, path_of, preferred
        self._refill()

    def learn(self, modules: Sequence[TextModule]) -> None:
        """Know the modules there are now, while the page is open."""
        self._newer = tuple(modules)
        self._refill()

    def suggest_for(self, typed: str, category: str, line: str = "", *, heard: str = "") -> None:
        """Order them by what is written now and what it answers; those of another business line are left out."""
        self._typed, self._heard, self._category, self._line = typed, heard, category, line
        self._refill()

    def count_uses(self, uses: Mapping[str, int]) -> None:
        """Know how often the person took each, by id."""
        self._uses = uses
        self._refill()

    def shown(self) -> list[str]:
        """The names in the list."""
        return [module.name for module in self._model.modules]

    def focus_search(self) -> None:
        """Put the cursor into the search."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def _refill(self) -> None:
        ordered = recommended(
            self._modules if self._newer is None else self._newer,
            use=self._use,
            typed=self._typed,
            heard=self._heard,
            category_path=self._path_of(self._category) if self._category else (),
            preferred=self._preferred,
            line=self._line,
            uses=self._uses,
        )
        kind, wanted = self._kinds.value(), self._search.text().strip()
        if kind != "recommended":
            ordered = [module for module in ordered if bool(module.owner) == (kind == "personal")]
        if wanted:
            ordered = [module for module in ordered if fits(module, wanted)]
        self._model.show_modules(ordered)
        self._nothing.setVisible(not ordered)
        if ordered:
            self._list.setCurrentIndex(self._model.index(0))

    def _insert(self, row: int) -> None:
        if 0 <= row < len(self._model.modules):
            self.inserted.emit(self._model.modules[row])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _STEPS:
                self._list.keyPressEvent(event)
                return True
            plain = not event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
                self._insert(self._list.currentIndex().row())
                return True
            if event.key() == Qt.Key.Key_Delete and not self._search.text():
                module = self._list.currentIndex().data(_MODULE)
                if isinstance(module, TextModule) and module.owner:
                    self.dropped.emit(module)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.left.emit()
                return True
        return super().eventFilter(watched, event)
