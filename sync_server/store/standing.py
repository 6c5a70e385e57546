"""Numbers about the store as it stands, for metrics: counts and ages, nothing of anybody's text."""

from sqlalchemy import Connection, func, select

from domain.entities.base import Instant
from sync_server.store import tables as t
from sync_server.store.delivery_queue import counts
from sync_server.store.epochs import recovery
from sync_server.store.soundness import waiting_steps

DAY_MS = 86_400_000


def standing(conn: Connection, now: Instant) -> dict[str, float]:
    """Each number by its name; ages in seconds, sizes in bytes."""
    head = conn.execute(select(t.feed_head)).one()
    waiting = waiting_steps(conn, now)
    held = recovery(conn)
    verdict, blob = t.verdict.c, t.blob.c
    faults = (verdict.code == "server_fault") & (verdict.at >= now - DAY_MS)
    seen = t.device.c.seen_at >= now - DAY_MS
    counted = {
        "quarantined_commands": select(func.count()).select_from(t.verdict).where(faults),
        "sla_steps_due": select(func.count()).select_from(t.sla_step).where(t.sla_step.c.fired_at.is_(None)),
        "devices_seen": select(func.count()).select_from(t.device).where(seen),
        "blob_bytes": select(func.coalesce(func.sum(blob.size), 0)).where(blob.state == "whole"),
        "returned_commands": select(func.count()).select_from(t.returned_command),
    }
    found = {name: float(conn.execute(query).scalar_one()) for name, query in counted.items()}
    return (
        found
        | counts(conn, now)
        | {
            "feed_head": float(head.seq),
            "feed_floor": float(head.floor),
            "sla_steps_overdue": float(waiting["count"]),
            "sla_oldest_overdue_seconds": max(0.0, (now - waiting["oldest"]) / 1000)
            if waiting["count"]
            else 0.0,
            "recovery_open": float(held.state == "open"),
            "notices_held": float(held.state in ("open", "closed")),
        }
    )
