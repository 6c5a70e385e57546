"""A span of time relative to now, as a condition of a view names it: today, the last 7 days, over 4 hours ago."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.ui.form.editors import NumberField
from desktop.ui.text import tr
from desktop.ui.widgets.combo_box import ComboBox
from domain.rules.spans import COUNTED, NAMED, read_span

_USUAL = {"last_days": 7, "next_days": 7, "last_hours": 24, "next_hours": 4, "over_hours": 4}
_COUNT_WIDTH = 64


class SpanField(QWidget):
    """The span, and beside it the count of one that has a count; `hours`: spans of hours, too."""

    edited = Signal()

    def __init__(self, *, hours: bool) -> None:
        super().__init__()
        spans = [one for one in (*NAMED, *COUNTED) if hours or not one.endswith("_hours")]
        self._span = ComboBox([(one, tr(f"view.span.{one}")) for one in spans], placeholder=tr("form.choose"))
        self._span.setMaxVisibleItems(len(spans))
        self._count = NumberField()
        self._count.setFixedWidth(_COUNT_WIDTH)
        self._count.setAccessibleName(tr("view.span_count"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._span, 1)
        row.addWidget(self._count)
        self.setFocusProxy(self._span)
        self._span.edited.connect(self._on_span)
        self._count.edited.connect(self.edited)
        self._count.hide()

    def value(self) -> str | None:
        """As a condition holds it; what is no span while the count is missing or wrong."""
        span = self._span.value()
        return f"{span}:{self._count.text().strip()}" if span in COUNTED else span

    def set_value(self, value: Any) -> None:
        """Fill it by program."""
        span, count = read_span(value) or (None, 0)
        self._span.set_value(span)
        self._count.set_value(count or None)
        self._count.setVisible(span in COUNTED)

    def setAccessibleName(self, name: str) -> None:
        """The span is what has the keyboard first."""
        super().setAccessibleName(name)
        self._span.setAccessibleName(name)

    def set_state(self, state: str) -> None:
        """ "error" frames what is missing."""
        counted = self._span.value() in COUNTED
        self._span.set_state("" if counted else state)
        self._count.set_state(state if counted else "")

    def trouble(self) -> str | None:
        """The sentence for a count that is none."""
        value = self.value()
        return tr("view.wrong.condition_value_no_span") if value and read_span(value) is None else None

    def _on_span(self) -> None:
        span = self._span.value()
        self._count.setVisible(span in COUNTED)
        if span in COUNTED:
            self._count.set_value(_USUAL[span])
        self.edited.emit()
