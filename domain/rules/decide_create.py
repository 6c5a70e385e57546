"""Deciding the creation of a ticket."""

from typing import Any

from domain.entities.base import Instant
from domain.entities.forms import Template
from domain.entities.people import CREATE, HANDLE
from domain.entities.ticket import PRIORITIES, TYPES, Changes, PersonalValue, Ticket
from domain.rules.attachments import check_attachments, field_refs, plain
from domain.rules.customers import normal_contact
from domain.rules.equipment import check_equipment
from domain.rules.facts import Facts, Refusal, Rows, Unsure, require
from domain.rules.flow_following import started
from domain.rules.forms import (
    check_form,
    check_plain,
    file_fields,
    is_personal,
    personal_class,
    without_personal,
)
from domain.wire.commands import Command, CreateTicket, SplitTicket
from domain.wire.intent import Intent

MAX_SUBJECT = 200
MAX_BODY = 20_000
MAX_TAG = 100
LATEST: Instant = 253_402_300_799_999
"""The last instant of the year 9999: what any calendar can show."""


def create(facts: Facts, command: Command, intent: Intent) -> Changes:
    """Return the new ticket with its first timeline row; refuse what its template does not allow."""
    assert isinstance(intent, CreateTicket)
    if facts.ticket is not None:
        # Of one out of sight not even that it exists.
        if not facts.access.visible:
            raise Refusal("out_of_scope", kind="create")
        raise Refusal("ticket_exists", id=command.ticket_id)
    if facts.access.level < CREATE:
        raise Refusal("out_of_scope", kind="create")
    template = _template(facts, intent)
    _check(facts, intent, template)
    rows = Rows(facts, command)
    requester = template.requester if intent.requester is None else intent.requester
    rows.add(
        "created",
        body=intent.description or None,
        detail={
            "by": "customer" if requester else "agent",
            "channel": intent.channel,
            "status": "new",
            "priority": intent.priority or template.priority,
            "sent": bool(intent.assignee or intent.team),
            "suggested": intent.org_suggested_by,
            "page_time_s": intent.page_time_s,
            **({"attachments": plain(intent.attachments)} if intent.attachments else {}),
        },
    )
    attach_values(facts, rows, template, intent.fields)
    ticket = _ticket(facts, command, intent, template)
    if intent.assignee and intent.assignee == facts.actor.person and facts.access.level >= HANDLE:
        rows.add("taken", detail={"from": None})
    changes = Changes(
        ticket=ticket, entries=tuple(rows.entries), personal=_personal(command, intent, template)
    )
    return started(facts, command, changes)


def _template(facts: Facts, intent: CreateTicket) -> Template:
    if facts.template is None:
        if facts.complete:
            raise Refusal("unknown_template", id=intent.template, version=intent.template_version)
        raise Unsure(f"template:{intent.template}:{intent.template_version}")
    return facts.template


def _check(facts: Facts, intent: CreateTicket, template: Template) -> None:
    require(facts, facts.units, "unit", intent.org)
    require(facts, facts.people, "person", intent.assignee, *intent.cc)
    require(facts, facts.teams, "team", intent.team)
    require(facts, facts.categories, "category", intent.category)
    if not intent.subject.strip():
        raise Refusal("subject_missing")
    if len(intent.subject) > MAX_SUBJECT:
        raise Refusal("subject_too_long", limit=MAX_SUBJECT, length=len(intent.subject))
    if len(intent.description) > MAX_BODY:
        raise Refusal("text_too_long", limit=MAX_BODY, length=len(intent.description))
    if intent.priority is not None and intent.priority not in PRIORITIES:
        raise Refusal("unknown_priority", value=intent.priority)
    if intent.type is not None and intent.type not in TYPES:
        raise Refusal("unknown_type", value=intent.type)
    if template.category_required_at == "create" and not intent.category and not facts.actor.system:
        raise Refusal("category_missing")
    check_tags(intent.tags)
    check_task_due(intent.type or template.type, intent.task_due_at)
    if not facts.optimistic:
        check_attachments(intent.attachments, facts.attachment_limits)
    of_files = file_fields(template)
    check_plain({key: v for key, v in {**intent.fields, **intent.personal}.items() if key not in of_files})
    # What is split off has the form of where it comes from, as far as that was filled in.
    if not facts.actor.system and not isinstance(intent, SplitTicket):
        check_form(template, {**intent.fields, **intent.personal}, at="create")
        check_equipment(facts.configuration.equipment, template, intent.fields)


def attach_values(facts: Facts, rows: Rows, template: Template | None, values: dict[str, Any]) -> None:
    """A row for each form field that got files, of the field's class: by it their bytes are given out."""
    for key, field in file_fields(template).items():
        refs = field_refs(facts, field, values.get(key))
        if refs:
            rows.add(
                "attached",
                detail={"field": key, "attachments": plain(refs)},
                field_class=field.field_class,
            )


def check_task_due(type_: str, value: object) -> None:
    """Refuse a date on what is no task, and one that no calendar shows."""
    if value is None:
        return
    if type_ != "task":
        raise Refusal("task_due_no_task")
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= LATEST:
        raise Refusal("bad_command", reason="task_due_at")


def check_tags(tags: tuple[str, ...]) -> None:
    """Refuse tags that say nothing, or more than a tag can show."""
    if not all(0 < len(tag.strip()) <= MAX_TAG for tag in tags):
        raise Refusal("bad_command", reason="tag")


def _ticket(facts: Facts, command: Command, intent: CreateTicket, template: Template) -> Ticket:
    person = facts.actor.person
    taken = bool(intent.assignee) and intent.assignee == person
    customer = _customer(facts, intent)
    return Ticket(
        id=command.ticket_id,
        provisional=intent.provisional,
        type=intent.type or template.type,
        status="open" if taken else "new",
        priority=intent.priority or template.priority,
        category=intent.category,
        template=template.id,
        template_version=template.version,
        org=intent.org,
        line=intent.line,
        team=intent.team,
        assignee=intent.assignee,
        creator=person,
        cc=tuple(sorted(set(intent.cc))),
        tags=tuple(sorted(set(intent.tags))),
        requester=template.requester if intent.requester is None else intent.requester,
        channel=intent.channel,
        subject=intent.subject.strip(),
        fields=without_personal(template, intent.fields),
        created_at=facts.at,
        updated_at=facts.at,
        sent_at=facts.at if intent.assignee or intent.team else None,
        taken_at=facts.at if taken else None,
        task_due_at=intent.task_due_at,
        customer=customer,
        order_no=intent.order_no or None,
        tier=facts.tiers.get(customer or "", ""),
    )


def _customer(facts: Facts, intent: CreateTicket) -> str | None:
    """The record that was chosen, else that of the phone number that was typed; one that is gone is none."""
    if intent.customer and (intent.customer in facts.tiers or not facts.complete):
        return intent.customer
    typed = intent.personal.get("phone") or intent.fields.get("phone")
    return facts.callers.get(normal_contact("phone", typed)) if isinstance(typed, str) else None


def _personal(command: Command, intent: CreateTicket, template: Template) -> tuple[PersonalValue, ...]:
    by_form = {field.key for field in template.fields if is_personal(field)}
    values: dict[str, Any] = {key: intent.fields[key] for key in intent.fields if key in by_form}
    values.update(intent.personal)
    return tuple(
        PersonalValue(
            ticket=command.ticket_id, key=key, field_class=personal_class(template, key), value=str(value)
        )
        for key, value in sorted(values.items())
        if value not in (None, "")
    )
