"""The reminder pop-up: 376 wide, several share it, it never takes the focus by itself."""

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop.ui.countdown import Countdown
from desktop.ui.text import tr
from desktop.ui.theme import pixmap
from desktop.ui.theme.tokens import ICON_SIZE, PANE_PADDING, REMINDER_WIDTH
from desktop.ui.widgets.button import Button, IconButton
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.priority import PriorityMark
from desktop.ui.widgets.sla import SlaBadge
from domain.entities.base import Instant

SNOOZES = ("minutes", "hour", "tomorrow", "at")
"""What may follow in `snoozed`: in 10 minutes, in an hour, tomorrow at 9:00, at a moment to be asked for."""

_MARGIN = 12
_KEYS: dict[int, str] = {Qt.Key.Key_1: "minutes", Qt.Key.Key_2: "hour", Qt.Key.Key_3: "tomorrow"}


class ReminderContent(msgspec.Struct, frozen=True, kw_only=True):
    """One reminder as the card shows it; texts are final."""

    id: str
    title: str  # 即将超时, 你的提醒
    time: str  # 14:31
    tone: str = "soon"
    glyph: str = "bell-ringing"
    number: str = ""
    priority: str = ""
    place: str = ""  # 国贸店 · 陈女士
    subject: str
    countdown: Countdown | None = None
    note: str = ""  # 下次响应，今天 14:50 截止


class ReminderCard(QFrame):
    """Keys 1–3 snooze, Enter opens, R replies, Esc closes; each signal carries the reminder's id."""

    opened = Signal(str)
    replied = Signal(str)
    done = Signal(str)
    snoozed = Signal(str, str)
    closed = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        flags = Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint
        super().__init__(parent, flags)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setFixedWidth(REMINDER_WIDTH)
        self._shown: list[ReminderContent] = []
        self._at = 0
        self._now_at: Instant = 0
        self._badge: SlaBadge | None = None
        self._make_parts()
        frame = QFrame(self)
        ground(frame, edge="popup")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)
        column = QVBoxLayout(frame)
        column.setContentsMargins(1, 12, 1, 1)
        column.setSpacing(0)
        column.addLayout(self._make_body())
        column.addWidget(self._make_foot())
        self._write_words()

    def _make_parts(self) -> None:
        self._icon = QLabel()
        self._title = Label(kind="body_bold", tone="soon")
        self._time = Label(kind="small", tone="text2")
        self._position = Label(kind="small", tone="text2")
        self._previous = IconButton("caret-left", tr("widget.previous"), side=24)
        self._next = IconButton("caret-right", tr("widget.next"), side=24)
        self._close = IconButton("x", tr("widget.close"), shortcut="Esc", side=24)
        self._number = Label(kind="small", tone="text2")
        self._priority = PriorityMark(kind="small")
        self._place = Label(kind="small", tone="text2", elide=True)
        self._subject = Label(kind="h3", wrap=True)
        self._note = Label(kind="small", tone="text2", elide=True)
        self._snooze = Label(kind="small", tone="text2")
        self._snoozes = {key: Chip("", large=True, clickable=True) for key in SNOOZES}
        self._open = Button(kind="primary", shortcut="Enter")
        self._reply = Button(icon="arrow-bend-up-left", shortcut="R")
        self._done = Button(kind="quiet", icon="check")
        self._previous.clicked.connect(lambda: self._step(-1))
        self._next.clicked.connect(lambda: self._step(1))
        self._close.clicked.connect(self._dismiss)
        self._open.clicked.connect(lambda: self.opened.emit(self.current().id))
        self._reply.clicked.connect(lambda: self.replied.emit(self.current().id))
        self._done.clicked.connect(lambda: self.done.emit(self.current().id))
        for key, chip in self._snoozes.items():
            chip.clicked.connect(lambda _=False, chosen=key: self.snoozed.emit(self.current().id, chosen))

    def _make_body(self) -> QVBoxLayout:
        head, facts, self._clock_row, snooze = QHBoxLayout(), QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for row in (head, facts, self._clock_row):
            row.setSpacing(8)
        snooze.setSpacing(6)
        head.addWidget(self._icon)
        head.addWidget(self._title)
        head.addWidget(self._time)
        head.addStretch(1)
        for part in (self._position, self._previous, self._next, self._close):
            head.addWidget(part)
        facts.addWidget(self._number)
        facts.addWidget(self._priority)
        facts.addWidget(self._place, 1)
        self._clock_row.addWidget(self._note, 1)
        snooze.addWidget(self._snooze)
        for chip in self._snoozes.values():
            snooze.addWidget(chip)
        snooze.addStretch(1)
        body = QVBoxLayout()
        body.setContentsMargins(PANE_PADDING, 0, _MARGIN, 12)
        body.setSpacing(4)
        body.addLayout(head)
        body.addLayout(facts)
        body.addWidget(self._subject)
        body.addSpacing(4)
        body.addLayout(self._clock_row)
        body.addSpacing(8)
        body.addLayout(snooze)
        return body

    def _make_foot(self) -> QFrame:
        foot = QFrame()
        ground(foot, "sunken", edge="top")
        row = QHBoxLayout(foot)
        row.setContentsMargins(PANE_PADDING, 12, PANE_PADDING, 12)
        row.setSpacing(8)
        row.addWidget(self._open)
        row.addWidget(self._reply)
        row.addStretch(1)
        row.addWidget(self._done)
        return foot

    def current(self) -> ReminderContent:
        """The reminder in front."""
        return self._shown[self._at]

    def show_reminders(self, reminders: Sequence[ReminderContent], *, now_at: Instant) -> None:
        """Show these, keeping the one in front where it is still among them; none closes the card."""
        front = self._shown[self._at].id if self._shown else ""
        self._shown = list(reminders)
        self._now_at = now_at
        if not self._shown:
            self.hide()
            return
        ids = [reminder.id for reminder in self._shown]
        self._at = ids.index(front) if front in ids else min(self._at, len(ids) - 1)
        self._fill()

    def tick(self, now_at: Instant) -> None:
        """Bring the countdown to a moment."""
        self._now_at = now_at
        if self._badge is not None:
            self._badge.tick(now_at)

    def show_at(self, work_area: QRect) -> None:
        """Show at the bottom right of the work area, without taking the focus."""
        self.adjustSize()
        corner = work_area.bottomRight() - QPoint(self.width() + _MARGIN, self.height() + _MARGIN)
        self.move(corner)
        self.show()

    def _fill(self) -> None:
        shown = self.current()
        self._title.setText(shown.title)
        self._title.set_tone(shown.tone)
        self._time.setText(shown.time)
        self._number.setText(shown.number)
        self._priority.setVisible(bool(shown.priority))
        self._priority.set_priority(shown.priority or "normal")
        self._place.setText(shown.place)
        self._subject.setText(shown.subject)
        self._note.setText(shown.note)
        if self._badge is not None:
            self._badge.hide()
            self._badge.deleteLater()
            self._badge = None
        if shown.countdown is not None:
            self._badge = SlaBadge(shown.countdown, self._now_at)
            self._clock_row.insertWidget(0, self._badge)
        many = len(self._shown) > 1
        for part in (self._position, self._previous, self._next):
            part.setVisible(many)
        self._position.setText(tr("reminder.position", position=self._at + 1, total=len(self._shown)))
        self._previous.setEnabled(self._at > 0)
        self._next.setEnabled(self._at + 1 < len(self._shown))
        self.setAccessibleName(f"{shown.title} {shown.number} {shown.subject} {shown.note}")
        self._dress()

    def _step(self, by: int) -> None:
        if 0 <= self._at + by < len(self._shown):
            self._at += by
            self._fill()

    def _dismiss(self) -> None:
        self.hide()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in _KEYS:
            self.snoozed.emit(self.current().id, _KEYS[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(self.current().id)
        elif key == Qt.Key.Key_R:
            self.replied.emit(self.current().id)
        elif key == Qt.Key.Key_Escape:
            self._dismiss()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._step(1 if key == Qt.Key.Key_Right else -1)
        else:
            super().keyPressEvent(event)

    def _dress(self) -> None:
        if self._shown:
            shown = self.current()
            self._icon.setPixmap(pixmap(shown.glyph, ICON_SIZE, shown.tone, self.devicePixelRatioF()))

    def _write_words(self) -> None:
        self._snooze.setText(tr("reminder.snooze"))
        for place, (key, chip) in enumerate(self._snoozes.items(), start=1):
            chip.setText(tr(f"reminder.snooze_{key}"))
            chip.setToolTip(str(place) if key != "at" else "")
            chip.updateGeometry()
        self._open.setText(tr("reminder.open"))
        self._reply.setText(tr("reminder.reply"))
        self._done.setText(tr("reminder.done"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._write_words()
        elif event.type() == QEvent.Type.PaletteChange:
            self._dress()
