"""Fonts of the type scale: families by language, figures of equal width, weights 400 and 700."""

from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontDatabase, QFontMetrics
from PySide6.QtWidgets import QApplication

from desktop.ui.text import language, speech
from desktop.ui.theme.tokens import FAMILIES, LATIN_FAMILIES, TYPE

_PROPORTIONAL = QFont.Tag("pwid")


@cache
def font(kind: str = "body") -> QFont:
    """The font of a step of the scale (`tokens.TYPE`); do not change the returned object, copy it."""
    step = TYPE[kind]
    return sized(step.size, bold=step.bold)


def sized(pixels: int, *, bold: bool = False) -> QFont:
    """A font outside the scale (wallboard figures), in pixels at 100 %."""
    made = QFont()
    _speak(made)
    made.setPixelSize(pixels)
    made.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def _speak(made: QFont) -> None:
    """Give a font the families of the language in force; its punctuation is Latin in English."""
    english = language() == "en"
    made.setFamilies([*LATIN_FAMILIES, *FAMILIES] if english else list(FAMILIES))
    if english and not any(map(QFontDatabase.hasFamily, LATIN_FAMILIES)):
        made.setFeature(_PROPORTIONAL, 1)  # the Chinese face's own narrow quotes
    elif made.isFeatureSet(_PROPORTIONAL):
        made.unsetFeature(_PROPORTIONAL)


def _turn() -> None:
    """Have every widget's font speak the language there is now."""
    font.cache_clear()
    metrics.cache_clear()
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        return
    app.setFont(font("body"))
    for widget in app.allWidgets():
        if widget.testAttribute(Qt.WidgetAttribute.WA_SetFont):
            turned = widget.font()
            _speak(turned)
            widget.setFont(turned)


speech.turning.connect(_turn)


@cache
def metrics(kind: str = "body") -> QFontMetrics:
    """Cached metrics of a step of the scale; widths are measured with these, never by counting characters."""
    return QFontMetrics(font(kind))


def install_fonts(app: QApplication) -> None:
    """Make body text the font of the whole application."""
    app.setFont(font("body"))
