"""A description is kept as one's own, is offered at once, and can be dropped again."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.ui.text_modules.own import NameModule
from tests.desktop.ui.create.conftest import Opener
from tests.desktop.ui.keys import press, write
from tests.desktop.ui.own_texts import Kept
from tests.desktop.ui.world import World


def test_description_is_kept_offered_and_dropped(world: World, open_page: Opener, qtbot: QtBot) -> None:
    """Name it, and it stands among the person's own; Delete in the list takes it away."""
    kept = Kept(world)
    world.session = replace(world.session, own_modules=kept)  # type: ignore[arg-type]
    page = open_page()
    panel = page.sheet.help.modules
    page.sheet.matter.insert("顾客说蛋糕塌了")
    panel.keep.click()
    assert isinstance(QApplication.activePopupWidget(), NameModule)
    write("塌了")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "塌了" in panel.shown())
    assert [one.body for one in kept.kept] == ["顾客说蛋糕塌了"]
    module = next(one for one in panel._model.modules if one.name == "塌了")
    assert module.owner == world.session.person.id
    panel.dropped.emit(module)
    qtbot.waitUntil(lambda: "塌了" not in panel.shown())
