"""Fonts of the type scale: one family list, figures of equal width, weights 400 and 700."""

from functools import cache

from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QApplication

from desktop.ui.theme.tokens import FAMILIES, TYPE


@cache
def font(kind: str = "body") -> QFont:
    """The font of a step of the scale (`tokens.TYPE`); do not change the returned object, copy it."""
    step = TYPE[kind]
    return sized(step.size, bold=step.bold)


def sized(pixels: int, *, bold: bool = False) -> QFont:
    """A font outside the scale (wallboard figures), in pixels at 100 %."""
    made = QFont()
    made.setFamilies(list(FAMILIES))
    made.setPixelSize(pixels)
    made.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


@cache
def metrics(kind: str = "body") -> QFontMetrics:
    """Cached metrics of a step of the scale; widths are measured with these, never by counting characters."""
    return QFontMetrics(font(kind))


def install_fonts(app: QApplication) -> None:
    """Make body text the font of the whole application."""
    app.setFont(font("body"))
