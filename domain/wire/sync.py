"""The messages of the sync protocol (SYNC §3–5)."""

from typing import Any, Literal

import msgspec

from domain.entities.base import Entity, Instant
from domain.entities.people import Grant
from domain.entities.ticket import Entry, PersonalValue, Ticket
from domain.wire.commands import Command

VerdictStatus = Literal["applied", "merged", "conflict", "rejected", "retry", "blocked"]


class Verdict(Entity):
    """What the server made of one command; the same for every repeat of it."""

    id: str
    status: VerdictStatus
    duplicate: bool = False
    seq: int = 0  # of the transaction that stored it
    rev: int = 0  # of the ticket after it
    number: str | None = None
    fields: dict[str, Any] = {}  # conflicts: {key: {"theirs": …, "mine": …}}
    code: str = ""
    message: dict[str, Any] = {}  # the arguments of the sentence for `code`
    proof: str = ""  # signed by the server: what it said of this command, should it forget (SYNC §6)


class PushRequest(Entity):
    """Commands of one device, oldest first; `push_no` rises with each request."""

    protocol: int
    device: str
    push_no: int
    commands: tuple[Command, ...]
    withdraw: tuple[str, ...] = ()
    """Ids of commands the device sets aside: each gets its verdict, `rejected` if it has none yet."""
    seen: str = ""
    """The last head this replica was told, as a cursor: a server that went back in time is noticed."""


class PushAnswer(Entity):
    """A verdict for each command, in the order sent."""

    verdicts: tuple[Verdict, ...]
    head: str
    server_time: Instant


class ConfigRow(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One version of a configuration row: unit, person, line, team, template, category, policy, calendar …"""

    kind: str
    id: str
    version: int
    deleted: bool = False
    body: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b"{}"))


class Put(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """A ticket with those children whose revision is above `since` (0: whole), as one person may see it."""

    ticket: Ticket
    since: int
    access: int  # the classes of fields it was projected to, as bits
    entries: tuple[Entry, ...] = ()
    personal: tuple[PersonalValue, ...] = ()
    mark: int = 0  # random, of this version of the ticket: what digests are made of; 0 from an older server


class Notice(Entity, gc=False):
    """Something one person is told inside the program; `detail` holds the arguments of its sentence."""

    id: str
    ticket: str
    kind: str  # assigned, message, soon, late, transferred, resolved, cc
    at: Instant
    detail: dict[str, Any] = {}


class GrantedUnits(Entity):
    """The units that one grant covers now; `everything` where it is the whole tree."""

    grant: Grant
    everything: bool = False
    units: tuple[str, ...] = ()


class Scope(Entity):
    """What one person may hold: grants resolved against one version of the tree."""

    version: str
    person: str
    grants: tuple[GrantedUnits, ...] = ()


class PullRequest(Entity):
    """Ask for what moved since a cursor; an empty cursor asks for the head only."""

    protocol: int
    device: str
    cursor: str
    scope_version: str
    limit: int = 500
    seen: str = ""
    digest: bool = False  # wants the digest, too, with the page that reaches the head
    read: tuple[str, ...] = ()  # notices that the person has read since


class Digest(Entity):
    """Tickets that one person holds, open or closed since `keep_since`: their count and the sum of their marks.

    A ticket's share is ``mark + access * 2**32`` (domain.rules.digests), so that a ticket held in other classes
    of fields differs, too.
    """

    keep_since: Instant
    count: int
    total: int


class PullAnswer(Entity):
    """One page of the feed. `scope` comes, without rows, where the person's is not the one asked with."""

    from_cursor: str
    to_cursor: str
    head: int
    more: bool
    scope_version: str
    scope: Scope | None = None
    put: tuple[Put, ...] = ()
    leave: tuple[str, ...] = ()
    config: tuple[ConfigRow, ...] = ()
    notices: tuple[Notice, ...] = ()
    server_time: Instant = 0
    retry_after_ms: int = 0
    seen: str = ""  # the head as a cursor, to be sent with every request from now on
    keep_since: Instant = 0  # tickets closed before it are not kept; never goes back
    digest: Digest | None = None
    lease_s: int = 0  # from now on so long may be read without the server; 0: as told before
    read: tuple[str, ...] | None = None  # notices now known to be read; None: the server doesn't want to know


class TicketsRequest(Entity):
    """Ask for whole tickets by id."""

    protocol: int
    device: str
    scope_version: str
    ids: tuple[str, ...]
    seen: str = ""


class Range(Entity):
    """A part of the scope to back-fill: `config`, `mine`, or a unit (`deep`: with all below it)."""

    kind: Literal["config", "mine", "unit"]
    unit: str = ""
    line: str = ""
    deep: bool = False
    open: bool | None = None  # only tickets not yet resolved / only those resolved; None: all


class BackfillRequest(Entity):
    """Ask for one page of a range; `after` is the `next` of the page before."""

    protocol: int
    device: str
    range: Range
    scope_version: str
    after: str = ""
    limit: int = 1000
    seen: str = ""


class RowsAnswer(Entity):
    """Whole tickets (or configuration) as of `as_of`; `gone` ids are not there for this person."""

    as_of: int
    epoch: str
    scope_version: str
    put: tuple[Put, ...] = ()
    config: tuple[ConfigRow, ...] = ()
    notices: tuple[Notice, ...] = ()
    gone: tuple[str, ...] = ()
    granted: bool = True  # False: the range is not (or no longer) the person's; nothing else is said
    next: str = ""
    done: bool = True
    seen: str = ""


class Problem(Entity):
    """Problem details (RFC 9457) with our stable code."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str = ""
    message: dict[str, Any] = {}
