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
    """`named` tells the name; it stays open until the text is kept."""

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
            self.complain("")
            self.named.emit(self._name.value())
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
        form.named.connect(lambda name: self.keep(msgspec.structs.replace(module, name=name), form))
        form.open()

    def keep(self, module: KeepTextModule, form: NameModule | None = None) -> None:
        """Have the server keep a text; a form closes once it has."""
        own, id = self._session.own_modules, self._session.ids.new()
        if own is not None:
            self._do(lambda: own.keep(id, module), "module.kept", form=form, name=module.name)

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
        self,
        work: Callable[[], None],
        said: str,
        *,
        undo: Callable[[], None] | None = None,
        form: NameModule | None = None,
        **words: Any,
    ) -> None:
        def then(_: None) -> None:
            self._session.sync.sync_now()
            if form is not None:
                form.close()
            self._say(said, undo=undo, **words)

        def failed(error: GongdanError) -> None:
            key, reason = _failure(error)
            if form is not None and form.isVisible():
                form.complain(tr(key, **reason))
            else:
                self._say(key, failed=True, **reason)

        self._session.bridge.read(work, then=then, failed=failed, owner=self)

    def _say(self, key: str, **words: Any) -> None:
        if self._toasts is not None:
            self._toasts.say(key, **words)


def _failure(error: GongdanError) -> tuple[str, dict[str, str]]:
    if isinstance(error, UnavailableError):  # nothing of this is sent later by itself
        return "module.offline", {}
    return "module.failed", {"reason": error_words(error)}
