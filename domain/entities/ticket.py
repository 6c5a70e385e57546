"""The ticket, its append-only timeline and the personal values kept apart from it (RULES §1, SYNC §6)."""

from typing import Any, Literal

import msgspec

from domain.entities.base import Entity, Instant
from domain.entities.flow import FlowState
from domain.entities.links import Link
from domain.entities.urging import UrgeState

Status = Literal["new", "open", "pending", "on_hold", "resolved", "closed"]
Priority = Literal["urgent", "high", "normal", "low"]
TicketType = Literal["question", "incident", "problem", "task"]
FieldClass = Literal["ordinary", "internal", "sensitive"]

STATUSES: tuple[Status, ...] = ("new", "open", "pending", "on_hold", "resolved", "closed")
TYPES: tuple[TicketType, ...] = ("question", "incident", "problem", "task")
PRIORITIES: tuple[Priority, ...] = ("urgent", "high", "normal", "low")
OPEN_STATUSES: frozenset[str] = frozenset({"new", "open", "pending", "on_hold"})


class Ticket(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One matter of a customer or colleague; `rev` is raised under the row lock by each writing transaction.

    Sent as an array: new fields are only ever added at the end, with a default.
    """

    id: str
    rev: int = 0
    number: str | None = None
    provisional: str | None = None
    type: str = "incident"
    status: str = "new"
    priority: str = "normal"
    category: str | None = None
    template: str
    template_version: int
    org: str
    line: str
    team: str | None = None
    assignee: str | None = None
    creator: str | None = None
    cc: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    requester: str = ""  # "customer", "colleague" or "" where nobody waits for an answer
    channel: str = "desktop"
    subject: str = ""
    fields: dict[str, Any] = {}
    hold_reason: str | None = None
    hold_until: Instant | None = None
    created_at: Instant = 0
    updated_at: Instant = 0
    sent_at: Instant | None = None  # when it was last sent to its assignee or team
    taken_at: Instant | None = None
    resolved_at: Instant | None = None
    closed_at: Instant | None = None
    policy: str | None = None
    policy_version: int = 0
    # A cache for lists and the sweep; the truth is rules.sla over the timeline.
    due_at: Instant | None = None
    due_metric: str | None = None
    sla_state: str = ""  # "", running, paused, met, late
    sla_remaining_s: int | None = None  # the frozen rest while paused
    soon_at: Instant | None = None  # from when on the deadline counts as near
    customer: str | None = None  # the record of the customer it is about
    order_no: str | None = None
    tier: str = ""  # the customer's, when it was made
    task_due_at: Instant | None = None  # a task's own date
    parent: str | None = None  # the problem or the ticket it was made below
    merged_into: str | None = None  # set: only a pointer is left of it
    node: str = ""  # the first of the flow's nodes it stands at, for lists and conditions
    links: tuple[Link, ...] = ()
    flow: FlowState | None = None
    urged: UrgeState | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One row of the timeline: who, when, before, after, why. Never deleted, only erased.

    Kinds: created, message (from the requester), reply (public), note (internal), status, priority, assigned,
    taken, transferred, edited, cc, tags, policy, sla.
    """

    id: str
    ticket: str
    rev: int = 0
    kind: str
    at: Instant  # effective: the corrected time at which it was done
    known_at: Instant = 0  # when the server learned of it
    person: str | None = None
    field_class: str = "ordinary"
    body: str | None = None
    detail: dict[str, Any] = {}
    erased: bool = False


class PersonalValue(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A value about a person (name, phone, address), apart from the timeline so that it can be erased."""

    ticket: str
    key: str
    rev: int = 0
    field_class: str = "ordinary"
    value: str | None = None
    masked: bool = False
    erased: bool = False


class Changes(Entity):
    """What a decision does to one ticket: its new state and the rows it appends."""

    ticket: Ticket
    entries: tuple[Entry, ...] = ()
    personal: tuple[PersonalValue, ...] = ()
    conflicts: dict[str, "Conflict"] = {}
    merged: bool = False
    others: tuple["Changes", ...] = ()  # what it does to further tickets; the server's to write


class Conflict(Entity):
    """Two people changed the same single value: the server's stands, the other is kept."""

    theirs: Any
    mine: Any
