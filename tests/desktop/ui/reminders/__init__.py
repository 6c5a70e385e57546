"""Reminders, notices and the tray."""
