"""A field of a form: label, editor, and below it one sentence when something is wrong."""

from collections.abc import Callable
from html import escape
from typing import Any, Protocol, cast

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.ui.text import tr
from desktop.ui.theme import font, pixmap, tokens
from desktop.ui.theme.tokens import ICON_SIZE_SMALL, LABEL_GAP
from desktop.ui.widgets.label import Label


class Editor(Protocol):
    """What a field needs of the widget it holds: TextField, TextArea, ComboBox, CheckBox and the like."""

    edited: Any

    def value(self) -> Any: ...
    def set_value(self, value: Any) -> None: ...
    def set_state(self, state: str) -> None: ...


class ErrorLine(QWidget):
    """The icon and one sentence that says what is wrong and what to do; hidden while empty."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel()
        self._icon.setFixedSize(ICON_SIZE_SMALL, 16)
        self._sentence = Label(kind="small", tone="late", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._sentence, 1)
        self._draw()
        self.hide()

    def text(self) -> str:
        """The sentence shown, or ""."""
        return self._sentence.text()

    def set_text(self, sentence: str) -> None:
        """Show a sentence, or nothing."""
        self._sentence.setText(sentence)
        self.setVisible(bool(sentence))

    def _draw(self) -> None:
        self._icon.setPixmap(pixmap("warning-circle", ICON_SIZE_SMALL, "late", self.devicePixelRatioF()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()


class Field(QWidget):
    """Checked on leaving it and on `validate`; the error goes away while typing.

    `check` gives the sentence for a bad value, or None. Submit is never disabled: it validates every
    field and jumps to the first error with `focus_editor`.
    """

    def __init__(
        self,
        label: str,
        editor: QWidget,
        *,
        required: bool = False,
        check: Callable[[], str | None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._caption, self._required = label, required
        self._check, self._reason = check, ""
        self.editor: Any = cast(Any, editor)
        self._label = QLabel()
        self._error = ErrorLine()
        self._label.setBuddy(editor)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(LABEL_GAP)
        if label:
            column.addWidget(self._label)
        column.addWidget(editor)
        column.addWidget(self._error)
        column.addStretch(1)
        self._write_label()
        editor.installEventFilter(self)
        self.editor.edited.connect(self.clear_error)

    def value(self) -> Any:
        """The editor's value."""
        return self.editor.value()

    def set_value(self, value: Any) -> None:
        """Fill the editor and forget an error."""
        self.editor.set_value(value)
        self.clear_error()

    def error(self) -> str:
        """The sentence shown, or ""."""
        return self._error.text()

    def set_error(self, sentence: str) -> None:
        """Show what is wrong; "" clears it."""
        self._error.set_text(sentence)
        self._show_state()

    def set_suggested(self, reason: str) -> None:
        """Mark the value as one nobody has confirmed, and say where it comes from; "" takes the mark back."""
        if reason != self._reason:
            self._reason = reason
            self.editor.setToolTip(reason)
            self._show_state()

    def _show_state(self) -> None:
        sentence = self.error()
        self.editor.set_state("error" if sentence else "suggested" if self._reason else "")
        self.editor.setAccessibleDescription(sentence or self._reason)

    def clear_error(self) -> None:
        """Forget the error."""
        if self.error():
            self.set_error("")

    def validate(self) -> bool:
        """Check now; True when there is nothing to complain about."""
        self.set_error((self._check() if self._check else None) or "")
        return not self.error()

    def focus_editor(self) -> None:
        """Put the cursor here."""
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and isinstance(event, QFocusEvent):
            stays = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
            if self._check is not None and event.reason() not in stays:
                self.validate()
        return super().eventFilter(watched, event)

    def set_label(self, label: str) -> None:
        """Change the label, as on a switch of language."""
        self._caption = label
        self._write_label()

    def _write_label(self) -> None:
        self._label.setFont(font("small"))
        self._label.setTextFormat(Qt.TextFormat.RichText)
        star = f' <span style="color:{tokens().late}">*</span>' if self._required else ""
        self._label.setText(escape(self._caption) + star)
        self._label.setProperty("tone", "text2")
        name = f"{self._caption}, {tr('widget.required')}" if self._required else self._caption
        if name:  # one without a label is named by who made it
            self.editor.setAccessibleName(name)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.LanguageChange):
            self._write_label()
