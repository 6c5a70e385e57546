"""The scheme in force: which tokens, and their colours ready for painting."""

from dataclasses import fields, replace
from enum import StrEnum

from PySide6.QtGui import QColor, QPalette

from desktop.ui.theme.tokens import DARK, GROUNDS, LIGHT, Tokens


class Scheme(StrEnum):
    """What a person may choose; the system's own scheme is the absence of a choice."""

    LIGHT = "light"
    DARK = "dark"


class Colours:
    """The tokens in force, one for the process as QApplication's palette is, with their QColors."""

    def __init__(self) -> None:
        self.tokens: Tokens = LIGHT
        self.ready: dict[str, QColor] = {}

    def use(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.ready = {field.name: QColor(getattr(tokens, field.name)) for field in fields(tokens)}


_in_force = Colours()
_in_force.use(LIGHT)


def tokens() -> Tokens:
    """The tokens in force, as text."""
    return _in_force.tokens


def use_tokens(chosen: Tokens) -> None:
    """Make tokens the ones in force; the theme does this."""
    _in_force.use(chosen)


def colour(tone: str) -> QColor:
    """The colour of a token in force, by its name, or of `#RRGGBB`; do not change the returned object."""
    found = _in_force.ready.get(tone)
    return found if found is not None else QColor(tone)


def tokens_of(scheme: Scheme) -> Tokens:
    """The designed tokens of a scheme."""
    return DARK if scheme is Scheme.DARK else LIGHT


def contrast_tokens(palette: QPalette) -> Tokens:
    """Tokens from the system's palette, for high contrast: no grounds of our own."""

    def of(role: QPalette.ColorRole) -> str:
        return palette.color(QPalette.ColorGroup.Active, role).name()

    ground, ink = of(QPalette.ColorRole.Window), of(QPalette.ColorRole.WindowText)
    chosen, on_chosen = of(QPalette.ColorRole.Highlight), of(QPalette.ColorRole.HighlightedText)
    plain = {field.name: ink for field in fields(Tokens) if not field.name.startswith("on_")}
    grounds = dict.fromkeys(GROUNDS, ground)
    made = replace(LIGHT, **plain)
    made = replace(made, **grounds, accent=of(QPalette.ColorRole.Link))
    fill = {"accent_fill": chosen, "accent_hover": chosen, "accent_press": chosen}
    return replace(made, **fill, on_accent=on_chosen, on_late=ground)
