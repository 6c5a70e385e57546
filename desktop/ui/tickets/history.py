"""The history of a ticket: every entry as a line with its icon, who and when, the latest first or last."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from desktop.ui.text import tr
from desktop.ui.theme import colour, metrics, paint_icon
from desktop.ui.theme.tokens import ICON_SIZE
from desktop.ui.tickets.events import Event
from desktop.ui.times import moment, stamp
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import width, write
from domain.entities.base import Instant

_LINE, _TEXT_LEFT, _GAP = 22, 28, 8


class EventRow(QWidget):
    """One entry: icon and line, who and when at the right; below it what was said or changed."""

    def __init__(self, event: Event, now_at: Instant, *, last: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._event, self._last = event, last
        self._when = moment(event.at, now_at, full=True)
        self.setAccessibleName(f"{self._when}, {event.who}, {event.words}. {event.detail}")
        self.setToolTip(f"{event.words}\n{stamp(event.at)}")
        column = QVBoxLayout(self)
        column.setContentsMargins(_TEXT_LEFT, _LINE, 0, 10)
        column.setSpacing(2)
        if event.detail:
            column.addWidget(Label(event.detail, kind="small", tone="text2", wrap=True, selectable=True))
        if event.unsent:
            column.addWidget(Label(tr("ticket.unsent"), kind="small", tone="soon"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def sizeHint(self) -> QSize:
        return QSize(240, super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if not self._last:
            painter.fillRect(QRect(7, _LINE, 1, self.height() - _LINE), colour("line"))
        paint_icon(painter, QPointF(0, 3), self._event.glyph, size=ICON_SIZE, tone=self._event.tone)
        line = QRect(0, 0, self.width(), _LINE)
        right = f"{self._event.who} · {self._when}"
        taken = width(right, "small")
        write(painter, self.width() - taken, line, right, kind="small", tone="text2")
        room = self.width() - _TEXT_LEFT - taken - _GAP
        words = metrics("body").elidedText(self._event.words, Qt.TextElideMode.ElideRight, room)
        write(painter, _TEXT_LEFT, line, words)


class History(QWidget):
    """All entries, the latest on top."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self._shown: tuple[Event, ...] = ()

    def show_events(self, events: Sequence[Event], now_at: Instant) -> None:
        """Show these, given in the order of time; nothing is rebuilt where nothing changed."""
        if tuple(events) == self._shown:
            return
        self._shown = tuple(events)
        while self._column.count() > 1:
            item = self._column.takeAt(0)
            row = item.widget() if item is not None else None
            if row is not None:
                row.hide()
                row.deleteLater()
        for place, event in enumerate(reversed(events)):
            self._column.insertWidget(place, EventRow(event, now_at, last=place == len(events) - 1))
