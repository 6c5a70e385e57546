"""Macros at the window: found from the composer, shown filled in, done with one gesture."""

import msgspec
from PySide6.QtCore import Qt

from desktop.ui.tickets.macros import MacroPreview
from desktop.ui.tickets.pick import Pick
from domain.entities.rules import Macro, RuleAction
from domain.wire import codec
from domain.wire.sync import ConfigRow
from tests.desktop.ui.keys import press, write
from tests.desktop.ui.tickets.conftest import Opener
from tests.desktop.ui.world import World

RAISE = Macro(
    id="raise",
    name="升级",
    reply="工单 {number}（{store}）已升级",
    internal=True,
    actions=(RuleAction(kind="set_priority", arguments={"priority": "urgent"}),),
)


def test_a_macro_is_found_from_the_composer(world: World, open_desk: Opener) -> None:
    """Ctrl+M beside what is being written: the list and the preview are filled in, what was written stays."""
    world.configure(ConfigRow(kind="macro", id="raise", version=1, body=msgspec.Raw(codec.encode(RAISE))))
    id = world.confirmed("申请退款", "104746")
    desk = open_desk()
    desk.choose(id)
    desk.key(Qt.Key.Key_R)
    write("您好")
    composer = desk.window.pane.desk.composer
    press(Qt.Key.Key_M, ctrl=True)
    pick = desk.popover()
    assert isinstance(pick, Pick)
    assert pick.parent() is composer.macros
    write("升")
    found = pick.list.current()
    assert found is not None
    said = found.detail
    assert said.startswith("工单 104746（")
    assert "{" not in said
    press(Qt.Key.Key_Return)
    preview = desk.popover()
    assert isinstance(preview, MacroPreview)
    press(Qt.Key.Key_Return, ctrl=True)
    desk.wait_closed()
    desk.qtbot.waitUntil(lambda: desk.ticket(id).priority == "urgent")
    assert [one.body for one in desk.entries(id) if one.kind == "note"] == [said]
    assert composer.body() == "您好"
