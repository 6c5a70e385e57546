"""Whatever takes the keyboard says what it is: every window and pop-over, swept for widgets without a name."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from domain.entities.conditions import Condition
from tests.desktop.ui.keys import press
from tests.desktop.ui.names import nameless
from tests.desktop.ui.tickets.conftest import Opener, open_desk, world
from tests.desktop.ui.tickets.desk import Desk
from tests.desktop.ui.world import World

__all__ = ["open_desk", "world"]

POPOVERS = (
    "assign",
    "transfer",
    "cc",
    "pause",
    "resolve",
    "category",
    "macro",
    "merge",
    "link",
    "split",
    "urge",
)
PANELS = ("settings", "shortcuts", "sync_panel")


def _swept(desk: Desk, action: str) -> set[str]:
    desk.window.actions_.press(action)
    QApplication.processEvents()
    found = nameless()
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()
    return found


def test_the_main_window_and_what_pops_up_in_it(world: World, open_desk: Opener, qtbot: QtBot) -> None:
    """The list, the ticket beside it and on its own page, the composer, every pop-over, panel and editor."""
    id = world.confirmed("申请退款", "104746")
    world.confirmed("再次申请", "104747")
    desk = open_desk()
    desk.choose(id)
    found = nameless()
    for action in POPOVERS:
        found |= _swept(desk, action)
    desk.key(Qt.Key.Key_R)
    press(Qt.Key.Key_Slash, ctrl=True)
    found |= nameless()
    popup = QApplication.activePopupWidget()
    assert popup is not None
    popup.close()
    desk.window.area.sidebar.item("new_view").click()
    qtbot.waitUntil(lambda: desk.window.views.editor is not None)
    editor = desk.window.views.editor
    assert editor is not None
    for op, value in (("in", ["liuyang"]), ("is", None)):
        editor.all.add(Condition(field="assignee", op=op, value=value))  # type: ignore[arg-type]  # one of a choice's
    editor.any.add(Condition(field="due_at", op="within", value="over_hours:4"))
    found |= nameless()
    editor.close()
    desk.window.open_ticket(id)
    desk.wait_shown(id)
    found |= nameless()
    for action in PANELS:
        found |= _swept(desk, action)
    assert not found
