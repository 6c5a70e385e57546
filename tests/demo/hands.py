"""What a person does with windows: keys, clicks, Chinese from an input method; nothing but events goes in."""

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QInputMethodEvent, QKeySequence, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QScrollArea,
    QWidget,
)

from desktop.ui.crash import CrashWindow
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.field import ErrorLine

W = TypeVar("W", bound=QWidget)
T = TypeVar("T")

WAIT_S = 30.0
STEP_MS = 10
LEFT = Qt.MouseButton.LeftButton
LAYERS = (
    Qt.WindowType.Window,
    Qt.WindowType.Dialog,
    Qt.WindowType.Tool,
    Qt.WindowType.Popup,
    Qt.WindowType.ToolTip,
)


class NotHeld(Exception):
    """What a person waited for did not come, or what they reached for was not there."""


def until(holds: Callable[[], T | None], what: str, *, within_s: float = WAIT_S) -> T:
    """Wait, as a person would, for something to hold; returns it. NotHeld if it does not come or the program broke."""
    deadline = time.monotonic() + within_s
    while not (found := holds()):
        for broken in windows(CrashWindow):
            raise NotHeld(f"the program shows a mistake of its own: {broken.record.toPlainText()}")
        if time.monotonic() > deadline:
            raise NotHeld(f"waited {within_s:.0f} s for: {what}")
        QTest.qWait(STEP_MS)
    return found


def parts(where: QObject, kind: type[W]) -> list[W]:
    """The visible widgets of a kind inside another, in the order they were made."""
    return [one for one in where.findChildren(kind) if one.isVisible()]


def part(where: QObject, kind: type[W], *, within_s: float = WAIT_S) -> W:
    """The one visible widget of a kind; waits for it."""
    return until(lambda: parts(where, kind), f"a {kind.__name__}", within_s=within_s)[0]


def windows(kind: type[W]) -> list[W]:
    """Visible windows of a kind."""
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()]


def window(kind: type[W], *, within_s: float = WAIT_S) -> W:
    """The newest visible window of a kind; waits for it."""
    return until(lambda: windows(kind), f"the window {kind.__name__}", within_s=within_s)[-1]


def button(where: QWidget, words: str) -> QAbstractButton:
    """The visible button whose words, tooltip or spoken name these are."""

    def look() -> QAbstractButton | None:
        for one in parts(where, QAbstractButton):
            spoken = (one.text().replace("&", ""), one.accessibleName(), one.toolTip())
            if words in spoken:
                return one
        return None

    return until(look, f"the button {words}")


def click(widget: QWidget, at: QPoint | None = None) -> None:
    """Click where the pointer would reach it; NotHeld where something else lies above it."""
    until(lambda: widget.isVisible() and widget.isEnabled(), f"{_name(widget)} can be clicked")
    to_front(widget)
    reveal(widget)
    place = at or widget.rect().center()
    found = widget.window().childAt(widget.mapTo(widget.window(), place))
    if found is not None and found is not widget and not widget.isAncestorOf(found):
        raise NotHeld(f"{_name(found)} covers {_name(widget)}")
    QTest.mouseClick(widget, LEFT, Qt.KeyboardModifier.NoModifier, place)


def click_row(view: QAbstractItemView, row: int, column: int = 0) -> None:
    """Click a row of a list or table."""
    index = view.model().index(row, column)
    view.scrollTo(index)
    QTest.mouseClick(view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, view.visualRect(index).center())


def to_front(widget: QWidget) -> None:
    """Have its window active, as a window manager keeps the one that somebody works in."""
    top = widget.window()
    if top.windowType() == Qt.WindowType.Popup or top.isActiveWindow():
        return
    top.activateWindow()
    until(top.isActiveWindow, f"{_name(top)} is in front")


def reveal(widget: QWidget) -> None:
    """Scroll to it, as a person with a wheel would."""
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(widget, 0, 40)
            QTest.qWait(0)
        above = above.parentWidget()


def press(keys: str, where: QWidget | None = None) -> None:
    """Press keys as written in a menu, such as Ctrl+N, at what has the focus."""
    target = (
        where or QApplication.activePopupWidget() or QApplication.focusWidget() or QApplication.activeWindow()
    )
    if target is None:
        raise NotHeld(f"nothing has the focus to take {keys}")
    to_front(target)
    focused = target.focusWidget() if target.isWindow() else None
    QTest.keySequence(focused or target, QKeySequence(keys))


def write(widget: QWidget, text: str, *, anew: bool = True) -> None:
    """Write into a field: what keys can say with keys, the rest through the input method."""
    if not widget.hasFocus():
        click(widget)
    if anew and (isinstance(widget, QLineEdit | QPlainTextEdit)):
        QTest.keySequence(widget, QKeySequence("Ctrl+A"))
        QTest.keyClick(widget, Qt.Key.Key_Delete)
    for plain, piece in itertools.groupby(text, lambda sign: sign.isascii() and sign.isprintable()):
        if plain:
            QTest.keyClicks(widget, "".join(piece))
        else:
            _compose(widget, "".join(piece))


def _compose(widget: QWidget, text: str) -> None:
    """As an input method hands over what was chosen."""
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(widget, event)


def choose(box: QComboBox, value: Any) -> None:
    """Choose in a list box with the keyboard."""
    place = box.findData(value)
    if place < 0:
        raise NotHeld(f"{_name(box)} does not offer {value!r}")
    click(box)
    view = until(lambda: box.view() if box.view().isVisible() else None, f"the list of {_name(box)}")
    QTest.keyClick(view, Qt.Key.Key_Home)
    for _ in range(place):
        QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Return)
    until(lambda: not box.view().isVisible(), f"the list of {_name(box)} closes")


def chip(where: QWidget, words: str) -> None:
    """Click the chip with these words."""
    found = until(lambda: [one for one in parts(where, Chip) if one.text() == words], f"the chip {words}")
    click(found[0])


def fill(editor: QWidget, value: Any) -> None:
    """Fill one editor of a form by hand."""
    if isinstance(editor, QComboBox):
        choose(editor, value)
    elif isinstance(editor, QLineEdit | QPlainTextEdit):
        write(editor, f"{value}")
    else:
        raise NotHeld(f"nobody knows how to fill {_name(editor)}")


def complaints(where: QWidget) -> list[str]:
    """The sentences that stand in place beside what is wrong."""
    return [line.text() for line in parts(where, ErrorLine) if line.text()]


def pick_in_menu(words: str) -> None:
    """Choose from the menu that is open."""
    menu = until(lambda: [one for one in windows(QMenu) if one.isVisible()], "a menu")[-1]
    for action in menu.actions():
        if action.text().split("\t")[0].replace("&", "") == words:
            place = menu.actionGeometry(action).center()
            QTest.mouseClick(menu, LEFT, Qt.KeyboardModifier.NoModifier, place)
            return
    raise NotHeld(f"the menu does not offer {words}")


def texts(where: QWidget) -> list[str]:
    """Every word that shows in labels and buttons."""
    found = [one.text() for one in parts(where, QLabel)] + [
        one.text() for one in parts(where, QAbstractButton)
    ]
    return [text for text in found if text]


def screen() -> QPixmap:
    """The whole screen: every window in its place, those that float above the others."""
    stacked = list(_stacked())
    shown = QPixmap(QApplication.primaryScreen().size())
    shown.fill(Qt.GlobalColor.lightGray)
    painter = QPainter(shown)
    # The frame that the platform pretends to draw around windows is left out.
    corner = (
        stacked[0].mapToGlobal(QPoint(0, 0)) - stacked[0].frameGeometry().topLeft() if stacked else QPoint()
    )
    for one in stacked:
        painter.drawPixmap(one.mapToGlobal(QPoint(0, 0)) - corner, one.grab())
    painter.end()
    return shown


def _stacked() -> Iterator[QWidget]:
    """Visible windows from the lowest to the uppermost."""
    seen = [one for one in QApplication.topLevelWidgets() if one.isVisible() and not one.isMinimized()]
    active = QApplication.activeWindow()

    def height(one: QWidget) -> tuple[int, bool]:
        kind = one.windowType()
        return (LAYERS.index(kind) if kind in LAYERS else 0, one is active)

    yield from sorted(seen, key=height)


def _name(widget: QObject) -> str:
    spoken = widget.accessibleName() if isinstance(widget, QWidget) else ""
    return f"{type(widget).__name__} {spoken or widget.objectName()}".strip()


def rest(ms: int = 60) -> None:
    """Let the windows come to rest: timers that gather changes, drawing that waits."""
    QTest.qWait(ms)
