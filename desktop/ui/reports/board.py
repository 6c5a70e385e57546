"""What lies below the filters: banner, figures and cards; or the tickets behind one; or why there is nothing."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from desktop.clock import Clock
from desktop.ui.reports.behind import TicketsBehind
from desktop.ui.reports.card import ChartCard
from desktop.ui.reports.content import CHARTS, ChartName
from desktop.ui.reports.figures import FigureStrip
from desktop.ui.reports.report import Report
from desktop.ui.text import tr
from desktop.ui.theme.tokens import CARD_GAP, PANE_PADDING
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.empty_state import EmptyState
from domain.wire.reports import Overview

NARROW = 1200
"""Below this width the cards stand in two columns."""


class Board(QWidget):
    """`drilled` with a Drill, `retried` and `filters_cleared` when the person asks for that."""

    drilled = Signal(object)
    retried = Signal()
    filters_cleared = Signal()
    ticket_opened = Signal(str)

    def __init__(self, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.banner = Banner("warning", "", action=tr("report.retry"), glyph="cloud-slash")
        self.banner.acted.connect(self.retried)
        self.banner.hide()
        self.figures = FigureStrip()
        self.figures.drilled.connect(self.drilled)
        self.cards: dict[ChartName, ChartCard] = {name: ChartCard(name) for name in CHARTS}
        for card in self.cards.values():
            card.drilled.connect(self.drilled)
        self.behind = TicketsBehind(clock)
        self.behind.left.connect(self._on_left)
        self.behind.ticket_opened.connect(self.ticket_opened)
        self._nothing = EmptyState("chart-line", "")
        self._nothing.filters_cleared.connect(self.filters_cleared)
        self._columns = 0
        self._back_to: QWidget | None = None
        self._arrange()

    def _arrange(self) -> None:
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(CARD_GAP)
        charts = QWidget()
        column = QVBoxLayout(charts)
        column.setContentsMargins(PANE_PADDING, 0, PANE_PADDING, CARD_GAP)
        column.setSpacing(CARD_GAP)
        column.addWidget(self.figures)
        column.addLayout(self._grid, 1)
        self._charts = QScrollArea()
        self._charts.setWidgetResizable(True)
        self._charts.setFrameShape(QFrame.Shape.NoFrame)
        self._charts.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._charts.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._charts.setWidget(charts)
        self._pages = QStackedWidget()
        self._behind_page = _padded(self.behind)
        for page in (self._charts, self._behind_page, self._nothing):
            self._pages.addWidget(page)
        above = QVBoxLayout()
        above.setContentsMargins(PANE_PADDING, 0, PANE_PADDING, CARD_GAP)
        above.addWidget(self.banner)
        self._above = QWidget()
        self._above.setLayout(above)
        self._above.hide()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._above)
        whole.addWidget(self._pages, 1)
        self.arrange(NARROW)

    def arrange(self, width: int) -> None:
        """Put the cards into as many columns as have room."""
        columns = 3 if width >= NARROW else 2
        if columns == self._columns:
            return
        self._columns = columns
        for n, card in enumerate(self.cards.values()):
            self._grid.addWidget(card, n // columns, n % columns)
        for column in range(3):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        for row in range(3):
            self._grid.setRowStretch(row, 1 if row < -(-len(self.cards) // columns) else 0)

    def wait(self) -> None:
        """Figures are being fetched: skeletons where there are none yet, else what is there stays."""
        if self._pages.currentWidget() is self._nothing:
            self._pages.setCurrentWidget(self._charts)

    def show_report(self, report: Report, found: Overview, *, narrowed: bool) -> None:
        """Show figures and charts, or that there were no tickets."""
        self.figures.show_figures(report.figures)
        for chart in report.charts:
            self.cards[chart.name].show_content(chart)
        counted = found.period.created + found.period.resolved + found.period.closed + found.now.open
        if self._pages.currentWidget() is self._behind_page:
            return
        if counted or found.before.created:
            self._pages.setCurrentWidget(self._charts)
            return
        self._nothing.show_state("chart-line", tr("report.empty"), tr("report.empty_hint"))
        self._nothing.set_filters(tr("report.empty_filters") if narrowed else "")
        self._pages.setCurrentWidget(self._nothing)

    def show_error(self, sentence: str) -> None:
        """Say why there are no figures at all."""
        again = Button(tr("report.retry"), kind="primary", icon="arrows-clockwise")
        again.clicked.connect(self.retried)
        self.set_banner("")
        self._nothing.show_state("cloud-slash", tr("report.error"), sentence, steps=[again])
        self._nothing.set_filters("")
        self._pages.setCurrentWidget(self._nothing)

    def set_banner(self, sentence: str, *, kind: str = "warning") -> None:
        """Say something above the figures; "" nothing."""
        if sentence:
            glyph = "cloud-slash" if kind == "warning" else ""
            self.banner.show_message(kind, sentence, action=tr("report.retry"), glyph=glyph)
        self.banner.setVisible(bool(sentence))
        self._above.setVisible(bool(sentence))

    def show_behind(self) -> None:
        """Show the list of tickets in place of the charts."""
        self._back_to = self.window().focusWidget()
        self._pages.setCurrentWidget(self._behind_page)

    @property
    def is_behind(self) -> bool:
        """Whether the list is shown."""
        return self._pages.currentWidget() is self._behind_page

    @property
    def is_empty(self) -> bool:
        """Whether nothing but a sentence is shown."""
        return self._pages.currentWidget() is self._nothing

    def _on_left(self) -> None:
        self._pages.setCurrentWidget(self._charts)
        if self._back_to is not None:
            self._back_to.setFocus(Qt.FocusReason.OtherFocusReason)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange and self.is_behind:
            self._on_left()


def _padded(inner: QWidget) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(PANE_PADDING, 0, PANE_PADDING, CARD_GAP)
    column.addWidget(inner)
    return page
