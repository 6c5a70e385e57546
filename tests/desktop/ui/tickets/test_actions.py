"""What an agent does to tickets, by keyboard, against a real replica."""

from PySide6.QtCore import Qt

from desktop.commands.status import close, resolve
from desktop.ui.tickets.form_popover import FormPopover
from desktop.ui.tickets.resolve import Resolve
from tests.desktop.ui.keys import press, write
from tests.desktop.ui.tickets.conftest import Opener
from tests.desktop.ui.world import World

DONE = {"measure": "已换新。", "responsible": "store", "result": "satisfied"}


def test_t_takes_the_ticket(world: World, open_desk: Opener) -> None:
    """T makes the ticket the agent's: status open, in the outbox, counted in to do."""
    id = world.ticket("收银机无法打印小票")
    desk = open_desk("unassigned")
    desk.choose(id)
    desk.key(Qt.Key.Key_T)
    desk.wait_status(id, "open")
    assert desk.ticket(id).assignee == "liuyang"
    assert desk.kinds() == ["create", "take"]
    desk.qtbot.waitUntil(lambda: desk.count("todo") == 1)
    desk.qtbot.waitUntil(lambda: desk.toast() == "已接单 1 张")


def test_ctrl_z_takes_back_what_was_just_done(world: World, open_desk: Opener) -> None:
    """Undo withdraws a command that never left; nothing of it stays in the outbox."""
    id = world.ticket("收银机无法打印小票")
    desk = open_desk("unassigned")
    desk.choose(id)
    desk.key(Qt.Key.Key_T)
    desk.wait_status(id, "open")
    desk.qtbot.waitUntil(lambda: bool(desk.toast()))
    desk.key(Qt.Key.Key_Z, ctrl=True)
    desk.wait_status(id, "new")
    assert desk.ticket(id).assignee is None
    assert desk.kinds() == ["create"]
    desk.qtbot.waitUntil(lambda: desk.toast() == "已撤销")


def test_reply_by_r_and_ctrl_enter(world: World, open_desk: Opener) -> None:
    """R unfolds the composer, Ctrl+Enter sends; the bubble is marked as not sent yet."""
    id = world.ticket("草莓礼盒开箱发霉")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_R)
    write("陈女士您好，已请门店核对。")
    press(Qt.Key.Key_Return, ctrl=True)
    desk.qtbot.waitUntil(lambda: desk.entries(id)[-1].kind == "reply")
    assert desk.entries(id)[-1].body == "陈女士您好，已请门店核对。"
    composer = desk.window.pane.desk.composer
    desk.qtbot.waitUntil(lambda: not composer.is_open())
    assert composer.body() == ""


def test_note_by_n(world: World, open_desk: Opener) -> None:
    """N writes an internal note, which the customer never sees."""
    id = world.ticket("草莓礼盒开箱发霉")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_N)
    assert desk.window.pane.desk.composer.internal
    write("同批次已下架。")
    press(Qt.Key.Key_Return, ctrl=True)
    desk.qtbot.waitUntil(lambda: desk.entries(id)[-1].kind == "note")
    assert desk.entries(id)[-1].field_class == "internal"


def test_ctrl_j_turns_a_reply_into_a_note(world: World, open_desk: Opener) -> None:
    """While writing, Ctrl+J turns public into internal; what is written stays."""
    id = world.ticket("草莓礼盒开箱发霉")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_R)
    write("先问门店")
    press(Qt.Key.Key_J, ctrl=True)
    composer = desk.window.pane.desk.composer
    assert composer.internal
    assert composer.body() == "先问门店"


def test_an_empty_reply_is_not_sent(world: World, open_desk: Opener) -> None:
    """Ctrl+Enter on nothing says so and writes nothing."""
    id = world.ticket("草莓礼盒开箱发霉")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_R)
    press(Qt.Key.Key_Return, ctrl=True)
    assert desk.kinds() == ["create"]
    assert desk.window.pane.desk.composer.is_open()


def test_assign_by_initials(world: World, open_desk: Opener) -> None:
    """A, the initials, Enter: the ticket is handed over."""
    id = world.ticket("收银机无法打印小票")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_A)
    desk.popover()
    write("xdq")
    press(Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: desk.ticket(id).assignee == "xudan")
    desk.wait_closed()


def test_transfer_to_another_unit_needs_a_note(world: World, open_desk: Opener) -> None:
    """Ctrl+Enter without a note stays open and says so; with one the ticket goes."""
    id = world.ticket("收银机无法打印小票")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_F)
    popover = desk.popover()
    write("信息技术部")
    press(Qt.Key.Key_Return, ctrl=True)
    assert popover.isVisible()
    assert desk.ticket(id).org == "HZ001"
    write("收银机坏了，请派人")
    press(Qt.Key.Key_Return, ctrl=True)
    desk.qtbot.waitUntil(lambda: desk.ticket(id).org == "HQ-IT")
    assert [entry.kind for entry in desk.entries(id)][-2:] == ["transferred", "note"]
    desk.wait_closed()


def test_pause_asks_why_and_until_when_and_p_resumes(world: World, open_desk: Opener) -> None:
    """On hold needs a reason and an end; on a ticket on hold the same key resumes."""
    id = world.ticket("空气炸锅不加热")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_P)
    popover = desk.popover()
    press(Qt.Key.Key_Return, ctrl=True)
    assert popover.isVisible()
    write("等配件到货")
    press(Qt.Key.Key_Tab)
    while not _is_when():
        press(Qt.Key.Key_Tab)
    write("11-25 09:00")
    press(Qt.Key.Key_Return, ctrl=True)
    desk.wait_status(id, "on_hold")
    assert desk.ticket(id).hold_reason == "等配件到货"
    desk.wait_closed()
    desk.wait_shown(id)
    desk.qtbot.waitUntil(lambda: desk.window.actions_.short("pause") == "恢复")
    desk.window.list.focus_table()
    desk.key(Qt.Key.Key_P)
    desk.wait_status(id, "open")


def _is_when() -> bool:
    from desktop.ui.widgets.text_field import TextField
    from tests.desktop.ui.keys import focused

    found = focused()
    return isinstance(found, TextField) and "11-20" in found.placeholderText()


def test_resolving_jumps_to_the_first_error_then_succeeds(world: World, open_desk: Opener) -> None:
    """E opens the closure form; submitting it empty marks what is missing, filled it resolves."""
    id = world.ticket("草莓礼盒开箱发霉")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_E)
    popover = desk.popover()
    assert isinstance(popover, Resolve)
    press(Qt.Key.Key_Return, ctrl=True)
    assert desk.ticket(id).status == "new"
    form = popover._form
    assert form is not None
    assert form.field("measure").error()
    write("已退款并致歉。")
    form.field("responsible").editor.set_value("store")
    form.field("responsible").editor.edited.emit()
    form.field("result").editor.set_value("satisfied")
    form.field("result").editor.edited.emit()
    press(Qt.Key.Key_Return, ctrl=True)
    desk.wait_status(id, "resolved")
    assert desk.ticket(id).fields["result"] == "satisfied"
    desk.wait_closed()


def test_what_the_rules_refuse_is_said_where_it_was_asked(world: World, open_desk: Opener) -> None:
    """A refusal after the form was right (the ticket was closed meanwhile) keeps the form and says why."""
    id = world.ticket("草莓礼盒开箱发霉")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_P)
    popover = desk.popover()
    assert isinstance(popover, FormPopover)
    moved = resolve(world.runner, [id], fields=DONE) | close(world.runner, [id])
    assert moved
    write("等配件到货")
    popover._until.set_value(world.clock.now() + 3_600_000)  # type: ignore[attr-defined]
    press(Qt.Key.Key_Return, ctrl=True)
    desk.qtbot.waitUntil(lambda: bool(popover._error.text()))
    assert popover.isVisible()
    assert "已关闭" in popover._error.text()


def test_a_refused_key_says_why(world: World, open_desk: Opener) -> None:
    """Pressing the key of a disabled action tells the reason; its menu entry has it as tooltip."""
    id = world.ticket("草莓礼盒开箱发霉")
    resolve(world.runner, [id], fields=DONE)
    desk = open_desk()
    desk.choose(id)
    assert not desk.window.actions_["take"].isEnabled()
    assert "已解决" in desk.window.actions_["take"].toolTip()
    desk.key(Qt.Key.Key_T)
    assert "已解决" in desk.toast()
    assert desk.kinds() == ["create", "status"]
    desk.key(Qt.Key.Key_O)
    desk.wait_status(id, "open")


def test_several_tickets_at_once(world: World, open_desk: Opener) -> None:
    """Shift+Down extends, T takes them all; the toast counts and Ctrl+Z takes all back."""
    ids = [world.ticket(f"工单 {n}") for n in range(4)]
    desk = open_desk("unassigned")
    desk.window.list.table.selectRow(0)
    desk.window.list.focus_table()
    from PySide6.QtTest import QTest

    for _ in range(2):
        QTest.keyClick(desk.window.list.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    chosen = desk.window.list.chosen_ids()
    assert len(chosen) == 3
    desk.key(Qt.Key.Key_T)
    desk.qtbot.waitUntil(lambda: sum(desk.ticket(id).assignee == "liuyang" for id in ids) == 3)
    desk.qtbot.waitUntil(lambda: desk.toast() == "已接单 3 张")
    desk.key(Qt.Key.Key_Z, ctrl=True)
    desk.qtbot.waitUntil(lambda: not any(desk.ticket(id).assignee for id in ids))


def test_of_several_those_that_can_are_done(world: World, open_desk: Opener) -> None:
    """One that is resolved already doesn't keep the others from being taken; it is told."""
    ids = [world.ticket(f"工单 {n}") for n in range(3)]
    resolve(world.runner, [ids[1]], fields=DONE)
    desk = open_desk()
    desk.window.list.focus_table()
    desk.key(Qt.Key.Key_A, ctrl=True)
    assert len(desk.window.list.chosen_ids()) == 3
    said: list[str] = []
    desk.window.gestures.refused.connect(said.append)
    desk.key(Qt.Key.Key_T)
    desk.qtbot.waitUntil(lambda: desk.ticket(ids[0]).assignee == "liuyang")
    assert desk.ticket(ids[1]).assignee is None
    assert desk.ticket(ids[2]).assignee == "liuyang"
    desk.qtbot.waitUntil(lambda: bool(said))
    assert "1 张没有执行" in said[0]


def test_priority_by_key_and_digit(world: World, open_desk: Opener) -> None:
    """I opens the priorities, a digit chooses; it is one edit."""
    id = world.ticket("收银机无法打印小票")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_I)
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    menu = QApplication.activePopupWidget()
    assert menu is not None
    QTest.keyClick(menu, Qt.Key.Key_1)
    desk.qtbot.waitUntil(lambda: desk.ticket(id).priority == "urgent")
