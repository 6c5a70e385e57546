"""The way of a ticket in stops: who held it, since when, for how long, and what is to come."""

from collections.abc import Iterator

from desktop.ui.text import tr
from desktop.ui.tickets.events import Wording
from desktop.ui.tickets.flow_hops import flow_hops
from desktop.ui.tickets.flow_stops import flow_of
from desktop.ui.tickets.source import Shown
from desktop.ui.times import duration, moment
from desktop.ui.widgets.hops import Hop
from domain.entities.sla import Clock
from domain.entities.ticket import OPEN_STATUSES, Entry

_STOPS = frozenset({"created", "routed", "assigned", "transferred", "taken", "status"})
_MOST = 30


def hops_of(shown: Shown) -> list[Hop]:
    """Passed, here now, to come; for a ticket that walks a flow its nodes are the stops."""
    if flow_of(shown) is not None:
        return flow_hops(shown)
    entries = [entry for entry in shown.page.entries if _is_stop(entry)][-_MOST:]
    wording, is_open = shown.wording(), shown.page.ticket.status in OPEN_STATUSES
    hops = []
    for place, entry in enumerate(entries):
        last = place == len(entries) - 1
        left_at = shown.now_at if last else entries[place + 1].at
        hops.append(_hop(entry, wording, shown, left_at=left_at, here=last and is_open))
    return [*hops, *_ahead(shown)] if is_open else hops


def _is_stop(entry: Entry) -> bool:
    # Taking a ticket opens it, too: one stop, not two.
    return entry.kind in _STOPS and entry.detail.get("why") != "taken"


def _hop(entry: Entry, wording: Wording, shown: Shown, *, left_at: int, here: bool) -> Hop:
    event = wording.event(entry)
    stayed = duration(max(0, left_at - entry.at) // 1000)
    return Hop(
        name=event.words,
        who=f"{event.who} · {tr('ticket.here_now')}" if here else event.who,
        time=moment(entry.at, shown.now_at),
        stay=tr("ticket.stayed", time=stayed),
        state="here" if here else "passed",
        stay_tone="text2",
    )


def _ahead(shown: Shown) -> Iterator[Hop]:
    resolution: Clock | None = next((one for one in shown.clocks() if one.metric == "resolution"), None)
    due = ""
    if resolution is not None and resolution.due_at is not None and resolution.state == "running":
        due = tr("ticket.clock.due", time=moment(resolution.due_at, shown.now_at, full=True))
    yield Hop(name=tr("ticket.event.to_resolved"), who=shown.handler(), stay=due, state="ahead")
    if shown.page.ticket.requester:
        yield Hop(name=tr("ticket.event.to_closed"), who=shown.customer, state="ahead")
