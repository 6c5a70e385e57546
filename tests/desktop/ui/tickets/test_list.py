"""The list: what it holds, how it moves, what it remembers."""

import msgspec
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from desktop.commands.hand_over import take
from desktop.ui.tickets.filters import Filter
from desktop.ui.tickets.list_menus import status_filter
from desktop.ui.tickets.model import AHEAD
from desktop.ui.widgets.ticket_row import ROW_ROLE, Column, TicketRow
from domain.entities.ticket import Ticket
from domain.wire.commands import AssignTicket
from domain.wire.sync import Put
from tests.desktop.ui.keys import press, write
from tests.desktop.ui.tickets.conftest import Opener
from tests.desktop.ui.tickets.desk import Desk
from tests.desktop.ui.world import START, World, sample_rows
from tests.shots.office import Office, Step
from tests.shots.stories import stories


def _arrived(world: World, *steps: Step, number: int = 104_900) -> Put:
    """A ticket of the server's, assigned to the agent."""
    office = Office(list(sample_rows("liuyang")), START, first_number=number)
    story = next(stories())[:1]
    return office.tell([*story, Step(5, "lina", "assign", AssignTicket(assignee="liuyang")), *steps])


def _row(desk: Desk, id: str) -> TicketRow | None:
    place = desk.window.list.model.place_of(id)
    if place is None:
        return None
    row = desk.window.list.model.index(place, 0).data(ROW_ROLE)
    assert row is None or isinstance(row, TicketRow)
    return row


def test_rows_are_fetched_only_where_somebody_looks(world: World, open_desk: Opener) -> None:
    """Of a long list only the rows in sight, and some around them, are read."""
    put = _arrived(world)
    many = [
        msgspec.structs.replace(
            put,
            ticket=msgspec.structs.replace(put.ticket, id=f"{n:032x}", number=str(200_000 + n)),
            entries=(),
        )
        for n in range(1_000)
    ]
    world.receive(*many)
    desk = open_desk("todo")
    model = desk.window.list.model
    assert model.rowCount() == 1_000
    held = sum(model.line(id) is not None for id in model.ids())
    assert held <= 60 + 2 * AHEAD
    desk.window.list.table.scrollToBottom()
    last = model.id_at(999)
    desk.qtbot.waitUntil(lambda: model.line(last) is not None)


def test_rows_hold_still_while_somebody_works_in_them(world: World, open_desk: Opener) -> None:
    """With the keyboard in the table a newcomer waits; it comes after two seconds of rest, the row chosen stays."""
    ids = [world.ticket(f"工单 {n}") for n in range(3)]
    desk = open_desk("unassigned")
    desk.choose(ids[1])
    desk.key(Qt.Key.Key_J)
    chosen = desk.window.list.current_id()
    before = list(desk.window.list.model.ids())
    world.ticket("新来的")
    world.bridge.announce(take(world.runner, [ids[2]]))
    desk.qtbot.waitUntil(lambda: desk.window.list._waiting is not None)
    assert list(desk.window.list.model.ids()) == before
    desk.qtbot.waitUntil(lambda: list(desk.window.list.model.ids()) != before, timeout=5000)
    assert desk.window.list.current_id() == chosen
    assert ids[2] not in desk.window.list.model.ids()


def test_what_somebody_else_changes_flashes(world: World, open_desk: Opener) -> None:
    """A cell changed by the server's news has another ground for a moment; one's own change has not."""
    put = _arrived(world)
    world.receive(put)
    desk = open_desk("todo")
    desk.choose(put.ticket.id)
    newer = msgspec.structs.replace(put.ticket, rev=put.ticket.rev + 1, priority="low")
    seen: list[frozenset[Column]] = []
    desk.window.list.model.fetched.connect(
        lambda: seen.append(row.flashed if (row := _row(desk, put.ticket.id)) is not None else frozenset())
    )
    world.receive(Put(ticket=newer, since=put.ticket.rev, access=put.access))
    desk.qtbot.waitUntil(lambda: bool(seen) and Column.PRIORITY in seen[-1])
    desk.qtbot.waitUntil(lambda: not (_row(desk, put.ticket.id) or newer_row()).flashed, timeout=5000)
    desk.key(Qt.Key.Key_T)
    desk.qtbot.waitUntil(lambda: desk.ticket(put.ticket.id).status == "open")
    desk.qtbot.waitUntil(lambda: (_row(desk, put.ticket.id) or newer_row()).status == "open")
    assert not (_row(desk, put.ticket.id) or newer_row()).flashed


def newer_row() -> TicketRow:
    """A row that says nothing."""
    return TicketRow(id="", number="", subject="")


def test_looking_at_a_ticket_makes_it_read(world: World, open_desk: Opener) -> None:
    """An unread ticket is bold until it has been shown for a moment."""
    put = _arrived(world)
    world.receive(put)
    desk = open_desk("todo")
    row = _row(desk, put.ticket.id)
    assert row is not None
    assert row.unread
    desk.choose(put.ticket.id)
    desk.qtbot.waitUntil(lambda: not (_row(desk, put.ticket.id) or newer_row()).unread, timeout=5000)


def test_columns_and_sort_are_remembered(world: World, open_desk: Opener) -> None:
    """Widths, order, hidden columns and sort are as they were when the window is opened again."""
    world.ticket("工单")
    desk = open_desk()
    table, header = desk.window.list.table, desk.window.list.table.horizontalHeader()
    table.setColumnWidth(Column.STORE, 133)
    header.moveSection(header.visualIndex(Column.HANDLER), 2)
    desk.window.list.look.hide_column(Column.CUSTOMER, hidden=True)
    header.sectionClicked.emit(int(Column.UPDATED))
    desk.window.close()
    again = open_desk()
    table, header = again.window.list.table, again.window.list.table.horizontalHeader()
    assert table.columnWidth(Column.STORE) == 133
    assert header.visualIndex(Column.HANDLER) == 2
    assert table.isColumnHidden(Column.CUSTOMER)
    assert header.sortIndicatorSection() == Column.UPDATED
    assert header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder


def test_a_click_on_the_head_sorts_and_turns(world: World, open_desk: Opener) -> None:
    """The first click sorts, the second turns it round."""
    for subject in ("乙", "甲", "丙"):
        world.ticket(subject)
    desk = open_desk()
    header = desk.window.list.table.horizontalHeader()
    at = QPoint(header.sectionViewportPosition(Column.SUBJECT) + 20, 10)
    with desk.qtbot.waitSignal(desk.window.list.counted):
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
    desk.qtbot.waitUntil(lambda: header.sortIndicatorSection() == Column.SUBJECT)
    rising = list(desk.window.list.model.ids())
    with desk.qtbot.waitSignal(desk.window.list.counted):
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert list(desk.window.list.model.ids()) == rising[::-1]


def test_filters_narrow_and_say_so(world: World, open_desk: Opener) -> None:
    """A filter narrows the list at once; an empty result names it and offers to drop it."""
    ids = [world.ticket("普通"), world.ticket("紧急", priority="urgent")]
    desk = open_desk()
    with desk.qtbot.waitSignal(desk.window.list.counted):
        desk.window.list.narrow(Filter(field="priority", values=("urgent",), words="优先级：紧急"))
    assert list(desk.window.list.model.ids()) == [ids[1]]
    with desk.qtbot.waitSignal(desk.window.list.counted):
        desk.window.list.narrow(status_filter(("closed",)))
    assert desk.window.list.chosen_ids() == []
    with desk.qtbot.waitSignal(desk.window.list.counted):
        desk.window.list.drop_filters()
    assert len(desk.window.list.model.ids()) == 2


def test_a_narrowed_list_can_be_kept_as_a_view(world: World, open_desk: Opener) -> None:
    """A saved view stands in the sidebar with its count, and is there after a restart."""
    world.ticket("普通")
    world.ticket("紧急", priority="urgent")
    desk = open_desk()
    desk.window.list.narrow(Filter(field="priority", values=("urgent",), words="紧急"))
    desk.window.list.head.save_view.click()
    desk.qtbot.waitUntil(lambda: type(_popup()).__name__ == "SaveView")
    press(Qt.Key.Key_A, ctrl=True)
    write("我的紧急单")
    press(Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: desk.window.list._title == "我的紧急单")
    key = desk.window.lists.key
    desk.qtbot.waitUntil(lambda: desk.count(key) == 1)
    again = open_desk()
    assert again.window.navigation.title(key) == "我的紧急单"


def _popup() -> object:
    from PySide6.QtWidgets import QApplication

    return QApplication.activePopupWidget()


def test_slash_filters_by_text(world: World, open_desk: Opener) -> None:
    """/ opens a line in the list's head; what is typed narrows, Esc gives everything back."""
    ids = [world.ticket("草莓发霉"), world.ticket("电梯故障")]
    desk = open_desk()
    desk.window.list.focus_table()
    desk.key(Qt.Key.Key_Slash)
    write("电梯")
    desk.qtbot.waitUntil(lambda: list(desk.window.list.model.ids()) == [ids[1]])
    press(Qt.Key.Key_Escape)
    desk.qtbot.waitUntil(lambda: len(desk.window.list.model.ids()) == 2)


def test_space_ticks_rows_one_by_one(world: World, open_desk: Opener) -> None:
    """Space chooses the current row beside the others and goes on."""
    for n in range(3):
        world.ticket(f"工单 {n}")
    desk = open_desk()
    desk.window.list.focus_table()
    desk.window.list.table.selectRow(0)
    desk.key(Qt.Key.Key_J)
    desk.key(Qt.Key.Key_Space)
    assert len(desk.window.list.chosen_ids()) == 0 or desk.window.list.table.currentIndex().row() == 2
    desk.key(Qt.Key.Key_Space)
    assert desk.window.list.model.id_at(2) in desk.window.list.chosen_ids()


def test_the_list_names_only_what_is_in_sight(world: World, open_desk: Opener) -> None:
    """Worklist counts follow what is done, without being asked."""
    id = world.ticket("工单")
    desk = open_desk("unassigned")
    desk.qtbot.waitUntil(lambda: desk.count("unassigned") == 1)
    world.bridge.announce(take(world.runner, [id]))
    desk.qtbot.waitUntil(lambda: desk.count("unassigned") == 0)
    desk.qtbot.waitUntil(lambda: desk.count("todo") == 1)


def test_an_edit_of_others_comes_into_the_ticket_in_view(world: World, open_desk: Opener) -> None:
    """What somebody else writes shows in place, without a click."""
    put = _arrived(world)
    world.receive(put)
    desk = open_desk("todo")
    desk.choose(put.ticket.id)
    newer: Ticket = msgspec.structs.replace(put.ticket, rev=put.ticket.rev + 1, subject="主题改过了")
    world.receive(Put(ticket=newer, since=put.ticket.rev, access=put.access))

    def shows() -> bool:
        shown = desk.window.place.shown()
        return shown is not None and shown.page.ticket.subject == "主题改过了"

    desk.qtbot.waitUntil(shows)
