"""The inbox under the bell: what the server told, newest first; opening one marks it as seen."""

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
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from desktop.commands import local
from desktop.replica.changed import Changed
from desktop.replica.queries import notices as stored
from desktop.replica.queries.notices import NoticeLine
from desktop.ui.reminders.words import look_of, notice_words
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.theme import colour, paint_icon
from desktop.ui.times import moment
from desktop.ui.widgets.button import LinkButton
from desktop.ui.widgets.empty_state import EmptyState
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import fitted, width, write
from desktop.ui.widgets.popover import Popover
from domain.entities.base import Instant

WIDTH, ROW, MOST_ROWS, MOST = 376, 52, 8, 50
_NOTICE = Qt.ItemDataRole.UserRole
_TEXT_LEFT, _RIGHT = 40, 12
Index = QModelIndex | QPersistentModelIndex


class _Model(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.notices: Sequence[NoticeLine] = ()
        self.now_at: Instant = 0

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.notices)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        notice = self.notices[index.row()]
        if role == _NOTICE:
            return notice
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            unread = "" if notice.seen else f"{tr('mark.unread')}, "
            return f"{unread}{notice_words(notice)}, {notice.number}, {notice.subject}"
        return None


class _Rows(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        notice: NoticeLine = index.data(_NOTICE)
        model = index.model()
        place = QRect(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(place, colour("accent_soft" if chosen else "hover"))
        glyph, tone = look_of(notice.kind)
        ink = "text3" if notice.seen else tone
        paint_icon(painter, QPointF(place.left() + 14, place.top() + 9), glyph, tone=ink)
        when = moment(notice.at, model.now_at if isinstance(model, _Model) else 0)
        upper = QRect(place.left(), place.top() + 6, place.width(), 20)
        lower = QRect(place.left(), place.top() + 27, place.width(), 18)
        room = place.width() - _TEXT_LEFT - _RIGHT
        kind = "body" if notice.seen else "body_bold"
        told = fitted(notice_words(notice), kind, room - width(when, "small") - 8)
        write(painter, place.left() + _TEXT_LEFT, upper, told, kind=kind)
        right = place.right() + 1 - _RIGHT - width(when, "small")
        write(painter, right, upper, when, kind="small", tone="text2")
        about = fitted(f"{notice.number} {notice.subject}".strip(), "small", room)
        write(painter, place.left() + _TEXT_LEFT, lower, about, kind="small", tone="text2")


class Inbox(Popover):
    """`ticket_opened` tells the ticket of a notice; ↑↓ and Enter work at once."""

    ticket_opened = Signal(str)

    def __init__(self, session: Session, anchor: QWidget) -> None:
        super().__init__(anchor, width=WIDTH)
        self._session = session
        self._model = _Model()
        self.list = QListView()
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Rows(self.list))
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.all_seen = LinkButton(tr("notice.all_seen"))
        self.all_seen.clicked.connect(self.mark_all)
        self.list.clicked.connect(lambda index: self._open(index.row()))
        self._empty = EmptyState("bell", tr("notice.empty"), tr("notice.empty_why"))
        self._empty.setFixedHeight(220)
        self._arrange()
        session.bridge.changed.connect(self._on_changed)
        self._read()

    def _arrange(self) -> None:
        self.setAccessibleName(tr("notice.title"))
        head = QHBoxLayout()
        head.setContentsMargins(16, 0, 12, 0)
        head.addWidget(Label(tr("notice.title"), kind="h3"), 1)
        head.addWidget(self.all_seen)
        self.body.setContentsMargins(1, 10, 1, 8)
        self.body.addLayout(head)
        self.body.addWidget(self.list)
        self.body.addWidget(self._empty)

    def _on_changed(self, moved: Changed) -> None:
        if "notices" in moved.kinds:
            self._read()

    def _read(self) -> None:
        with self._session.replica.read() as conn:
            found = stored.notices(conn, limit=MOST)
        row = max(0, self.list.currentIndex().row())
        self._model.beginResetModel()
        self._model.notices, self._model.now_at = found, self._session.clock.now()
        self._model.endResetModel()
        self.list.setFixedHeight(min(len(found), MOST_ROWS) * ROW)
        self.list.setVisible(bool(found))
        self._empty.setVisible(not found)
        self.all_seen.setVisible(any(not one.seen for one in found))
        if found:
            self.list.setCurrentIndex(self._model.index(min(row, len(found) - 1)))
        self.adjustSize()

    def unseen(self) -> int:
        """How many nobody has looked at."""
        return sum(not one.seen for one in self._model.notices)

    def mark_all(self) -> None:
        """Mark every notice as seen."""
        self._mark([one.id for one in self._model.notices if not one.seen])

    def _mark(self, ids: list[str]) -> None:
        replica, now = self._session.replica, self._session.server_time.now()
        reminders = self._session.reminders
        if not ids:
            return

        def write() -> Changed:
            moved = local.mark_notices_seen(replica, ids, now)
            for id in ids:
                moved |= reminders.done(f"notice.{id}")
            return moved

        self._session.bridge.act(write)

    def _open(self, row: int) -> None:
        if 0 <= row < len(self._model.notices):
            notice = self._model.notices[row]
            if not notice.seen:
                self._mark([notice.id])
            if notice.ticket:
                self.ticket_opened.emit(notice.ticket)
            self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            row = self.list.currentIndex().row() + step
            self.list.setCurrentIndex(self._model.index(min(max(row, 0), len(self._model.notices) - 1)))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.list.currentIndex().row())
        else:
            super().keyPressEvent(event)
