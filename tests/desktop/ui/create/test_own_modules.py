"""A description is kept as one's own, is offered at once, and can be dropped again."""

from dataclasses import replace

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.ui.create.own_modules import NameModule
from domain.entities.forms import TextModule
from domain.wire import codec
from domain.wire.sync import ConfigRow
from domain.wire.text_modules import KeepTextModule
from tests.desktop.ui.create.conftest import Opener
from tests.desktop.ui.keys import press, write
from tests.desktop.ui.world import World


class Kept:
    """The server's side: what was kept comes back as configuration, as with a pull."""

    def __init__(self, world: World) -> None:
        self._world, self.bodies = world, list[str]()
        self._versions: dict[str, int] = {}

    def keep(self, id: str, module: KeepTextModule) -> None:
        self.bodies.append(module.body)
        fields = msgspec.structs.asdict(module)
        self._tell(id, TextModule(**fields, id=id, owner=self._world.session.person.id))

    def drop(self, id: str) -> None:
        self._tell(id, TextModule(id=id, name="", body="", owner=self._world.session.person.id), gone=True)

    def _tell(self, id: str, module: TextModule, *, gone: bool = False) -> None:
        version = self._versions[id] = self._versions.get(id, 0) + 1
        body = msgspec.Raw(codec.encode(module))
        row = ConfigRow(kind="text_module", id=id, version=version, deleted=gone, body=body)
        self._world._pull(config=(row,))


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
    assert kept.bodies == ["顾客说蛋糕塌了"]
    module = next(one for one in panel._model.modules if one.name == "塌了")
    assert module.owner == world.session.person.id
    panel.dropped.emit(module)
    qtbot.waitUntil(lambda: "塌了" not in panel.shown())
