"""The ticket table: rows of 24 that hold still, hovered and chosen whole, keyboard first."""

from collections.abc import Callable

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QRect, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from desktop.ui.countdown import SlaState, countdown_text
from desktop.ui.text import tr
from desktop.ui.theme.tokens import ICON_SIZE_SMALL, ROW_HEIGHT
from desktop.ui.widgets.header_view import HeaderView
from desktop.ui.widgets.painting import width
from desktop.ui.widgets.sla import sla_width
from desktop.ui.widgets.status import STATUSES, status_text
from desktop.ui.widgets.ticket_delegate import PADDING, TicketRowDelegate
from desktop.ui.widgets.ticket_row import Column, column_title
from domain.entities.base import Instant

_LEAST = {
    Column.MARK: 28,
    Column.NUMBER: 64,
    Column.SUBJECT: 240,
    Column.CUSTOMER: 64,
    Column.STORE: 76,
    Column.STATUS: 64,
    Column.PRIORITY: 44,
    Column.HANDLER: 56,
    Column.SLA: 96,
    Column.UPDATED: 56,
}
_LONG_WAIT_S = 36_000
SUBJECT_LEAST = 160
# Which column leaves first where there is no room.
LEAVING = (Column.UPDATED, Column.CUSTOMER, Column.STORE, Column.HANDLER)
_STEPS: dict[int, Qt.Key] = {Qt.Key.Key_J: Qt.Key.Key_Down, Qt.Key.Key_K: Qt.Key.Key_Up}


def column_widths() -> dict[Column, int]:
    """The widths to begin with, measured in the language in force."""
    badge = max(
        sla_width(state, countdown_text(state, _LONG_WAIT_S)) for state in (SlaState.LATE, SlaState.PAUSED)
    )
    needed = {
        Column.NUMBER: width(tr("ticket.provisional"), "small") + width("K3-07") + 9,
        Column.STATUS: ICON_SIZE_SMALL
        + 4
        + max(width(status_text(status, short=True)) for status in STATUSES),
        Column.HANDLER: max(width(tr("ticket.nobody")), width(tr("ticket.me"))),
        Column.SLA: badge,
    }
    heads = {column: width(column_title(column), "small") for column in Column}
    room = 2 * PADDING + 2  # measuring rounds down what painting needs
    return {
        column: max(_LEAST[column], heads[column] + room, needed.get(column, 0) + room) for column in Column
    }


class TicketTable(QTableView):
    """Shows a model that gives TicketRow under ROW_ROLE in the order of Column.

    `opened` on Enter or double click, `opened_apart` on Ctrl+Enter, both with the index.
    """

    opened = Signal(QModelIndex)
    opened_apart = Signal(QModelIndex)

    def __init__(
        self, clock: Callable[[], Instant], *, row_height: int = ROW_HEIGHT, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._left_out: set[Column] = set()  # by us for want of room
        self.painting = TicketRowDelegate(clock, self)
        self.painting.row_height = row_height
        self.setItemDelegate(self.painting)
        self.setHorizontalHeader(HeaderView(right_aligned=frozenset({Column.UPDATED}), parent=self))
        self._set_rows(row_height)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setMouseTracking(True)
        # Single letters are commands here, with a Chinese input method on too.
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.doubleClicked.connect(lambda index: self._open(index, self.opened))

    def _set_rows(self, height: int) -> None:
        rows = self.verticalHeader()
        rows.setMinimumSectionSize(height)
        rows.setDefaultSectionSize(height)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.hide()

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        header = self.horizontalHeader()
        if model is None or header.count() < len(Column):
            return
        for column, wide in column_widths().items():
            self.setColumnWidth(column, wide)
        header.setSectionResizeMode(Column.MARK, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(Column.SUBJECT, QHeaderView.ResizeMode.Stretch)
        self.fit_columns()

    def fit_columns(self) -> None:
        """Let columns leave, in their order, until the subject has room; they come back with it."""
        header = self.horizontalHeader()
        if header.count() < len(Column):
            return
        for column in self._left_out:
            self.setColumnHidden(column, False)
        self._left_out.clear()
        others = [column for column in Column if column is not Column.SUBJECT]
        taken = sum(header.sectionSize(column) for column in others if not self.isColumnHidden(column))
        for column in LEAVING:
            if taken + SUBJECT_LEAST <= self.viewport().width():
                break
            if not self.isColumnHidden(column):
                taken -= header.sectionSize(column)
                self.setColumnHidden(column, True)
                self._left_out.add(column)

    def hide_column(self, column: Column, *, hidden: bool) -> None:
        """The person hides a column, or shows it again where there is room."""
        self._left_out.discard(column)
        self.setColumnHidden(column, hidden)
        self.fit_columns()

    def hidden_columns(self) -> frozenset[Column]:
        """The columns hidden by the person, not for want of room."""
        return frozenset(
            column for column in Column if self.isColumnHidden(column) and column not in self._left_out
        )

    def tick(self) -> None:
        """Repaint the visible countdowns, once a second."""
        left = self.columnViewportPosition(Column.SLA)
        self.viewport().update(QRect(left, 0, self.columnWidth(Column.SLA), self.viewport().height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit_columns()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.rowAt(event.position().toPoint().y()))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def _hover(self, row: int) -> None:
        before, self.painting.hovered_row = self.painting.hovered_row, row
        for touched in {before, row} - {-1} if before != row else ():
            top = self.rowViewportPosition(touched)
            self.viewport().update(QRect(0, top, self.viewport().width(), self.rowHeight(touched)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.currentIndex()
        plain = not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current.isValid():
            apart = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self._open(current, self.opened_apart if apart else self.opened)
        elif plain and event.key() in _STEPS:
            step = QKeyEvent(event.type(), _STEPS[event.key()], event.modifiers())
            super().keyPressEvent(step)
        else:
            super().keyPressEvent(event)

    def _open(self, index: QModelIndex, how: SignalInstance) -> None:
        if index.flags() & Qt.ItemFlag.ItemIsSelectable:  # headings are not
            how.emit(index)

    def keyboardSearch(self, search: str) -> None:
        """Letters are commands here; Qt would jump to rows beginning with them."""
