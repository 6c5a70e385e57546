"""The status bar of the main window: sync, unsent, needs attention; figures and the person at the right."""

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop.sync.state import CLOCK_TOLERANCE_MS, SyncState
from desktop.ui.session import Session
from desktop.ui.text import has_text, tr
from desktop.ui.times import MINUTE_S, clock, duration
from desktop.ui.widgets.status_bar import StatusBar, StatusPiece
from domain.entities.base import Instant

_REFRESH_MS = 5_000
_OFFLINE = ("offline", "server_error")


class StatusLine(StatusBar):
    """Follows the sync state; `sync_clicked` and `attention_clicked` when somebody wants to know more."""

    sync_clicked = Signal()
    attention_clicked = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._since: Instant = 0  # when the server was last lost, by this machine's clock
        self._unit = ""
        self._shown, self._total, self._attention, self._waiting = 0, 0, 0, 0
        self.sync, self._unsent, self._trouble = StatusPiece(), StatusPiece(), StatusPiece()
        self._selection, self._latency = StatusPiece(), StatusPiece()
        self._clock, self._person = StatusPiece(), StatusPiece()
        for piece in (self.sync, self._unsent, self._trouble):
            self.add_left(piece)
        for piece in (self._selection, self._latency, self._clock, self._person):
            self.add_right(piece)
        for piece in (self.sync, self._unsent, self._latency, self._clock):
            piece.clicked.connect(self.sync_clicked)
        self._trouble.clicked.connect(self.attention_clicked)
        session.bridge.sync_state.connect(self._on_state)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self._timer.start(_REFRESH_MS)
        self.refresh()

    def set_selection(self, chosen: int, total: int) -> None:
        """How many tickets are chosen, of how many the list shows."""
        self._shown, self._total = chosen, total
        self._show_figures()

    def set_unit(self, name: str) -> None:
        """Where the person belongs."""
        self._unit = name
        self._show_figures()

    def set_counts(self, *, attention: int, unsent: int) -> None:
        """How many conflicts and refusals wait for the person, and how many commands for the server."""
        self._attention, self._waiting = attention, unsent
        self.refresh()

    def _on_state(self, state: SyncState) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Show everything as it stands now."""
        state = self._session.sync.state
        if state.offline and not self._since:
            self._since = self._session.clock.now()
        elif not state.offline:
            self._since = 0
        words, glyph, tone, filled = self._sync_look(state)
        self.sync.show_piece(words, glyph=glyph, tone=tone, filled=filled)
        self._unsent.show_piece(tr("main.unsent", count=self._waiting), glyph="paper-plane-tilt")
        tone = "late" if self._attention else "text2"
        words = tr("main.needs_attention", count=self._attention)
        self._trouble.show_piece(words, glyph="warning", tone=tone)
        self._show_figures()

    def _sync_look(self, state: SyncState) -> tuple[str, str, str, bool]:
        """Words, icon, tone, and whether its ground is filled."""
        if state.paused:
            key = f"main.paused.{state.paused}"
            return tr(key if has_text(key) else "main.paused"), "pause-circle", "soon", True
        if state.connection in _OFFLINE:
            waited_s = max(0, self._session.clock.now() - self._since) // 1000
            key = "main.offline_for" if state.connection == "offline" else "main.server_error_for"
            words = tr(key, time=duration(waited_s)) if waited_s >= MINUTE_S else tr("main.offline")
            if state.lease_ends_soon:
                left_s = (state.lease_until_at - self._session.server_time.now()) // 1000
                words = tr("main.lease_left", time=duration(left_s))
            return words, "cloud-slash", "soon", True
        if state.alarm:
            return tr("main.check_alarm"), "warning", "late", False
        if state.progress is not None:
            done = state.progress.ranges_done * 100 // max(1, state.progress.ranges)
            if state.progress.held:
                return tr("main.first_sync_held", percent=done), "pause", "text2", False
            return tr("main.first_sync", percent=done), "cloud-arrow-down", "accent", False
        if state.connection == "connecting":
            return tr("main.connecting"), "arrows-clockwise", "text2", False
        if not state.verified_at:
            return tr("main.online"), "cloud-check", "ok", False
        key = "main.slow" if state.connection == "slow" else "main.synced"
        tone = "soon" if state.connection == "slow" else "ok"
        return tr(key, time=clock(state.verified_at)), "cloud-check", tone, False

    def _show_figures(self) -> None:
        state, time = self._session.sync.state, self._session.server_time
        words = tr("main.selected", chosen=self._shown, total=self._total)
        if not self._shown:
            words = tr("main.tickets", count=self._total)
        self._selection.show_piece(words)
        latency = str(time.round_trip_ms) if time.round_trip_ms and not state.offline else ""
        self._latency.show_piece(tr("main.latency", ms=latency) if latency else tr("main.no_latency"))
        seconds = max(1, -(-time.error_ms() // 1000))
        if state.clock_off_ms and abs(state.clock_off_ms) >= CLOCK_TOLERANCE_MS:
            off = duration(abs(state.clock_off_ms) // 1000)
            self._clock.show_piece(tr("main.clock_off", time=off), glyph="warning", tone="soon")
        elif time.contact.at:
            self._clock.show_piece(tr("main.clock_error", time=duration(seconds)))
        else:
            self._clock.show_piece(tr("main.clock_unknown"))
        name = self._session.person.name
        self._person.show_piece(f"{self._unit} · {name}" if self._unit else name)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.refresh()
