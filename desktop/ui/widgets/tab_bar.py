"""Tabs of 32: the chosen one bold in accent over a line of 2; hidden ones take no room and are not painted."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QTabBar, QWidget

from desktop.ui.theme import colour
from desktop.ui.theme.style import draw_ring
from desktop.ui.theme.tokens import TAB_HEIGHT
from desktop.ui.widgets.painting import width, write

_GAP, _TIGHT = 16, 8


class TabBar(QTabBar):
    """A QTabBar in our look; counts belong into the text (沟通 5)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setElideMode(Qt.TextElideMode.ElideNone)

    def tabSizeHint(self, index: int) -> QSize:
        # Bold is wider: a tab must not move its neighbours when it is chosen.
        kind, gap = self._look()
        return QSize(width(self.tabText(index), f"{kind}_bold") + gap, TAB_HEIGHT)

    def sizeHint(self) -> QSize:
        return QSize(self._words("body_bold") + _GAP * len(self._shown()), TAB_HEIGHT)

    def _shown(self) -> list[int]:
        return [index for index in range(self.count()) if self.isTabVisible(index)]

    def _words(self, kind: str) -> int:
        """How wide the words alone are."""
        return sum(width(self.tabText(index), kind) for index in self._shown())

    def _look(self) -> tuple[str, int]:
        """Size of the words and the room after each: smaller where they would not all fit, before any has to scroll."""
        count = max(1, len(self._shown()))
        for kind in ("body", "small"):
            room = (self.width() - self._words(f"{kind}_bold")) // count
            if room >= _TIGHT:
                return kind, min(_GAP, room)
        return "small", _TIGHT

    def minimumTabSizeHint(self, index: int) -> QSize:
        return self.tabSizeHint(index)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        size, gap = self._look()
        hovered = self.tabAt(self.mapFromGlobal(self.cursor().pos())) if self.underMouse() else -1
        for index in self._shown():
            place = self.tabRect(index)
            chosen = index == self.currentIndex()
            kind = f"{size}_bold" if chosen else size
            tone = "accent" if chosen else "text" if index == hovered else "text2"
            write(painter, place.left(), place, self.tabText(index), kind=kind, tone=tone)
            if chosen:
                line = QRect(place.left(), place.bottom() - 1, place.width() - gap, 2)
                painter.fillRect(line, colour("accent"))
                if self.hasFocus() and self.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange):
                    draw_ring(painter, place.adjusted(0, 4, -gap + 4, -4).toRectF(), 4)
