"""What a list says when it is empty: what that means, and what comes next."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.ui.text import has_text, tr
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.empty_state import EmptyState

_LOOKS = {
    "todo": ("checks", "ok", ("unassigned", "to_transfer", "new")),
    "to_transfer": ("arrow-bend-up-right", "text3", ("todo",)),
    "transferred": ("arrows-left-right", "text3", ("todo",)),
    "done": ("checks", "text3", ("todo",)),
    "created": ("user-circle-plus", "text3", ("new",)),
    "cc": ("at", "text3", ("todo",)),
    "unassigned": ("users-three", "ok", ("todo", "new")),
    "soon": ("hourglass-medium", "ok", ("todo",)),
    "late": ("check-circle", "ok", ("todo",)),
}
_STEPS = {
    "unassigned": ("users-three", ""),
    "to_transfer": ("arrow-bend-up-right", ""),
    "todo": ("tray", "Ctrl+1"),
    "new": ("plus", "Ctrl+N"),
}


class ListEmpty(QWidget):
    """`step_chosen` tells which next step: a worklist's key, or new."""

    step_chosen = Signal(str)
    filters_dropped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = EmptyState("tray", "")
        self._state.filters_cleared.connect(self.filters_dropped)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 0, 24, 0)
        column.addWidget(self._state)

    def show_list(self, key: str, filters: Sequence[str]) -> None:
        """Say what the emptiness of a list means; with filters on, that they may hide something."""
        glyph, tone, steps = _LOOKS.get(key, ("funnel-simple", "text3", ("todo",)))
        title = tr(f"empty.{key}.title") if has_text(f"empty.{key}.title") else tr("empty.view.title")
        sentence = tr(f"empty.{key}.text") if has_text(f"empty.{key}.text") else tr("empty.view.text")
        if filters:
            glyph, tone = "funnel-simple", "text3"
            title, sentence = tr("empty.filtered.title"), tr("empty.filtered.text")
        self.setAccessibleName(f"{title}. {sentence}")
        self._state.show_state(glyph, title, sentence, steps=[self._step(one) for one in steps], tone=tone)
        named = "".join(tr("empty.filter_name", name=name) for name in filters)
        self._state.set_filters(tr("empty.filters", filters=named) if filters else "")

    def _step(self, key: str) -> Button:
        glyph, keys = _STEPS[key]
        button = Button(tr(f"empty.step.{key}"), icon=glyph, shortcut=keys)
        button.clicked.connect(lambda: self.step_chosen.emit(key))
        return button
