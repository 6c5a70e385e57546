"""Commands of imports: a matter with its whole past, as another system recorded it."""

from typing import Any

from domain.entities.base import Entity, Instant
from domain.wire.intent import Intent


class HistoryRow(Entity):
    """One thing that happened elsewhere: what it was called, and what it set; empty where it set nothing."""

    at: Instant
    activity: str = ""
    by: str = ""
    status: str = ""
    priority: str = ""


class ImportHistory(Intent):
    """A ticket that was handled in another system; only the system may send it. Rows are in order of time."""

    template: str
    template_version: int
    org: str
    line: str
    subject: str
    rows: tuple[HistoryRow, ...]
    created_at: Instant
    resolved_at: Instant | None = None
    closed_at: Instant | None = None
    channel: str = "import"
    requester: str = "customer"
    fields: dict[str, Any] = {}
