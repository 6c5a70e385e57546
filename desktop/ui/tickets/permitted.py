"""Which actions make sense for the tickets chosen, and why not where they don't."""

from collections.abc import Iterable, Sequence

from desktop.replica.queries.tickets import TicketLine
from desktop.ui.actions import ON_TICKETS
from desktop.ui.text import tr
from desktop.ui.tickets.rows import DONE, PAUSED
from desktop.ui.tickets.source import Shown
from desktop.ui.tickets.split import may_go
from domain.rules.decide_hand_back import came_from
from domain.rules.lifecycle import may_follow

_KINDS = {
    "take": "take",
    "assign": "assign",
    "transfer": "transfer",
    "cc": "cc",
    "pause": "status",
    "await_customer": "status",
    "resolve": "status",
    "close_ticket": "status",
    "reopen": "status",
    "category": "edit",
    "priority": "edit",
    "macro": "edit",
    "hand_back": "hand_back",
    "urge": "urge",
    "merge": "merge",
    "unmerge": "unmerge",
    "split": "split",
    "link": "link",
    "task_date": "edit",
}
_ONLY_ONE = frozenset(
    {
        "cc",
        "category",
        "why",
        "remind",
        "reply",
        "note",
        "merge",
        "unmerge",
        "split",
        "link",
        "follow_up",
        "task_date",
    }
)
_ON_CLOSED = frozenset({"cc", "unmerge", "link", "split"})
_UNSOLVED_ONLY = frozenset({"take", "assign", "transfer", "pause", "await_customer", "hand_back", "urge"})
_ON_ONE = (*ON_TICKETS, "why", "explain", "remind", "reply", "note")


def reasons(
    shown: Shown | None, lines: Sequence[TicketLine], *, count: int, me: str
) -> dict[str, str | None]:
    """For each action the sentence that says why not, or None; `shown` is the one ticket, if it is one."""
    if not count:
        return dict.fromkeys(_ON_ONE, tr("why_not.none"))
    if count == 1 and shown is not None:
        return {name: _one(name, shown) for name in _ON_ONE}
    return {name: _many(name, lines, me, several=count > 1) for name in _ON_ONE}


def _one(name: str, shown: Shown) -> str | None:
    held = shown.page.ticket
    kind = _KINDS.get(name)
    if kind is not None and kind not in shown.page.may:
        hands_back = name in ("transfer", "hand_back") and held.assignee == shown.me
        if not hands_back:
            return tr("why_not.not_allowed")
    if name == "why":
        timed = any(clock.target is not None for clock in shown.clocks())
        return None if timed else tr("why_not.no_deadline")
    if name == "reply" and not shown.may_reply():
        return tr("why_not.closed" if held.status == "closed" else "why_not.no_requester")
    reason = _together(name, shown)
    if reason is not None:
        return reason
    taken = held.assignee == shown.me and held.taken_at is not None
    return by_status(name, held.status, mine=taken)


def _together(name: str, shown: Shown) -> str | None:
    """What keeps a ticket from being merged, unmerged, split or returned."""
    held = shown.page.ticket
    if name == "unmerge" and held.merged_into is None:
        return tr("why_not.not_merged")
    if name in ("merge", "split") and held.merged_into is not None:
        return tr("why_not.merged")
    if name == "follow_up" and (held.status != "closed" or held.merged_into is not None):
        return tr("why_not.not_closed")
    if name == "task_date" and held.type != "task":
        return tr("why_not.no_task")
    if name == "split" and not may_go(shown.page.entries):
        return tr("why_not.nothing_to_split")
    if name == "hand_back" and came_from(held, shown.page.entries) is None:
        return tr("why_not.nowhere_back")
    return None


def _many(name: str, lines: Iterable[TicketLine], me: str, *, several: bool) -> str | None:
    if several and (name == "explain" or name in _ONLY_ONE):
        return tr("why_not.one_at_a_time")
    why = [by_status(name, line.status, mine=line.assignee == me and line.status != "new") for line in lines]
    return None if not why or None in why else why[0]


def by_status(name: str, status: str, *, mine: bool) -> str | None:
    """What the lifecycle says of an action."""
    if status == "closed" and name in _KINDS and name not in _ON_CLOSED:
        return tr("why_not.closed")
    if status in DONE and name in _UNSOLVED_ONLY:
        return tr("why_not.resolved")
    if name == "urge" and status in PAUSED:
        return tr("why_not.paused")
    if name == "take" and mine:
        return tr("why_not.yours")
    if name == "pause" and status in PAUSED:
        return None
    if name == "reopen" and status != "resolved":
        return tr("why_not.not_resolved")
    if name == "resolve" and status in DONE:
        return tr("why_not.resolved")
    if name == "close_ticket" and not may_follow(status, "closed"):
        return tr("why_not.not_resolved")
    if name == "await_customer" and not may_follow(status, "pending"):
        return tr("why_not.not_pending")
    return None
