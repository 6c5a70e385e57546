"""The way of a ticket: passed, here now, to come; who, when, how long."""

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.ui.theme import colour, paint_icon
from desktop.ui.theme.tokens import ICON_SIZE
from desktop.ui.widgets.painting import fitted, width, write

_HEIGHT, _TEXT_LEFT = 44, 24


class Hop(msgspec.Struct, frozen=True, kw_only=True):
    """One stop: `state` is passed, here or ahead; `stay` is how long, or used / limit where it is now."""

    name: str
    who: str = ""
    time: str = ""
    stay: str = ""
    state: str = "passed"
    stay_tone: str = "text2"  # soon or late where the limit is near or gone


class HopList(QWidget):
    """Hops from above to below, joined by a line."""

    def __init__(self, hops: Sequence[Hop] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_hops(hops)

    def set_hops(self, hops: Sequence[Hop]) -> None:
        """Show other hops."""
        self._hops = tuple(hops)
        spoken = "; ".join(f"{hop.name}, {hop.who}, {hop.time}, {hop.stay}" for hop in self._hops)
        self.setAccessibleName(spoken)
        self.setFixedHeight(_HEIGHT * len(self._hops))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, _HEIGHT * len(self._hops))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for place, hop in enumerate(self._hops):
            top = place * _HEIGHT
            if place + 1 < len(self._hops):
                self._paint_joint(painter, top, passed=hop.state == "passed")
            self._paint_mark(painter, top, hop)
            self._paint_texts(painter, top, hop)

    def _paint_joint(self, painter: QPainter, top: int, *, passed: bool) -> None:
        pen = QPen(colour("ok" if passed else "line_strong"), 1)
        if not passed:
            pen.setDashPattern([3, 3])
        painter.setPen(pen)
        painter.drawLine(QPointF(7.5, top + 20), QPointF(7.5, top + _HEIGHT + 1))

    def _paint_mark(self, painter: QPainter, top: int, hop: Hop) -> None:
        if hop.state == "passed":
            paint_icon(painter, QPointF(0, top + 3), "check-circle-fill", size=ICON_SIZE, tone="ok")
        elif hop.state == "ahead":
            paint_icon(painter, QPointF(0, top + 3), "circle-dashed", size=ICON_SIZE, tone="line_strong")
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colour("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QRectF(1.5, top + 4.5, 13, 13))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("accent"))
            painter.drawEllipse(QRectF(4.5, top + 7.5, 7, 7))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_texts(self, painter: QPainter, top: int, hop: Hop) -> None:
        here = hop.state == "here"
        kind, tone = ("body_bold", "text") if here else ("body", "text2" if hop.state == "ahead" else "text")
        self._paint_line(
            painter, QRect(0, top, self.width(), 22), (hop.name, kind, tone), (hop.time, "small", "text2")
        )
        stay_kind = "small_bold" if here and hop.stay_tone != "text2" else "small"
        lower = QRect(0, top + 20, self.width(), 18)
        self._paint_line(painter, lower, (hop.who, "small", "text2"), (hop.stay, stay_kind, hop.stay_tone))

    def _paint_line(
        self, painter: QPainter, line: QRect, left: tuple[str, str, str], right: tuple[str, str, str]
    ) -> None:
        text, kind, tone = right
        taken = width(text, kind)
        write(painter, line.right() + 1 - taken, line, text, kind=kind, tone=tone)
        text, kind, tone = left
        room = line.width() - _TEXT_LEFT - taken - 8
        shown = fitted(text, kind, room)
        write(painter, _TEXT_LEFT, line, shown, kind=kind, tone=tone)
