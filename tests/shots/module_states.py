"""Prepared texts beside the composer, in their states."""

from collections.abc import Callable

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication

from desktop.ui.text_modules.own import NameModule
from desktop.ui.text_modules.panel import ModulesPanel
from domain.errors import UnavailableError
from tests.desktop.ui.own_texts import Kept
from tests.shots.stage import Stage, settle


def _modules(stage: Stage, written: str) -> ModulesPanel:
    server = Kept(stage.world)
    server.trouble = UnavailableError("server_unreachable")
    object.__setattr__(stage.session, "own_modules", server)
    stage.choose("strawberries")
    stage.window.actions_.press("reply")
    composer = stage.window.pane.desk.composer
    composer.insert(written)
    composer.modules.click()
    settle()
    panel = composer.modules.findChild(ModulesPanel)
    assert isinstance(panel, ModulesPanel)
    return panel


def modules(stage: Stage) -> None:
    """Prepared texts: those first that fit what was said and written."""
    _modules(stage, "已受理，")


def modules_inserted(stage: Stage) -> None:
    """What the ticket does not know is marked, the first of it chosen."""
    panel = _modules(stage, "退款 {金额} 元。")
    stage.window.pane.desk.composer._text.moveCursor(QTextCursor.MoveOperation.Start)
    panel.inserted.emit(next(one for one in panel._model.modules if "{时限}" in one.body))
    settle()


def modules_offline(stage: Stage) -> None:
    """A text of one's own can't be kept without the server."""
    panel = _modules(stage, "已受理，")
    panel.keep.click()
    settle()
    form = QApplication.activePopupWidget()
    assert isinstance(form, NameModule)
    form._name.editor.set_value("受理")
    form.submit()
    settle(0.8)


MODULES: dict[str, Callable[[Stage], None]] = {
    "modules": modules,
    "modules_inserted": modules_inserted,
    "modules_offline": modules_offline,
}
