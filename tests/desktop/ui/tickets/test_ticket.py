"""The ticket beside the list and on its page."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop.commands.hand_over import take
from desktop.commands.write import note
from desktop.ui.tickets.conversation import AT_FIRST
from desktop.ui.tickets.why import Why
from desktop.ui.widgets.label import Label
from tests.desktop.ui.keys import press, write
from tests.desktop.ui.tickets.conftest import Opener
from tests.desktop.ui.world import World


def test_a_draft_stays_with_its_ticket(world: World, open_desk: Opener) -> None:
    """What is being written is kept per ticket, through another ticket and a restart of the program."""
    ids = [world.ticket("第一张"), world.ticket("第二张")]
    desk = open_desk()
    desk.choose(ids[0])
    desk.key(Qt.Key.Key_R)
    write("写到一半")
    desk.choose(ids[1])
    composer = desk.window.pane.desk.composer
    desk.qtbot.waitUntil(lambda: composer.body() == "")
    desk.qtbot.waitUntil(lambda: desk.count("drafts") == 1)
    desk.choose(ids[0])
    desk.qtbot.waitUntil(lambda: composer.body() == "写到一半")
    desk.window.close()
    world.restart()
    again = open_desk()
    again.choose(ids[0])
    again.qtbot.waitUntil(lambda: again.window.pane.desk.composer.body() == "写到一半")


def test_a_sent_reply_leaves_no_draft(world: World, open_desk: Opener) -> None:
    """Sending forgets the draft."""
    id = world.ticket("工单")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_R)
    write("您好")
    desk.qtbot.waitUntil(lambda: desk.count("drafts") == 1)
    press(Qt.Key.Key_Return, ctrl=True)
    desk.qtbot.waitUntil(lambda: desk.count("drafts") == 0)


def test_enter_opens_esc_returns_and_brackets_step(world: World, open_desk: Opener) -> None:
    """Enter brings the ticket to the front, ] and [ walk the list there, Esc leads back to the row."""
    for n in range(3):
        world.ticket(f"工单 {n}")
    desk = open_desk()
    model = desk.window.list.model
    desk.choose(model.id_at(0))
    desk.key(Qt.Key.Key_Return)
    desk.wait_shown(model.id_at(0))
    assert desk.window.front.ticket is not None
    desk.key(Qt.Key.Key_BracketRight)
    desk.wait_shown(model.id_at(1))
    desk.key(Qt.Key.Key_BracketLeft)
    desk.wait_shown(model.id_at(0))
    desk.key(Qt.Key.Key_BracketRight)
    desk.wait_shown(model.id_at(1))
    desk.key(Qt.Key.Key_Escape)
    assert not desk.window.front.covers()
    assert QApplication.focusWidget() is desk.window.list.table
    assert desk.window.list.current_id() == model.id_at(1)


def test_letters_act_on_the_page_too(world: World, open_desk: Opener) -> None:
    """On the ticket's page T takes it, R writes, Esc leaves the composer first."""
    id = world.ticket("工单")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_Return)
    desk.wait_shown(id)
    desk.key(Qt.Key.Key_T)
    desk.wait_status(id, "open")
    desk.key(Qt.Key.Key_R)
    page = desk.window.front.ticket
    assert page is not None
    assert page.desk.composer.is_open()
    write("t")
    assert page.desk.composer.body() == "t"
    desk.key(Qt.Key.Key_Escape)
    assert desk.window.front.ticket is page


def test_ctrl_enter_opens_a_window_of_its_own(world: World, open_desk: Opener) -> None:
    """One window for each ticket; its keys act on that ticket."""
    id = world.ticket("工单")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_Return, ctrl=True)
    window = desk.window.front._windows[id]
    desk.qtbot.waitUntil(lambda: bool(window.windowTitle()))
    assert "工单" in window.windowTitle()
    desk.window.front.open_apart(id)
    assert list(desk.window.front._windows) == [id]
    window.close()
    desk.qtbot.waitUntil(lambda: not desk.window.front._windows)


def test_only_the_latest_of_a_long_conversation_is_made(world: World, open_desk: Opener) -> None:
    """Earlier messages come when they are asked for."""
    id = world.ticket("工单")
    for n in range(AT_FIRST + 12):
        note(world.runner, id, body=f"第 {n} 条")
    desk = open_desk()
    desk.choose(id)
    conversation = desk.window.pane.desk.body.conversation
    desk.qtbot.waitUntil(lambda: len(conversation._widgets) == AT_FIRST + 1)
    conversation._show_earlier()
    assert len(conversation._widgets) == AT_FIRST + 12 + 1


def test_why_tells_the_sum(world: World, open_desk: Opener) -> None:
    """W explains the deadline: policy, calendar, and lines that add up."""
    id = world.ticket("工单")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_W)
    popover = desk.popover()
    assert isinstance(popover, Why)
    said = [label.text() for label in popover.findChildren(Label) if label.isVisible()]
    assert any("门店标准" in words for words in said)
    press(Qt.Key.Key_Escape)
    desk.wait_closed()


def test_the_form_is_edited_in_place(world: World, open_desk: Opener) -> None:
    """Edit, change a field, Ctrl+S: one edit with that field alone."""
    id = world.ticket("工单")
    desk = open_desk()
    desk.choose(id)
    desk.window.pane.desk.body.choose("form")
    panel = desk.window.pane.desk.body.form
    panel.edit_link().click()
    assert panel._form is not None
    field = panel._form.field("product")
    field.focus_editor()
    write("草莓礼盒")
    press(Qt.Key.Key_S, ctrl=True)
    desk.qtbot.waitUntil(lambda: desk.ticket(id).fields.get("product") == "草莓礼盒")
    assert desk.kinds() == ["create", "edit"]


def test_others_edits_spare_what_is_being_written(world: World, open_desk: Opener) -> None:
    """News of the ticket come into the form; a field with an unsaved change keeps it."""
    id = world.ticket("工单")
    desk = open_desk()
    desk.choose(id)
    desk.window.pane.desk.body.choose("form")
    panel = desk.window.pane.desk.body.form
    panel.edit_link().click()
    assert panel._form is not None
    panel._form.field("product").focus_editor()
    write("草莓礼盒")
    from desktop.commands.write import edit

    world.bridge.announce(edit(world.runner, [id], values={"fields.order_no": "N20261120-5526"}))
    desk.qtbot.waitUntil(
        lambda: panel._form is not None and panel._form.kept().get("order_no") == "N20261120-5526"
    )
    assert panel._form.kept()["product"] == "草莓礼盒"


def test_the_history_names_who_and_what(world: World, open_desk: Opener) -> None:
    """Every entry is a line: who, what, when."""
    id = world.ticket("工单")
    take(world.runner, [id])
    desk = open_desk()
    shown = desk.choose(id)
    events = [shown.wording().event(entry) for entry in shown.page.entries]
    assert [event.words for event in events] == ["建单", "接单", "状态从待处理改为处理中"]
    assert {event.who for event in events} == {"我"}
    assert all(event.unsent for event in events)
