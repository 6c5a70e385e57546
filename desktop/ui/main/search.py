"""What the search box finds: tickets by any word in them, lists, and what can be done."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.replica.queries.search import SearchHit, search
from desktop.ui.actions import EVERYWHERE, Actions
from desktop.ui.main.hits import Entry
from desktop.ui.main.older import OlderTickets
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.theme import colour, paint_icon
from desktop.ui.tickets.rows import shown_number
from desktop.ui.times import moment
from desktop.ui.widgets.button import native
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import fitted, width, write
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.search_box import SearchBox
from desktop.ui.widgets.status import status_look, status_text

Index = QModelIndex | QPersistentModelIndex
MOST = 12
_ROW, _TITLE, _WIDTH = 44, 24, 560
_MOVES: dict[int, int] = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
_NOWHERE = QModelIndex()


class _Model(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []

    def show(self, entries: Sequence[Entry]) -> None:
        self.beginResetModel()
        self.entries = list(entries)
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self.entries[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{entry.first} {entry.second} {entry.right}".strip()
        return entry if role == Qt.ItemDataRole.UserRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        title = self.entries[index.row()].kind == "title"
        return Qt.ItemFlag.NoItemFlags if title else super().flags(index)


class _Delegate(QStyledItemDelegate):
    """Two lines and an icon; headings in text3."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        entry: Entry = index.data(Qt.ItemDataRole.UserRole)
        return QSize(0, _TITLE if entry.kind == "title" else _ROW if entry.second else 32)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: Entry = index.data(Qt.ItemDataRole.UserRole)
        place = QRect(option.rect)
        if entry.kind == "title":
            write(painter, place.left() + 12, place, entry.first, kind="small", tone="text3")
            return
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(place, colour("accent_soft" if chosen else "hover"))
        middle = place.top() + (place.height() - 16) // 2
        paint_icon(painter, QPoint(place.left() + 12, middle).toPointF(), entry.glyph, tone=entry.tone)
        taken = width(entry.right, "small")
        write(painter, place.right() - 12 - taken, place, entry.right, kind="small", tone="text3")
        left = place.left() + 40
        room = place.width() - 40 - taken - 24
        upper = QRect(place.left(), place.top() + 3, place.width(), 20) if entry.second else place
        write(painter, left, upper, fitted(entry.first, "body", room), tone="accent" if chosen else "text")
        if entry.second:
            lower = QRect(place.left(), place.top() + 22, place.width(), 18)
            write(painter, left, lower, fitted(entry.second, "small", room), kind="small", tone="text2")


class SearchHits(QFrame):
    """Below the box while it has the focus; the box keeps the keyboard."""

    ticket_chosen = Signal(str)
    list_chosen = Signal(str)

    def __init__(
        self,
        session: Session,
        box: SearchBox,
        actions: Actions,
        lists: Callable[[], Sequence[tuple[str, str]]],
    ) -> None:
        super().__init__(box.window())
        ground(self, "surface", edge="popup")
        self._session, self._box, self._actions, self._lists = session, box, actions, lists
        self._cancel: Callable[[], None] = lambda: None
        self._text = ""
        self._hits: Sequence[SearchHit] = ()
        self._older = OlderTickets(session, self)
        self._older.moved.connect(self._show_older)
        self._older.arrived.connect(self.ticket_chosen)
        self._model = _Model()
        self._list = QListView()
        self._list.setModel(self._model)
        self._list.setItemDelegate(_Delegate(self._list))
        self._list.setMouseTracking(True)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._nothing = Label(tone="text2", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 4, 1, 4)
        column.setSpacing(0)
        column.addWidget(self._list)
        column.addWidget(self._nothing)
        self._nothing.setContentsMargins(12, 4, 12, 4)
        self._list.clicked.connect(lambda index: self._choose(index.row()))
        box.searched.connect(self._on_searched)
        box.installEventFilter(self)
        self.hide()

    def open(self) -> None:
        """Put the keyboard into the box and show what can be done."""
        self._box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._box.selectAll()
        self._on_searched(self._box.text().strip())

    def _on_searched(self, text: str) -> None:
        if not self._box.hasFocus():
            return
        self._cancel()
        if not text:
            self._show("", [])
            return
        replica = self._session.replica

        def read() -> list[SearchHit]:
            with replica.read() as conn:
                return search(conn, text, limit=MOST)

        self._cancel = self._session.bridge.read(read, then=lambda hits: self._show(text, hits), owner=self)

    def _show_older(self) -> None:
        """What the server found, below what was found here; nothing while the box is left."""
        if self.isVisible():
            self._show(self._text, self._hits, at=self._list.currentIndex().row())

    def _show(self, text: str, hits: Sequence[SearchHit], *, at: int = -1) -> None:
        self._text, self._hits = text, hits
        entries = [*self._tickets(hits), *self._older.entries(text)]
        others = [*self._found_lists(text), *self._found_actions(text)]
        if others:
            entries += [Entry(kind="title", first=tr("main.search_commands")), *others]
        entries += self._older.offer(text)
        self._model.show(entries)
        self._nothing.setText(tr("main.search_nothing", text=text) if text and not hits else "")
        self._nothing.setVisible(bool(text and not hits))
        rows = [row for row, one in enumerate(entries) if one.kind != "title"]
        self._move_to(next((row for row in rows if row >= at), -1))
        self._place()
        self.setVisible(bool(entries) or bool(text))
        self.raise_()

    def _tickets(self, hits: Sequence[SearchHit]) -> list[Entry]:
        now_at = self._session.server_time.now()
        if not hits:
            return []
        shown = [
            Entry(
                kind="ticket",
                key=hit.id,
                glyph=status_look(hit.status)[0],
                tone=status_look(hit.status)[1],
                first=f"{shown_number(hit.number)}  {hit.subject}",
                second=" · ".join(
                    part for part in (status_text(hit.status), hit.customer, hit.store) if part
                ),
                right=moment(hit.created_at, now_at),
            )
            for hit in hits
        ]
        return [Entry(kind="title", first=tr("main.search_tickets")), *shown]

    def _found_lists(self, text: str) -> list[Entry]:
        if not text:
            return []
        return [
            Entry(kind="list", key=key, glyph="tray", first=tr("main.go_to", name=name))
            for key, name in self._lists()
            if text.casefold() in name.casefold()
        ][:4]

    def _found_actions(self, text: str) -> list[Entry]:
        found = []
        for spec in EVERYWHERE:
            words = tr(f"action.{spec.name}")
            if (
                spec.name in ("search", "next_pane", "previous_pane")
                or text.casefold() not in words.casefold()
            ):
                continue
            keys = native(spec.keys[0]) if spec.keys else ""
            found.append(
                Entry(kind="action", key=spec.name, glyph=spec.icon or "lightning", first=words, right=keys)
            )
        return found[:6]

    def _place(self) -> None:
        wide = max(_WIDTH, self._box.width())
        corner = self._box.mapTo(self.parentWidget(), QPoint(0, self._box.height() + 4))
        left = min(corner.x() - (wide - self._box.width()) // 2, self.parentWidget().width() - wide - 8)
        heights = [self._list.sizeHintForRow(row) for row in range(self._model.rowCount())]
        tall = sum(heights) + 10 + (28 if not self._nothing.isHidden() else 0)
        self._list.setVisible(bool(heights))
        self.setGeometry(
            max(8, left), corner.y(), wide, min(tall, self.parentWidget().height() - corner.y() - 40)
        )

    def _move_to(self, row: int) -> None:
        self._list.setCurrentIndex(self._model.index(row) if row >= 0 else QModelIndex())

    def _move(self, by: int) -> None:
        rows = [row for row, one in enumerate(self._model.entries) if one.kind != "title"]
        if rows:
            at = self._list.currentIndex().row()
            place = rows.index(at) if at in rows else -1
            self._move_to(rows[min(max(place + by, 0), len(rows) - 1)])

    def _choose(self, row: int) -> None:
        if not 0 <= row < len(self._model.entries):
            return
        entry = self._model.entries[row]
        if entry.kind == "ask_older":
            self._older.ask(self._text)
            return
        self.hide()
        if entry.kind == "ticket":
            self.ticket_chosen.emit(entry.key)
        elif entry.kind == "older":
            self._older.open(entry.key)
        elif entry.kind == "list":
            self.list_chosen.emit(entry.key)
        elif entry.kind == "action":
            self._box.left.emit()
            self._actions.press(entry.key)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self.isVisible():
            by = _MOVES.get(event.key())
            if by is not None:
                self._move(by)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self._waiting():
                self._choose(self._list.currentIndex().row())
                return True
        elif event.type() == QEvent.Type.FocusOut:
            self.hide()
        elif event.type() == QEvent.Type.MouseButtonRelease:
            self._on_searched(self._box.text().strip())
        return super().eventFilter(watched, event)

    def _waiting(self) -> bool:
        """Whether what is typed has not been looked for yet: Enter looks first."""
        return self._list.currentIndex().row() < 0

    def parentWidget(self) -> QWidget:
        parent = super().parentWidget()
        assert parent is not None
        return parent
