"""A value the system proposes: marked, with its reason, until a person confirms or changes it."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.ui.text import tr
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.field import Editor
from desktop.ui.widgets.label import Label


class Suggestion(QWidget):
    """The row beside or below an editor; `settled` is False while it blocks submit, never typing."""

    confirmed = Signal()
    change_wanted = Signal()

    def __init__(self, editor: QWidget, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editor: Editor = editor  # type: ignore[assignment]
        self.settled = True
        self._chip = Chip("", glyph="magic-wand", look="soon", large=True)
        self._reason = Label(kind="small", tone="text2", elide=True)
        self._confirm = Button(icon="check", shortcut="Alt+Y", small=True)
        self._change = Button(small=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._chip)
        row.addWidget(self._reason, 1)
        row.addWidget(self._confirm)
        row.addWidget(self._change)
        self._confirm.clicked.connect(self.confirm)
        self._change.clicked.connect(self.change_wanted)
        self._editor.edited.connect(self._on_edited)
        self._write_words()
        self.hide()

    def propose(self, value: object, reason: str) -> None:
        """Fill the editor with a value and say where it comes from."""
        self._editor.set_value(value)
        self._editor.set_state("suggested")
        self._reason.setText(reason)
        self.settled = False
        self.show()

    def confirm(self) -> None:
        """Take the value as it stands."""
        if self.settled:
            return
        self._settle()
        self.confirmed.emit()

    def forget(self) -> None:
        """Propose nothing any more, as when another form is shown."""
        if not self.settled:
            self._settle()

    def focus_confirm(self) -> None:
        """Put the focus on the button that confirms."""
        self._confirm.setFocus(Qt.FocusReason.TabFocusReason)

    def _on_edited(self) -> None:
        # A value the person put there is theirs; nothing is left to confirm.
        if not self.settled:
            self._settle()

    def _settle(self) -> None:
        self.settled = True
        self._editor.set_state("")
        self.hide()

    def _write_words(self) -> None:
        self._chip.setText(tr("widget.suggested"))
        self._confirm.setText(tr("widget.confirm"))
        self._change.setText(tr("widget.change"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._write_words()
