"""A flow's own clocks: who had a ticket at which node, for how long in working time, until when (RULES §3, §6)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from msgspec.structs import replace

from domain.entities.base import Entity, Instant
from domain.entities.calendars import Calendar
from domain.entities.flow import GATE, Flow, FlowState, Gate, Node, NodeTarget, Token
from domain.entities.sla import LONGEST, SOLVED, Clock, ClockEvent, Policy, Target
from domain.entities.ticket import Entry, Ticket
from domain.rules.sla import evaluate
from domain.rules.zones import zone

Calendars = Mapping[str, Calendar]
_LONG = NodeTarget(target=Target(n=LONGEST["week"], unit="week"), pause_in=())
_UTC = "UTC"


class Visit(Entity):
    """One stay at a node: when it was entered and left, from where, by whom, and who had it meanwhile."""

    node: str
    visit: int
    entered_at: Instant
    left_at: Instant | None = None
    came_from: str = ""
    by: str | None = None  # who left it; None also where the server did
    returned: bool = False  # left by being sent back
    people: tuple[str, ...] = ()


class Due(Entity):
    """A time at which the server has to do something at a node."""

    node: str
    visit: int
    act: str  # late, time_out, fire
    at: Instant


def history(timeline: Iterable[Entry]) -> tuple[Visit, ...]:
    """Every visit of every node in the order of entering, from the timeline's rows alone."""
    visits: dict[tuple[str, int], Visit] = {}
    for row in sorted(timeline, key=lambda one: one.at):
        detail = row.detail
        if row.kind == "hop":
            _left(visits, detail["from"], row)
            key = (detail["node"], detail["visit"])
            if key not in visits:
                visits[key] = Visit(node=key[0], visit=key[1], entered_at=row.at, came_from=detail["from"])
        elif row.kind == "node_returned":
            for node in (detail["node"], *detail.get("ended", ())):
                _left(visits, node, row, returned=True)
        elif row.kind == "flow_stopped":
            for node in detail["nodes"]:
                _left(visits, node, row)
        elif row.kind == "approval" and detail.get("left"):
            _left(visits, detail["node"], row)
        else:
            _had(visits, row)
    return tuple(visits.values())


def _left(visits: dict[tuple[str, int], Visit], node: str, row: Entry, *, returned: bool = False) -> None:
    """Close the newest visit of a node; at a join the last branch to come decides."""
    for key in reversed(visits):
        if key[0] == node and visits[key].left_at is None:
            visits[key] = replace(visits[key], left_at=row.at, by=row.person, returned=returned)
            return


def _had(visits: dict[tuple[str, int], Visit], row: Entry) -> None:
    """Whom a row gave an open node to."""
    named = row.detail.get("node")
    people: tuple[str | None, ...] = ()
    if row.kind in ("routed", "branch", "assigned", "transferred"):
        told = row.detail.get("assignee") or row.detail.get("to") or {}
        people = (told.get("to") if "to" in told else told.get("assignee"),)
    elif row.kind == "taken":
        people = (row.person,)
    elif row.kind == "asked":
        people = tuple(row.detail.get("approvers", ()))
    elif row.kind == "delegated":
        to = row.detail.get("to")
        people = tuple(to) if isinstance(to, list) else (to,)
    found = [one for one in people if isinstance(one, str)]
    for key in reversed(visits) if found else ():
        visit = visits[key]
        if visit.left_at is None and named in (None, visit.node):
            visits[key] = replace(visit, people=tuple(dict.fromkeys((*visit.people, *found))))
            return


def visit_clock(
    timeline: Sequence[Entry],
    visit: Visit,
    node: Node | None,
    calendars: Calendars,
    now: Instant,
    *,
    otherwise: str | None = None,
) -> Clock:
    """The clock of one visit as of `now`; without a target only what it took counts, in the calendar `otherwise`."""
    target = node.target if node is not None and node.target is not None else None
    terms = target or replace(_LONG, calendar=otherwise)
    return _clock(timeline, visit.entered_at, visit.left_at, terms, calendars, now)


def node_seconds(
    timeline: Sequence[Entry],
    flow: Flow | None,
    calendars: Calendars,
    now: Instant,
    *,
    otherwise: str | None = None,
) -> dict[str, int]:
    """Working seconds spent at each node, summed over all visits."""
    spent: dict[str, int] = {}
    for visit in history(timeline):
        node = flow.node(visit.node) if flow is not None else None
        clock = visit_clock(timeline, visit, node, calendars, now, otherwise=otherwise)
        spent[visit.node] = spent.get(visit.node, 0) + clock.elapsed_s
    return spent


def due_at_nodes(
    ticket: Ticket,
    timeline: Sequence[Entry],
    flow: Flow | None,
    calendars: Calendars,
    now: Instant,
    *,
    gates: Sequence[Gate] = (),
) -> tuple[Due, ...]:
    """What will be due at the nodes where the ticket stands: deadlines, time-outs, timers; none once solved."""
    state = ticket.flow or FlowState()
    if flow is None or ticket.status in SOLVED:
        return ()
    found = []
    for token in state.tokens:
        node = flow.node(token.node)
        if token.node == GATE:
            node = next((one.node() for one in gates if one.id == state.gate), None)
        for act, at in _times(token, node, timeline, calendars, now) if node is not None else ():
            if at is not None:
                found.append(Due(node=token.node, visit=token.visit, act=act, at=at))
    return tuple(found)


def _times(
    token: Token, node: Node, timeline: Sequence[Entry], calendars: Calendars, now: Instant
) -> list[tuple[str, Instant | None]]:
    found: list[tuple[str, Instant | None]] = []
    if node.target is not None and not token.late:
        found.append(("late", _clock(timeline, token.entered_at, None, node.target, calendars, now).due_at))
    late = node.approval.time_out if node.approval is not None else None
    if late is not None and not token.timed_out:
        found.append(("time_out", _after(token, late.after, late.calendar, calendars)))
    if node.timer is not None:
        if node.timer.after is not None:
            at: Instant | None = _after(token, node.timer.after, node.timer.calendar, calendars)
        else:
            at = token.until
        found.append(("fire", at))
    return found


def _after(token: Token, target: Target, calendar: str | None, calendars: Calendars) -> Instant | None:
    terms = NodeTarget(target=target, calendar=calendar, pause_in=())
    return _clock((), token.entered_at, None, terms, calendars, token.entered_at).due_at


def date_at(values: Mapping[str, Any], key: str, calendar: Calendar | None, otherwise: Instant) -> Instant:
    """The beginning of the day that a date field holds, in the calendar's zone; `otherwise` where it holds none."""
    try:
        day = date.fromisoformat(str(values.get(key) or ""))
    except ValueError:
        return otherwise
    begins = datetime.combine(day, time(), tzinfo=zone(calendar.zone if calendar is not None else _UTC))
    return int(begins.timestamp() * 1000)


def _clock(
    timeline: Sequence[Entry],
    from_at: Instant,
    to_at: Instant | None,
    terms: NodeTarget,
    calendars: Calendars,
    now: Instant,
) -> Clock:
    """One clock from entering to leaving, through the ticket's statuses: a policy of a single target."""
    events, status = [], "open"
    for row in sorted(timeline, key=lambda one: one.at):
        if row.kind in ("created", "status"):
            became = str(row.detail.get("to") or row.detail.get("status") or "open")
            if row.at <= from_at:
                status = became
            elif to_at is None or row.at < to_at:
                events.append(ClockEvent(at=row.at, kind="status", status=became))
    events.insert(0, ClockEvent(at=from_at, kind="created", status=status, priority="normal"))
    if to_at is not None:
        events.append(ClockEvent(at=to_at, kind="status", status="resolved"))
    policy = Policy(
        id="",
        calendar=terms.calendar,
        targets={"normal": {"resolution": terms.target}},
        pause_in={"resolution": terms.pause_in},
    )
    calendar = calendars.get(terms.calendar) if terms.calendar else None
    return evaluate(events, policy, calendar, now)["resolution"]
