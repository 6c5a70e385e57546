"""Commands: what a person intends, with the values they saw (`base`) and the values they want (`set`)."""

from typing import Any

import msgspec

from domain.entities.base import Entity, Instant
from domain.errors import InvalidInputError
from domain.wire.attachments import AttachmentRef
from domain.wire.flow_commands import (
    ApproveNode,
    AskToLeave,
    ClaimNode,
    CompleteNode,
    DelegateApproval,
    ReturnNode,
    SettleNode,
)
from domain.wire.history_commands import ImportHistory
from domain.wire.intent import Intent
from domain.wire.rule_commands import ApplyMacro, ApplyRule
from domain.wire.together_commands import HandBack, LinkTicket, MergeTicket, UnmergeTicket, Urge


class DeviceClock(Entity):
    """How the device judged its own clock when the command was made (SYNC §7)."""

    offset_ms: int = 0  # to add to the device's time
    error_ms: int = 0
    contact_at: Instant = 0  # the server's time at the last contact
    reported: bool = False  # the clock stepped since: take the time as the device's word only


class Command(Entity):
    """The envelope of an intent, made once by the desktop and never changed afterwards."""

    id: str
    ticket_id: str
    kind: str
    version: int = 1
    base: dict[str, Any] = {}
    set: dict[str, Any] = {}
    depends_on: tuple[str, ...] = ()
    at: Instant = 0
    clock: DeviceClock = DeviceClock()


class CreateTicket(Intent):
    """A new ticket from a template; `personal` holds values about the customer."""

    template: str
    template_version: int
    org: str
    line: str
    subject: str
    description: str = ""
    type: str | None = None
    priority: str | None = None
    category: str | None = None
    channel: str = "desktop"
    provisional: str | None = None
    fields: dict[str, Any] = {}
    personal: dict[str, str] = {}
    cc: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    team: str | None = None
    assignee: str | None = None
    requester: str | None = None  # None: as the template says
    org_suggested_by: str = ""  # where a suggested store came from; empty when the person chose it
    page_time_s: int = 0  # time spent on the creation page
    customer: str | None = None  # the customer's record; the server fills in the tier
    order_no: str | None = None
    attachments: tuple[AttachmentRef, ...] = ()
    task_due_at: Instant | None = None  # of a task
    follows: str | None = None  # the closed ticket it takes up again


class SplitTicket(CreateTicket, frozen=True, kw_only=True):
    """A new ticket of chosen messages of another, with its customer and order."""

    source: str
    entries: tuple[str, ...]


class Reply(Intent):
    """A public answer to the requester, or an internal note."""

    body: str
    internal: bool = False
    attachments: tuple[AttachmentRef, ...] = ()


class ReceiveMessage(Intent):
    """A message of the requester that arrived by some channel."""

    body: str
    channel: str = ""


class EditTicket(Intent):
    """New values by key: `subject`, `priority`, `category`, `type`, `fields.KEY`, `personal.KEY`, `task_due_at`."""

    values: dict[str, Any]


class ChangeMembers(Intent):
    """People or tags added to and removed from a set."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class TakeTicket(Intent):
    """The actor makes the ticket theirs."""


class AssignTicket(Intent):
    """Hand the ticket to a person or back to a team's queue."""

    assignee: str | None = None
    team: str | None = None
    note: str = ""


class TransferTicket(Intent):
    """Pass the ticket to another unit, line, team or person; across departments a note is required."""

    org: str | None = None
    line: str | None = None
    team: str | None = None
    assignee: str | None = None
    note: str = ""


class ChangeStatus(Intent):
    """Move along the lifecycle; on hold takes a reason and an end, resolving takes the closure form."""

    to: str
    reason: str = ""
    until: Instant | None = None
    fields: dict[str, Any] = {}
    category: str | None = None


class ApplyRouting(Intent):
    """What the server's rules decided; only the system may send it."""

    rule: str
    team: str | None = None
    assignee: str | None = None
    priority: str | None = None
    cc: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    org: str | None = None
    reason: dict[str, Any] = {}  # why this person, or why nobody
    lead: str = ""  # who is told that nobody was there


INTENTS: dict[str, type[Intent]] = {
    "create": CreateTicket,
    "reply": Reply,
    "message": ReceiveMessage,
    "edit": EditTicket,
    "cc": ChangeMembers,
    "tag": ChangeMembers,
    "take": TakeTicket,
    "assign": AssignTicket,
    "transfer": TransferTicket,
    "status": ChangeStatus,
    "route": ApplyRouting,
    "complete": CompleteNode,
    "return": ReturnNode,
    "approve": ApproveNode,
    "delegate": DelegateApproval,
    "claim": ClaimNode,
    "ask_to_leave": AskToLeave,
    "node": SettleNode,
    "rule": ApplyRule,
    "history": ImportHistory,
    "macro": ApplyMacro,
    "merge": MergeTicket,
    "unmerge": UnmergeTicket,
    "split": SplitTicket,
    "link": LinkTicket,
    "unlink": LinkTicket,
    "hand_back": HandBack,
    "urge": Urge,
}


CREATING = frozenset({"create", "split"})
"""Kinds of command that make the ticket they are about."""


def intent_of(command: Command) -> Intent:
    """Return the typed content; raise InvalidInputError (``bad_command``) where it doesn't hold."""
    kind = INTENTS.get(command.kind)
    if kind is None:
        raise InvalidInputError("unknown_command", kind=command.kind)
    try:
        return msgspec.convert(command.set, type=kind)
    except msgspec.ValidationError as error:
        raise InvalidInputError("bad_command", reason=str(error)) from None


def payload(intent: Intent) -> dict[str, Any]:
    """Return an intent as the `set` of a command, without what has its default."""
    kind = type(intent)
    values: dict[str, Any] = msgspec.to_builtins(intent)
    required = {f.name for f in msgspec.structs.fields(kind) if f.required}
    plain = {f.name: msgspec.to_builtins(_default(f)) for f in msgspec.structs.fields(kind) if not f.required}
    return {key: value for key, value in values.items() if key in required or value != plain[key]}


def _default(field: msgspec.structs.FieldInfo) -> Any:
    """Return the default of an optional field."""
    return field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
