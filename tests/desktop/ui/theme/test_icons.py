"""Icons come from the font or from SVG, in the scheme's colours, and are drawn once."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage, QPixmap

from desktop.ui import theme
from desktop.ui.theme import icons
from desktop.ui.theme.tokens import DARK, LIGHT, Tokens
from resources import icons as shipped
from tests.shots.icons import used_names


def theme_green(tokens: Tokens) -> int:
    """The green part of a scheme's `ok`."""
    return QColor(tokens.ok).green()


def darkness(picture: QPixmap) -> int:
    """How much ink a picture holds."""
    image = picture.toImage().convertToFormat(QImage.Format.Format_ARGB32)
    points = ((x, y) for x in range(image.width()) for y in range(image.height()))
    return sum(image.pixelColor(x, y).alpha() for x, y in points)


def test_every_icon_in_use_is_shipped_as_svg() -> None:
    """Where policy blocks fonts no button is left blank."""
    assert used_names() - shipped.names() == set(), "run python -m tests.shots.icons"


def test_every_icon_in_use_is_in_the_font() -> None:
    """A misspelt name would be an empty square."""
    assert not [name for name in used_names() if icons.outline(name) is None]


@pytest.mark.parametrize("name", ["tray", "check-circle-fill", "magnifying-glass"])
def test_svg_draws_what_the_font_draws(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The two ways give the same icon, to within the edges' rounding."""
    icons.forget_pixmaps()
    by_font = darkness(theme.pixmap(name, 32))
    icons.forget_pixmaps()
    monkeypatch.setattr(icons, "outline", lambda _: None)
    by_svg = darkness(theme.pixmap(name, 32))
    icons.forget_pixmaps()
    assert by_font > 0
    assert abs(by_font - by_svg) / by_font < 0.03


def test_pixmaps_are_kept_by_name_size_tone_and_scale() -> None:
    """A screen of cells paints each glyph once; another size, tone or scale is another picture."""
    kept = theme.pixmap("tray", 16, "text2", 1.0)
    assert theme.pixmap("tray", 16, "text2", 1.0) is kept
    others = [("tray", 14, "text2", 1.0), ("tray", 16, "late", 1.0), ("tray", 16, "text2", 1.5)]
    assert all(theme.pixmap(*other) is not kept for other in others)
    assert theme.pixmap("tray", 16, "text2", 1.5).width() == 24


def test_icons_follow_the_scheme(dress: theme.Theme) -> None:
    """A QIcon made under the light scheme paints in the dark one's colours after a switch."""
    made = theme.icon("check-circle-fill", "ok")
    before = made.pixmap(QSize(16, 16)).toImage().pixelColor(4, 8).green()
    dress.choose(theme.Scheme.DARK)
    after = made.pixmap(QSize(16, 16)).toImage().pixelColor(4, 8).green()
    assert (before, after) == (theme_green(LIGHT), theme_green(DARK))


def test_unknown_icon_is_an_error() -> None:
    """A name that neither the font nor we have fails where it is written."""
    with pytest.raises(FileNotFoundError):
        theme.icon("no-such-icon")
