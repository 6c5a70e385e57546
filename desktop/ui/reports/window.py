"""The report window: filters, figures, charts; offline it shows the last figures with their time."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec
from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from desktop.sync.state import SyncState
from desktop.ui.directory import Directory
from desktop.ui.reports.board import Board
from desktop.ui.reports.content import Drill
from desktop.ui.reports.filters import FilterBar
from desktop.ui.reports.period import day_words
from desktop.ui.reports.report import Report, report_of
from desktop.ui.sentences import error_words
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.theme import icon
from desktop.ui.theme.tokens import PANE_PADDING
from desktop.ui.times import MINUTE_S, clock, moment
from desktop.ui.widgets.button import Button, IconButton
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.menu import Menu
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.status_bar import StatusBar, StatusPiece
from desktop.ui.widgets.toast import Toasts
from domain.errors import GongdanError, UnavailableError
from domain.wire.reports import Overview, Question

_BAR = 44
_LOOK = "reports.size"
SIZE = (1366, 768)
LEAST = (960, 600)


class ReportWindow(QMainWindow):
    """`ticket_opened` with the id of a ticket behind a figure."""

    ticket_opened = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.found: Overview | None = None
        self._cancel: Callable[[], None] = lambda: None
        self.filters = FilterBar(Directory(session.replica, session.bridge), session.clock, session.settings)
        self.board = Board(session.clock)
        self._title = Label(kind="h2")
        self._as_of = StatusPiece()
        self._refresh = IconButton("arrows-clockwise", "", shortcut="F5")
        self._export = Button(icon="export", shortcut="Ctrl+E")
        self._sync, self._hint = StatusPiece(), StatusPiece()
        self._toasts = Toasts(self)
        self._arrange()
        self._connect()
        self._write()
        self.setMinimumSize(*LEAST)
        self.resize(*(session.settings.look(_LOOK) or SIZE))

    def _arrange(self) -> None:
        bar = QWidget()
        ground(bar, "surface", edge="bottom")
        bar.setFixedHeight(_BAR)
        row = QHBoxLayout(bar)
        row.setContentsMargins(PANE_PADDING, 0, PANE_PADDING, 1)
        row.setSpacing(8)
        row.addWidget(self._title)
        row.addStretch(1)
        for part in (self._as_of, self._refresh, self._export):
            row.addWidget(part)
        status = StatusBar()
        status.add_left(self._sync)
        status.add_left(self._hint)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.filters)
        column.addWidget(self.board, 1)
        column.addWidget(status)
        self.setCentralWidget(inside)

    def _connect(self) -> None:
        self.filters.asked.connect(self.ask)
        self.filters.timed.connect(self._show_found)
        self.board.drilled.connect(self.open_behind)
        self.board.retried.connect(self.ask)
        self.board.filters_cleared.connect(self.filters.clear_filters)
        self.board.ticket_opened.connect(self.ticket_opened)
        self._refresh.clicked.connect(self.ask)
        self._export.clicked.connect(self.open_export)
        self._sync.clicked.connect(self.ask)
        for keys, act in (("F5", self.ask), ("Ctrl+E", self.open_export), ("Ctrl+W", self.close)):
            QShortcut(QKeySequence(keys), self).activated.connect(act)
        self._session.bridge.sync_state.connect(self._on_sync_state)

    # Asking.

    def ask(self) -> None:
        """Show the last figures for the question at once, then fetch new ones."""
        self._cancel()
        question, reports = self.filters.question(), self._session.reports
        if self.found is None or self.found.asked != question:
            with_last = self._session.bridge.read
            with_last(lambda: reports.kept(question), then=self._on_kept, owner=self)
        self._as_of.show_piece(tr("report.computing"), glyph="arrows-clockwise")
        self.board.wait()
        self._cancel = self._session.bridge.read(
            lambda: reports.overview(question),
            then=lambda found: self._on_found(question, found),
            owner=self,
            failed=lambda error: self._on_failed(question, error),
        )

    def _on_kept(self, found: Overview | None) -> None:
        """Only until new figures come: those that did come stay."""
        if found is not None and (self.found is None or self.found.asked != self.filters.question()):
            self.found = found
            self._show_found()

    def _on_found(self, question: Question, found: Overview) -> None:
        if question == self.filters.question():
            self.found = found
            self.board.set_banner("")
            self._show_found()
            self._show_time()

    def _on_failed(self, question: Question, error: GongdanError) -> None:
        if question != self.filters.question():
            return
        # The kept figures, read before, stand on the board already unless there are none.
        self._session.bridge.read(
            lambda: self._session.reports.kept(question),
            then=lambda kept: self._show_last(kept, error),
            owner=self,
        )

    def _show_last(self, kept: Overview | None, error: GongdanError) -> None:
        if kept is None or not isinstance(error, UnavailableError):
            self.found = None
            self._as_of.show_piece("")
            away = isinstance(error, UnavailableError)
            self.board.show_error(tr("report.never_fetched") if away else error_words(error))
            return
        self.found = kept
        self._show_found()
        self._show_time()
        first, last = (day_words(day) for day in (kept.asked.first, kept.asked.last))
        period = first if first == last else tr("report.period.range", first=first, last=last)
        self.board.set_banner(tr("report.offline", time=self._as_of_words(kept), period=period))

    def _show_found(self) -> None:
        if self.found is not None:
            self.board.show_report(self.report(), self.found, narrowed=self.filters.narrowed())

    def _show_time(self) -> None:
        if self.found is not None:
            self._as_of.show_piece(tr("report.as_of", time=self._as_of_words(self.found)), glyph="clock")

    def _as_of_words(self, found: Overview) -> str:
        """The hour even of what came just now."""
        now = max(self._session.clock.now(), found.as_of + MINUTE_S * 1000)
        return moment(found.as_of, now, full=True)

    def report(self) -> Report:
        """What is on the board, for exports; only once there are figures."""
        if self.found is None:
            raise RuntimeError("no figures yet")
        return report_of(self.found, self.filters.duration_time(), tuple(self.filters.words()))

    # Behind a figure.

    def open_behind(self, drill: Drill) -> None:
        """List the tickets behind a mark; a day's mark asks for that day alone."""
        if self.found is None:
            return
        question, key = self.found.asked, drill.key
        if key and drill.measure in ("created", "resolved", "closed"):
            day = date.fromisoformat(key)
            question, key = msgspec.structs.replace(question, first=day, last=day), ""
        self.board.behind.wait_for(drill)
        self.board.show_behind()
        self._session.bridge.read(
            lambda: self._session.reports.tickets(question, drill.measure, key),
            then=self.board.behind.show_tickets,
            owner=self.board.behind,
            failed=lambda error: self.board.behind.show_nothing(tr("report.error"), error_words(error)),
        )

    # Exports.

    def open_export(self) -> None:
        """Offer the kinds of files."""
        if self.found is None:
            return
        menu = Menu(parent=self)
        menu.addAction(icon("table"), tr("report.export.xlsx"), lambda: self._export_to(".xlsx"))
        menu.addAction(icon("file-text"), tr("report.export.pdf"), lambda: self._export_to(".pdf"))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._export.mapToGlobal(self._export.rect().bottomLeft()))

    def _export_to(self, ending: str) -> None:
        period = self.report().asked[0][1]
        name = tr("report.file", period=period) + ending
        chosen, _ = QFileDialog.getSaveFileName(self, tr("report.export"), name, f"*{ending}")
        if chosen:
            self.export(Path(chosen).with_suffix(ending))

    def export(self, file: Path) -> None:
        """Write what is shown into an .xlsx or .pdf file."""
        report = self.report()
        if file.suffix == ".pdf":
            from desktop.ui.reports.pdf import write_pdf

            try:
                write_pdf(report, file)
            except UnavailableError as error:
                self._export_failed(error)
            else:
                self._exported(file)
            return
        from desktop.ui.reports.workbook import write_workbook

        self._session.bridge.read(
            lambda: write_workbook(report, file),
            then=lambda _: self._exported(file),
            owner=self,
            failed=self._export_failed,
        )

    def _exported(self, file: Path) -> None:
        self._toasts.say("report.export.done", file=file.name)

    def _export_failed(self, error: GongdanError) -> None:
        self.board.set_banner(tr("report.export.failed", **error.args_by_name), kind="error")

    # The window.

    def _on_sync_state(self, state: SyncState) -> None:
        words = tr("main.synced", time=clock(state.verified_at)) if state.verified_at else ""
        if state.offline:
            self._sync.show_piece(tr("report.away"), glyph="cloud-slash", tone="soon", filled=True)
        else:
            self._sync.show_piece(words, glyph="cloud-check" if words else "", tone="ok")

    def _write(self) -> None:
        self.setWindowTitle(tr("report.title"))
        self._title.setText(tr("report.title"))
        self._export.setText(tr("report.export"))
        self._export.updateGeometry()
        self._refresh.set_name(tr("report.retry"))
        self._hint.show_piece(tr("report.hint"))
        self._on_sync_state(self._session.sync.state)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.found is None:
            # The window first, then the figures.
            QTimer.singleShot(0, self.ask)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.board.arrange(self.width())

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.isMaximized():
            self._session.settings.remember(_LOOK, [self.width(), self.height()])
        self._cancel()
        super().closeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._write()
            self._show_found()
            self._show_time()
