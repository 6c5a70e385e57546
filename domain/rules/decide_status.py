"""Deciding moves along the lifecycle (RULES §1)."""

from typing import Any

import msgspec

from domain.entities.ticket import STATUSES, Changes, Ticket
from domain.rules.decide_create import LATEST, attach_values
from domain.rules.decide_text import touched
from domain.rules.facts import Facts, Refusal, Rows, held, require
from domain.rules.forms import check_form, check_plain, file_fields, personal_values, without_personal
from domain.rules.lifecycle import may_follow
from domain.wire.commands import ChangeStatus, Command
from domain.wire.intent import Intent


def change_status(facts: Facts, command: Command, intent: Intent) -> Changes:
    """Move to another status; being there already is no error, an impossible step is refused."""
    assert isinstance(intent, ChangeStatus)
    ticket = held(facts)
    if intent.to not in STATUSES:
        raise Refusal("unknown_status", value=intent.to)
    if ticket.status == intent.to:
        return Changes(ticket=ticket, merged=bool(command.base) and command.base.get("status") != intent.to)
    if not may_follow(ticket.status, intent.to) and not facts.optimistic:
        raise Refusal("status_step", current=ticket.status, wanted=intent.to)
    return _moved(facts, command, intent, ticket)


def _moved(facts: Facts, command: Command, intent: ChangeStatus, ticket: Ticket) -> Changes:
    columns = _columns(facts, intent, ticket)
    detail: dict[str, Any] = {"from": ticket.status, "to": intent.to}
    if intent.reason:
        detail["reason"] = intent.reason
    if intent.until:
        detail["until"] = intent.until
    rows = Rows(facts, command)
    rows.add("status", detail=detail)
    ordinary = (
        without_personal(facts.template, intent.fields) if "fields" in columns and facts.template else {}
    )
    of_files = file_fields(facts.template)
    came = {key: value for key, value in ordinary.items() if ticket.fields.get(key) != value}
    told = {
        f"fields.{key}": {"from": ticket.fields.get(key), "to": value}
        for key, value in came.items()
        if key not in of_files
    }
    personal = personal_values(facts.template, ticket.id, intent.fields) if intent.to == "resolved" else ()
    # Personal values stand in their own rows only, never in the timeline (SYNC §6).
    told |= {f"personal.{row.key}": {} for row in personal}
    if told:
        rows.add("edited", detail=told, field_class="internal")
    attach_values(facts, rows, facts.template, came)
    after = msgspec.structs.replace(touched(ticket, facts), **columns)
    return Changes(ticket=after, entries=tuple(rows.entries), personal=personal)


def _columns(facts: Facts, intent: ChangeStatus, ticket: Ticket) -> dict[str, Any]:
    """The columns that go with the new status."""
    columns: dict[str, Any] = {"status": intent.to, "hold_reason": None, "hold_until": None}
    if intent.to == "on_hold":
        if not intent.reason.strip():
            raise Refusal("hold_reason_missing")
        if intent.until is None or not 0 < intent.until <= LATEST:
            raise Refusal("hold_until_missing")
        columns |= {"hold_reason": intent.reason, "hold_until": intent.until}
    elif intent.to == "resolved":
        columns |= _resolution(facts, intent, ticket)
    elif intent.to == "closed":
        columns["closed_at"] = facts.at
    elif ticket.status == "resolved":
        columns["resolved_at"] = None
    return columns


def _resolution(facts: Facts, intent: ChangeStatus, ticket: Ticket) -> dict[str, Any]:
    """Check the closure form and the category, and return what resolving sets."""
    of_files = file_fields(facts.template)
    check_plain({key: value for key, value in intent.fields.items() if key not in of_files})
    fields = dict(ticket.fields)
    category = intent.category or ticket.category
    if facts.template is not None:
        fields |= without_personal(facts.template, intent.fields)
        if not facts.actor.system and not facts.optimistic:
            check_form(facts.template, {**fields, **_shown(facts), **intent.fields}, at="resolve")
            if facts.template.category_required_at in ("create", "resolve") and not category:
                raise Refusal("category_missing")
    if intent.category:
        require(facts, facts.categories, "category", intent.category)
    return {"resolved_at": facts.at, "fields": fields, "category": category}


def _shown(facts: Facts) -> dict[str, Any]:
    return {key: row.value for key, row in facts.personal.items() if row.value is not None}
