"""Deciding the import of a matter's past: facts of another system, taken as they were recorded there."""

from typing import Any

from domain.entities.people import MANAGE
from domain.entities.ticket import PRIORITIES, STATUSES, Changes, Entry, Ticket
from domain.ids import entry_id
from domain.rules.facts import Facts, Refusal, require
from domain.wire.commands import Command
from domain.wire.history_commands import HistoryRow, ImportHistory
from domain.wire.intent import Intent

IMPORTED = "history"
"""The kind of the row that tells each thing as the other system called it."""


def import_history(facts: Facts, command: Command, intent: Intent) -> Changes:
    """The ticket as it stood after its last row, with its timeline; the lifecycle of this house is not asked."""
    assert isinstance(intent, ImportHistory)
    if not facts.actor.system or facts.access.level < MANAGE:
        raise Refusal("not_allowed", kind="history")
    if facts.ticket is not None:
        raise Refusal("ticket_exists", id=command.ticket_id)
    require(facts, facts.units, "unit", intent.org)
    if facts.template is None:
        raise Refusal("unknown_template", id=intent.template, version=intent.template_version)
    if not intent.rows:
        raise Refusal("history_empty")
    for row in intent.rows:
        _check(row)
    past = _Past(facts, command, intent)
    for row in intent.rows:
        past.happened(row)
    ticket = Ticket(
        id=command.ticket_id,
        type=facts.template.type,
        status=past.status,
        priority=past.priority,
        template=intent.template,
        template_version=intent.template_version,
        org=intent.org,
        line=intent.line,
        requester=intent.requester,
        channel=intent.channel,
        subject=intent.subject,
        fields=intent.fields,
        created_at=intent.created_at,
        updated_at=intent.rows[-1].at,
        resolved_at=intent.resolved_at,
        closed_at=intent.closed_at,
    )
    return Changes(ticket=ticket, entries=tuple(past.entries))


def _check(row: HistoryRow) -> None:
    if row.status and row.status not in STATUSES:
        raise Refusal("unknown_status", value=row.status)
    if row.priority and row.priority not in PRIORITIES:
        raise Refusal("unknown_priority", value=row.priority)


class _Past:
    """The timeline while it is told: the creation, each thing as it was called, and what it changed here."""

    def __init__(self, facts: Facts, command: Command, intent: ImportHistory) -> None:
        self._facts, self._command = facts, command
        self.entries: list[Entry] = []
        first = intent.rows[0]
        self.status, self.priority = first.status or "new", first.priority or "normal"
        detail: dict[str, Any] = {
            "by": "customer" if intent.requester else "agent",
            "channel": intent.channel,
            "status": self.status,
            "priority": self.priority,
            "sent": False,
        }
        self._add("created", intent.created_at, detail)

    def happened(self, row: HistoryRow) -> None:
        """One row of the other system's log."""
        self._add(IMPORTED, row.at, {"by": row.by} if row.by else {}, body=row.activity or None)
        if row.status and row.status != self.status:
            self._add("status", row.at, {"from": self.status, "to": row.status})
            self.status = row.status
        if row.priority and row.priority != self.priority:
            self._add("priority", row.at, {"from": self.priority, "to": row.priority})
            self.priority = row.priority

    def _add(self, kind: str, at: int, detail: dict[str, Any], *, body: str | None = None) -> None:
        self.entries.append(
            Entry(
                id=entry_id(self._command.id, len(self.entries)),
                ticket=self._command.ticket_id,
                kind=kind,
                at=at,
                known_at=self._facts.known_at,
                body=body,
                detail=detail,
            )
        )
