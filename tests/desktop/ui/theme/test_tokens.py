"""The colours can be read: contrast computed from the tokens."""

import re
from pathlib import Path

import pytest

from desktop.ui.theme.tokens import DARK, LIGHT, TYPE, Tokens

ROOT = Path(__file__).parents[4]
SCHEMES = pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])


def luminance(colour: str) -> float:
    """Relative luminance of #RRGGBB, as WCAG 2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The ratio between two colours, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@SCHEMES
@pytest.mark.parametrize("ground", ["bg", "surface", "sunken", "hover"])
@pytest.mark.parametrize("ink", ["text", "text2", "text3", "accent", "late", "soon", "ok"])
def test_text_is_readable_on_every_ground(tokens: Tokens, ink: str, ground: str) -> None:
    """Text reaches 4.5:1 on each ground it may stand on."""
    assert contrast(getattr(tokens, ink), getattr(tokens, ground)) >= 4.5


@SCHEMES
@pytest.mark.parametrize("tone", ["accent", "late", "soon", "ok", "note"])
def test_tones_are_readable_on_their_soft_ground(tokens: Tokens, tone: str) -> None:
    """Badges, banners and bubbles reach 4.5:1, for their tone and for plain text."""
    ground = getattr(tokens, f"{tone}_soft")
    assert contrast(getattr(tokens, tone), ground) >= 4.5
    assert contrast(tokens.text, ground) >= 4.5
    assert contrast(tokens.text2, ground) >= 4.5


@SCHEMES
def test_filled_grounds_carry_their_text(tokens: Tokens) -> None:
    """The primary button in each state, the late badge and the inverted toast reach 4.5:1."""
    for fill in (tokens.accent_fill, tokens.accent_hover, tokens.accent_press):
        assert contrast(tokens.on_accent, fill) >= 4.5
    assert contrast(tokens.on_late, tokens.late) >= 4.5
    assert contrast(tokens.surface, tokens.text) >= 4.5
    assert contrast(tokens.line, tokens.text) >= 4.5


@SCHEMES
def test_controls_stand_out(tokens: Tokens) -> None:
    """Input borders, the focus ring and chart marks reach 3:1 on a pane."""
    for mark in ("line_strong", "accent", "c1", "c2", "c3", "c4", "c5", "c6"):
        assert contrast(getattr(tokens, mark), tokens.surface) >= 3.0


def test_nothing_is_smaller_than_12() -> None:
    """The type scale keeps to sizes people can read."""
    assert min(step.size for step in TYPE.values()) == 12
    assert all(step.line > step.size for step in TYPE.values())


def test_colours_are_written_in_one_module() -> None:
    """A colour elsewhere would not follow the scheme."""
    strays = [
        f"{path.relative_to(ROOT)}: {found}"
        for path in (ROOT / "desktop" / "ui").rglob("*.py")
        if path.name != "tokens.py"
        for found in re.findall(r"[\"'](#[0-9A-Fa-f]{6})[\"']", path.read_text(encoding="utf-8"))
    ]
    assert not strays
