"""The ticket table reads rows from one role, keeps to its keys and lets columns leave in order."""

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
)
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.countdown import Countdown
from desktop.ui.text import set_language
from desktop.ui.theme.tokens import LIGHT
from desktop.ui.widgets.ticket_row import (
    ROW_ROLE,
    Column,
    Mark,
    TicketRow,
    column_title,
    first_mark,
    row_sentence,
)
from desktop.ui.widgets.ticket_table import SUBJECT_LEAST, TicketTable, column_widths

NOW_AT = 1_763_620_350_000
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class Rows(QAbstractTableModel):
    """Rows in memory; None stands for one that is being loaded."""

    def __init__(self, rows: list[TicketRow | None]) -> None:
        super().__init__()
        self.rows = rows
        self.asked: set[int] = set()

    def rowCount(self, parent: Index = ROOT) -> int:
        return len(self.rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return len(Column)

    def data(self, index: Index, role: int = 0) -> TicketRow | None:
        self.asked.add(role)
        return self.rows[index.row()] if role == ROW_ROLE else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> str | None:
        return column_title(Column(section)) if role == Qt.ItemDataRole.DisplayRole else None


def row(number: int, **fields: object) -> TicketRow:
    """A ticket."""
    plain: dict[str, object] = {
        "id": str(number),
        "number": str(104_000 + number),
        "subject": "收银机无法打印",
    }
    return TicketRow(**(plain | fields))  # type: ignore[arg-type]


def table_of(qtbot: QtBot, rows: list[TicketRow | None], width: int = 900) -> TicketTable:
    """A table that shows."""
    table = TicketTable(lambda: NOW_AT)
    qtbot.addWidget(table)
    table.model_kept = Rows(rows)  # type: ignore[attr-defined]
    table.setModel(table.model_kept)  # type: ignore[attr-defined]
    table.resize(width, 300)
    table.show()
    table.activateWindow()
    qtbot.waitUntil(table.isActiveWindow)
    table.setFocus()
    return table


def choose(table: TicketTable, number: int) -> None:
    """Choose one row; `selectRow` would heed the Shift or Ctrl of an earlier test's keys."""
    flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
    table.selectionModel().setCurrentIndex(table.model().index(number, Column.SUBJECT), flags)


def pixel(widget: QWidget, at: QPoint) -> str:
    """The colour drawn at a point."""
    return widget.grab().toImage().pixelColor(at).name().upper()


def test_rows_are_24_high_and_painted_from_one_role(qtbot: QtBot) -> None:
    """Painting asks the model for the row alone, so that a lazy model answers once."""
    table = table_of(qtbot, [row(1, countdown=Countdown(due_at=NOW_AT)), None, row(3, mark=Mark.URGED)])
    table.model_kept.asked.clear()  # type: ignore[attr-defined]
    table.viewport().grab()
    assert table.rowHeight(0) == 24
    assert table.model_kept.asked == {ROW_ROLE}  # type: ignore[attr-defined]


def test_chosen_row_has_ground_and_bar(qtbot: QtBot) -> None:
    """With the focus a chosen row is accent, without it grey."""
    table = table_of(qtbot, [row(1), row(2)])
    choose(table, 1)
    bar, ground = QPoint(0, 36), QPoint(20, 36)
    assert (pixel(table.viewport(), bar), pixel(table.viewport(), ground)) == (
        LIGHT.accent,
        LIGHT.accent_soft,
    )
    table.clearFocus()
    assert (pixel(table.viewport(), bar), pixel(table.viewport(), ground)) == (LIGHT.line_strong, LIGHT.hover)
    assert pixel(table.viewport(), QPoint(20, 12)) == LIGHT.surface


def test_hover_takes_the_whole_row(qtbot: QtBot) -> None:
    """The pointer lights one row at a time."""
    table = table_of(qtbot, [row(1), row(2)])
    qtbot.mouseMove(table.viewport(), QPoint(300, 12))
    qtbot.waitUntil(lambda: table.painting.hovered_row == 0)
    assert pixel(table.viewport(), QPoint(20, 12)) == LIGHT.hover
    qtbot.mouseMove(table.viewport(), QPoint(300, 36))
    qtbot.waitUntil(lambda: table.painting.hovered_row == 1)
    assert pixel(table.viewport(), QPoint(20, 12)) == LIGHT.surface


def test_keys(qtbot: QtBot) -> None:
    """J and K move, Enter opens, Ctrl+Enter opens apart, and letters never jump to rows."""
    table = table_of(qtbot, [row(number) for number in range(3)])
    table.setCurrentIndex(table.model().index(0, Column.SUBJECT))
    qtbot.keyClick(table, Qt.Key.Key_J)
    qtbot.keyClick(table, Qt.Key.Key_J)
    qtbot.keyClick(table, Qt.Key.Key_K)
    assert table.currentIndex().row() == 1
    with qtbot.waitSignal(table.opened) as told:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert told.args[0].row() == 1
    with qtbot.waitSignal(table.opened_apart):
        qtbot.keyClick(table, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(table, "1")
    assert table.currentIndex().row() == 1
    assert not table.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)


def test_columns_leave_in_order_and_come_back(qtbot: QtBot) -> None:
    """Where room is short updated goes first, then customer, store, handler; the subject keeps its own."""
    table = table_of(qtbot, [row(1)], width=900)
    assert not [column for column in Column if table.isColumnHidden(column)]
    gone = []
    for width in (700, 620, 560, 480):
        table.resize(width, 300)
        gone.append({column.name for column in Column if table.isColumnHidden(column)})
        assert table.columnWidth(Column.SUBJECT) >= min(SUBJECT_LEAST, 150)
    assert gone[0] <= gone[1] <= gone[2] <= gone[3] <= {"UPDATED", "CUSTOMER", "STORE", "HANDLER"}
    assert gone[0] == {"UPDATED"}
    table.resize(1000, 300)
    assert not [column for column in Column if table.isColumnHidden(column)]


def test_column_the_person_hid_stays_hidden(qtbot: QtBot) -> None:
    """Making room and giving it back does not undo a choice."""
    table = table_of(qtbot, [row(1)], width=900)
    table.setColumnHidden(Column.STORE, True)
    table.resize(480, 300)
    table.resize(1000, 300)
    assert [column for column in Column if table.isColumnHidden(column)] == [Column.STORE]


def test_widths_are_measured_in_each_language() -> None:
    """English words are longer; columns that can't be cut are wider for them."""
    chinese = column_widths()
    set_language("en")
    english = column_widths()
    assert english[Column.STATUS] > chinese[Column.STATUS]
    assert english[Column.SLA] > chinese[Column.SLA]


def test_selection_grows_with_shift(qtbot: QtBot) -> None:
    """Shift with the arrows takes more rows, for one act on many."""
    table = table_of(qtbot, [row(number) for number in range(4)])
    choose(table, 0)
    for _ in range(2):
        qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert [index.row() for index in table.selectionModel().selectedRows()] == [0, 1, 2]


def test_one_mark_by_rank() -> None:
    """Unsent comes before everything, a new message after everything."""
    assert first_mark([Mark.MESSAGE, Mark.URGED, Mark.UNSENT]) is Mark.UNSENT
    assert first_mark([Mark.MESSAGE, Mark.ATTACHMENT]) is Mark.ATTACHMENT
    assert first_mark([]) is None


def test_row_reads_as_a_sentence() -> None:
    """A screen reader hears what the eye sees first."""
    ticket = row(862, store="国贸店", status="open", priority="high", mark=Mark.URGED)
    due = Countdown(due_at=NOW_AT + 1_122_000)
    assert row_sentence(ticket, NOW_AT) == "104862, 被催, 收银机无法打印, 国贸店, 处理中, 高"
    ticket = row(862, store="国贸店", countdown=due)
    assert row_sentence(ticket, NOW_AT).endswith("待处理, 正常, 剩 18 分钟")
