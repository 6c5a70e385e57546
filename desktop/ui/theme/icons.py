"""Phosphor icons by name, in a token's colour: from qtawesome's font, or from SVG where fonts are blocked.

The font file is read directly. Importing qtawesome itself would cost 0.2 s of the start.
"""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPainterPath, QPixmap, QRawFont, QTransform

from desktop.ui.theme.scheme import colour
from resources import icons as shipped

if TYPE_CHECKING:
    from PySide6.QtSvg import QSvgRenderer

GRID = 256  # Phosphor is drawn on a square of 256 units


class _Glyphs:
    """Outlines of the qtawesome Phosphor font on the 256 grid; empty where the font can't be loaded."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        spec = find_spec("qtawesome")
        for place in (spec.submodule_search_locations or []) if spec else []:
            fonts = Path(place) / "fonts"
            self.raw = QRawFont(str(next(fonts.glob("phosphor-*.ttf"), "")), float(GRID))
            charmap = next(fonts.glob("phosphor-charmap-*.json"), None)
            if self.raw.isValid() and charmap:
                self.codes = json.loads(charmap.read_text(encoding="utf-8"))

    def path_of(self, name: str) -> QPainterPath | None:
        code = self.codes.get(name)
        if code is None:
            return None
        path = self.raw.pathForGlyph(self.raw.glyphIndexesForString(chr(int(code, 16)))[0])
        path.setFillRule(Qt.FillRule.WindingFill)
        return QTransform.fromTranslate(0, self.raw.ascent()).map(path)


@cache
def _glyphs() -> _Glyphs:
    return _Glyphs()


@cache
def outline(name: str) -> QPainterPath | None:
    """An icon's outline on a square of 256, or None where the font lacks it or can't be loaded."""
    return _glyphs().path_of(name)


@cache
def _svg(name: str) -> "QSvgRenderer":
    from PySide6.QtSvg import QSvgRenderer  # only where fonts are blocked: 15 ms of the start

    return QSvgRenderer(QByteArray(shipped.read(name)))


def draw_icon(painter: QPainter, rect: QRectF, name: str, ink: QColor) -> None:
    """Paint an icon without the cache; for pictures, printing and odd sizes."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / GRID, rect.height() / GRID)
    drawn = outline(name)
    if drawn is not None:
        painter.fillPath(drawn, ink)
    else:
        _draw_svg(painter, name, ink)
    painter.restore()


def _draw_svg(painter: QPainter, name: str, ink: QColor) -> None:
    """Tint the black SVG: drawn apart, then filled where it has ink."""
    scale = painter.worldTransform().m11() * painter.device().devicePixelRatioF()
    side = max(1, round(GRID * scale))
    stencil = QPixmap(side, side)
    stencil.fill(Qt.GlobalColor.transparent)
    inner = QPainter(stencil)
    _svg(name).render(inner, QRectF(0, 0, side, side))
    inner.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    inner.fillRect(stencil.rect(), ink)
    inner.end()
    painter.drawPixmap(QRectF(0, 0, GRID, GRID), stencil, QRectF(stencil.rect()))


_pixmaps: dict[tuple[str, int, str, float], QPixmap] = {}


def pixmap(name: str, size: int, tone: str = "text2", scale: float = 1.0) -> QPixmap:
    """The icon as a cached pixmap of `size` logical pixels, in a token's colour or `#RRGGBB`."""
    key = (name, size, tone, scale)
    found = _pixmaps.get(key)
    if found is None:
        side = round(size * scale)
        found = QPixmap(side, side)
        found.fill(Qt.GlobalColor.transparent)
        painter = QPainter(found)
        draw_icon(painter, QRectF(0, 0, side, side), name, colour(tone))
        painter.end()
        found.setDevicePixelRatio(scale)
        _pixmaps[key] = found
    return found


def paint_icon(painter: QPainter, at: QPointF, name: str, *, size: int = 16, tone: str = "text2") -> None:
    """Paint a cached icon with its top left corner at a point."""
    painter.drawPixmap(at, pixmap(name, size, tone, painter.device().devicePixelRatioF()))


def forget_pixmaps() -> None:
    """Empty the cache; called when the scheme changes."""
    _pixmaps.clear()


class _Engine(QIconEngine):
    """Looks its colour up when it paints, so that icons follow the scheme."""

    def __init__(self, name: str, tone: str) -> None:
        super().__init__()
        self.name = name
        self.tone = tone

    def _tone(self, mode: QIcon.Mode) -> str:
        return "text3" if mode is QIcon.Mode.Disabled else self.tone

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        scale = painter.device().devicePixelRatioF()
        drawn = pixmap(self.name, side, self._tone(mode), scale)
        painter.drawPixmap(
            QPointF(rect.x() + (rect.width() - side) // 2, rect.y() + (rect.height() - side) // 2), drawn
        )

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        # Qt asks in device pixels and sets the ratio on the answer itself.
        side = min(size.width(), size.height())
        made = QPixmap(pixmap(self.name, max(1, side), self._tone(mode), 1.0))
        made.setDevicePixelRatio(scale)
        return made

    def clone(self) -> QIconEngine:
        return _Engine(self.name, self.tone)


def icon(name: str, tone: str = "text") -> QIcon:
    """A QIcon for menus, buttons and trays that follows the scheme; unknown names raise FileNotFoundError."""
    if name not in _glyphs().codes:
        _svg(name)
    return QIcon(_Engine(name, tone))
