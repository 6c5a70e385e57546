"""One SLA clock of a ticket: what it is, how it stands, and a bar of the share used."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.ui.countdown import Countdown, SlaState, countdown_text, spoken
from desktop.ui.theme import colour, paint_icon
from desktop.ui.theme.tokens import ICON_SIZE_SMALL
from desktop.ui.widgets.painting import fitted, width, write
from desktop.ui.widgets.sla import sla_icon
from domain.entities.base import Instant

_BAR = {
    SlaState.RUNNING: "accent",
    SlaState.SOON: "soon",
    SlaState.LATE: "late",
    SlaState.PAUSED: "line_strong",
    SlaState.MET: "ok",
}
_VALUE_TONE = {SlaState.RUNNING: "text", SlaState.PAUSED: "text2"}
_CAPTION, _VALUE, _BAR_HEIGHT, _HEIGHT = 16, 20, 4, 44


class ClockBar(QWidget):
    """Caption (下次响应 · 14:50 截止), figure, and a 4 px bar; `tick` once a second.

    `met_text` stands for the figure once met (12 分钟); without a countdown the clock has not begun.
    """

    def __init__(self, caption: str, *, waiting_text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption, self._waiting_text = caption, waiting_text
        self._countdown: Countdown | None = None
        self._met_text = ""
        self._missed = False
        self._target_s = 0
        self._state: SlaState | None = None
        self._text, self._share = waiting_text, 0.0
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """The figure shown."""
        return self._text

    @property
    def share(self) -> float:
        """The share of the target used, 0 to 1."""
        return self._share

    def show_clock(
        self,
        countdown: Countdown | None,
        *,
        now_at: Instant,
        target_s: int,
        caption: str = "",
        met_text: str = "",
        missed: bool = False,
    ) -> None:
        """Show a clock whose target is `target_s`; None when it has not begun. `missed`: met, but late."""
        self._countdown, self._target_s, self._met_text = countdown, target_s, met_text
        self._missed = missed
        self._caption = caption or self._caption
        self._state = None
        self.tick(now_at)

    def tick(self, now_at: Instant) -> None:
        """Bring figure and bar to a moment."""
        if self._countdown is None:
            self._state, self._text, self._share = None, self._waiting_text, 0.0
            self.setAccessibleName(f"{self._caption} {self._text}")
            self.update()
            return
        state, seconds = self._countdown.at(now_at)
        text = self._met_text if state is SlaState.MET and self._met_text else countdown_text(state, seconds)
        if state is SlaState.MET and self._missed:
            state = SlaState.LATE
        if state is not self._state:
            self.setAccessibleName(f"{self._caption} {spoken(state, seconds)}")
        elif text == self._text:
            return
        self._state, self._text = state, text
        used = 1.0 if state in (SlaState.LATE, SlaState.MET) else 1 - seconds / max(1, self._target_s)
        self._share = min(1.0, max(0.0, used))
        self.update()

    def sizeHint(self) -> QSize:
        value = ICON_SIZE_SMALL + 4 + width(self._text, "h3")
        return QSize(max(108, value, width(self._caption, "small")), _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(ICON_SIZE_SMALL + 4 + width(self._text, "h3"), _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        line = self.rect()
        line.setHeight(_CAPTION)
        caption = fitted(self._caption, "small", self.width())
        write(painter, 0, line, caption, kind="small", tone="text2")
        line.moveTop(_CAPTION)
        line.setHeight(_VALUE)
        glyph, tone = sla_icon(self._state) if self._state else ("circle-dashed", "text3")
        if self._state:
            tone = _VALUE_TONE.get(self._state, tone)
        paint_icon(painter, QPointF(0, _CAPTION + 3), glyph, size=ICON_SIZE_SMALL, tone=tone)
        write(painter, ICON_SIZE_SMALL + 4, line, self._text, kind="h3" if self._state else "body", tone=tone)
        self._paint_bar(painter)

    def _paint_bar(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(0, _HEIGHT - _BAR_HEIGHT - 2, self.width(), _BAR_HEIGHT)
        painter.setBrush(colour("line" if self._state is None else "hover"))
        painter.drawRoundedRect(whole, 2, 2)
        if self._state is not None and self._share > 0:
            whole.setWidth(max(_BAR_HEIGHT, self.width() * self._share))
            painter.setBrush(colour(_BAR[self._state]))
            painter.drawRoundedRect(whole, 2, 2)
