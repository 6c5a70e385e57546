"""The one predicate of who may see and do what (RULES §10, SYNC §2).

`access` is the definition; sync_server/access compiles the same to SQL, and a test proves them equal.
"""

from collections.abc import Callable, Iterable

from domain.entities.people import (
    ALL_CLASSES,
    CREATE,
    HANDLE,
    MANAGE,
    ORDINARY,
    SEE,
    SENSITIVE,
    Access,
    Actor,
    Grant,
)
from domain.entities.ticket import Ticket

Ancestors = Callable[[str], frozenset[str]]
"""Gives a unit's own id and those of all units above it."""

NEEDED_LEVEL: dict[str, int] = {
    "create": CREATE,
    "reply": HANDLE,
    "message": HANDLE,
    "edit": HANDLE,
    "cc": HANDLE,
    "tag": HANDLE,
    "take": HANDLE,
    "assign": HANDLE,
    "transfer": HANDLE,
    "status": HANDLE,
    "route": MANAGE,
    "history": MANAGE + 1,  # the server alone
    "complete": HANDLE,
    "return": HANDLE,
    "approve": SEE,  # only those who are asked, see rules.flow_approvals
    "delegate": SEE,
    "claim": HANDLE,
    "ask_to_leave": HANDLE,
    "node": MANAGE + 1,  # the server alone
    "merge": MANAGE,  # on both
    "unmerge": MANAGE,
    "split": CREATE,  # where the new ticket comes to be, and to handle the other
    "link": HANDLE,
    "unlink": HANDLE,
    "hand_back": HANDLE,
    "urge": MANAGE,
    "rule": MANAGE + 1,  # the server alone
    "macro": SEE,  # each of its steps asks for its own level
}

CREATOR_MAY: frozenset[str] = frozenset({"reply", "edit", "cc", "status", "urge"})
CC_MAY: frozenset[str] = frozenset({"reply", "urge"})


def grant_covers(grant: Grant, ancestors_of_unit: frozenset[str], line: str) -> bool:
    """Whether the grant's subtree and business line cover a unit (given with those above it) and a line."""
    return grant.unit in ancestors_of_unit and grant.line in ("", line)


def grant_classes(grant: Grant) -> int:
    """The classes a grant shows; sensitive values only to those who may handle."""
    return grant.classes if grant.level >= HANDLE else grant.classes & ~SENSITIVE


def sees_everything(grant: Grant, *, whole_tree: bool) -> bool:
    """Whether a grant, over the whole tree or not, shows every class of fields of every ticket."""
    return whole_tree and not grant.line and grant_classes(grant) == ALL_CLASSES


def access_at(actor: Actor, *, org_ancestors: frozenset[str], line: str) -> Access:
    """What the grants alone give at a unit and line."""
    if actor.system:
        return Access(level=MANAGE + 1, classes=ALL_CLASSES)
    level, classes = 0, 0
    for grant in actor.grants:
        if grant_covers(grant, org_ancestors, line):
            level = max(level, grant.level)
            classes |= grant_classes(grant)
    return Access(level=level, classes=classes)


def access(actor: Actor, ticket: Ticket, ancestors: Ancestors) -> Access:
    """What an actor may do with a ticket, by grants and by taking part in it."""
    granted = access_at(actor, org_ancestors=ancestors(ticket.org), line=ticket.line)
    person = actor.person
    creator = person is not None and ticket.creator == person
    assignee = person is not None and ticket.assignee == person
    cc = person is not None and person in ticket.cc
    level, classes = granted.level, granted.classes
    if assignee:
        level, classes = max(level, HANDLE), ALL_CLASSES
    if creator or cc:
        level, classes = max(level, SEE), classes | ORDINARY
    if not classes:
        level = 0  # a grant that shows nothing lets people create; nobody acts on what they may not see
    return Access(level=level, classes=classes, creator=creator, assignee=assignee, cc=cc)


def may(kind: str, held: Access) -> bool:
    """Whether this access allows a command of that kind."""
    if held.level >= NEEDED_LEVEL[kind]:
        return True
    return (held.creator and kind in CREATOR_MAY) or (held.cc and kind in CC_MAY)


def covered(grants: Iterable[Grant], ancestors_of_unit: frozenset[str], line: str) -> bool:
    """Whether any grant covers a unit and line."""
    return any(grant_classes(grant) and grant_covers(grant, ancestors_of_unit, line) for grant in grants)
