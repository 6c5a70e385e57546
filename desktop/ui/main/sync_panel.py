"""How sync stands, in full: what waits on this machine, when it is tried again, what that means for the work."""

from collections.abc import Callable, Sequence
from pathlib import Path

import shiboken6
from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from desktop import logs
from desktop.commands import local
from desktop.commands.export import export_outbox
from desktop.commands.support import export_support
from desktop.replica.changed import Changed
from desktop.replica.queries.outbox import OutboxLine, unsent
from desktop.sync.state import SyncState
from desktop.ui.main.outbox_list import OutboxList
from desktop.ui.main.sync_figures import figures
from desktop.ui.sentences import error_words, sentence
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.theme import pixmap
from desktop.ui.theme.tokens import ICON_SIZE_HEAD
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.key_values import KeyValues
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.popover import Popover
from domain.errors import GongdanError

WIDTH, MOST = 424, 200
Told = Callable[[str], object]


class SyncPanel(Popover):
    """Follows the state and the outbox while it is open; `say` is told where something was written, also afterwards."""

    def __init__(self, session: Session, anchor: QWidget, say: Told) -> None:
        super().__init__(anchor, width=WIDTH)
        self._session, self._say = session, say
        self._add_head("")
        self._words = Label("", tone="text2", wrap=True)
        self._alarm = Label("", tone="late", wrap=True)
        self._failure = Label("", tone="late", wrap=True)
        self._failure.hide()
        self._outbox = OutboxList()
        self._more = Label("", kind="small", tone="text2")
        self._figures = KeyValues(label_width=88)
        for part in (self._words, self._alarm, self._outbox, self._more, self._figures):
            self.body.addWidget(part)
        self._retry = Button(tr("sync.retry_now"), icon="arrows-clockwise", shortcut="F5")
        self._verify = Button(tr("sync.verify_now"), icon="shield-check")
        self._hold = Button(tr("sync.hold"), icon="pause")
        self._export = Button(tr("sync.export"), icon="export")
        self._support = Button(tr("sync.support"), icon="wrench")
        for row in ([self._hold], [self._retry, self._verify], [self._export, self._support]):
            self.body.addLayout(_in_a_row(row))
        self.body.addWidget(self._failure)
        self._connect()
        with session.replica.read() as conn:
            lines = unsent(conn, limit=MOST)
        self._show_outbox(lines)
        self._show_state(session.sync.state)

    def _connect(self) -> None:
        self._hold.clicked.connect(self._hold_or_go_on)
        self._retry.clicked.connect(self._session.sync.sync_now)
        self._verify.clicked.connect(self._session.sync.verify)
        self._export.clicked.connect(self._export_unsent)
        self._support.clicked.connect(self._export_support)
        self._session.bridge.changed.connect(self._on_changed)
        self._session.bridge.sync_state.connect(self._show_state)

    def _on_changed(self, moved: Changed) -> None:
        if "outbox" in moved.kinds:
            self._read_outbox()

    def _read_outbox(self) -> None:
        replica = self._session.replica

        def work() -> list[OutboxLine]:
            with replica.read() as conn:
                return unsent(conn, limit=MOST)

        self._session.bridge.read(work, then=self._show_outbox, owner=self)

    def _show_outbox(self, lines: list[OutboxLine]) -> None:
        """Show what waits, and how many more than can be listed."""
        moved = self._outbox.show_lines(lines, self._session.clock.now())
        left = self._session.sync.state.unsent - len(lines) if len(lines) == MOST else 0
        self._more.setText(tr("sync.more", count=left))
        self._more.setVisible(left > 0)
        self._export.setVisible(bool(lines))
        if moved:
            self.refit()

    def _show_state(self, state: SyncState) -> None:
        """Show what moves while the panel is open."""
        self._show_head(state)
        self._words.setText(self._explained(state))
        self._alarm.setText(tr("sync.alarm") if state.alarm else "")
        self._alarm.setVisible(state.alarm)
        self._figures.set_rows(figures(self._session, state))
        self._verify.setEnabled(not state.offline and not state.checking)
        progress = state.progress
        self._hold.setVisible(progress is not None)
        self._hold.setText(tr("sync.go_on" if progress is not None and progress.held else "sync.hold"))
        self._read_outbox()
        self.refit()

    def _title_key(self, state: SyncState) -> str:
        if state.paused:
            return "sync.title.paused"
        if state.connection in ("offline", "server_error"):
            return f"sync.title.{state.connection}"
        if state.progress is not None:
            return "sync.title.held" if state.progress.held else "sync.title.filling"
        return "sync.title.online"

    def _add_head(self, title: str) -> None:
        super()._add_head(title)
        self._picture = QLabel()
        head = self.body.itemAt(0)
        row = head.layout() if head is not None else None
        if isinstance(row, QHBoxLayout):
            row.insertWidget(0, self._picture)

    def _show_head(self, state: SyncState) -> None:
        glyph, tone = ("cloud-slash", "soon") if state.offline else ("cloud-check", "ok")
        self._picture.setPixmap(pixmap(glyph, ICON_SIZE_HEAD, tone, self.devicePixelRatioF()))
        self.set_title(tr(self._title_key(state)))

    def _explained(self, state: SyncState) -> str:
        if state.paused:
            return sentence(state.paused)
        if state.trouble:
            return sentence(state.trouble)
        return tr("sync.all_sent" if not state.unsent else "sync.sending")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F5:
            self._retry.click()
            return
        super().keyPressEvent(event)

    def _hold_or_go_on(self) -> None:
        """Have the rest of the first sync wait, or go on; the work goes on either way."""
        session, progress = self._session, self._session.sync.state.progress
        held = progress is None or not progress.held
        session.bridge.act(lambda: local.hold_filling(session.replica, held=held), owner=self)
        session.sync.sync_now()
        self.close()

    def _export_unsent(self) -> None:
        """Write what is unsent into the documents folder, so that it can be kept by other means."""
        target, replica = self._target("unsent", "jsonl"), self._session.replica
        self._write(
            lambda: export_outbox(replica, target),
            lambda count: tr("sync.exported", count=count, path=str(target)),
        )

    def _export_support(self) -> None:
        """Write what somebody who helps needs to know into the documents folder."""
        target, session = self._target("support", "zip"), self._session
        now, state, log = session.clock.now(), session.sync.state, logs.file_in_use()
        self._write(
            lambda: export_support(session.replica, target, now=now, state=state, log=log),
            lambda _: tr("sync.support_done", path=str(target)),
        )

    def _write(self, work: Callable[[], int], words: Callable[[int], str]) -> None:
        """Do it off the window's thread; it is told where the file is though the panel was closed meanwhile."""
        say, bridge = self._say, self._session.bridge
        self._lock(True)

        def done(count: int) -> None:
            if shiboken6.isValid(self):
                self.close()
            say(words(count))

        def failed(error: GongdanError) -> None:
            if not shiboken6.isValid(self):
                bridge.refused.emit(error)
                return
            self._lock(False)
            self._failure.setText(error_words(error))
            self._failure.show()
            self.refit()

        bridge.read(work, then=done, failed=failed)

    def _lock(self, locked: bool) -> None:
        """While a file is written no other is begun."""
        self._failure.hide()
        for button in (self._export, self._support):
            button.setEnabled(not locked)

    def _target(self, what: str, ending: str) -> Path:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        return Path(folder or Path.home()) / f"gongdan-{what}-{self._session.clock.now()}.{ending}"


def _in_a_row(buttons: Sequence[Button]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row
