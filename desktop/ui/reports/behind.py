"""The tickets behind a figure, in place of the charts; Esc goes back to them."""

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from desktop.clock import Clock
from desktop.ui.reports.content import Drill
from desktop.ui.reports.table import PADDING, PaddedDelegate
from desktop.ui.text import has_text, tr
from desktop.ui.theme.tokens import PANE_PADDING, ROW_HEIGHT
from desktop.ui.times import figure, moment, stamp
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.empty_state import EmptyState
from desktop.ui.widgets.header_view import HeaderView
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import width
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.skeleton import SkeletonRows
from desktop.ui.widgets.status import status_text
from domain.wire.reports import TicketLine, TicketList

Index = QModelIndex | QPersistentModelIndex
COLUMNS = ("number", "subject", "unit", "status", "priority", "created_at", "resolved_at")
_SUBJECT = COLUMNS.index("subject")
_MOST = 240


class LineModel(QAbstractTableModel):
    """Ticket lines as people read them."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.lines: tuple[TicketLine, ...] = ()

    def show_lines(self, lines: tuple[TicketLine, ...]) -> None:
        """Hold others."""
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line, name = self.lines[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(line, name)
        if role == Qt.ItemDataRole.ToolTipRole:
            at = getattr(line, name) if name.endswith("_at") else None
            return stamp(at) if at else line.subject if name == "subject" else None
        return None

    def _text(self, line: TicketLine, name: str) -> str:
        if name == "status":
            return status_text(line.status)
        if name == "priority":
            return tr(f"priority.{line.priority}")
        value = getattr(line, name)
        if name.endswith("_at"):
            return moment(value, self._clock.now(), full=True) if value else ""
        return str(value)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        return tr(f"report.column.{COLUMNS[section]}")


class LineTable(QTableView):
    """`opened` tells a line on Enter or double click."""

    opened = Signal(object)

    def __init__(self, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = LineModel(clock)
        self.setModel(self.lines)
        head = HeaderView(padding=PADDING, parent=self)
        self.setHorizontalHeader(head)
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.setSectionsClickable(False)
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setMinimumSectionSize(ROW_HEIGHT)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        self.setItemDelegate(PaddedDelegate(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.doubleClicked.connect(self._on_opened)

    def show_lines(self, lines: tuple[TicketLine, ...]) -> None:
        """Show others, the columns as wide as their words, the subject takes the rest."""
        self.lines.show_lines(lines)
        head = self.horizontalHeader()
        for column, name in enumerate(COLUMNS):
            texts = {str(self.lines.index(row, column).data()) for row in range(len(lines))}
            widest = max((width(text) for text in texts), default=0)
            wide = max(widest, width(tr(f"report.column.{name}"), "small")) + 2 * PADDING + 2
            head.resizeSection(column, min(wide, _MOST))
        head.setSectionResizeMode(_SUBJECT, QHeaderView.ResizeMode.Stretch)
        if lines:
            self.setCurrentIndex(self.lines.index(0, 0))

    def _on_opened(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(self.lines.lines[index.row()])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_opened(self.currentIndex())
            return
        super().keyPressEvent(event)


class TicketsBehind(QFrame):
    """`left` when the person goes back to the charts, `ticket_opened` with a ticket's id."""

    left = Signal()
    ticket_opened = Signal(str)

    def __init__(self, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ground(self, "surface", edge="card")
        self.back = Button(kind="quiet", icon="arrow-left", shortcut="Esc", small=True)
        self.back.clicked.connect(self.left)
        self._title, self._count = Label(kind="h3"), Label(kind="small", tone="text2")
        self.table = LineTable(clock)
        self.table.opened.connect(lambda line: self.ticket_opened.emit(line.id))
        self._skeleton = SkeletonRows()
        self._empty = EmptyState("tray", "")
        self._pages = QStackedWidget()
        for page in (self._skeleton, self.table, self._empty):
            self._pages.addWidget(page)
        head = QHBoxLayout()
        head.setContentsMargins(8, 8, PANE_PADDING, 8)
        head.setSpacing(12)
        for part in (self.back, self._title, self._count):
            head.addWidget(part)
        head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._pages, 1)

    def wait_for(self, drill: Drill) -> None:
        """Say what is being fetched."""
        self.back.setText(tr("report.back"))
        self._title.setText(drill_words(drill))
        self._count.setText("")
        self._pages.setCurrentWidget(self._skeleton)
        self.back.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_tickets(self, found: TicketList) -> None:
        """Show what came."""
        shown, count = len(found.tickets), figure(found.count)
        cut = "report.behind.most_slow" if found.measure == "slowest" else "report.behind.most"
        self._count.setText(
            tr("report.behind.count", count=count)
            if shown == found.count
            else tr(cut, count=count, shown=figure(shown))
        )
        self.table.show_lines(found.tickets)
        if not shown:
            self.show_nothing(tr("report.behind.none"), tr("report.behind.none_hint"))
            return
        self._pages.setCurrentWidget(self.table)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_nothing(self, title: str, sentence: str) -> None:
        """Say why there is no list."""
        self._empty.show_state("tray", title, sentence)
        self._pages.setCurrentWidget(self._empty)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)


def drill_words(drill: Drill) -> str:
    """What a list holds: 新建 · 11-07; 首次响应超时."""
    key = f"report.behind.{drill.measure}"
    words = tr(key, name=drill.name) if has_text(key) else drill.name
    named = drill.name and drill.measure in ("created", "resolved", "closed")
    return f"{words} · {drill.name}" if named else words
