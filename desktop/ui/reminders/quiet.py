"""Do not disturb: switched on for good, or until a moment; reminders wait in the tray meanwhile."""

from desktop.settings import Settings, SettingsFile
from domain.entities.base import Instant

HOUR_MS = 3_600_000


def is_quiet(settings: Settings, now: Instant) -> bool:
    """Whether nobody is to be interrupted now."""
    return settings.do_not_disturb or now < settings.quiet_until


def be_quiet(settings: SettingsFile, until: Instant) -> None:
    """Interrupt nobody until a moment."""
    settings.change(quiet_until=until)


def end_quiet(settings: SettingsFile) -> None:
    """Interrupt again, from now on."""
    settings.change(quiet_until=0, do_not_disturb=False)
