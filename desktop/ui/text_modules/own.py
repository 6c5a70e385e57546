"""Keeping what was written as a text of one's own, and dropping such a text again."""

from collections.abc import Callable
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.replica.changed import Changed
from desktop.replica.queries import config
from desktop.ui.sentences import error_words
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.text_modules.panel import ModulesPanel
from desktop.ui.tickets.form_popover import FormPopover
from desktop.ui.widgets.field import Field
from desktop.ui.widgets.text_field import TextField
from desktop.ui.widgets.toast import Toasts
from domain.entities.forms import TextModule
from domain.errors import GongdanError, UnavailableError
from domain.wire.text_modules import LONGEST_NAME, KeepTextModule


class NameModule(FormPopover):
    """`named` tells the name."""

    named = Signal(str)

    def __init__(self, anchor: QWidget) -> None:
        super().__init__(
            anchor, title=tr("module.keep"), verb=tr("list.save"), glyph="floppy-disk", width=320
        )
        editor = TextField("")
        editor.setMaxLength(LONGEST_NAME)
        editor.returnPressed.connect(self.submit)
        self._name = Field(tr("module.name"), editor, required=True, check=self._check)
        self.fields.addWidget(self._name)

    def _check(self) -> str | None:
        return None if self._name.value() else tr("module.name_missing")

    def first_field(self) -> QWidget | None:
        editor: QWidget = self._name.editor
        return editor

    def submit(self) -> None:
        if self._name.validate():
            self.named.emit(self._name.value())
            self.close()
        self.fit()


class OwnTexts(QObject):
    """Binds the panel to the server: what is written there comes back with the next pull."""

    def __init__(
        self,
        session: Session,
        panel: ModulesPanel,
        written: Callable[[], KeepTextModule],
        toasts: Toasts | None,
    ) -> None:
        super().__init__(panel)
        self._session, self._panel, self._written, self._toasts = session, panel, written, toasts
        panel.keep.setVisible(session.own_modules is not None)
        panel.keep.clicked.connect(self.ask)
        panel.dropped.connect(self.drop)
        session.bridge.changed.connect(self._on_changed)

    def _on_changed(self, moved: Changed) -> None:
        if "config" in moved.kinds:
            with self._session.replica.read() as conn:
                self._panel.learn(config.text_modules(conn, self._session.person.id))

    def ask(self) -> None:
        """Ask for a name, and keep what is written under it."""
        module = self._written()
        if not module.body.strip():
            self._say("module.nothing_written")
            return
        form = NameModule(self._panel.keep)
        form.named.connect(lambda name: self.keep(msgspec.structs.replace(module, name=name)))
        form.open()

    def keep(self, module: KeepTextModule, id: str = "") -> None:
        """Have the server keep a text."""
        own, id = self._session.own_modules, id or self._session.ids.new()
        if own is not None:
            self._do(lambda: own.keep(id, module), "module.kept", name=module.name)

    def drop(self, module: TextModule) -> None:
        """Have the server drop one of the person's own; undone from the toast."""
        own = self._session.own_modules
        if own is None or not module.owner:
            return
        names = KeepTextModule.__struct_fields__
        again = KeepTextModule(**{name: getattr(module, name) for name in names})
        self._do(
            lambda: own.drop(module.id), "module.dropped", undo=lambda: self.keep(again), name=module.name
        )

    def _do(
        self, work: Callable[[], None], said: str, *, undo: Callable[[], None] | None = None, **words: Any
    ) -> None:
        def then(_: None) -> None:
            self._session.sync.sync_now()
            self._say(said, undo=undo, **words)

        self._session.bridge.read(work, then=then, failed=self._fail, owner=self)

    def _fail(self, error: GongdanError) -> None:
        if isinstance(error, UnavailableError):  # nothing of this is sent later by itself
            self._say("module.offline")
        else:
            self._say("module.failed", reason=error_words(error))

    def _say(self, key: str, *, undo: Callable[[], None] | None = None, **words: Any) -> None:
        if self._toasts is not None:
            self._toasts.say(key, undo=undo, **words)
