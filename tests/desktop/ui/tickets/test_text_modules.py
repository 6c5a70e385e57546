"""Prepared texts beside the composer: in the order in which they fit, filled in, kept as one's own and dropped."""

from dataclasses import replace

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop.ui.text_modules.own import NameModule
from desktop.ui.text_modules.panel import ModulesPanel
from domain.entities.forms import TextModule
from domain.errors import UnavailableError
from domain.wire import codec
from domain.wire.sync import ConfigRow
from tests.desktop.ui.keys import focused, press, write
from tests.desktop.ui.own_texts import Kept
from tests.desktop.ui.tickets.conftest import Opener
from tests.desktop.ui.tickets.desk import Desk
from tests.desktop.ui.world import World


def _panel(desk: Desk) -> ModulesPanel:
    """The list that Ctrl+/ opens, once the keyboard is in it."""
    press(Qt.Key.Key_Slash, ctrl=True)
    popup = QApplication.activePopupWidget()
    assert popup is not None
    panel = popup.findChild(ModulesPanel)
    assert panel is not None
    desk.qtbot.waitUntil(lambda: popup.isAncestorOf(focused()))
    return panel


def _reply(desk: Desk, id: str) -> None:
    desk.choose(id)
    desk.key(Qt.Key.Key_R)


def test_what_fits_comes_first_and_is_filled_in(world: World, open_desk: Opener) -> None:
    """The customer's words order the list, initials find; Enter fills in the ticket's and marks what is left open."""
    text = TextModule(id="n", name="告知编号", body="{客户}您好，工单 {编号}，{时限} 内回复。", use="reply")
    world.configure(ConfigRow(kind="text_module", id="n", version=1, body=msgspec.Raw(codec.encode(text))))
    id = world.confirmed("申请退款", "104746", description="退款一直没有原路退回，什么时候到账？")
    desk = open_desk()
    _reply(desk, id)
    panel = _panel(desk)
    assert panel.shown()[0] == "退款完成"
    write("gzbh")
    assert panel.shown() == ["告知编号"]
    press(Qt.Key.Key_Return)
    composer = desk.window.pane.desk.composer
    assert composer.body() == "陈女士您好，工单 104746，{时限} 内回复。"
    area = composer._text
    assert area.textCursor().selectedText() == "{时限}"
    assert [one.cursor.selectedText() for one in area.extraSelections()] == ["{时限}"]
    write("2 小时")
    assert not area.extraSelections()
    assert _panel(desk).shown()[0] == "告知编号"


def test_a_reply_is_kept_as_ones_own_and_dropped(world: World, open_desk: Opener) -> None:
    """Without a network a sentence says so; else the server has it, Del takes it away, and undo brings it back."""
    kept = Kept(world)
    kept.trouble = UnavailableError("server_unreachable")
    world.session = replace(world.session, own_modules=kept)  # type: ignore[arg-type]
    id = world.confirmed("草莓发霉", "104746")
    desk = open_desk()
    _reply(desk, id)
    write("已请门店核对监控")
    panel = _panel(desk)
    panel.keep.click()
    form = QApplication.activePopupWidget()
    assert isinstance(form, NameModule)
    write("核对监控")
    press(Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: "连不上服务器" in form._error.text())
    kept.trouble = None
    press(Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: "核对监控" in panel.shown() and not form.isVisible())
    (module,) = kept.kept
    assert (module.body, module.use, module.category) == ("已请门店核对监控", "reply", "spoiled")
    assert panel.shown()[0] == "核对监控"
    press(Qt.Key.Key_Delete)
    desk.qtbot.waitUntil(lambda: "核对监控" not in panel.shown())
    desk.qtbot.waitUntil(lambda: "已删除" in desk.toast())
    desk.window.toasts.undo()
    desk.qtbot.waitUntil(lambda: "核对监控" in panel.shown())
