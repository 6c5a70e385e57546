"""Moves the keyboard from pane to pane with F6."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget


def next_pane(panes: Sequence[QWidget], by: int) -> None:
    """Put the keyboard into the pane after (or before) the one that has it."""
    shown = [pane for pane in panes if pane.isVisible()]
    if not shown:
        return
    focused = QApplication.focusWidget()
    at = next(
        (
            place
            for place, pane in enumerate(shown)
            if focused is not None and (pane is focused or pane.isAncestorOf(focused))
        ),
        -1,
    )
    target = shown[(at + by) % len(shown)]
    chain = target
    if target.focusPolicy() is Qt.FocusPolicy.NoFocus and target.focusProxy() is None:
        chain = _first_inside(target)
    chain.setFocus(Qt.FocusReason.TabFocusReason)


def _first_inside(pane: QWidget) -> QWidget:
    """The first widget of a pane that takes the keyboard."""
    inside = pane.nextInFocusChain()
    while inside is not None and inside is not pane and pane.isAncestorOf(inside):
        if inside.focusPolicy() & Qt.FocusPolicy.TabFocus and inside.isVisible() and inside.isEnabled():
            return inside
        inside = inside.nextInFocusChain()
    return pane
