"""A card: the question, its answer, and below them the chart or its table."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.ui.reports.content import ChartName, Content, Drill
from desktop.ui.reports.legend import Legend
from desktop.ui.reports.plot import Plot
from desktop.ui.reports.plots import make_plot
from desktop.ui.reports.table import ContentTable
from desktop.ui.text import tr
from desktop.ui.theme.tokens import PANE_PADDING
from desktop.ui.widgets.button import IconButton
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.skeleton import SkeletonRows

LEAST_HEIGHT, LEAST_WIDTH = 244, 320


class ChartCard(QFrame):
    """`drilled` tells what lies behind a mark; a skeleton until there is content."""

    drilled = Signal(object)

    def __init__(self, name: ChartName, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ground(self, "surface", edge="card")
        self.setMinimumSize(LEAST_WIDTH, LEAST_HEIGHT)
        self._content: Content | None = None
        self.plot: Plot | None = None
        self.table: ContentTable | None = None
        self._question = Label(kind="h3", elide=True)
        self._answer = Label(kind="small", tone="text2", elide=True)
        self.toggle = IconButton("table", tr("report.show_table"), side=24, tone="text2")
        self.toggle.clicked.connect(lambda: self.show_table(not self.tabled))
        self._nothing = Label(tone="text3")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._chart = QWidget()
        self._legend = Legend(name)
        self._pages = QStackedWidget()
        self._skeleton = SkeletonRows()
        self._arrange()

    def _arrange(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._question)
        words.addWidget(self._answer)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addLayout(words, 1)
        head.addWidget(self.toggle, 0, Qt.AlignmentFlag.AlignTop)
        self._inside = QVBoxLayout(self._chart)
        self._inside.setContentsMargins(0, 0, 0, 0)
        self._inside.setSpacing(0)
        self._inside.addWidget(self._legend)
        for page in (self._skeleton, self._chart, self._nothing):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(PANE_PADDING, 12, PANE_PADDING, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._pages, 1)
        self.toggle.hide()

    @property
    def content(self) -> Content | None:
        """What it says now."""
        return self._content

    @property
    def tabled(self) -> bool:
        """Whether the table is shown."""
        return self.table is not None and self._pages.currentWidget() is self.table

    def show_content(self, content: Content) -> None:
        """Say something else, as chart or table as it was."""
        tabled, self._content = self.tabled, content
        self._question.setText(content.question)
        self._answer.setText(content.answer)
        self.setAccessibleName(f"{content.question} {content.answer}")
        if self.plot is None or self.table is None:
            self._make(content)
        else:
            self.plot.show_content(content)
            self.table.show_content(content)
        self._nothing.setText(tr("report.nothing_measured"))
        self.toggle.setVisible(bool(content.rows))
        self.show_table(tabled)

    def _make(self, content: Content) -> None:
        self.plot, self.table = make_plot(content), ContentTable(content)
        self._inside.insertWidget(0, self.plot, 1)
        self._pages.addWidget(self.table)
        for part in (self.plot, self.table):
            part.drilled.connect(self._on_drilled)

    def show_table(self, tabled: bool) -> None:
        """Show the table, or the chart."""
        if self._content is None or self.table is None:
            return
        page = self.table if tabled else self._chart
        self._pages.setCurrentWidget(page if self._content.rows else self._nothing)
        self.toggle.set_icon("chart-line" if tabled else "table")
        self.toggle.set_name(tr("report.show_chart" if tabled else "report.show_table"))

    def _on_drilled(self, row: int, column: int) -> None:
        drill = self._content.drill(row, column) if self._content is not None else None
        if isinstance(drill, Drill):
            self.drilled.emit(drill)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.show_table(self.tabled)
