"""How sync stands, in full: what waits on this machine, when it is tried again, what that means for the work."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.commands.export import export_outbox
from desktop.replica.queries.outbox import OutboxLine, unsent
from desktop.sync.state import SyncState
from desktop.ui.sentences import sentence
from desktop.ui.session import Session
from desktop.ui.text import has_text, tr
from desktop.ui.theme import pixmap
from desktop.ui.theme.tokens import ICON_SIZE, ICON_SIZE_HEAD
from desktop.ui.tickets.rows import shown_number
from desktop.ui.times import duration, moment
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
    """`exported` tells where what is unsent was written."""

    exported = Signal(str)

    def __init__(self, session: Session, anchor: QWidget) -> None:
        super().__init__(anchor, width=WIDTH)
        self._session = session
        state = session.sync.state
        with session.replica.read() as conn:
            lines = unsent(conn, limit=MOST + 1)
        self.body.setSpacing(8)
        self._add_head(tr(self._title_key(state)))
        words = Label(self._words(state), tone="text2", wrap=True)
        self.body.addWidget(words)
        if lines:
            self.body.addWidget(self._waiting(lines[:MOST], state))
        if len(lines) > MOST:
            more = tr("sync.more", count=state.unsent - MOST if state.unsent > MOST else 1)
            self.body.addWidget(Label(more, kind="small", tone="text2"))
        self.body.addWidget(self._figures(state))
        self.body.addLayout(self._buttons(bool(lines)))

    def _title_key(self, state: SyncState) -> str:
        if state.paused:
            return "sync.title.paused"
        if state.connection in ("offline", "server_error"):
            return f"sync.title.{state.connection}"
        if state.progress is not None:
            return "sync.title.filling"
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

    def _words(self, state: SyncState) -> str:
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

    def _figures(self, state: SyncState) -> KeyValues:
        session = self._session
        now_at = session.server_time.now()
        rows = []
        if state.verified_at:
            checked = moment(state.verified_at, now_at, full=True)
            rows.append((tr("sync.verified"), tr("sync.verified_at", time=checked)))
        if state.retry_at:
            wait_s = max(0, state.retry_at - session.clock.now()) // 1000
            rows.append((tr("sync.retry"), tr("sync.retry_in", time=duration(wait_s))))
        error_s = max(1, -(-session.server_time.error_ms() // 1000))
        known = bool(session.server_time.contact.at)
        rows.append(
            (
                tr("sync.deadlines"),
                tr("sync.deadlines_are", time=duration(error_s)) if known else tr("sync.never"),
            )
        )
        if not state.offline:
            rows.append((tr("sync.pokes"), tr("sync.pokes_on" if state.streaming else "sync.pokes_off")))
        return KeyValues(rows, label_width=88)

    def _buttons(self, anything: bool) -> QHBoxLayout:
        retry = Button(tr("sync.retry_now"), icon="arrows-clockwise", shortcut="F5")
        retry.clicked.connect(self._retry)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(retry)
        if anything:
            export = Button(tr("sync.export"), icon="export")
            export.clicked.connect(self._export)
            row.addWidget(export)
        row.addStretch(1)
        return row

    def _retry(self) -> None:
        self._session.sync.sync_now()
        self.close()

    def _export(self) -> None:
        """Write what is unsent into the documents folder, so that it can be kept by other means."""
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        target = Path(folder or Path.home()) / f"gongdan-unsent-{self._session.clock.now()}.jsonl"
        target.parent.mkdir(parents=True, exist_ok=True)
        count = export_outbox(self._session.replica, target)
        self.close()
        self.exported.emit(tr("sync.exported", count=count, path=str(target)))
