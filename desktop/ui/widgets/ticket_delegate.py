"""Paints the cells of the ticket table; it is in the way of every frame, so it asks Qt for little."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from desktop.ui.countdown import countdown_text
from desktop.ui.text import tr
from desktop.ui.theme import colour, paint_icon
from desktop.ui.theme.tokens import ICON_SIZE_SMALL, ROW_HEIGHT
from desktop.ui.widgets.painting import box, fitted, width, write
from desktop.ui.widgets.priority import SIDE, paint_priority, priority_text
from desktop.ui.widgets.sla import paint_sla
from desktop.ui.widgets.status import status_look, status_text
from desktop.ui.widgets.ticket_row import ROW_ROLE, Column, Heading, Mark, TicketRow
from domain.entities.base import Instant

Index = QModelIndex | QPersistentModelIndex
PADDING = 6
_SELECTED = QStyle.StateFlag.State_Selected.value  # enum arithmetic in Python costs as much as the cell
_WORD_LEFT = PADDING + ICON_SIZE_SMALL + 4
_PRIORITY_WORD_FROM = 64  # columns this wide show the word beside the mark

_MARKS = {
    Mark.UNSENT: ("cloud-slash", "soon"),
    Mark.CONFLICT: ("git-diff", "late"),
    Mark.URGED: ("megaphone-simple", "late"),
    Mark.ATTACHMENT: ("paperclip", "text3"),
    Mark.MESSAGE: ("chat-circle-text", "text3"),
}


class TicketRowDelegate(QStyledItemDelegate):
    """Reads a TicketRow under ROW_ROLE; `hovered_row` is kept by the table."""

    def __init__(self, clock: Callable[[], Instant], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self.hovered_row = -1
        self.row_height = ROW_HEIGHT
        self._painters: dict[int, Callable[[QPainter, QRect, TicketRow, QStyleOptionViewItem], None]] = {
            Column.MARK: self._paint_mark,
            Column.NUMBER: self._paint_number,
            Column.STATUS: self._paint_status,
            Column.PRIORITY: self._paint_priority,
            Column.SLA: self._paint_sla,
            Column.UPDATED: self._paint_updated,
        }

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(80, self.row_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect = option.rect
        column = index.column()
        row = index.data(ROW_ROLE)
        if isinstance(row, Heading):
            self._paint_heading(painter, option, index, row)
            return
        self._paint_ground(painter, rect, option, index.row(), column, row)
        if row is None:
            if column == Column.SUBJECT:
                painter.fillRect(rect.adjusted(PADDING, 6, -rect.width() // 3, -6), colour("hover"))
            return
        special = self._painters.get(column)
        if special is not None:
            special(painter, rect, row, option)
        else:
            self._paint_words(painter, rect, row, column)

    def _paint_heading(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index, heading: Heading
    ) -> None:
        """Across the whole row: each cell paints its part of it."""
        table = option.widget
        assert isinstance(table, QAbstractItemView)
        row = QRect(0, option.rect.top(), table.viewport().width(), option.rect.height())
        here = table.hasFocus() and table.currentIndex().row() == index.row()
        painter.save()
        painter.setClipRect(option.rect)
        painter.fillRect(row, colour("accent_soft" if here else "sunken"))
        if here:
            painter.fillRect(QRect(0, row.top(), 2, row.height()), colour("accent"))
        hair = 1 / painter.device().devicePixelRatioF()
        painter.fillRect(QRectF(0, row.bottom() + 1 - hair, row.width(), hair), colour("line"))
        glyph = "caret-down" if heading.opened else "caret-right"
        at = QPointF(PADDING + 2, row.top() + (row.height() - ICON_SIZE_SMALL) // 2)
        paint_icon(painter, at, glyph, size=ICON_SIZE_SMALL, tone="text2")
        left = int(at.x()) + ICON_SIZE_SMALL + 6
        count = str(heading.count)
        words = fitted(heading.words, "body_bold", row.width() - left - width(count, "small") - 24)
        write(painter, left, row, words, kind="body_bold")
        write(painter, left + width(words, "body_bold") + 8, row, count, kind="small", tone="text2")
        painter.restore()

    def _paint_ground(
        self,
        painter: QPainter,
        rect: QRect,
        option: QStyleOptionViewItem,
        row_number: int,
        column: int,
        row: TicketRow | None,
    ) -> None:
        if option.state.value & _SELECTED:
            focused = option.widget.hasFocus()
            painter.fillRect(rect, colour("accent_soft" if focused else "hover"))
            if column == Column.MARK:
                bar = QRect(rect.left(), rect.top(), 2, rect.height())
                painter.fillRect(bar, colour("accent" if focused else "line_strong"))
        elif row is not None and column in row.flashed:
            painter.fillRect(rect, colour("accent_soft"))
        elif row_number == self.hovered_row:
            painter.fillRect(rect, colour("hover"))
        hair = 1 / painter.device().devicePixelRatioF()
        line = QRectF(rect.left(), rect.bottom() + 1 - hair, rect.width(), hair)
        painter.fillRect(line, colour("hover"))

    def _paint_words(self, painter: QPainter, rect: QRect, row: TicketRow, column: int) -> None:
        text, kind, tone = self._words(row, column)
        if text:
            shown = fitted(text, kind, rect.width() - 2 * PADDING)
            write(painter, rect.left() + PADDING, rect, shown, kind=kind, tone=tone)

    def _words(self, row: TicketRow, column: int) -> tuple[str, str, str]:
        """Text, font and tone of a cell that holds only words."""
        tone = "text2" if row.muted else "text"
        if column == Column.SUBJECT:
            return row.subject, "body_bold" if row.unread else "body", tone
        if column == Column.HANDLER:
            return row.handler, "body", "text3" if row.unassigned else tone
        return row.customer if column == Column.CUSTOMER else row.store, "body", tone

    def _paint_mark(
        self, painter: QPainter, rect: QRect, row: TicketRow, option: QStyleOptionViewItem
    ) -> None:
        middle = rect.top() + rect.height() // 2
        if row.mark is Mark.UNREAD:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("accent"))
            painter.drawEllipse(QPointF(rect.center().x() + 3, middle), 3, 3)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        elif row.mark is not None:
            glyph, tone = _MARKS[row.mark]
            at = QPointF(rect.center().x() + 3 - ICON_SIZE_SMALL // 2, middle - ICON_SIZE_SMALL // 2)
            paint_icon(painter, at, glyph, size=ICON_SIZE_SMALL, tone=tone)

    def _paint_number(
        self, painter: QPainter, rect: QRect, row: TicketRow, option: QStyleOptionViewItem
    ) -> None:
        left = rect.left() + PADDING
        if row.provisional:
            word = tr("ticket.provisional")
            place = QRect(left, rect.top() + (rect.height() - 16) // 2, width(word, "small") + 4, 16)
            box(painter, place, line="line", radius=2)
            write(painter, left + 2, rect, word, kind="small", tone="text2")
            left = place.right() + 5
        shown = fitted(row.number, "body", rect.right() - left)
        write(painter, left, rect, shown, kind="body", tone="text2")

    def _paint_status(
        self, painter: QPainter, rect: QRect, row: TicketRow, option: QStyleOptionViewItem
    ) -> None:
        glyph, tone = status_look(row.status)
        at = QPointF(rect.left() + PADDING, rect.top() + (rect.height() - ICON_SIZE_SMALL) // 2)
        paint_icon(painter, at, glyph, size=ICON_SIZE_SMALL, tone=tone)
        room = rect.width() - _WORD_LEFT - PADDING
        word = status_text(row.status)
        if width(word) > room:
            word = status_text(row.status, short=True)
        shown = fitted(word, "body", room)
        write(
            painter, rect.left() + _WORD_LEFT, rect, shown, kind="body", tone="text2" if row.muted else "text"
        )

    def _paint_priority(
        self, painter: QPainter, rect: QRect, row: TicketRow, option: QStyleOptionViewItem
    ) -> None:
        at = QPointF(rect.left() + PADDING, rect.top() + (rect.height() - SIDE) // 2)
        paint_priority(painter, at, row.priority)
        if rect.width() >= _PRIORITY_WORD_FROM:
            shown = fitted(priority_text(row.priority), "body", rect.width() - _WORD_LEFT - PADDING)
            write(
                painter,
                rect.left() + _WORD_LEFT,
                rect,
                shown,
                kind="body",
                tone="text2" if row.muted else "text",
            )

    def _paint_sla(
        self, painter: QPainter, rect: QRect, row: TicketRow, option: QStyleOptionViewItem
    ) -> None:
        if row.countdown is not None:
            state, seconds = row.countdown.at(self._clock())
            place = rect.adjusted(PADDING, 0, -2, 0)
            paint_sla(painter, place, state, countdown_text(state, seconds), option)

    def _paint_updated(
        self, painter: QPainter, rect: QRect, row: TicketRow, option: QStyleOptionViewItem
    ) -> None:
        shown = fitted(row.updated, "small", rect.width() - 2 * PADDING)
        left = rect.right() + 1 - PADDING - width(shown, "small")
        write(painter, left, rect, shown, kind="small", tone="text2")

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """Show what was cut, and what a mark or a bare priority means."""
        row = index.data(ROW_ROLE)
        if event.type() != QEvent.Type.ToolTip or not isinstance(row, TicketRow):
            return False
        QToolTip.showText(event.globalPos(), self._tip(row, index.column(), option.rect.width()), view)
        return True

    def _tip(self, row: TicketRow, column: int, room: int) -> str:
        if column == Column.MARK:
            return tr(f"mark.{row.mark}") if row.mark is not None else ""
        if column == Column.PRIORITY:
            return priority_text(row.priority)
        if column in (Column.SUBJECT, Column.CUSTOMER, Column.STORE, Column.HANDLER):
            text, kind, _ = self._words(row, column)
            return text if width(text, kind) > room - 2 * PADDING else ""
        return ""
