"""Strokes that several parts share: boxes of one device pixel, text on a line."""

from functools import lru_cache

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QStaticText, QTransform

from desktop.ui.text import speech
from desktop.ui.theme import colour, font, metrics


def box(
    painter: QPainter, rect: QRect, *, fill: str = "", line: str = "", radius: int = 4, dashed: bool = False
) -> None:
    """A rounded box in tokens' colours, its line one device pixel."""
    scale = painter.device().devicePixelRatioF()
    width = max(1, int(scale)) / scale
    half = width / 2
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(colour(fill) if fill else Qt.BrushStyle.NoBrush)
    if line:
        pen = QPen(colour(line), width)
        if dashed:
            pen.setDashPattern([3, 2])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        half = 0
    painter.drawRoundedRect(QRectF(rect).adjusted(half, half, -half, -half), radius, radius)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def write(
    painter: QPainter, left: float, rect: QRect, text: str, *, kind: str = "body", tone: str = "text"
) -> None:
    """Text at `left`, centred upright in `rect`, not elided."""
    painter.setFont(font(kind))
    painter.setPen(colour(tone))
    painter.drawStaticText(QPointF(left, rect.top() + _drop(kind, rect.height())), _shaped(text, kind))


@lru_cache(maxsize=2048)
def _shaped(text: str, kind: str) -> QStaticText:
    """The glyphs of a text: finding them costs five times as much as drawing them, and rows repeat."""
    shaped = QStaticText(text)
    shaped.setTextFormat(Qt.TextFormat.PlainText)
    shaped.prepare(QTransform(), font(kind))
    return shaped


@lru_cache(maxsize=64)
def _drop(kind: str, height: int) -> int:
    """How far below the top of a line its text begins, so that it is centred."""
    measure = metrics(kind)
    return (height + measure.ascent() - measure.descent()) // 2 - measure.ascent()


@lru_cache(maxsize=8192)
def fitted(text: str, kind: str, room: int) -> str:
    """The text on one line, cut with … where it does not fit."""
    return metrics(kind).elidedText(text.replace("\n", " "), Qt.TextElideMode.ElideRight, room)


def baseline(rect: QRect, measure: QFontMetrics) -> int:
    """The baseline that centres a line of text in `rect`."""
    return rect.top() + (rect.height() + measure.ascent() - measure.descent()) // 2


@lru_cache(maxsize=8192)
def width(text: str, kind: str = "body") -> int:
    """How wide a text is in a step of the scale."""
    return metrics(kind).horizontalAdvance(text)


def _forget() -> None:
    for measured in (_shaped, _drop, fitted, width):
        measured.cache_clear()


speech.turning.connect(_forget)
