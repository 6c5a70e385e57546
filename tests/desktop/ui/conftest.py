"""What tests of windows rely on: no screen needed, the theme on, Chinese to begin with."""

import os
from collections.abc import Iterator

# Before the first QApplication; a person watching sets another platform.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication

from desktop.ui import theme
from desktop.ui.text import DEFAULT_LANGUAGE, set_language


@pytest.fixture(scope="session")
def dress(qapp: QApplication) -> theme.Theme:
    """The theme on the one application of the run."""
    return theme.install(qapp)


@pytest.fixture(autouse=True)
def plain_look(dress: theme.Theme) -> Iterator[theme.Theme]:
    """Begin light and in Chinese, whatever the test before chose."""
    dress.choose(theme.Scheme.LIGHT)
    set_language(DEFAULT_LANGUAGE)
    yield dress
    set_language(DEFAULT_LANGUAGE)
    dress.choose(theme.Scheme.LIGHT)
