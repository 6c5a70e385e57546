"""Who is told what of a change inside the program (RULES §9)."""

from collections.abc import Iterable, Iterator

from domain.entities.base import Entity
from domain.entities.ticket import Entry, Ticket


class Told(Entity):
    """One person to be told one thing; `entry` is the row of the timeline it comes from."""

    person: str
    kind: str
    entry: str


_FLOW = frozenset({"asked", "delegated", "branch", "node_returned", "node_late"})


def told(before: Ticket | None, after: Ticket, entries: Iterable[Entry]) -> Iterator[Told]:
    """Yield who is told of new timeline rows; nobody is told of what they did themselves."""
    for entry in entries:
        for person, kind in _of_entry(before, after, entry):
            if person and person != entry.person:
                yield Told(person=person, kind=kind, entry=entry.id)


def _of_entry(before: Ticket | None, after: Ticket, entry: Entry) -> Iterator[tuple[str | None, str]]:
    if entry.kind in _FLOW:
        yield from _of_flow(after, entry)
    elif entry.kind == "routed" and entry.detail.get("lead"):
        yield entry.detail["lead"], "unplaced"
    elif entry.kind in ("assigned", "transferred", "routed"):
        yield after.assignee, "assigned" if entry.kind != "transferred" else "transferred"
    elif entry.kind == "created" and entry.detail.get("sent"):
        yield after.assignee, "assigned"
    elif entry.kind == "message":
        yield after.assignee, "message"
    elif entry.kind == "reply" and after.requester == "colleague":
        yield after.creator, "replied"
    elif entry.kind == "cc":
        for person in entry.detail.get("added", ()):
            yield person, "cc"
    elif entry.kind == "status" and entry.detail.get("to") == "resolved":
        yield after.creator, "resolved"
    elif entry.kind == "urged":
        for person in entry.detail.get("to", ()):
            yield person, "urged"
    elif entry.kind == "returned":
        yield after.assignee, "returned"
    elif entry.kind == "merged_from":
        yield after.assignee, "merged"
    elif entry.kind == "merged_into":
        for one in {after.assignee, after.creator}:
            yield one, "merged"
    elif entry.kind == "taken" and before is not None and before.assignee:
        yield before.assignee, "taken_over"


def _of_flow(after: Ticket, entry: Entry) -> Iterator[tuple[str | None, str]]:
    """Who is told of what a flow asks of them."""
    detail = entry.detail
    if entry.kind in ("asked", "delegated"):
        to = detail.get("approvers") or detail.get("to")
        for person in to if isinstance(to, list | tuple) else (to,):
            yield person, "asked"
    elif entry.kind == "branch":
        yield detail["assignee"]["to"], "assigned"
    else:
        yield after.assignee, "returned" if entry.kind == "node_returned" else "late"
