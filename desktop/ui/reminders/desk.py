"""Brings reminders before the person: one pop-up for all that is due, the tray, and quiet when it is asked for."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from desktop.reminders import in_minutes, tomorrow_at
from desktop.replica.changed import Changed
from desktop.replica.due import Due
from desktop.replica.queries.tickets import rows
from desktop.settings import Settings
from desktop.ui.reminders.quiet import is_quiet, way_of
from desktop.ui.reminders.snooze_at import SnoozeAt
from desktop.ui.reminders.tray import Tray
from desktop.ui.reminders.words import content_of
from desktop.ui.session import Session
from desktop.ui.widgets.reminder_card import ReminderCard, ReminderContent

SNOOZE_MINUTES = {"minutes": 10, "hour": 60}


class ReminderDesk(QObject):
    """One for each main window. `ticket_opened` and `reply_wanted` tell a ticket."""

    ticket_opened = Signal(str)
    reply_wanted = Signal(str)

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._due: list[Due] = []  # in the pop-up
        self._held_back: list[Due] = []  # while it is quiet
        self.card = ReminderCard()
        self.sound: Callable[[], object] = QApplication.beep
        self.tray = Tray(session, window)
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        self._tick.timeout.connect(self._on_tick)
        self._forget_count: Callable[[], None] = lambda: None
        self._connect()
        self._count()

    def _connect(self) -> None:
        card, bridge = self.card, self._session.bridge
        bridge.reminder.connect(self.bring)
        bridge.changed.connect(self._on_changed)
        card.opened.connect(self._open)
        card.replied.connect(self._reply)
        card.done.connect(self._finish)
        card.snoozed.connect(self._snooze)
        card.closed.connect(self._dismiss)
        self.tray.reminders_wanted.connect(self.show_open)
        self._unlisten = self._session.settings.listen(self._on_settings)
        self._window.destroyed.connect(self._leave)

    def _leave(self) -> None:
        self._unlisten()

    def _now(self) -> int:
        return self._session.server_time.now()

    # What comes.

    def bring(self, due: Due) -> None:
        """Show one that fell due, or hold it back while it is quiet; of a silent kind it is only counted."""
        way = way_of(self._session.settings.current, due.kind)
        if way == "silent":
            self._count()
            return
        if is_quiet(self._session.settings.current, self._session.clock.now()):
            self._held_back.append(due)
            self._tick.start()
        else:
            others = [one for one in self._due if one.id != due.id]
            self._due = sorted([*others, due], key=_rank)
            self._show()
            if way == "sound":
                self.sound()
        self._count()

    def show_open(self) -> None:
        """Show everything that was told and is not done yet."""
        self._due = sorted(self._session.reminders.open(), key=_rank)
        self._show()

    def waiting(self) -> int:
        """How many are held back."""
        return len(self._held_back)

    def _on_settings(self, now: Settings) -> None:
        if self._held_back and not is_quiet(now, self._session.clock.now()):
            self._end_quiet()

    def _end_quiet(self) -> None:
        held, self._held_back = self._held_back, []
        for due in held:
            self.bring(due)

    def _on_tick(self) -> None:
        self.card.tick(self._now())
        if self._held_back and not is_quiet(self._session.settings.current, self._session.clock.now()):
            self._end_quiet()
        if not self._held_back and not self.card.isVisible():
            self._tick.stop()

    def _on_changed(self, moved: Changed) -> None:
        if not moved.kinds & {"reminders", "tickets", "notices"}:
            return
        if self._due and "reminders" in moved.kinds:
            open_ids = {one.id for one in self._session.reminders.open()}
            self._due = [one for one in self._due if one.id in open_ids]
        if self.card.isVisible():
            self._show()
        self._count()

    def _show(self) -> None:
        self.card.show_reminders(self._contents(), now_at=self._now())
        if self._due:
            screen = self._window.screen()
            self.card.show_at(screen.availableGeometry())
            self._tick.start()

    def _contents(self) -> list[ReminderContent]:
        with self._session.replica.read() as conn:
            lines = {line.id: line for line in rows(conn, [one.ticket for one in self._due])}
        now = self._now()
        return [content_of(one, lines.get(one.ticket), now) for one in self._due]

    def _count(self) -> None:
        """Count apart from the window's thread: this follows each page that a sync brings."""
        self._forget_count()
        self._forget_count = self._session.bridge.read(
            self._session.reminders.open, then=lambda due: self.tray.set_count(len(due)), owner=self
        )

    # What the person does.

    def _named(self, id: str) -> Due | None:
        return next((one for one in self._due if one.id == id), None)

    def _take_away(self, id: str) -> None:
        self._due = [one for one in self._due if one.id != id]
        self.card.show_reminders(self._contents(), now_at=self._now())

    def _act(self, gesture: Callable[[], Changed]) -> None:
        self._session.bridge.act(gesture, owner=self)

    def _finish(self, id: str) -> None:
        self._take_away(id)
        self._act(lambda: self._session.reminders.done(id))

    def _open(self, id: str) -> None:
        due = self._named(id)
        if due is not None:
            self._finish(id)
            self._bring_window()
            self.ticket_opened.emit(due.ticket)

    def _reply(self, id: str) -> None:
        due = self._named(id)
        if due is not None:
            self._finish(id)
            self._bring_window()
            self.reply_wanted.emit(due.ticket)

    def _bring_window(self) -> None:
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    def _snooze(self, id: str, how: str) -> None:
        now = self._now()
        if how == "at":
            chooser = SnoozeAt(self.card, now_at=now)
            chooser.chosen.connect(lambda until: self.snooze(id, until))
            chooser.open()
        else:
            self.snooze(id, tomorrow_at(now) if how == "tomorrow" else in_minutes(now, SNOOZE_MINUTES[how]))

    def snooze(self, id: str, until: int) -> None:
        """Have it come again at a moment."""
        self._take_away(id)
        self._act(lambda: self._session.reminders.snooze(id, until=until))

    def _dismiss(self) -> None:
        # They stay open: the tray counts them and brings them back.
        self._due = []
        self._tick.stop()


def _rank(due: Due) -> tuple[int, int]:
    """What is late comes first, then what soon will be, then the rest as it fell due."""
    return ("late", "soon").index(due.kind) if due.kind in ("late", "soon") else 2, due.at
