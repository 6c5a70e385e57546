"""Reminders at their time: the pop-up, the pop-over that sets one, the inbox of notices, the tray."""
