"""The scheme changes at run time and everything follows."""

import subprocess
import sys
from dataclasses import asdict

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui import theme
from desktop.ui.theme.scheme import contrast_tokens
from desktop.ui.theme.stylesheet import stylesheet
from desktop.ui.theme.tokens import DARK, LIGHT
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.priority import PriorityMark


def pixel(widget: QWidget, x: int, y: int) -> str:
    """The colour drawn at a point."""
    return widget.grab().toImage().pixelColor(x, y).name().upper()


def test_switch_repaints(qtbot: QtBot, dress: theme.Theme) -> None:
    """Grounds from the style sheet and marks painted by hand both take the other scheme's colours."""
    pane = QWidget()
    qtbot.addWidget(pane)
    ground(pane, "surface")
    mark = PriorityMark("urgent", bare=True, parent=pane)
    pane.resize(100, 100)
    pane.show()
    assert (pixel(pane, 90, 90), pixel(mark, 3, 10)) == (LIGHT.surface, LIGHT.late)
    with qtbot.waitSignal(dress.changed):
        dress.choose(theme.Scheme.DARK)
    assert (pixel(pane, 90, 90), pixel(mark, 3, 10)) == (DARK.surface, DARK.late)
    assert QApplication.palette().color(QPalette.ColorRole.Base).name().upper() == DARK.surface


def test_same_choice_does_not_rebuild(qtbot: QtBot, dress: theme.Theme) -> None:
    """The style sheet is built once for a change, and not at all without one."""
    with qtbot.assertNotEmitted(dress.changed):
        dress.choose(theme.Scheme.LIGHT)


def test_without_a_choice_the_system_decides(dress: theme.Theme) -> None:
    """None means the system's scheme, which is light where it does not say."""
    dress.choose(None)
    assert dress.choice is None
    assert dress.scheme is theme.Scheme.LIGHT


def test_every_token_in_the_sheet_is_filled() -> None:
    """A forgotten name would leave a $ behind, and Qt would drop the whole sheet in silence."""
    for tokens in (LIGHT, DARK):
        sheet = stylesheet(tokens)
        assert "$" not in sheet
        assert sheet.count("{") == sheet.count("}")


def test_sheet_is_understood(qtbot: QtBot, dress: theme.Theme, capfd: pytest.CaptureFixture[str]) -> None:
    """Qt says so on the error stream when it can't read a style sheet."""
    dress.choose(theme.Scheme.DARK)
    label = QLabel("x")
    qtbot.addWidget(label)
    label.show()
    assert "Could not parse" not in capfd.readouterr().err


def test_high_contrast_keeps_the_systems_colours() -> None:
    """No ground of ours is left when a person asked the system for high contrast."""
    system = QPalette()
    system.setColor(QPalette.ColorRole.Window, QColor("black"))
    system.setColor(QPalette.ColorRole.WindowText, QColor("yellow"))
    made = asdict(contrast_tokens(system))
    assert {made[name] for name in ("bg", "surface", "late_soft", "accent_soft", "hover")} == {"#000000"}
    assert {made[name] for name in ("text", "text3", "late", "line")} == {"#ffff00"}


def test_theme_does_not_bring_the_charts() -> None:
    """Charts cost 0.6 s to import and are wanted only when the report window opens."""
    code = "import sys, desktop.ui.theme; print('pyqtgraph' in sys.modules, 'qtawesome' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_figures_are_equally_wide() -> None:
    """A countdown does not tremble as its figures change."""
    measure = theme.metrics("body")
    assert measure.horizontalAdvance("11:11:11") == measure.horizontalAdvance("08:08:08")
