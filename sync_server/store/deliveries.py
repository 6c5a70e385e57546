"""Messages queued with the change that causes them, and sent after its commit (RULES §4, §9)."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Literal

from domain.entities.base import Entity
from domain.entities.ticket import Ticket
from domain.ids import notice_id
from sync_server.store import tables as t
from sync_server.store.direct import WriteRows
from sync_server.store.notices import NoticeRow, write_notice_rows
from sync_server.store.rows import dump
from sync_server.store.unit_of_work import UnitOfWork

APP = "app"
"""The channel inside the program: a notice in the person's inbox, whose kind is the template's id."""

_DELIVERIES = WriteRows(t.delivery, conflict="kept")
AS_IT_WAS = "was"
"""What a row keeps of the ticket: a message that waited tells of what happened, not of what happened since."""
KEPT = ("org", "line", "type", "status", "priority", "team", "assignee", "due_at")


class Outgoing(Entity, gc=False):
    """One message to one recipient over one channel.

    `to` is a person's id, the key of a customer's personal value on the ticket (empty: the one that fits the
    channel), or an address that the configuration names (empty: the channel's own, as of a group's robot).
    """

    ticket: str
    rule: str  # what caused it: "trigger:ID", "sla:POLICY:STEP", "urge", "told"
    rev: int  # the ticket's revision of which it tells
    to_kind: Literal["person", "customer", "address"] = "person"
    to: str = ""
    channel: str = APP
    template: str
    args: dict[str, Any] = {}
    urgent: bool = False  # goes out in quiet hours, too


def delivery_id(message: Outgoing) -> str:
    """Name a message by what makes it the same one; also its idempotency key towards the channel."""
    parts = (message.rule, message.ticket, str(message.rev), message.to_kind, message.to, message.channel)
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def app_notice_id(message: Outgoing) -> str:
    """The id of the notice that a message inside the program becomes."""
    return notice_id(message.to, message.template, f"{message.rule} {message.ticket} {message.rev}")


def queue_deliveries(
    work: UnitOfWork, messages: Iterable[Outgoing], tickets: Mapping[str, Ticket] = MappingProxyType({})
) -> None:
    """Queue messages with the transaction; one that was queued before stays as it is.

    They tell of their tickets as this transaction has them, or as `tickets` does. The caller has asked whether each
    person may see the ticket; it is asked again before anything is sent.
    """
    rows: dict[str, dict[str, Any]] = {}
    notices: dict[str, NoticeRow] = {}
    for one in messages:
        if one.channel == APP:
            id = app_notice_id(one)
            notices[id] = _notice(one, id, work.at)
        else:
            rows[delivery_id(one)] = _row(one, work.at, tickets.get(one.ticket) or work.ticket(one.ticket))
    write_notice_rows(work, list(notices.values()))
    work.later(_DELIVERIES, list(rows.values()))


def _notice(message: Outgoing, id: str, at: int) -> NoticeRow:
    return NoticeRow(
        id=id,
        person=message.to,
        ticket=message.ticket,
        kind=message.template,
        detail=dump(message.args),
        at=at,
        read_at=None,
    )


def _row(message: Outgoing, at: int, ticket: Ticket | None) -> dict[str, Any]:
    args = message.args
    if ticket is not None:
        # By ids and codes alone: what they are called, and all that somebody wrote, is looked up as it goes out.
        args = {**args, AS_IT_WAS: {name: getattr(ticket, name) for name in KEPT}}
    return {
        "id": delivery_id(message),
        "rule": message.rule,
        "ticket": message.ticket,
        "rev": message.rev,
        "to_kind": message.to_kind,
        "recipient": message.to,
        "channel": message.channel,
        "template": message.template,
        "args": dump(args),
        "urgent": message.urgent,
        "state": "waiting",
        "attempts": 0,
        "due_at": at,
        "at": at,
        "ended_at": None,
        "outcome": "",
    }
