"""`doctor`: whether the server's store is sound, and what to look after."""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from domain.entities.base import Entity, Instant
from domain.entities.sla import Policy
from domain.entities.ticket import Ticket
from domain.rules.calendar_years import year_missing, year_wanted
from domain.rules.open_time import local
from domain.rules.ticket_clocks import with_deadlines
from domain.rules.zones import zone
from sync_server.api.sealing import SECRET_FILE
from sync_server.channels.secrets import SECRETS_FILE, ChannelSecrets
from sync_server.feed import compaction
from sync_server.operations.tools import Tools
from sync_server.store import agreement, delivery_queue, epochs, migrations, returned, soundness
from sync_server.store.blob_files import BlobFiles
from sync_server.store.blobs import missing_blobs

if TYPE_CHECKING:
    from sqlalchemy import Connection

ENOUGH_DISK = 1024**3
LATE_STEPS_MS = 10 * 60 * 1000
CLOCK_APART_MS = 5_000
QUARANTINE_MS = 7 * 86_400_000
CLOCKS_LOOKED_AT = 2_000
"""Open tickets whose deadlines are worked out again."""


class Finding(Entity):
    """One thing looked at."""

    name: str
    well: bool
    args: dict[str, Any] = {}


def examine(tools: Tools) -> list[Finding]:
    """Look at migrations, feed, file, due work, calendars and disk, and at what is kept twice.

    Of a damaged file nothing else is read: that and the room for a backup are all there is to say.
    """
    now = tools.clock.now()
    with tools.store.read() as conn:
        state = soundness.integrity(conn)
    file = Finding(name="file", well=state == "ok", args={"state": state})
    if not file.well:
        return [file, _disk(tools)]
    with tools.store.read() as conn:
        gap = soundness.feed_gap(conn)
        gap["missing"] += compaction.zones(conn)["wrong"]
        steps = soundness.waiting_steps(conn, now)
        sizes = soundness.sizes(conn)
        calendars = tools.configurations.current(conn).calendars
        messages = delivery_queue.counts(conn, now)
        agreeing = _agreement(tools, conn, now, devices=sizes["devices"])
    revision = migrations.present(tools.store.engine)
    late = steps["oldest"] is not None and now - steps["oldest"] > LATE_STEPS_MS
    found = [
        Finding(
            name="migrations",
            well=revision == migrations.newest(),
            args={"present": revision or "", "newest": migrations.newest()},
        ),
        Finding(name="feed", well=gap["missing"] == 0, args=gap),
        file,
        Finding(name="due_work", well=not late, args={"count": steps["count"]}),
        _disk(tools),
        Finding(name="rows", well=True, args=dict(sizes)),
        *agreeing,
        *_messages(tools, messages),
    ]
    for calendar in calendars.values():
        today = local(zone(calendar.zone), now).date()
        known = max((day.year for day in calendar.holidays), default=0)
        if calendar.holidays:
            found.append(
                Finding(
                    name="holidays",
                    well=year_missing(calendar, today) is None,
                    args={"calendar": calendar.id, "year": year_wanted(today), "known": known},
                )
            )
    return found


def _disk(tools: Tools) -> Finding:
    """The least room there is where the database, the attachments and the secret are kept."""
    free = min(shutil.disk_usage(folder).free for folder in _folders(tools))
    return Finding(name="disk", well=free >= ENOUGH_DISK, args={"free_mb": free // 1024**2})


def _agreement(tools: Tools, conn: "Connection", now: Instant, *, devices: int) -> list[Finding]:
    """What is kept twice and has to agree, what an operator left unfinished, what is missing."""
    files = BlobFiles(tools.settings.blob_folder)
    missing = [one for one in missing_blobs(conn, files) if not one.awaited]
    apart = agreement.clock_apart_ms(conn, now)
    recovery, counts = epochs.recovery(conn), returned.counts(conn)
    unfinished = recovery.state in ("open", "closed") or counts["waiting"] > 0
    secret = (tools.settings.folder / SECRET_FILE).exists()
    return [
        _counted("revisions", agreement.revisions_ahead(conn)),
        _counted("marks", agreement.marks_out_of_range(conn)),
        _counted("followers", agreement.followers_apart(conn)),
        _counted("tree", agreement.tree_faults(conn)),
        _counted("grants", agreement.idle_grants(conn)),
        _counted("clocks", _clocks_apart(tools, conn)),
        _counted("quarantined", agreement.quarantined(conn, now - QUARANTINE_MS)),
        _counted("blobs", len(missing)),
        Finding(name="time", well=abs(apart) <= CLOCK_APART_MS, args={"apart_ms": apart}),
        Finding(
            name="recovery",
            well=not unfinished,
            args={"state": recovery.state or "none", "waiting": counts["waiting"], "rows": counts["rows"]},
        ),
        # Before the first device signs in there is none, nor anything that needs it.
        Finding(
            name="secret", well=secret or not devices, args={"file": str(tools.settings.folder / SECRET_FILE)}
        ),
    ]


def _messages(tools: Tools, counts: Mapping[str, float]) -> list[Finding]:
    """Whether messages leave, and whether the secrets of their channels are the server's alone."""
    told = {name.removeprefix("deliveries_"): int(value) for name, value in counts.items()}
    late = told.pop("oldest_due_seconds")
    secrets = ChannelSecrets(tools.settings.folder, {})
    return [
        Finding(name="deliveries", well=late * 1000 < LATE_STEPS_MS, args={**told, "oldest_s": late}),
        Finding(
            name="channel_secrets",
            well=not secrets.open_to_others(),
            args={"file": str(tools.settings.folder / SECRETS_FILE)},
        ),
    ]


def _counted(name: str, count: int) -> Finding:
    return Finding(name=name, well=count == 0, args={"count": count})


def _clocks_apart(tools: Tools, conn: "Connection") -> int:
    """Open tickets whose deadline is not what the rules make of their timeline and the present policies."""
    configuration, tree = tools.configurations.current(conn), tools.trees.current(conn)
    apart = 0
    for ticket, timeline in agreement.open_tickets(conn, CLOCKS_LOOKED_AT):
        if ticket.policy is None or not _is_current(configuration.policies, ticket):
            continue  # decided under an older version of its policy
        after, _, _ = with_deadlines(
            ticket, timeline, configuration, tree.path(ticket.org), ticket.updated_at
        )
        apart += (after.due_at, after.due_metric) != (ticket.due_at, ticket.due_metric)
    return apart


def _is_current(policies: Iterable[Policy], ticket: Ticket) -> bool:
    return any((one.id, one.version) == (ticket.policy, ticket.policy_version) for one in policies)


def _folders(tools: Tools) -> set[Path]:
    file = tools.settings.database_file
    kept = [tools.settings.folder, tools.settings.blob_folder, *([file.parent] if file is not None else [])]
    return {next(place for place in (one, *one.parents) if place.exists()) for one in kept}
