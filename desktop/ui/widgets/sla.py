"""The SLA badge: 20 high, icon and figure, never colour alone."""

from PySide6.QtCore import QPointF, QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QStyle, QStyleOption, QWidget

from desktop.ui.countdown import Countdown, SlaState, countdown_text, spoken
from desktop.ui.theme import paint_icon
from desktop.ui.theme.tokens import CHIP_HEIGHT, ICON_SIZE_SMALL
from desktop.ui.widgets.painting import box, width, write
from domain.entities.base import Instant

# icon, tone, ground, line, bold, dashed
_LOOKS = {
    SlaState.RUNNING: ("timer", "text2", "", "", False, False),
    SlaState.SOON: ("hourglass-medium", "soon", "soon_soft", "soon_line", True, False),
    SlaState.LATE: ("warning-octagon", "late", "late_soft", "late_line", True, False),
    SlaState.PAUSED: ("pause-fill", "text2", "", "line_strong", False, True),
    SlaState.MET: ("check", "ok", "", "", False, False),
}
_ENABLED = QStyle.StateFlag.State_Enabled.value
_ICON_LEFT, _TEXT_LEFT, _TEXT_RIGHT = 6, 24, 8


def sla_icon(state: SlaState) -> tuple[str, str]:
    """Icon and tone of a state."""
    return _LOOKS[state][0], _LOOKS[state][1]


def sla_width(state: SlaState, text: str) -> int:
    """How wide the badge of a text is."""
    return _TEXT_LEFT + width(text, "small_bold" if _LOOKS[state][4] else "small") + _TEXT_RIGHT


def paint_sla(painter: QPainter, rect: QRect, state: SlaState, text: str, option: QStyleOption) -> int:
    """Paint the badge at the left of `rect`, centred upright; returns its width.

    A disabled `option` paints it in text3. Narrower than its text, the badge ends at `rect`.
    """
    glyph, tone, fill, line, bold, dashed = _LOOKS[state]
    if not option.state.value & _ENABLED:
        tone = "text3"
    kind = "small_bold" if bold else "small"
    wide = min(sla_width(state, text), rect.width())
    place = QRect(rect.left(), rect.top() + (rect.height() - CHIP_HEIGHT) // 2, wide, CHIP_HEIGHT)
    if line:
        box(painter, place, fill=fill, line=line, dashed=dashed)
    top = place.top() + (CHIP_HEIGHT - ICON_SIZE_SMALL) // 2
    paint_icon(painter, QPointF(place.left() + _ICON_LEFT, top), glyph, size=ICON_SIZE_SMALL, tone=tone)
    write(painter, place.left() + _TEXT_LEFT, place, text, kind=kind, tone=tone)
    return wide


class SlaBadge(QWidget):
    """A live badge; call `tick` once a second, it repaints only when its text changes."""

    def __init__(self, countdown: Countdown, now_at: Instant, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state, self._text = SlaState.MET, ""
        self._countdown = countdown
        self.tick(now_at)

    @property
    def state(self) -> SlaState:
        """The state shown."""
        return self._state

    @property
    def text(self) -> str:
        """The text shown."""
        return self._text

    def set_countdown(self, countdown: Countdown, now_at: Instant) -> None:
        """Show another clock."""
        self._countdown = countdown
        self.tick(now_at)

    def tick(self, now_at: Instant) -> None:
        """Show the clock as it stands at a moment; it speaks only when its state changes."""
        state, seconds = self._countdown.at(now_at)
        text = countdown_text(state, seconds)
        if text == self._text and state is self._state:
            return
        if state is not self._state or not self._text:
            self.setAccessibleName(spoken(state, seconds))
        self._state, self._text = state, text
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(sla_width(self._state, self._text), CHIP_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOption()
        option.initFrom(self)
        paint_sla(QPainter(self), self.rect(), self._state, self._text, option)
