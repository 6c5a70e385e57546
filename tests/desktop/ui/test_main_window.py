"""The main window as a whole: search, lists, panes, states, languages."""

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop.sync.state import Progress, SyncState
from desktop.ui.main.desk_area import BELOW, OFF, RIGHT
from desktop.ui.main.first_sync import FirstSync
from desktop.ui.text import set_language
from desktop.ui.theme import Scheme, Theme
from tests.desktop.ui.keys import press, write
from tests.desktop.ui.tickets.conftest import Opener, open_desk, world
from tests.desktop.ui.world import World

__all__ = ["open_desk", "world"]


def test_search_finds_by_text_and_enter_opens(world: World, open_desk: Opener) -> None:
    """Ctrl+K, a word of the ticket, Enter: it is in front."""
    id = world.ticket("草莓礼盒开箱发霉")
    world.ticket("电梯故障")
    desk = open_desk()
    desk.window.list.focus_table()
    desk.key(Qt.Key.Key_K, ctrl=True)
    write("草莓")
    desk.qtbot.waitUntil(lambda: any(entry.kind == "ticket" for entry in desk.window.hits._model.entries))
    press(Qt.Key.Key_Return)
    desk.wait_shown(id)
    assert desk.window.front.ticket is not None


def test_search_finds_by_the_end_of_a_phone_number(world: World, open_desk: Opener) -> None:
    """Four digits are enough."""
    id = world.ticket("草莓礼盒开箱发霉")
    desk = open_desk()
    desk.window.list.focus_table()
    desk.key(Qt.Key.Key_K, ctrl=True)
    write("2716")
    desk.qtbot.waitUntil(
        lambda: [e.key for e in desk.window.hits._model.entries if e.kind == "ticket"] == [id]
    )


def test_search_offers_commands(world: World, open_desk: Opener) -> None:
    """The words of a command find it, Enter does it."""
    world.ticket("工单")
    desk = open_desk()
    desk.window.list.focus_table()
    desk.key(Qt.Key.Key_K, ctrl=True)
    write("折叠")
    hits = desk.window.hits._model
    desk.qtbot.waitUntil(lambda: any(entry.key == "sidebar" for entry in hits.entries))
    press(Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: desk.window.area.sidebar.folded)


def test_worklists_by_number(world: World, open_desk: Opener) -> None:
    """Ctrl+1 to 9 lead to the worklists in the order of the sidebar."""
    world.ticket("工单")
    desk = open_desk()
    desk.window.list.focus_table()
    with desk.qtbot.waitSignal(desk.window.list.counted):
        desk.key(Qt.Key.Key_7, ctrl=True)
    assert desk.window.lists.key == "unassigned"


def test_the_pane_goes_right_below_off(world: World, open_desk: Opener) -> None:
    """Ctrl+\\ cycles; a narrow window puts it below by itself; it is remembered."""
    world.ticket("工单")
    desk = open_desk()
    assert desk.window.area.place() == RIGHT
    desk.window.list.focus_table()
    for place in (BELOW, OFF, RIGHT, BELOW):
        desk.key(Qt.Key.Key_Backslash, ctrl=True)
        assert desk.window.area.place() == place
    assert desk.window.pane.isVisible()
    desk.window.close()
    again = open_desk()
    assert again.window.area.place() == BELOW


def test_narrow_windows_fold(world: World, open_desk: Opener) -> None:
    """Below 1280 the sidebar is icons, below 1120 the ticket lies below the list."""
    world.ticket("工单")
    desk = open_desk(width=1366)
    assert not desk.window.area.sidebar.folded
    desk.window.resize(1200, 768)
    desk.qtbot.waitUntil(lambda: desk.window.area.sidebar.folded)
    assert desk.window.area.place() == RIGHT
    desk.window.resize(1060, 768)
    desk.qtbot.waitUntil(lambda: desk.window.area.place() == BELOW)


def test_f6_walks_the_panes(world: World, open_desk: Opener) -> None:
    """F6 goes from the list into the ticket, round, and back with Shift."""
    id = world.ticket("工单")
    desk = open_desk()
    desk.choose(id)
    table = desk.window.list.table
    assert QApplication.focusWidget() is table
    desk.key(Qt.Key.Key_F6)
    focused = QApplication.focusWidget()
    assert focused is not None
    assert desk.window.pane.isAncestorOf(focused)
    QTest.keyClick(focused, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert QApplication.focusWidget() is table


def test_the_first_sync_shows_until_work_can_begin(world: World, open_desk: Opener) -> None:
    """While the own tickets come the card is in front; Enter leads to the list as soon as they are here."""
    desk = open_desk()
    area = desk.window.area
    world.sync.state = SyncState(connection="online", progress=Progress(phase="mine", ranges=20))
    world.bridge.announce_state(world.sync.state)
    desk.qtbot.waitUntil(lambda: not area.shows_list())
    world.sync.state = SyncState(
        connection="online", progress=Progress(phase="open", ranges=20, ranges_done=3)
    )
    world.bridge.announce_state(world.sync.state)
    first = area.stack.currentWidget()
    assert isinstance(first, FirstSync)
    desk.qtbot.waitUntil(first.keys_wanted)
    press(Qt.Key.Key_Return)
    assert area.shows_list()
    world.bridge.announce_state(world.sync.state)
    desk.qtbot.wait(50)
    assert area.shows_list()


def test_offline_says_so_and_work_goes_on(world: World, open_desk: Opener) -> None:
    """The status bar alone changes; what is done counts as not sent."""
    id = world.ticket("工单")
    desk = open_desk()
    assert "离线" in desk.window.status.sync.text()
    desk.choose(id)
    desk.key(Qt.Key.Key_T)
    desk.wait_status(id, "open")
    desk.qtbot.waitUntil(lambda: desk.window.status._unsent.text() == "未发送 2")
    desk.window.panels.open_sync(desk.window.status.sync)
    assert desk.window.panels.popover is not None
    press(Qt.Key.Key_Escape)
    desk.qtbot.waitUntil(lambda: desk.window.panels.popover is None)


def test_languages_and_schemes_change_while_it_is_open(
    world: World, open_desk: Opener, plain_look: Theme
) -> None:
    """Every part follows at once, with a ticket in view."""
    id = world.ticket("工单")
    desk = open_desk()
    desk.choose(id)
    desk.window.open_ticket(id)
    desk.window.front.back()
    set_language("en")
    plain_look.choose(Scheme.DARK)
    assert desk.window.windowTitle() == "Gongdan"
    assert desk.window.area.sidebar.item("todo").text() == "To do"
    assert desk.window.actions_["take"].text().startswith("Take")
    assert "Reply" in desk.window.pane.desk.composer._line.accessibleName()
    assert not desk.window.grab().isNull()


class _StrayWindows(QObject):
    """Notes widgets that come up as windows of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            popup = watched.windowType() in (Qt.WindowType.Popup, Qt.WindowType.ToolTip, Qt.WindowType.Tool)
            if not popup and type(watched).__name__ not in ("MainWindow", "TicketWindow"):
                self.found.append(type(watched).__name__)
        return False


def test_no_part_comes_up_as_a_window(world: World, open_desk: Opener, qapp: QApplication) -> None:
    """A widget shown before it has a parent would flash as a window and take the keyboard."""
    stray = _StrayWindows()
    qapp.installEventFilter(stray)
    try:
        id = world.ticket("工单", description="三颗草莓发霉")
        desk = open_desk()
        desk.choose(id)
        desk.window.open_ticket(id)
        desk.wait_shown(id)
        desk.window.front.back()
        for name in ("history", "form", "customer"):
            desk.window.pane.desk.body.choose(name)
        for action in ("assign", "transfer", "pause", "resolve", "why", "cc", "category"):
            desk.window.actions_.press(action)
            desk.popover()
            press(Qt.Key.Key_Escape)
            desk.wait_closed()
    finally:
        qapp.removeEventFilter(stray)
    assert stray.found == []


@pytest.mark.parametrize("action", ["shortcuts", "settings", "sync_panel"])
def test_panels_open_and_esc_closes(world: World, open_desk: Opener, action: str) -> None:
    """Each comes up over the desk and goes with Esc; the keyboard is back in the list."""
    world.ticket("工单")
    desk = open_desk()
    desk.window.list.focus_table()
    desk.window.actions_.press(action)
    assert desk.window.panels.popover is not None
    press(Qt.Key.Key_Escape)
    desk.qtbot.waitUntil(lambda: desk.window.panels.popover is None)
    desk.qtbot.waitUntil(lambda: QApplication.focusWidget() is desk.window.list.table)


def test_keys_do_nothing_to_tickets_behind_another_page(world: World, open_desk: Opener) -> None:
    """While another page is in front, T does not take the ticket chosen in the list behind it."""
    id = world.ticket("工单")
    desk = open_desk()
    desk.choose(id)
    desk.window.lists.go("attention")
    desk.window.actions_.press("take")
    desk.window.front.open_create()
    desk.window.actions_.press("take")
    desk.qtbot.wait(100)
    assert desk.ticket(id).assignee is None
    assert "先选一张工单" in desk.toast()


def test_the_other_rooms_open_from_here(world: World, open_desk: Opener) -> None:
    """New ticket, needs attention and reports are one key away and lead back."""
    world.ticket("工单")
    desk = open_desk()
    desk.window.list.focus_table()
    desk.key(Qt.Key.Key_N, ctrl=True)
    assert desk.window.front.covers()
    desk.window.front.back()
    desk.window.lists.go("attention")
    assert not desk.window.area.shows_list()
    desk.window.lists.again()
    assert desk.window.area.shows_list()
    desk.window.front.open_reports()
    assert "reports" in desk.window.front._windows
