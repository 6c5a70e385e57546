"""Setting a reminder on a ticket: the pop-over of the reminders' room, beside what was pressed."""

from PySide6.QtWidgets import QWidget

from desktop.ui.session import Session


def remind_me(session: Session, anchor: QWidget, ticket: str) -> None:
    """Ask when to be reminded of a ticket."""
    from desktop.ui.reminders.remind_me import RemindMe  # put off: not needed for the first picture

    RemindMe(session, anchor, ticket).open()
