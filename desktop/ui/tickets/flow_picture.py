"""The picture of a flow: passed, here now, to come; arrows between; read by keyboard and screen reader too."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from desktop.ui.text import tr
from desktop.ui.theme import colour, paint_icon
from desktop.ui.tickets.flow_layout import Place, Way, places_of, ways_of
from desktop.ui.tickets.flow_stops import Stop
from desktop.ui.widgets.painting import box, fitted, width, write
from domain.entities.flow import Flow

NODE_WIDTH, NODE_HEIGHT, ROW_GAP, COLUMN_GAP = 208, 52, 36, 28
_MARGIN, _LANE = 16, 14
_GLYPHS: Mapping[str, str] = {
    "task": "user-circle",
    "approval": "shield-check",
    "condition": "git-fork",
    "parallel": "arrows-out",
    "join": "arrows-in",
    "timer": "timer",
    "fan_out": "tree-structure",
    "end": "flag",
}
_LOOKS = {
    "passed": ("surface", "ok_line"),
    "here": ("accent_soft", "accent"),
    "ahead": ("surface", "line_strong"),
}
_MOVES: dict[int, int] = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}


class FlowPicture(QWidget):
    """`chosen` tells which node the person looks at; ↑↓ move from node to node."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._stops: dict[str, Stop] = {}
        self._ways: Sequence[Way] = ()
        self._places: dict[str, Place] = {}
        self._order: list[str] = []
        self._walked: frozenset[tuple[str, str]] = frozenset()
        self._current = ""

    def show_flow(
        self, flow: Flow, stops: Mapping[str, Stop], walked: frozenset[tuple[str, str]] = frozenset()
    ) -> None:
        """Show a flow, where the ticket stands in it, and along which edges (from, to) it has come."""
        self._walked = walked
        self._ways = ways_of(flow)
        self._places = places_of(flow, self._ways)
        self._stops = {key: stop for key, stop in stops.items() if key in self._places}
        self._order = sorted(self._stops, key=lambda key: (self._places[key].row, self._places[key].column))
        if self._current not in self._stops:
            here = [key for key in self._order if self._stops[key].state == "here"]
            self._current = (here or self._order or [""])[0]
        self.setAccessibleName(tr("flow.picture"))
        self.setAccessibleDescription("; ".join(self._stops[key].spoken() for key in self._order))
        self.setMinimumSize(self.sizeHint())
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def sizeHint(self) -> QSize:
        rows = max((place.row for place in self._places.values()), default=0) + 1
        columns = max((place.column for place in self._places.values()), default=0) + 1
        lanes = self._lanes(back=True) + self._lanes(back=False)
        wide = 2 * _MARGIN + lanes * _LANE + columns * (NODE_WIDTH + COLUMN_GAP) - COLUMN_GAP
        return QSize(int(wide), 2 * _MARGIN + rows * (NODE_HEIGHT + ROW_GAP) - ROW_GAP)

    def _lanes(self, *, back: bool) -> int:
        """How many edges run beside the nodes: ways back at the left, those past a row at the right."""
        return sum(1 for way in self._ways if (way.back if back else self._passes_by(way)))

    def _passes_by(self, way: Way) -> bool:
        """Whether an edge leads further down than the next row."""
        if way.back or way.of not in self._places or way.to not in self._places:
            return False
        return self._places[way.to].row - self._places[way.of].row > 1

    def rect_of(self, key: str) -> QRect:
        """Where a node is drawn."""
        place = self._places[key]
        columns = max(one.column for one in self._places.values()) + 1
        lanes = _LANE * self._lanes(back=True)
        used = columns * (NODE_WIDTH + COLUMN_GAP) - COLUMN_GAP
        left = max(_MARGIN + lanes, (self.width() - used) / 2)
        return QRect(
            int(left + place.column * (NODE_WIDTH + COLUMN_GAP)),
            _MARGIN + place.row * (NODE_HEIGHT + ROW_GAP),
            NODE_WIDTH,
            NODE_HEIGHT,
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        left = right = 0
        names = []
        for way in sorted(self._ways, key=lambda one: (one.of, one.to) in self._walked):
            if way.of not in self._stops or way.to not in self._stops:
                continue
            left, right = left + way.back, right + self._passes_by(way)
            points = self._points(way, left if way.back else right)
            self._paint_way(painter, way, points)
            if way.name and sum(1 for one in self._ways if one.of == way.of) > 1:
                names.append((way.name, points))
        for key in self._order:
            self._paint_node(painter, self._stops[key], self.rect_of(key))
        for name, points in names:
            self._paint_name(painter, name, points)

    def _points(self, way: Way, lane: int) -> list[QPoint]:
        """The corners of an edge."""
        begin, end = self.rect_of(way.of), self.rect_of(way.to)
        rects = [self.rect_of(key) for key in self._order]
        if way.back:
            x = min(rect.left() for rect in rects) - lane * _LANE
            from_y, to_y = begin.center().y() + 8, end.center().y() - 8
            return [
                QPoint(begin.left(), from_y),
                QPoint(x, from_y),
                QPoint(x, to_y),
                QPoint(end.left() - 1, to_y),
            ]
        if self._passes_by(way):
            x = max(rect.right() for rect in rects) + lane * _LANE
            from_y, to_y = begin.center().y(), end.center().y()
            return [
                QPoint(begin.right(), from_y),
                QPoint(x, from_y),
                QPoint(x, to_y),
                QPoint(end.right() + 2, to_y),
            ]
        # Down from the node, across just above the next one: lines of the same target meet there.
        turn = end.top() - ROW_GAP // 2
        return [
            QPoint(begin.center().x(), begin.bottom() + 1),
            QPoint(begin.center().x(), turn),
            QPoint(end.center().x(), turn),
            QPoint(end.center().x(), end.top() - 1),
        ]

    def _paint_way(self, painter: QPainter, way: Way, points: Sequence[QPoint]) -> None:
        walked = (way.of, way.to) in self._walked
        tone = "ok" if walked else "line_strong"
        pen = QPen(colour(tone), 2 if walked else 1)
        if way.back:
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawPolyline([QPointF(one) for one in points])
        before, tip = points[-2], points[-1]
        self._paint_head(painter, tip, tone, dx=(tip.x() > before.x()) - (tip.x() < before.x()))

    def _paint_head(self, painter: QPainter, tip: QPoint, tone: str, *, dx: int) -> None:
        """The arrow's head; `dx` is its direction across, 0 for down."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(tone))
        x, y = float(tip.x()), float(tip.y())
        wings = [(x - 7 * dx, y - 4), (x - 7 * dx, y + 4)] if dx else [(x - 4, y - 7), (x + 4, y - 7)]
        corners = [(x, y), *wings]
        painter.drawPolygon(QPolygonF([QPointF(*one) for one in corners]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_name(self, painter: QPainter, name: str, points: Sequence[QPoint]) -> None:
        """What an edge is called, where it leaves its node."""
        words = fitted(name, "small", NODE_WIDTH - 24)
        wide = width(words, "small") + 10
        middle, y = points[0].x(), points[0].y() + 14
        if points[0].y() == points[1].y():  # across, out of the node's side
            outwards = 1 if points[1].x() > points[0].x() else -1
            middle, y = points[1].x() + outwards * (wide // 2 - 6), (points[1].y() + points[2].y()) // 2
        elif points[1].x() != points[2].x():
            middle, y = points[2].x(), points[2].y()
        at = QRect(middle - wide // 2, y - 9, wide, 18)
        at.moveLeft(min(max(2, at.left()), self.width() - wide - 2))
        box(painter, at, fill="surface", line="line")
        write(painter, at.left() + 5, at, words, kind="small", tone="text2")

    def _paint_node(self, painter: QPainter, stop: Stop, rect: QRect) -> None:
        fill, line = _LOOKS[stop.state]
        if stop.late:
            line = "late"
        box(painter, rect, fill=fill, line=line, dashed=stop.state == "ahead", radius=6)
        if self.hasFocus() and stop.key == self._current:
            box(painter, rect.adjusted(-3, -3, 3, 3), line="accent", radius=8)
        passed = stop.state == "passed"
        glyph = "check-circle-fill" if passed else _GLYPHS.get(stop.kind, "circle")
        tone = "ok" if passed else "accent" if stop.state == "here" else "text3"
        paint_icon(painter, QPointF(rect.left() + 10, rect.top() + 8), glyph, size=16, tone=tone)
        upper = QRect(rect.left(), rect.top() + 5, rect.width(), 22)
        right = stop.when
        taken = width(right, "small") + 8 if right else 0
        room = rect.width() - 34 - taken - 8
        bold = "body_bold" if stop.state == "here" else "body"
        words = fitted(stop.name, bold, room)
        write(
            painter,
            rect.left() + 34,
            upper,
            words,
            kind=bold,
            tone="text2" if stop.state == "ahead" else "text",
        )
        if right:
            write(painter, rect.right() - taken, upper, right, kind="small", tone="text2")
        lower = QRect(rect.left(), rect.top() + 26, rect.width(), 20)
        below = " · ".join(part for part in (stop.who, stop.time) if part) or tr(f"flow.kind.{stop.kind}")
        small = fitted(below, "small", rect.width() - 42)
        write(painter, rect.left() + 34, lower, small, kind="small", tone="late" if stop.late else "text2")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = _MOVES.get(event.key())
        if by is None or not self._order:
            super().keyPressEvent(event)
            return
        at = self._order.index(self._current) if self._current in self._order else 0
        self._choose(self._order[min(max(at + by, 0), len(self._order) - 1)])

    def mousePressEvent(self, event: QMouseEvent) -> None:
        key = self._at(event.position().toPoint())
        if key:
            self._choose(key)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            key = self._at(event.pos())
            QToolTip.showText(event.globalPos(), self._stops[key].spoken() if key else "", self)
            return True
        return super().event(event)

    def _at(self, point: QPoint) -> str:
        return next((key for key in self._order if self.rect_of(key).contains(point)), "")

    def _choose(self, key: str) -> None:
        self._current = key
        self.setAccessibleDescription(self._stops[key].spoken())
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.update()
        self.chosen.emit(key)
