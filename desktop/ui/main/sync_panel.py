"""How sync stands, in full: what waits on this machine, when it is tried again, what that means for the work."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop import logs
from desktop.commands import local
from desktop.commands.export import export_outbox
from desktop.commands.support import export_support
from desktop.replica.queries.outbox import OutboxLine, unsent
from desktop.sync.state import SyncState
from desktop.ui.main.sync_figures import figures
from desktop.ui.sentences import sentence
from desktop.ui.session import Session
from desktop.ui.text import has_text, tr
from desktop.ui.theme import pixmap
from desktop.ui.theme.tokens import ICON_SIZE, ICON_SIZE_HEAD
from desktop.ui.tickets.rows import shown_number
from desktop.ui.times import moment
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.key_values import KeyValues
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.popover import Popover

WIDTH, MOST = 424, 6
_GLYPHS = {
    "create": "plus-circle",
    "reply": "paper-plane-tilt",
    "edit": "pencil-simple",
    "take": "hand",
    "assign": "user-plus",
    "transfer": "arrow-bend-up-right",
    "status": "circle-half",
    "cc": "at",
    "tag": "tag",
}


class SyncPanel(Popover):
    """`exported` tells where something was written. Follows the state while it is open."""

    exported = Signal(str)

    def __init__(self, session: Session, anchor: QWidget) -> None:
        super().__init__(anchor, width=WIDTH)
        self._session = session
        state = session.sync.state
        with session.replica.read() as conn:
            lines = unsent(conn, limit=MOST + 1)
        self.body.setSpacing(8)
        self._add_head(tr(self._title_key(state)))
        self._words = Label("", tone="text2", wrap=True)
        self._alarm = Label("", tone="late", wrap=True)
        self.body.addWidget(self._words)
        self.body.addWidget(self._alarm)
        if lines:
            self.body.addWidget(self._waiting(lines[:MOST], state))
        if len(lines) > MOST:
            more = tr("sync.more", count=state.unsent - MOST if state.unsent > MOST else 1)
            self.body.addWidget(Label(more, kind="small", tone="text2"))
        self._figures = KeyValues(label_width=88)
        self.body.addWidget(self._figures)
        self._verify = Button(tr("sync.verify_now"), icon="shield-check")
        self._hold = Button(tr("sync.hold"), icon="pause")
        self._hold.clicked.connect(self._hold_or_go_on)
        self.body.addLayout(_in_a_row([self._hold]))
        for row in self._buttons(bool(lines)):
            self.body.addLayout(row)
        session.bridge.sync_state.connect(self._show_state)
        self._show_state(state)

    def _show_state(self, state: SyncState) -> None:
        """Show what moves while the panel is open."""
        self._words.setText(self._explained(state))
        self._alarm.setText(tr("sync.alarm") if state.alarm else "")
        self._alarm.setVisible(state.alarm)
        self._figures.set_rows(figures(self._session, state))
        self._verify.setEnabled(not state.offline and not state.checking)
        progress = state.progress
        self._hold.setVisible(progress is not None)
        self._hold.setText(tr("sync.go_on" if progress is not None and progress.held else "sync.hold"))
        if self.isVisible():
            self.adjustSize()

    def _title_key(self, state: SyncState) -> str:
        if state.paused:
            return "sync.title.paused"
        if state.connection in ("offline", "server_error"):
            return f"sync.title.{state.connection}"
        if state.progress is not None:
            return "sync.title.held" if state.progress.held else "sync.title.filling"
        return "sync.title.online"

    def _add_head(self, title: str) -> None:
        state = self._session.sync.state
        glyph, tone = ("cloud-slash", "soon") if state.offline else ("cloud-check", "ok")
        picture = QLabel()
        picture.setPixmap(pixmap(glyph, ICON_SIZE_HEAD, tone, self.devicePixelRatioF()))
        super()._add_head(title)
        head = self.body.itemAt(0)
        row = head.layout() if head is not None else None
        if isinstance(row, QHBoxLayout):
            row.insertWidget(0, picture)

    def _explained(self, state: SyncState) -> str:
        if state.paused:
            return sentence(state.paused)
        if state.trouble:
            return sentence(state.trouble)
        return tr("sync.all_sent" if not state.unsent else "sync.sending")

    def _waiting(self, lines: Sequence[OutboxLine], state: SyncState) -> QWidget:
        box = QWidget()
        ground(box, edge="top")
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 1, 0, 0)
        column.setSpacing(0)
        for line in lines:
            column.addWidget(self._line(line, state))
        return box

    def _line(self, line: OutboxLine, state: SyncState) -> QWidget:
        picture = QLabel()
        kind = "note" if line.command.set.get("internal") else line.kind
        glyph = "lock-simple" if kind == "note" else _GLYPHS.get(kind, "paper-plane-tilt")
        picture.setPixmap(pixmap(glyph, ICON_SIZE, "text2", self.devicePixelRatioF()))
        said = str(line.command.set.get("body") or line.command.set.get("subject") or line.subject)
        what = tr(f"sync.kind.{kind}") if has_text(f"sync.kind.{kind}") else kind
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(f"{what} · {said}".replace("\n", " "), elide=True))
        when = moment(line.made_at, self._session.clock.now())
        words.addWidget(
            Label(f"{shown_number(line.number)} · {when}", kind="small", tone="text2", elide=True)
        )
        wait = tr("sync.aside" if line.aside else "sync.sent" if line.state == "sent" else "sync.waiting")
        row_box = QWidget()
        ground(row_box, edge="bottom")
        row = QHBoxLayout(row_box)
        row.setContentsMargins(0, 5, 0, 6)
        row.setSpacing(8)
        row.addWidget(picture)
        row.addLayout(words, 1)
        row.addWidget(Label(wait, kind="small", tone="soon" if line.aside else "text2"))
        return row_box

    def _buttons(self, anything: bool) -> tuple[QHBoxLayout, QHBoxLayout]:
        retry = Button(tr("sync.retry_now"), icon="arrows-clockwise", shortcut="F5")
        retry.clicked.connect(self._retry)
        self._verify.clicked.connect(self._session.sync.verify)
        support = Button(tr("sync.support"), icon="wrench")
        support.clicked.connect(self._export_support)
        above = [retry, self._verify]
        below = [support]
        if anything:
            export = Button(tr("sync.export"), icon="export")
            export.clicked.connect(self._export)
            below.insert(0, export)
        return _in_a_row(above), _in_a_row(below)

    def _hold_or_go_on(self) -> None:
        """Have the rest of the first sync wait, or go on; the work goes on either way."""
        session, progress = self._session, self._session.sync.state.progress
        held = progress is None or not progress.held
        session.bridge.act(lambda: local.hold_filling(session.replica, held=held), owner=self)
        session.sync.sync_now()
        self.close()

    def _retry(self) -> None:
        self._session.sync.sync_now()
        self.close()

    def _export(self) -> None:
        """Write what is unsent into the documents folder, so that it can be kept by other means."""
        target = self._target("unsent", "jsonl")
        count = export_outbox(self._session.replica, target)
        self.close()
        self.exported.emit(tr("sync.exported", count=count, path=str(target)))

    def _export_support(self) -> None:
        """Write what somebody who helps needs to know into the documents folder."""
        target, session = self._target("support", "zip"), self._session
        export_support(
            session.replica,
            target,
            now=session.clock.now(),
            state=session.sync.state,
            log=logs.file_in_use(),
        )
        self.close()
        self.exported.emit(tr("sync.support_done", path=str(target)))

    def _target(self, what: str, ending: str) -> Path:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        target = Path(folder or Path.home()) / f"gongdan-{what}-{self._session.clock.now()}.{ending}"
        target.parent.mkdir(parents=True, exist_ok=True)
        return target


def _in_a_row(buttons: Sequence[Button]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row
