"""Being reminded: setting a reminder on a ticket, and the pop-up when its time has come."""

from datetime import timedelta

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from desktop.app import App
from desktop.ui.reminders.remind_me import RemindMe
from desktop.ui.text import tr
from desktop.ui.tickets.ticket_page import TicketPage
from desktop.ui.times import local
from desktop.ui.widgets.reminder_card import ReminderCard
from tests.demo import hands
from tests.demo.acts.looking import signed_in

LEAST_S, POPUP_S = 8, 100.0


class Reminding:
    """Reminders are asked for by the minute, so the soonest is the next one."""

    def __init__(self, app: App) -> None:
        self._app = app

    def remind(self, words: str, picture: str = "") -> str:
        """Press S on the ticket that is open, write the next full minute and what for; returns the time written."""
        assert self._app.window is not None
        hands.press("S", hands.part(self._app.window, TicketPage))
        asked = hands.window(RemindMe)
        now = local(signed_in(self._app).session.server_time.now())
        minute = now.replace(second=0, microsecond=0) + timedelta(
            minutes=1 if now.second < 60 - LEAST_S else 2
        )
        hands.write(hands.part(asked.when, QLineEdit), f"{minute:%H:%M}")
        hands.write(asked.words, words)
        if picture:
            hands.rest()
            hands.screen().save(picture)
        hands.press("Return", asked.words)
        hands.until(lambda: not hands.windows(RemindMe), "the reminder is set")
        return f"{minute:%H:%M}"

    def wait_popup(self, words: str) -> str:
        """Wait for the pop-up and turn to the reminder with these words; returns what it says."""
        card = hands.window(ReminderCard, within_s=POPUP_S)

        def turned() -> bool:
            if words in card.accessibleName():
                return True
            QTest.keyClick(card, Qt.Key.Key_Right)
            return words in card.accessibleName()

        hands.until(turned, f"the reminder {words}", within_s=POPUP_S)
        return card.accessibleName()

    def popup_done(self) -> bool:
        """Click done; other reminders stay."""
        card = hands.window(ReminderCard)
        before = card.accessibleName()
        hands.click(hands.button(card, tr("reminder.done")))
        hands.until(
            lambda: before not in [one.accessibleName() for one in hands.windows(ReminderCard)], "it is gone"
        )
        return True
