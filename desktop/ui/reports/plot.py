"""What all charts share: pyqtgraph in the theme's fonts and colours, pointing by mouse and keys, drilling down."""

from typing import Any

import pyqtgraph
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsPathItem, QWidget

from desktop.ui.reports.content import Content
from desktop.ui.reports.spots import Overlay, Spot
from desktop.ui.theme import colour, font, metrics
from desktop.ui.widgets.painting import fitted

pg: Any = pyqtgraph  # untyped
TEXT_MARGIN = 4
"""What a text item leaves around its words."""


class Plot(pg.PlotWidget):  # type: ignore[misc]
    """Draws a Content; `drilled` tells row and column of a mark that was clicked or entered.

    Subclasses draw in `draw`, in pixels of the chart (0, 0 is top left), and name their marks with `spot`.
    """

    drilled = Signal(int, int)
    upright = False
    """Whether rows run from left to right."""

    def __init__(self, content: Content, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self.content = content
        self.spots: list[Spot] = []
        self._chosen: tuple[int, int] | None = None
        self._overlay = Overlay(self)
        self._overlay.hide()
        self._view: Any = self.plotItem.vb
        self.plotItem.setMenuEnabled(False)
        self.plotItem.hideButtons()
        self.plotItem.layout.setContentsMargins(0, 0, 0, 0)
        self._view.setMouseEnabled(False, False)
        self._view.disableAutoRange()
        self._view.setDefaultPadding(0)
        self._view.invertY(True)
        self.hide_axes()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setMinimumSize(QSize(160, 96))
        self._say_name()

    def hide_axes(self) -> None:
        """Draw no axes; for charts that write their labels themselves."""
        self.plotItem.hideAxis("left")
        self.plotItem.hideAxis("bottom")

    def show_content(self, content: Content) -> None:
        """Draw something else."""
        self.content = content
        self._chosen = None
        self._say_name()
        self.redraw()

    def redraw(self) -> None:
        """Draw all anew: other content, size, scheme or language."""
        self.plotItem.clear()
        self.spots = []
        width, height = self.width(), self.height()
        if self.content.rows and width > 0 and height > 0:
            self._view.setRange(xRange=(0, width), yRange=(0, height), padding=0)
            self.draw(width, height)
        self._point()

    def draw(self, width: int, height: int) -> None:
        """Draw the content into so many pixels."""
        raise NotImplementedError

    # Strokes for subclasses.

    def write(
        self, text: str, x: float, y: float, *, tone: str = "text2", bold: bool = False, side: float = 0
    ) -> None:
        """Words at a point, centred upright; `side` 0: they begin there, 0.5: centred, 1: they end there."""
        item = pg.TextItem(text, color=colour(tone), anchor=(side, 0.5))
        item.setFont(font("small_bold" if bold else "small"))
        self.plotItem.addItem(item)
        item.setPos(x + TEXT_MARGIN * (2 * side - 1), y)

    def label(self, text: str, right: float, y: float, room: int) -> None:
        """A row's name, ending at `right`, cut where it has no room."""
        self.write(fitted(text, "small", room), right, y, tone="text", side=1)

    def stroke(
        self, xs: list[float], ys: list[float], *, tone: str, width: float = 2, dashed: bool = False
    ) -> None:
        """A line through points."""
        pen = QPen(colour(tone), width)
        pen.setCosmetic(True)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if dashed:
            pen.setDashPattern([4 / width, 4 / width] if width < 2 else [3, 2])
        self.plotItem.addItem(pg.PlotCurveItem(xs, ys, pen=pen, antialias=True))

    def dot(
        self, x: float, y: float, *, tone: str, symbol: str = "o", size: int = 9, hollow: bool = False
    ) -> None:
        """A mark: `o` round, `s` square, `d` a diamond; `hollow` shows the ground inside."""
        half, path = size / 2, QPainterPath()
        if symbol == "o":
            path.addEllipse(QPointF(x, y), half, half)
        elif symbol == "s":
            path.addRect(QRectF(x - half, y - half, size, size))
        else:
            path.addPolygon(QPolygonF([QPointF(x, y - half), QPointF(x + half, y), QPointF(x, y + half)]))
            path.lineTo(x - half, y)
            path.closeSubpath()
        item = QGraphicsPathItem(path)
        item.setPen(QPen(colour(tone), 2))
        item.setBrush(colour("surface" if hollow else tone))
        self.plotItem.addItem(item)

    def bar(self, place: QRectF, *, tone: str) -> None:
        """A filled bar."""
        item = pg.BarGraphItem(
            x0=[place.left()],
            x1=[place.right()],
            y0=[place.top()],
            y1=[place.bottom()],
            brush=colour(tone),
            pen=QPen(Qt.PenStyle.NoPen),
        )
        self.plotItem.addItem(item)

    def spot(self, row: int, column: int, x: float, y: float, bar: QRectF | None = None) -> None:
        """Name a mark, so that it can be pointed at."""
        self.spots.append(Spot(row=row, column=column, at=QPointF(x, y), bar=bar))

    def widest(self, texts: list[str], *, bold: bool = False) -> int:
        """How much room the widest of some words needs."""
        measure = metrics("small_bold" if bold else "small")
        # Measuring rounds down what painting needs.
        return max((measure.horizontalAdvance(text) for text in texts), default=0) + 2

    # Pointing.

    def chosen(self) -> tuple[int, int] | None:
        """Row and column of the mark that is pointed at."""
        return self._chosen

    def choose(self, row: int, column: int) -> None:
        """Point at a mark; the nearest column of that row where that one is not drawn."""
        here = [spot for spot in self.spots if spot.row == row]
        if here:
            nearest = min(here, key=lambda spot: abs(spot.column - column))
            self._chosen = (nearest.row, nearest.column)
            self._point()

    def _point(self) -> None:
        spot = next((one for one in self.spots if (one.row, one.column) == self._chosen), None)
        tip = self.content.tip(spot.row, spot.column) if spot is not None else ""
        self._overlay.show_spot(spot, tip, upright=self.upright)
        if spot is not None:
            self.setAccessibleDescription(self.content.spoken(spot.row, spot.column))
            event = QAccessibleEvent(self, QAccessible.Event.DescriptionChanged)
            QAccessible.updateAccessibility(event)

    def _say_name(self) -> None:
        self.setAccessibleName(f"{self.content.question} {self.content.answer}")

    def _nearest(self, at: QPointF) -> Spot | None:
        """The mark under the pointer: first the nearest row, then the nearest of its marks."""

        def far(spot: Spot) -> tuple[float, float]:
            aside, above = abs(spot.at.x() - at.x()), abs(spot.at.y() - at.y())
            return (aside, above) if self.upright else (above, aside)

        return min(self.spots, key=far, default=None)

    def _step(self, rows: int, columns: int) -> None:
        places = sorted({(spot.row, spot.column) for spot in self.spots})
        if not places:
            return
        if self._chosen is None:
            self.choose(places[-1][0] if self.upright else places[0][0], places[0][1])
            return
        row, column = self._chosen
        held = sorted({place[0] for place in places})
        row = held[min(max(0, held.index(row) + rows), len(held) - 1)]
        beside = [place[1] for place in places if place[0] == row]
        nearest = min(beside, key=lambda one: abs(one - column))
        place = min(max(0, beside.index(nearest) + columns), len(beside) - 1)
        self.choose(row, beside[place])

    def _drill(self) -> None:
        if self._chosen is not None and self.content.drill(*self._chosen) is not None:
            self.drilled.emit(*self._chosen)

    # Events.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        along, across = (Qt.Key.Key_Left, Qt.Key.Key_Right), (Qt.Key.Key_Up, Qt.Key.Key_Down)
        if not self.upright:
            along, across = across, along
        key = event.key()
        if key in along:
            self._step(1 if key == along[1] else -1, 0)
        elif key in across:
            self._step(0, 1 if key == across[1] else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._drill()
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        nearest = self._nearest(event.position())
        if nearest is not None:
            self.choose(nearest.row, nearest.column)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.mouseMoveEvent(event)
            self._drill()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if not self.hasFocus():
            self._chosen = None
            self._point()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._step(0, 0)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._chosen = None
        self._point()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_overlay"):
            self._overlay.resize(self.size())
            self.redraw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_overlay"):
            self.redraw()
