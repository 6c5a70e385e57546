"""Sample rows and clocks of the gallery, and how its pages set widgets side by side."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.ui.countdown import Countdown
from desktop.ui.widgets.ticket_row import ROW_ROLE, Column, Mark, TicketRow, column_title
from tests.shots.words import words

NOW_AT = 1_763_620_318_000
STATUSES = ("new", "open", "pending", "on_hold", "resolved", "closed")


def left_s(seconds: int) -> Countdown:
    """A clock with this much left, or this much past."""
    return Countdown(due_at=NOW_AT + seconds * 1000)


CLOCKS = (
    left_s(13_280),
    left_s(1_122),
    left_s(-4_328),
    Countdown(frozen_s=7_800),
    Countdown(met=True),
    left_s(360_600),
)


class Rows(QAbstractTableModel):
    """A model of a few rows."""

    def __init__(self, rows: list[TicketRow]) -> None:
        super().__init__()
        self._rows = rows

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return len(self._rows)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return len(Column)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> object:
        return self._rows[index.row()] if role == ROW_ROLE else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        return column_title(Column(section)) if role == Qt.ItemDataRole.DisplayRole else None


def sample_rows() -> list[TicketRow]:
    """The rows of the component page."""
    w = words()
    store, name = w["store"], w["customer"]
    rest: dict[str, Any] = {
        "store": store,
        "customer": name,
        "handler": w["me"],
        "updated": "14:20",
        "status": "open",
    }
    late, soon = left_s(-4_328), left_s(1_122)
    return [
        TicketRow(id="1", number="104818", subject=w["s1"], countdown=left_s(6_033), **rest),
        TicketRow(id="2", number="104818", subject=w["s1"], countdown=left_s(6_033), **rest),
        TicketRow(id="3", number="104862", subject=w["s2"], priority="high", countdown=soon, **rest),
        TicketRow(id="4", number="104862", subject=w["s2"], priority="high", countdown=soon, **rest),
        TicketRow(
            id="5",
            number="104858",
            subject=w["s3"],
            unread=True,
            mark=Mark.UNREAD,
            priority="urgent",
            countdown=left_s(1_135),
            unassigned=True,
            **{**rest, "status": "new", "handler": w["nobody"]},
        ),
        TicketRow(
            id="6",
            number="K3-07",
            provisional=True,
            subject=w["s4"],
            mark=Mark.UNSENT,
            countdown=left_s(2_952),
            **rest,
        ),
        TicketRow(
            id="7", number="104847", subject=w["s5"], mark=Mark.CONFLICT, countdown=left_s(5_049), **rest
        ),
        TicketRow(
            id="8",
            number="104795",
            subject=w["s6"],
            mark=Mark.URGED,
            priority="urgent",
            countdown=late,
            **rest,
        ),
        TicketRow(
            id="9",
            number="104764",
            subject=w["s7"],
            muted=True,
            priority="low",
            mark=Mark.MESSAGE,
            countdown=Countdown(frozen_s=7_800),
            **{**rest, "status": "on_hold"},
        ),
        TicketRow(
            id="10",
            number="104640",
            subject=w["s8"],
            muted=True,
            priority="low",
            mark=Mark.ATTACHMENT,
            countdown=Countdown(met=True),
            flashed=frozenset({Column.STATUS}),
            **{**rest, "status": "resolved"},
        ),
    ]


def row_of(*widgets: QWidget, gap: int = 8) -> QHBoxLayout:
    """Widgets side by side, then nothing."""
    row = QHBoxLayout()
    row.setSpacing(gap)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row
