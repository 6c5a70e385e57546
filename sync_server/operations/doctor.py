"""`doctor`: whether the server's store is sound, and what to look after."""

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from domain.entities.base import Entity
from domain.rules.open_time import local
from domain.rules.zones import zone
from sync_server.operations.tools import Tools
from sync_server.store import migrations, soundness

ENOUGH_DISK = 1024**3
LATE_STEPS_MS = 10 * 60 * 1000
WARN_FROM_MONTH = 10
"""From October on the coming year's make-up days should be known (RULES §2)."""


class Finding(Entity):
    """One thing looked at."""

    name: str
    well: bool
    args: dict[str, Any] = {}


def examine(tools: Tools) -> list[Finding]:
    """Look at migrations, feed, file, due work, calendars and disk."""
    now = tools.clock.now()
    with tools.store.read() as conn:
        gap = soundness.feed_gap(conn)
        steps = soundness.waiting_steps(conn, now)
        state = soundness.integrity(conn)
        sizes = soundness.sizes(conn)
        calendars = tools.configurations.current(conn).calendars
    revision = migrations.present(tools.store.engine)
    free = shutil.disk_usage(_folder(tools)).free
    late = steps["oldest"] is not None and now - steps["oldest"] > LATE_STEPS_MS
    found = [
        Finding(
            name="migrations",
            well=revision == migrations.newest(),
            args={"present": revision or "", "newest": migrations.newest()},
        ),
        Finding(name="feed", well=gap["missing"] == 0, args=gap),
        Finding(name="file", well=state == "ok", args={"state": state}),
        Finding(name="due_work", well=not late, args={"count": steps["count"]}),
        Finding(name="disk", well=free >= ENOUGH_DISK, args={"free_mb": free // 1024**2}),
        Finding(name="rows", well=True, args=dict(sizes)),
    ]
    for calendar in calendars.values():
        today = local(zone(calendar.zone), now).date()
        wanted = today.year + (1 if today.month >= WARN_FROM_MONTH else 0)
        known = max((day.year for day in calendar.holidays), default=0)
        if calendar.holidays:
            found.append(
                Finding(
                    name="holidays",
                    well=known >= wanted and _made_up(calendar.extra_workdays, wanted),
                    args={"calendar": calendar.id, "year": wanted, "known": known},
                )
            )
    return found


def _made_up(extra: Any, year: int) -> bool:
    """Whether a year's make-up days are there: every year since 2008 has had some."""
    first, last = date(year, 1, 1), date(year, 12, 31) + timedelta(days=1)
    return any(first <= day < last for day in extra)


def _folder(tools: Tools) -> Path:
    file = tools.settings.database_file
    folder = file.parent if file is not None else tools.settings.folder
    return next(place for place in (folder, *folder.parents) if place.exists())
