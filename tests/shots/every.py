"""Every state of a room in both languages and schemes, each into a file of its own."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from PySide6.QtWidgets import QApplication

from desktop.ui import theme
from desktop.ui.text import set_language
from tests.shots import screen


def every(arguments: Sequence[str], states: Collection[str], shoot: Callable[[str, Path], None]) -> int:
    """Draw all states, or those named after the folder; returns an exit status."""
    out = Path(arguments[0])
    out.mkdir(parents=True, exist_ok=True)
    screen.prepare()
    application = QApplication([])
    dress = theme.install(application)
    for scheme in theme.Scheme:
        dress.choose(scheme)
        for language in ("zh_CN", "en"):
            set_language(language)
            for name in arguments[1:] or states:
                shoot(name, out / f"{name}-{scheme}-{language}.png")
    return 0
