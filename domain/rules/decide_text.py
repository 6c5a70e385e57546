"""Deciding replies, messages and edits of values."""

from typing import Any

import msgspec

from domain.entities.people import CLASS_BIT
from domain.entities.ticket import PRIORITIES, TYPES, Changes, Conflict, PersonalValue, Ticket
from domain.rules.attachments import check_attachments, plain
from domain.rules.decide_create import MAX_BODY, MAX_SUBJECT, attach_values, check_task_due
from domain.rules.equipment import check_equipment, names_equipment
from domain.rules.facts import Facts, Refusal, Rows, held, require
from domain.rules.forms import check_value, class_of, file_fields, is_long_text, personal_class, placed
from domain.rules.masking import masked
from domain.rules.merge import merge_lines, merge_value
from domain.wire.commands import Command, EditTicket, ReceiveMessage, Reply
from domain.wire.intent import Intent

EDITABLE = frozenset({"subject", "priority", "category", "type", "task_due_at"})


def _text(body: str, *, blank: bool = False) -> str:
    if not blank and not body.strip():
        raise Refusal("text_missing")
    if len(body) > MAX_BODY:
        raise Refusal("text_too_long", limit=MAX_BODY, length=len(body))
    return body


def reply(facts: Facts, command: Command, intent: Intent) -> Changes:
    """A public answer or an internal note; a colleague who asked speaks as the requester."""
    assert isinstance(intent, Reply)
    ticket = held(facts)
    body = _text(intent.body, blank=bool(intent.attachments))
    if not facts.optimistic:
        check_attachments(intent.attachments, facts.attachment_limits)
    files = {"attachments": plain(intent.attachments)} if intent.attachments else {}
    rows = Rows(facts, command)
    if intent.internal:
        rows.add("note", body=body, field_class="internal", detail=files)
        return Changes(ticket=touched(ticket, facts), entries=tuple(rows.entries))
    if ticket.requester == "colleague" and facts.access.creator and not facts.access.assignee:
        return _said(facts, ticket, rows, body, files)
    if ticket.status == "closed" and not facts.optimistic:
        raise Refusal("ticket_closed", number=ticket.number or ticket.provisional or "")
    own = ticket.requester == "colleague" and facts.access.creator
    rows.add("reply", body=body, detail={"by": "requester", **files} if own else files)
    return Changes(ticket=touched(ticket, facts), entries=tuple(rows.entries))


def message(facts: Facts, command: Command, intent: Intent) -> Changes:
    """A message of the requester; it reopens a resolved ticket and ends waiting for the customer."""
    assert isinstance(intent, ReceiveMessage)
    return _said(facts, held(facts), Rows(facts, command), _text(intent.body))


def said_by_requester(facts: Facts, command: Command, intent: Reply) -> Changes:
    """What a colleague who asked says, whichever ticket they asked on."""
    body = _text(intent.body, blank=bool(intent.attachments))
    check_attachments(intent.attachments, facts.attachment_limits)
    files = {"attachments": plain(intent.attachments)} if intent.attachments else {}
    return _said(facts, held(facts), Rows(facts, command), body, files)


def _said(
    facts: Facts, ticket: Ticket, rows: Rows, body: str, files: dict[str, Any] | None = None
) -> Changes:
    if ticket.status == "closed" and not facts.optimistic:
        raise Refusal("ticket_closed", number=ticket.number or ticket.provisional or "")
    rows.add("message", body=body, detail=files)
    after = touched(ticket, facts)
    if ticket.status in ("pending", "resolved"):
        rows.add("status", detail={"from": ticket.status, "to": "open", "why": "message"})
        after = msgspec.structs.replace(after, status="open", resolved_at=None, hold_until=None)
    return Changes(ticket=after, entries=tuple(rows.entries))


def touched(ticket: Ticket, facts: Facts) -> Ticket:
    """The ticket as changed at the effective time of the command, never going back."""
    return msgspec.structs.replace(ticket, updated_at=max(ticket.updated_at, facts.at))


def edit(facts: Facts, command: Command, intent: Intent) -> Changes:
    """New values by key, each merged with what others changed since `base` was read."""
    assert isinstance(intent, EditTicket)
    ticket = held(facts)
    if ticket.status == "closed" and not facts.optimistic:
        raise Refusal("ticket_closed", number=ticket.number or ticket.provisional or "")
    merging = _Edit(facts, command, ticket)
    for key, mine in sorted(intent.values.items()):
        merging.merge(key, command.base.get(key), mine)
    if names_equipment(facts.template, intent.values) and not facts.optimistic:
        check_equipment(facts.configuration.equipment, facts.template, merging.fields)
    return merging.changes()


class _Edit:
    """Merges the values of one edit into a ticket."""

    def __init__(self, facts: Facts, command: Command, ticket: Ticket) -> None:
        self.facts, self.command, self.ticket = facts, command, ticket
        self.columns: dict[str, Any] = {}
        self.fields = dict(ticket.fields)
        self.personal: list[PersonalValue] = []
        self.conflicts: dict[str, Conflict] = {}
        self.changed: dict[str, Any] = {}
        self.merged = False

    def merge(self, key: str, base: Any, mine: Any) -> None:
        """Judge one value and keep what comes of it."""
        named, key = key, placed(self.facts.template, key)
        current = self._current(key)
        outcome = merge_value(current, base, mine)
        if outcome == "same":
            return
        if outcome == "conflict" and not self.facts.optimistic:
            text = self._merged_text(key, base, mine, current)
            if text is None:
                self.conflicts[named] = Conflict(theirs=self._told(key, current), mine=mine)
                return
            mine, self.merged = text, True
        self._set(key, current, mine)

    def _told(self, key: str, value: Any) -> Any:
        """The server's value as this person may see it."""
        room, _, name = key.partition(".")
        row = self.facts.personal.get(name) if room == "personal" else None
        if room == "fields":
            return (
                value if CLASS_BIT[class_of(self.facts.template, key)] & self.facts.access.classes else None
            )
        if row is None or CLASS_BIT[row.field_class] & self.facts.access.classes:
            return value
        # As rows are shown: sensitive values masked, internal ones not at all.
        return masked(value) if row.field_class == "sensitive" else None

    def _merged_text(self, key: str, base: Any, mine: Any, current: Any) -> str | None:
        if not is_long_text(self.facts.template, key):
            return None
        return merge_lines(str(base or ""), str(mine or ""), str(current or ""))

    def _current(self, key: str) -> Any:
        room, _, name = key.partition(".")
        if room == "fields":
            return self.fields.get(name)
        if room == "personal":
            row = self.facts.personal.get(name)
            return row.value if row else None
        if key not in EDITABLE:
            raise Refusal("unknown_field", key=key)
        return getattr(self.ticket, key)

    def _set(self, key: str, before: Any, after: Any) -> None:
        room, _, name = key.partition(".")
        check_value(self.facts.template, key, after)
        if room == "fields":
            self.fields[name] = after
        elif room == "personal":
            field_class = personal_class(self.facts.template, name)
            value = None if after in (None, "") else str(after)
            self.personal.append(
                PersonalValue(ticket=self.ticket.id, key=name, field_class=field_class, value=value)
            )
        else:
            self._check_column(key, after)
            self.columns[key] = after
        # Personal values stand in their own rows only, never in the timeline (SYNC §6).
        self.changed[key] = {} if room == "personal" else {"from": before, "to": after}

    def _check_column(self, key: str, value: Any) -> None:
        if key == "priority" and value not in PRIORITIES:
            raise Refusal("unknown_priority", value=value)
        if key == "type" and (not isinstance(value, str) or value not in TYPES):
            raise Refusal("unknown_type", value=value)
        if key == "task_due_at":
            check_task_due(self.columns.get("type", self.ticket.type), value)
        if key == "category" and value is not None:
            if not isinstance(value, str):
                raise Refusal("unknown_category", id=str(value))
            require(self.facts, self.facts.categories, "category", value)
        if key == "subject":
            if not isinstance(value, str) or not value.strip():
                raise Refusal("subject_missing")
            if len(value) > MAX_SUBJECT:
                raise Refusal("subject_too_long", limit=MAX_SUBJECT, length=len(value))

    def changes(self) -> Changes:
        """The ticket and timeline rows that come of all values together."""
        rows = Rows(self.facts, self.command)
        priority = self.changed.pop("priority", None)
        if priority is not None:
            rows.add("priority", detail=priority)
        files = {f"fields.{key}": key for key in file_fields(self.facts.template)}
        attached = {files[key]: self.changed.pop(key) for key in sorted(files.keys() & self.changed.keys())}
        if self.changed:
            rows.add("edited", detail=self.changed, field_class=self._row_class())
        self._attach(rows, attached)
        ticket = self.ticket
        if rows.entries:
            ticket = msgspec.structs.replace(touched(ticket, self.facts), fields=self.fields, **self.columns)
        return Changes(
            ticket=ticket,
            entries=tuple(rows.entries),
            personal=tuple(self.personal),
            conflicts=self.conflicts,
            merged=self.merged,
        )

    def _attach(self, rows: Rows, attached: dict[str, Any]) -> None:
        """Files that came get rows of their own; those taken away are told without their content."""
        template = self.facts.template
        attach_values(self.facts, rows, template, {key: moved["to"] for key, moved in attached.items()})
        for key, moved in attached.items():
            if not moved["to"]:
                field_class = class_of(template, f"fields.{key}")
                rows.add("attached", detail={"field": key}, field_class=field_class)

    def _row_class(self) -> str:
        """A row that tells of internal or sensitive form values is internal itself."""
        template = self.facts.template
        classes = {f.key: f.field_class for f in template.fields} if template else {}
        told = {classes.get(key.partition(".")[2], "ordinary") for key in self.changed if "." in key}
        return "ordinary" if told <= {"ordinary"} else "internal"
