"""Ties reminders and the tray to the main window, once the first picture is there."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QWidget

from desktop.ui.actions import Actions
from desktop.ui.main.lists import Lists
from desktop.ui.main.navigation import ATTENTION
from desktop.ui.session import Session

if TYPE_CHECKING:
    from desktop.ui.reminders.desk import ReminderDesk


def attach_reminders(
    session: Session,
    window: QWidget,
    *,
    actions: Actions,
    lists: Lists,
    open_ticket: Callable[[str], object],
    reply_to: Callable[[str], object],
) -> "ReminderDesk":
    """Have reminders come up, and the tray's entries do what they say."""
    from desktop.ui.reminders.desk import ReminderDesk

    desk = ReminderDesk(session, window)
    desk.ticket_opened.connect(open_ticket)
    desk.reply_wanted.connect(reply_to)
    tray = desk.tray
    tray.new_wanted.connect(lambda: actions.press("new"))
    tray.list_wanted.connect(lists.show)
    tray.attention_wanted.connect(lambda: lists.go(ATTENTION))
    tray.sync_wanted.connect(lambda: actions.press("sync_now"))
    tray.settings_wanted.connect(lambda: actions.press("settings"))
    tray.quit_wanted.connect(QApplication.quit)
    return desk
