"""The strip of figures: each with its change to the period before, and whether that is good."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QWidget

from desktop.ui.reports.answers import Time
from desktop.ui.reports.content import CellKind, Drill
from desktop.ui.reports.wording import (
    Change,
    count_change,
    duration_parts,
    percent,
    share_change,
    short_duration,
    time_change,
)
from desktop.ui.text import tr
from desktop.ui.theme import colour, draw_icon, metrics
from desktop.ui.theme.style import draw_ring
from desktop.ui.theme.tokens import ICON_SIZE_SMALL, PANE_PADDING
from desktop.ui.times import figure
from desktop.ui.widgets.painting import baseline, fitted, width, write
from desktop.ui.widgets.polish import ground
from domain.wire.reports import Duration, Figures, Overview

_HIGH = 84
_LABEL_TOP, _FIGURE_TOP, _CHANGE_TOP = 8, 28, 58
NONE = "–"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure as people read it; `number` is what it says, for exports."""

    name: str
    number: float | None
    value: str
    unit: str = ""
    change: Change | None = None
    more: str = ""
    drill: Drill | None = None
    kind: CellKind = "count"

    def changed(self) -> str:
        """The change and what else is said below the figure."""
        parts = [self.more] if self.more else []
        if self.change is not None:
            arrow = {1: "↑ ", -1: "↓ "}.get(self.change.arrow, "")
            parts.insert(0, f"{arrow}{self.change.text} {self.change.word}".strip())
        return " · ".join(parts)

    def spoken(self) -> str:
        """The figure as one sentence."""
        parts = (self.name, f"{self.value} {self.unit}".strip(), self.changed())
        return ", ".join(part for part in parts if part)


def figures_of(found: Overview, time: Time) -> tuple[Figure, ...]:
    """The six figures of an overview."""
    now, before = found.period, found.before
    tickets = tr("report.unit.tickets")
    return (
        Figure(
            name=tr("report.figure.created"),
            number=now.created,
            value=figure(now.created),
            unit=tickets,
            change=count_change(now.created, before.created),
            drill=Drill(measure="created"),
        ),
        Figure(
            name=tr("report.figure.resolved"),
            number=now.resolved,
            value=figure(now.resolved),
            unit=tickets,
            change=count_change(now.resolved, before.resolved, more_is_good=True),
            drill=Drill(measure="resolved"),
        ),
        _spread(found, "first_response", time),
        _spread(found, "resolution", time),
        _kept(now, before),
        Figure(
            name=tr("report.figure.open"),
            number=found.now.open,
            value=figure(found.now.open),
            unit=tickets,
            more=tr("report.late_now", count=figure(found.now.late)),
            drill=Drill(measure="open"),
        ),
    )


def _median_s(durations: Sequence[Duration], metric: str, time: Time) -> tuple[int, int] | None:
    for one in durations:
        if one.metric == metric:
            spread = one.working if time == "working" else one.calendar
            return spread.median_s, spread.p90_s
    return None


def _spread(found: Overview, metric: str, time: Time) -> Figure:
    name = tr(f"report.figure.{metric}")
    now = _median_s(found.period.durations, metric, time)
    if now is None:
        return Figure(name=name, number=None, value=NONE)
    before = _median_s(found.before.durations, metric, time)
    value, unit = duration_parts(now[0])
    return Figure(
        name=name,
        number=now[0],
        kind="seconds",
        value=value,
        unit=unit,
        change=time_change(now[0], before[0] if before else None),
        more=tr("report.p90", time=short_duration(now[1])),
        drill=Drill(measure="slowest", key=metric, name=tr(f"report.metric.{metric}")),
    )


def _share(figures: Figures) -> float | None:
    met = sum(one.met for one in figures.outcomes)
    decided = met + sum(one.breached for one in figures.outcomes)
    return met / decided if decided else None


def _kept(now: Figures, before: Figures) -> Figure:
    """The share met of all targets together."""
    share = _share(now)
    if share is None:
        return Figure(name=tr("report.figure.sla"), number=None, value=NONE)
    return Figure(
        name=tr("report.figure.sla"),
        number=share,
        kind="share",
        value=percent(share).rstrip("%"),
        unit=tr("report.unit.percent"),
        change=share_change(share, _share(before)),
    )


class FigureCell(QAbstractButton):
    """One figure; clicking or Enter opens what lies behind it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Figure | None = None
        self.setEnabled(False)  # nothing lies behind it before there is a figure
        self.setFixedHeight(_HIGH)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    @property
    def shown(self) -> Figure | None:
        """The figure on it."""
        return self._shown

    def show_figure(self, shown: Figure) -> None:
        """Show another figure."""
        self._shown = shown
        self.setAccessibleName(shown.spoken())
        self.setToolTip(shown.spoken())
        self.setEnabled(shown.drill is not None)
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if shown.drill is not None else Qt.CursorShape.ArrowCursor
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, _HIGH)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._shown is None:
            for top, wide, high in ((12, 56, 12), (34, 96, 20), (62, 72, 12)):
                painter.fillRect(QRect(PANE_PADDING, top, wide, high), colour("hover"))
            return
        paint_figure(painter, self.rect(), self._shown)
        if self.hasFocus() and self.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange):
            draw_ring(painter, self.rect().adjusted(2, 2, -2, -2).toRectF(), 4)


def paint_figure(painter: QPainter, place: QRect, shown: Figure) -> None:
    """Name, figure with its unit, and the line of the change; also for print."""
    left, room = place.left() + PANE_PADDING, place.width() - PANE_PADDING - 8

    def line(top: int, high: int) -> QRect:
        return QRect(place.left(), place.top() + top, place.width(), high)

    write(painter, left, line(_LABEL_TOP, 16), fitted(shown.name, "small", room), kind="small", tone="text2")
    big = line(_FIGURE_TOP, 28)
    write(painter, left, big, shown.value, kind="figure")
    if shown.unit:
        # The unit stands on the figure's own line.
        drop = baseline(big, metrics("figure")) - baseline(big, metrics("small"))
        beside = big.translated(0, drop)
        write(
            painter, left + width(shown.value, "figure") + 4, beside, shown.unit, kind="small", tone="text2"
        )
    _paint_change(painter, left, line(_CHANGE_TOP, 16), shown, room)


def _paint_change(painter: QPainter, left: float, place: QRect, shown: Figure, room: int) -> None:
    change, end = shown.change, left + room
    if change is not None:
        tone = {True: "ok", False: "late", None: "text2"}[change.good]
        if change.arrow:
            at = QRectF(left - 1, place.top() + 1, ICON_SIZE_SMALL, ICON_SIZE_SMALL)
            draw_icon(painter, at, "arrow-up" if change.arrow > 0 else "arrow-down", colour(tone))
            left += ICON_SIZE_SMALL + 1
        if change.text:
            write(painter, left, place, change.text, kind="small", tone=tone)
            left += width(change.text, "small") + 4
        write(painter, left, place, change.word, kind="small", tone="text2")
        left += width(change.word, "small")
    if shown.more:
        words = f" · {shown.more}" if change is not None else shown.more
        # Whole or not at all; the tooltip has it.
        if width(words, "small") <= end - left:
            write(painter, left, place, words, kind="small", tone="text2")


class FigureStrip(QFrame):
    """The figures side by side; `drilled` tells what lies behind one."""

    drilled = Signal(object)
    COUNT = 6

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ground(self, "surface", edge="card")
        self.cells = [FigureCell() for _ in range(self.COUNT)]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for cell in self.cells:
            row.addWidget(cell, 1)
            cell.clicked.connect(lambda checked=False, one=cell: self._on_clicked(one))
        self.setFixedHeight(_HIGH)

    def show_figures(self, figures: Sequence[Figure]) -> None:
        """Show other figures."""
        for cell, one in zip(self.cells, figures, strict=True):
            cell.show_figure(one)

    def _on_clicked(self, cell: FigureCell) -> None:
        if cell.shown is not None and cell.shown.drill is not None:
            self.drilled.emit(cell.shown.drill)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        for cell in self.cells[1:]:
            painter.fillRect(QRect(cell.x(), 1, 1, self.height() - 2), colour("line"))
