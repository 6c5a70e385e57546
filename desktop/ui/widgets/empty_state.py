"""An empty pane: an icon, what it means, up to three next steps, and the filters in force."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.ui.text import tr
from desktop.ui.theme import pixmap
from desktop.ui.theme.tokens import ICON_SIZE_EMPTY
from desktop.ui.widgets.button import Button, LinkButton
from desktop.ui.widgets.label import Label

MOST_STEPS = 3


class EmptyState(QWidget):
    """Centred in its pane; `filters_cleared` when the person drops the filters named in `set_filters`."""

    filters_cleared = Signal()

    def __init__(
        self,
        glyph: str,
        title: str,
        sentence: str = "",
        *,
        steps: Sequence[Button] = (),
        tone: str = "text3",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon = QLabel()
        self._title = Label(kind="h2", wrap=True)
        self._sentence = Label(tone="text2", wrap=True)
        self._filters = Label(kind="small", tone="text2")
        self._clear = LinkButton()
        self._clear.clicked.connect(self.filters_cleared)
        column = QVBoxLayout(self)
        column.setSpacing(4)
        column.addStretch(2)
        for part in (self._icon, self._title, self._sentence):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(part)
        column.addSpacing(16)
        self._steps = self._row()
        column.addLayout(self._steps)
        column.addSpacing(12)
        filters = self._row()
        filters.insertWidget(1, self._filters)
        filters.insertWidget(2, self._clear)
        column.addLayout(filters)
        column.addStretch(3)
        self.show_state(glyph, title, sentence, steps=steps, tone=tone)
        self.set_filters("")

    def _row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addStretch(1)
        return row

    def show_state(
        self, glyph: str, title: str, sentence: str = "", *, steps: Sequence[Button] = (), tone: str = "text3"
    ) -> None:
        """Say something else; at most three steps."""
        if len(steps) > MOST_STEPS:
            raise ValueError(f"at most {MOST_STEPS} next steps")
        self._glyph, self._tone = glyph, tone
        self._title.setText(title)
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))
        while self._steps.count() > 2:
            item = self._steps.takeAt(1)
            gone = item.widget() if item is not None else None
            if gone is not None:
                gone.deleteLater()
        for place, step in enumerate(steps):
            self._steps.insertWidget(place + 1, step)
        self._dress()

    def set_filters(self, sentence: str) -> None:
        """Name the filters in force (筛选“未解决”生效中。) with a link to drop them; "" hides both."""
        self._filters.setText(sentence)
        self._filters.setVisible(bool(sentence))
        self._clear.setVisible(bool(sentence))

    def _dress(self) -> None:
        self._icon.setPixmap(pixmap(self._glyph, ICON_SIZE_EMPTY, self._tone, self.devicePixelRatioF()))
        self._clear.setText(tr("widget.clear_filters"))
        self._clear.updateGeometry()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.LanguageChange):
            self._dress()
