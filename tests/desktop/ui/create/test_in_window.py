"""Making a ticket from the main window and being back at the list."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.ui.create.page import CreatePage
from desktop.ui.main_window import MainWindow
from tests.desktop.ui.keys import focused, press, tab_to, write
from tests.desktop.ui.world import World


def _open(world: World, qtbot: QtBot) -> tuple[MainWindow, CreatePage]:
    window = MainWindow(world.session)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    window.actions_.press("new")
    page = window.findChild(CreatePage)
    assert isinstance(page, CreatePage)
    qtbot.waitUntil(lambda: page.draft_id != "")
    qtbot.waitUntil(page.sheet.category.chips()[0].isVisible)
    return window, page


def test_ctrl_n_to_the_toast(world: World, qtbot: QtBot) -> None:
    """The page opens on its scenarios, sends, tells the number, and leaves the focus on the list."""
    window, page = _open(world, qtbot)
    press(Qt.Key.Key_1)
    write("13912345678")
    tab_to(page.sheet.category.chips()[0])
    press(Qt.Key.Key_Space)
    tab_to(page.sheet.matter.description.editor)
    write("草莓发霉")
    form = page.sheet.matter.form
    assert form is not None
    tab_to(form.field("demand").editor)
    press(Qt.Key.Key_Down)
    page.sheet.store.confirm()
    form.set_values({"demand": "apology"})
    press(Qt.Key.Key_Return, ctrl=True)
    qtbot.waitUntil(lambda: window.toasts.showing)
    assert window.toasts.text.startswith("已提交 临-K3-0001")
    assert not window.front.covers()
    assert not window.toasts.toast.isAncestorOf(focused())
    window.close()


def test_letters_do_nothing_to_the_list_behind(world: World, qtbot: QtBot) -> None:
    """Single letters on the page are not taken for actions on the list it covers; Esc keeps the draft."""
    world.ticket("草莓发霉")
    window, page = _open(world, qtbot)
    for key in (Qt.Key.Key_A, Qt.Key.Key_E, Qt.Key.Key_S):
        press(key)
    assert window.acting.popover is None
    press(Qt.Key.Key_1)
    write("139")
    with qtbot.waitSignal(page.closed):
        press(Qt.Key.Key_Escape)
    assert not window.front.covers()
    window.close()
