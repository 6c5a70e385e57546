"""Tabs of 32: the chosen one bold in accent over a line of 2."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QTabBar, QWidget

from desktop.ui.theme import colour
from desktop.ui.theme.style import draw_ring
from desktop.ui.theme.tokens import TAB_HEIGHT
from desktop.ui.widgets.painting import width, write

_GAP = 16


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
        return QSize(width(self.tabText(index), "body_bold") + _GAP, TAB_HEIGHT)

    def minimumTabSizeHint(self, index: int) -> QSize:
        return self.tabSizeHint(index)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        hovered = self.tabAt(self.mapFromGlobal(self.cursor().pos())) if self.underMouse() else -1
        for index in range(self.count()):
            place = self.tabRect(index)
            chosen = index == self.currentIndex()
            kind = "body_bold" if chosen else "body"
            tone = "accent" if chosen else "text" if index == hovered else "text2"
            write(painter, place.left(), place, self.tabText(index), kind=kind, tone=tone)
            if chosen:
                line = QRect(place.left(), place.bottom() - 1, place.width() - _GAP, 2)
                painter.fillRect(line, colour("accent"))
                if self.hasFocus() and self.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange):
                    draw_ring(painter, place.adjusted(0, 4, -_GAP + 4, -4).toRectF(), 4)
