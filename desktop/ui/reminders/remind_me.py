"""Sets a reminder on a ticket (S): a usual moment with one key, or any other in writing."""

from datetime import timedelta

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.reminders import in_minutes, tomorrow_at
from desktop.replica.queries import reminders as stored
from desktop.replica.queries.reminders import Reminder
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.theme.style import draw_ring
from desktop.ui.theme.tokens import ITEM_HEIGHT
from desktop.ui.tickets.when import When
from desktop.ui.times import local, moment
from desktop.ui.widgets.button import Button, IconButton
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import box, width, write
from desktop.ui.widgets.popover import Popover
from desktop.ui.widgets.text_field import TextField
from desktop.ui.widgets.toast import toasts_of
from domain.entities.base import Instant

WIDTH = 344


def usual(now: Instant) -> list[tuple[str, Instant]]:
    """The moments people ask for most: their key and the instant, the next first; past ones left out."""
    today = local(now)
    evening = int(today.replace(hour=18, minute=0, second=0, microsecond=0).timestamp() * 1000)
    monday = today + timedelta(days=7 - today.weekday())
    early = int(monday.replace(hour=9, minute=0, second=0, microsecond=0).timestamp() * 1000)
    offered = [
        ("minutes", in_minutes(now, 10)),
        ("hour", in_minutes(now, 60)),
        ("evening", evening),
        ("tomorrow", tomorrow_at(now)),
        ("monday", early),
    ]
    kept: dict[Instant, str] = {}
    for key, at in sorted(offered, key=lambda one: one[1]):
        if at > now:
            kept.setdefault(at, key)
    return [(key, at) for at, key in kept.items()]


class QuickRow(QAbstractButton):
    """A digit, what it means, and when that is."""

    def __init__(self, digit: int, words: str, when: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._digit, self._when = str(digit), when
        self.setText(words)
        self.setFixedHeight(ITEM_HEIGHT)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{words}, {when}")

    def sizeHint(self) -> QSize:
        return QSize(width(self.text()) + width(self._when, "small") + 48, ITEM_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.underMouse() or self.isDown():
            box(painter, self.rect(), fill="line" if self.isDown() else "hover")
        write(painter, 8, self.rect(), self._digit, kind="small", tone="text3")
        write(painter, 28, self.rect(), self.text())
        right = self.width() - 8 - width(self._when, "small")
        write(painter, right, QRect(self.rect()), self._when, kind="small", tone="text2")
        if self.hasFocus() and self.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange):
            draw_ring(painter, self.rect().toRectF(), 4)


class RemindMe(Popover):
    """Digits choose a usual moment; Enter takes the one that is written."""

    def __init__(self, session: Session, anchor: QWidget, ticket: str) -> None:
        super().__init__(anchor, title=tr("reminder.remind_me"), width=WIDTH)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._session, self._ticket = session, ticket
        self._toasts = toasts_of(anchor.window())
        self._now = session.server_time.now()
        self._usual = usual(self._now)
        self.when = When(tr("reminder.at"), (), now_at=self._now)
        self.words = TextField(placeholder=tr("reminder.words_hint"))
        self.words.setAccessibleName(tr("reminder.words_hint"))
        self.take = Button(tr("reminder.set"), kind="primary", shortcut="Enter")
        self.take.clicked.connect(self._take_written)
        self._set = QVBoxLayout()
        self._set.setSpacing(0)
        self._arrange()
        self._list_set()

    def _arrange(self) -> None:
        rows = QVBoxLayout()
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        for digit, (key, at) in enumerate(self._usual, start=1):
            row = QuickRow(digit, tr(f"reminder.usual_{key}"), moment(at, self._now, full=True))
            row.clicked.connect(lambda _=False, at=at: self.remind(at))
            rows.addWidget(row)
        foot = QHBoxLayout()
        foot.addWidget(self.words, 1)
        foot.addWidget(self.take)
        self.body.addLayout(rows)
        self.body.addWidget(self.when)
        self.body.addLayout(foot)
        self.body.addLayout(self._set)

    def _list_set(self) -> None:
        with self._session.replica.read() as conn:
            found = [one for one in stored.of_ticket(conn, self._ticket) if one.source == "own"]
        for one in found:
            if one.state == "waiting":
                self._set.addWidget(self._set_row(one))

    def _set_row(self, one: Reminder) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        when = moment(one.due_at, self._now, full=True)
        told = tr("reminder.is_set", when=when) + (f" · {one.words}" if one.words else "")
        drop = IconButton("x", tr("reminder.unset"), side=24)
        drop.clicked.connect(lambda: self._unset(one.id, row))
        line.addWidget(Label(told, kind="small", tone="text2", elide=True), 1)
        line.addWidget(drop)
        return row

    def _unset(self, id: str, row: QWidget) -> None:
        row.hide()
        self.adjustSize()
        reminders = self._session.reminders
        self._session.bridge.act(lambda: reminders.done(id))

    def _take_written(self) -> None:
        at = self.when.value()
        if self.when.validate() and at is not None:
            self.remind(at)

    def remind(self, at: Instant) -> None:
        """Set it, say so, and close."""
        reminders, ticket, words = self._session.reminders, self._ticket, self.words.value()
        toasts, when = self._toasts, moment(at, self._now, full=True)
        self._session.bridge.act(lambda: reminders.remind(ticket, due_at=at, words=words))
        toasts.say("reminder.will_remind", when=when)
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        digit = event.key() - Qt.Key.Key_1
        if 0 <= digit < len(self._usual) and not event.modifiers():
            self.remind(self._usual[digit][1])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take_written()
        else:
            super().keyPressEvent(event)
