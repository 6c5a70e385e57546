"""The picture of a deadline: what counted, what was closed, what was paused and what is left, side by side."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.ui.text import tr
from desktop.ui.theme import colour
from desktop.ui.tickets.why_steps import CLOSED, COUNTED, PAUSED, REST, Step
from desktop.ui.widgets.painting import box, width, write

_BAR, _LEGEND_TOP, _HEIGHT = 24, 30, 50
_CLOSED_SHARE = 0.12  # closed time is not drawn to scale: a night is longer than any working day
_SWATCH = 12


def short(seconds: int) -> str:
    """1:30 hours and minutes, as it stands in the bar."""
    return f"{seconds // 3600}:{seconds % 3600 // 60:02}"


class WhyBar(QWidget):
    """Working time to scale, closed time narrow and hatched; below it what the looks mean."""

    def __init__(self, steps: Sequence[Step], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps = list(steps)
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(400, _HEIGHT)

    def _weights(self) -> list[float]:
        total = sum(step.seconds for step in self._steps) or 1
        paused = [step for step in self._steps if step.kind == PAUSED]
        shares = []
        for step in self._steps:
            if step.kind == CLOSED:
                shares.append(total * _CLOSED_SHARE)
            elif step.kind == PAUSED:
                length = (step.to_at - step.from_at) / 1000
                shares.append(min(length, total * 0.15) if paused else 0)
            else:
                shares.append(max(step.seconds, total * 0.02))
        return shares

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        weights = self._weights()
        whole = sum(weights) or 1.0
        left = 0.0
        for step, weight in zip(self._steps, weights, strict=True):
            wide = weight / whole * self.width()
            place = QRect(round(left), 0, max(2, round(left + wide) - round(left) - 1), _BAR)
            self._paint_step(painter, place, step)
            left += wide
        self._paint_legend(painter)

    def _paint_step(self, painter: QPainter, place: QRect, step: Step) -> None:
        words, tone = short(step.seconds), "on_accent"
        if step.kind == COUNTED:
            box(painter, place, fill="accent_fill", radius=2)
        elif step.kind == REST:
            box(painter, place, fill="accent_soft", line="accent_line", radius=2)
            tone = "accent"
        elif step.kind == PAUSED:
            box(painter, place, line="line_strong", radius=2, dashed=True)
            words, tone = tr("why.paused"), "text2"
        else:
            _hatch(painter, place)
            return
        wide = width(words, "small")
        if wide + 8 <= place.width():
            write(painter, place.left() + (place.width() - wide) / 2, place, words, kind="small", tone=tone)

    def _paint_legend(self, painter: QPainter) -> None:
        present = {step.kind for step in self._steps}
        left = 0
        for kind in (COUNTED, CLOSED, PAUSED, REST):
            if kind not in present:
                continue
            place = QRect(left, _LEGEND_TOP + 4, _SWATCH, 8)
            if kind == CLOSED:
                _hatch(painter, place)
            else:
                looks = {
                    COUNTED: ("accent_fill", ""),
                    PAUSED: ("", "line_strong"),
                    REST: ("accent_soft", "accent_line"),
                }
                fill, line = looks[kind]
                box(painter, place, fill=fill, line=line, radius=1, dashed=kind == PAUSED)
            words = tr(f"why.{kind}")
            line_place = QRect(0, _LEGEND_TOP, self.width(), 16)
            write(painter, left + _SWATCH + 6, line_place, words, kind="small", tone="text2")
            left += _SWATCH + 6 + width(words, "small") + 16


def _hatch(painter: QPainter, place: QRect) -> None:
    """Thin slanted lines."""
    painter.save()
    painter.setClipRect(place)
    painter.fillRect(place, colour("hover"))
    painter.setPen(QPen(colour("line"), 2))
    area = QRectF(place)
    start = area.left() - area.height()
    while start < area.right():
        painter.drawLine(QPointF(start, area.bottom()), QPointF(start + area.height(), area.top()))
        start += 8
    painter.restore()
