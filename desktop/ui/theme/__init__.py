"""The look of the desktop: tokens, colours, fonts, icons, and the theme that applies them."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from desktop.ui.theme.fonts import font, install_fonts, metrics, sized
from desktop.ui.theme.icons import draw_icon, forget_pixmaps, icon, paint_icon, pixmap
from desktop.ui.theme.motion import fade_ms
from desktop.ui.theme.scheme import Scheme, colour, contrast_tokens, tokens, tokens_of, use_tokens
from desktop.ui.theme.style import FocusRing
from desktop.ui.theme.stylesheet import stylesheet
from desktop.ui.theme.tokens import Tokens

__all__ = [
    "Scheme",
    "Theme",
    "Tokens",
    "colour",
    "draw_icon",
    "fade_ms",
    "font",
    "icon",
    "install",
    "metrics",
    "paint_icon",
    "pixmap",
    "sized",
    "tokens",
]

_ROLES = {
    QPalette.ColorRole.Window: "bg",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "surface",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.Button: "surface",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "late",
    QPalette.ColorRole.Highlight: "accent_fill",
    QPalette.ColorRole.HighlightedText: "on_accent",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.LinkVisited: "accent",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.PlaceholderText: "text3",
    QPalette.ColorRole.ToolTipBase: "text",
    QPalette.ColorRole.ToolTipText: "surface",
    QPalette.ColorRole.Light: "surface",
    QPalette.ColorRole.Midlight: "hover",
    QPalette.ColorRole.Mid: "line",
    QPalette.ColorRole.Dark: "line_strong",
    QPalette.ColorRole.Shadow: "line_strong",
}


def palette_of(chosen: Tokens) -> QPalette:
    """Qt's palette from tokens, for what style sheets don't reach."""
    made = QPalette()
    use_tokens(chosen)
    for role, tone in _ROLES.items():
        made.setColor(role, colour(tone))
    disabled = QPalette.ColorGroup.Disabled
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        made.setColor(disabled, role, colour("text3"))
    return made


class Theme(QObject):
    """Follows the system's scheme unless a person chose one; rebuilds the style sheet once on a change."""

    changed = Signal()

    def __init__(self, app: QApplication, choice: Scheme | None = None) -> None:
        super().__init__(app)
        self._app = app
        self._choice = choice
        self._applied: Tokens | None = None
        self._system_palette = QPalette(app.palette())
        self._hints = QGuiApplication.styleHints()
        app.setStyle("Fusion")
        install_fonts(app)
        self._ring = FocusRing(app)
        self._hints.colorSchemeChanged.connect(self._on_system_changed)
        self.choose(choice)

    @property
    def choice(self) -> Scheme | None:
        """What the person chose; None follows the system."""
        return self._choice

    @property
    def scheme(self) -> Scheme:
        """The scheme in force."""
        if self._choice is not None:
            return self._choice
        return Scheme.DARK if self._hints.colorScheme() is Qt.ColorScheme.Dark else Scheme.LIGHT

    def choose(self, choice: Scheme | None) -> None:
        """Set the person's choice; None goes back to the system's scheme."""
        self._choice = choice
        wish = {Scheme.LIGHT: Qt.ColorScheme.Light, Scheme.DARK: Qt.ColorScheme.Dark}
        # Asks the platform for matching title bars; may call back into _on_system_changed.
        self._hints.setColorScheme(wish[choice] if choice is not None else Qt.ColorScheme.Unknown)
        self._apply()

    def _wants_contrast(self) -> bool:
        return self._hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast

    def _on_system_changed(self) -> None:
        self._apply()

    def _apply(self) -> None:
        chosen = contrast_tokens(self._system_palette) if self._wants_contrast() else tokens_of(self.scheme)
        if chosen == self._applied:
            return
        self._applied = chosen
        forget_pixmaps()
        self._app.setPalette(palette_of(chosen))
        self._app.setStyleSheet(stylesheet(chosen))
        self.changed.emit()


def install(app: QApplication, *, choice: Scheme | None = None) -> Theme:
    """Dress the application, before any window is made; the composition root keeps the theme."""
    return Theme(app, choice)
