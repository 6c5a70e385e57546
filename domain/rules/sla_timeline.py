"""Reading a ticket's timeline as cycles of clocks: when each started, when and how it stopped (RULES §3)."""

from collections.abc import Callable, Iterable
from operator import attrgetter

from domain.entities.base import Instant
from domain.entities.sla import SOLVED, ClockEvent, Inherited, Metric

_IN_ORDER = attrgetter("at")


class Cycle:
    """One run of one clock; `priority` and `policy` are those that were in force when it stopped."""

    __slots__ = (
        "inherited", "metric", "number", "own", "policy", "priority", "started_at", "stopped_at", "without_reply",
    )  # fmt: skip

    def __init__(self, metric: Metric, number: int, started_at: Instant) -> None:
        self.metric = metric
        self.number = number
        self.started_at = started_at
        self.stopped_at: Instant | None = None
        self.without_reply = False
        self.priority = ""
        self.policy = ""
        self.own = True  # not begun by a merge alone
        self.inherited: list[tuple[Instant, Inherited]] = []  # clocks of merged tickets, and since when


class Timeline:
    """The clocks' view of a ticket after all its events; events of one instant keep their order."""

    def __init__(self, events: Iterable[ClockEvent]) -> None:
        self.statuses: list[tuple[Instant, str]] = []
        self.priority = ""
        self.policy = ""
        self.last_at: Instant = 0
        self.cycles: dict[Metric, list[Cycle]] = {}
        self._status = ""
        self._first_response_over = False
        for event in sorted(events, key=_IN_ORDER):
            _READ[event.kind](self, event)
            self.last_at = event.at

    def _open(self, metric: Metric) -> Cycle | None:
        cycles = self.cycles.get(metric)
        return cycles[-1] if cycles and cycles[-1].stopped_at is None else None

    def _start(self, metric: Metric, at: Instant) -> None:
        cycles = self.cycles.setdefault(metric, [])
        cycles.append(Cycle(metric, len(cycles) + 1, at))

    def _stop(self, metric: Metric, at: Instant, *, without_reply: bool = False) -> None:
        cycle = self._open(metric)
        if cycle is not None:
            cycle.stopped_at, cycle.without_reply = at, without_reply
            cycle.priority, cycle.policy = self.priority, self.policy

    def created(self, event: ClockEvent) -> None:
        """Where nobody asked, the creation counts as the first reply."""
        self.priority = event.priority
        self._start("resolution", event.at)
        self._start("solution_proposed", event.at)
        if event.requester:
            self._start("first_response", event.at)
        else:
            self._first_response_over = True
        self.status(event)

    def status(self, event: ClockEvent) -> None:
        """Resolving stops everything; leaving resolved goes on with the old resolution clock alone."""
        self.statuses.append((event.at, event.status))
        if event.status in SOLVED:
            for metric in self.cycles:
                self._stop(metric, event.at, without_reply=metric != "resolution")
            self._first_response_over = True
        elif self._status in SOLVED:
            for resolution in self.cycles.get("resolution", ())[-1:]:
                resolution.stopped_at = None
        self._status = event.status

    def statuses_from(self, at: Instant) -> list[tuple[Instant, str]]:
        """The status at an instant, and those that followed."""
        held = [status for since, status in self.statuses if since <= at][-1:]
        return [(at, status) for status in held] + [one for one in self.statuses if one[0] > at]

    def merged(self, event: ClockEvent) -> None:
        """Clocks of another ticket go on here: beside the same clock, else as a cycle of their own."""
        if self._status in SOLVED:
            return
        for one in event.inherited:
            cycle = self._open(one.metric)
            if cycle is None:
                self._start(one.metric, event.at)
                cycle = self.cycles[one.metric][-1]
                cycle.own = False
            cycle.inherited.append((event.at, one))

    def changed_priority(self, event: ClockEvent) -> None:
        """Running clocks are measured against the new priority, stopped ones keep theirs."""
        self.priority = event.priority

    def changed_policy(self, event: ClockEvent) -> None:
        """As with the priority."""
        self.policy = event.policy

    def requester_message(self, event: ClockEvent) -> None:
        """The oldest unanswered message rules: a further one changes nothing."""
        if self._first_response_over and self._open("next_response") is None:
            self._start("next_response", event.at)

    def agent_reply(self, event: ClockEvent) -> None:
        """Answers whatever is unanswered."""
        self._stop("first_response", event.at)
        self._first_response_over = True
        self._stop("next_response", event.at)

    def sent_to(self, event: ClockEvent) -> None:
        """Each sending is a cycle of its own; one not taken until then ends there."""
        self._stop("acceptance", event.at, without_reply=True)
        self._start("acceptance", event.at)

    def taken(self, event: ClockEvent) -> None:
        """The assignee's take."""
        self._stop("acceptance", event.at)

    def solution_proposed(self, event: ClockEvent) -> None:
        """The flow's node that proposes a solution was reached."""
        self._stop("solution_proposed", event.at)


_READ: dict[str, Callable[[Timeline, ClockEvent], None]] = {
    "created": Timeline.created,
    "status": Timeline.status,
    "priority": Timeline.changed_priority,
    "policy": Timeline.changed_policy,
    "requester_message": Timeline.requester_message,
    "agent_reply": Timeline.agent_reply,
    "sent_to": Timeline.sent_to,
    "taken": Timeline.taken,
    "solution_proposed": Timeline.solution_proposed,
    "merged": Timeline.merged,
}
