"""A small chain on a real database: units, people, grants, one template, one policy, and hands to act with."""

import itertools
from typing import Any

from sqlalchemy import Connection, insert

from domain.entities.conditions import Condition, Conditions
from domain.entities.forms import FormField, Template
from domain.entities.people import Grant
from domain.entities.routing import RoutingRule
from domain.entities.sla import Policy, Target
from domain.wire import codec
from domain.wire.commands import Command, CreateTicket, payload
from domain.wire.intent import Intent
from domain.wire.sync import (
    BackfillRequest,
    PullAnswer,
    PullRequest,
    PushRequest,
    Range,
    RowsAnswer,
    TicketsRequest,
    Verdict,
)
from sync_server.access.viewer import Viewer, load_viewer
from sync_server.feed.backfill import backfill, tickets
from sync_server.feed.reader import pull
from sync_server.feed.tail import FeedTail
from sync_server.push.pipeline import Pusher
from sync_server.push.sender import Sender
from sync_server.store import tables as t
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.engine import Store
from sync_server.store.organisation import TreeCache

START = 1_795_000_000_000
UNITS = {"hq": "", "east": "hq", "e1": "east", "e2": "east", "west": "hq", "w1": "west"}
GRANTS = {
    "amy": Grant(id="g-amy", role="agent", unit="e1", level=3, classes=7),
    "ben": Grant(id="g-ben", role="agent", unit="e2", level=3, classes=3),
    "eva": Grant(id="g-eva", role="lead", unit="east", level=4, classes=7),
    "wes": Grant(id="g-wes", role="agent", unit="w1", line="retail", level=3, classes=7),
    "max": Grant(id="g-max", role="head", unit="hq", level=4, classes=7),
}
FORM = Template(
    id="complaint",
    version=1,
    name="Complaint",
    category_required_at="never",
    fields=(
        FormField(key="phone", label="Phone", kind="phone", personal=True, field_class="sensitive"),
        FormField(key="wish", label="Wish"),
        FormField(key="guess", label="Our guess", field_class="internal"),
    ),
)
POLICY = Policy(id="standard", targets={"normal": {"first_response": Target(n=30, unit="minute")}})
ROUTE = RoutingRule(
    id="to-desk",
    name="Complaints go to the desk",
    conditions=Conditions(all=(Condition(field="channel", op="is", value="routed"),)),
    assignee="max",
)
RAISE = RoutingRule(
    id="raise",
    name="Urgent matters are raised",
    position=1,
    conditions=Conditions(all=(Condition(field="channel", op="is", value="raised"),)),
    priority="high",
)


class TickingClock:
    """A clock that moves one second at each look."""

    def __init__(self) -> None:
        self._ticks, self._skipped = itertools.count(START, 1000), 0

    def now(self) -> int:
        return next(self._ticks) + self._skipped

    def skip(self, ms: int) -> None:
        """Let time pass."""
        self._skipped += ms


class CountedIds:
    """Identifiers that sort in the order in which they were made."""

    def __init__(self, prefix: str = "0") -> None:
        self._prefix, self._numbers = prefix, itertools.count(1)

    def new(self) -> str:
        return f"{self._prefix}{next(self._numbers):031x}"

    def nonce(self) -> str:
        return f"{next(self._numbers):08x}"

    def mark(self) -> int:
        return next(self._numbers)


class Chain:
    """The chain and its people; `do` pushes commands as somebody, `pulled` reads as somebody."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock, self.ids = store, TickingClock(), CountedIds()
        self.trees, self.configurations = TreeCache(), ConfigurationCache()
        self.pusher = Pusher(
            store, trees=self.trees, configurations=self.configurations, clock=self.clock, ids=self.ids
        )
        self._push_no = dict.fromkeys(GRANTS, 0)
        self.tail = FeedTail()
        _fill(store)

    def command(
        self,
        kind: str,
        intent: Intent,
        *,
        ticket: str | None = None,
        base: dict[str, Any] | None = None,
        **more: Any,
    ) -> Command:
        """A command about a ticket (a new id where none is given)."""
        return Command(
            id=self.ids.new(),
            ticket_id=ticket or self.ids.new(),
            kind=kind,
            set=payload(intent),
            base=base or {},
            at=START,
            **more,
        )

    def create(self, org: str = "e1", **values: Any) -> Command:
        """A command that creates a ticket at a unit."""
        plain: dict[str, Any] = {
            "template": "complaint",
            "template_version": 1,
            "line": "retail",
            "subject": "Till",
        }
        intent = CreateTicket(org=org, **{**plain, **values})
        return self.command("create", intent)

    def do(self, person: str, *commands: Command) -> list[Verdict]:
        """Push commands as a person from their device."""
        self._push_no[person] += 1
        return self.push(person, commands, push_no=self._push_no[person])

    def push(self, person: str, commands: tuple[Command, ...], *, push_no: int, **more: Any) -> list[Verdict]:
        """Push with a given push number, through the codec as the network would."""
        request = PushRequest(protocol=1, device=f"d-{person}", push_no=push_no, commands=commands, **more)
        heard = codec.decode(codec.encode(request), PushRequest)
        return list(self.pusher.push(Sender(person=person, device=heard.device), heard).verdicts)

    def viewer(self, person: str) -> Viewer:
        """The person as the predicate sees them now."""
        with self.store.read() as conn:
            return self.viewer_in(conn, person)

    def viewer_in(self, conn: Connection, person: str) -> Viewer:
        """The person as the predicate sees them in a transaction."""
        return load_viewer(conn, person, self.trees.current(conn), self.configurations.current(conn))

    def pulled(self, person: str, cursor: str | None = None, **values: Any) -> PullAnswer:
        """One page for a person; from the start of the feed where no cursor is given."""
        with self.store.read() as conn:
            viewer = self.viewer_in(conn, person)
            plain: dict[str, Any] = {"scope_version": viewer.scope_version}
            start = "epoch.0.0" if cursor is None else cursor
            request = PullRequest(protocol=1, device=f"d-{person}", cursor=start, **{**plain, **values})
            answer = codec.encode(pull(conn, viewer, request, now=START))
            # Out of memory everybody is told the same as out of the table.
            assert codec.encode(pull(conn, viewer, request, now=START, tail=self.tail)) == answer
            return codec.decode(answer, PullAnswer)

    def filled(self, person: str, wanted: Range, **values: Any) -> RowsAnswer:
        """One page of a range for a person."""
        with self.store.read() as conn:
            viewer = self.viewer_in(conn, person)
            version = values.pop("scope_version", viewer.scope_version)
            request = BackfillRequest(
                protocol=1, device=f"d-{person}", range=wanted, scope_version=version, **values
            )
            return codec.decode(codec.encode(backfill(conn, viewer, request, now=START)), RowsAnswer)

    def whole(self, person: str, *ids: str) -> RowsAnswer:
        """Whole tickets by id for a person."""
        with self.store.read() as conn:
            viewer = self.viewer_in(conn, person)
            request = TicketsRequest(
                protocol=1, device=f"d-{person}", scope_version=viewer.scope_version, ids=ids
            )
            return codec.decode(codec.encode(tickets(conn, viewer, request)), RowsAnswer)


def _fill(store: Store) -> None:
    order = list(UNITS)
    ends = {unit: 1 + max(i for i, other in enumerate(order) if _below(other, unit)) for unit in order}
    units = [
        {"id": u, "parent": p, "name": u, "kind": "store", "code": "", "pinyin": "", "latitude": None,
         "longitude": None, "address": "", "version": 1, "pos": order.index(u), "end": ends[u]}
        for u, p in UNITS.items()
    ]  # fmt: skip
    people = [
        {"id": p, "login": p, "name": p, "unit": g.unit, "pinyin": "", "superior": "", "active": True,
         "password_hash": "", "grants_version": 1, "version": 1, "failed_sign_ins": 0, "locked_until": 0}
        for p, g in GRANTS.items()
    ]  # fmt: skip
    devices = [
        {"id": f"d-{p}", "person": p, "name": "", "code": p, "registered_at": 0, "seen_at": 0, "push_no": 0,
         "push_hash": "", "revoked": False}
        for p in GRANTS
    ]  # fmt: skip
    config = [
        {"kind": kind, "id": one.id, "version": 1, "deleted": False, "audience": audience,
         "body": codec.encode(one).decode(), "at": 0, "person": None}
        for kind, one, audience in (
            ("template", FORM, "everyone"), ("policy", POLICY, "everyone"), ("routing", ROUTE, "server"),
            ("routing", RAISE, "server"),
        )
    ]  # fmt: skip
    with store.write() as conn:
        conn.execute(t.feed_head.update().values(epoch="epoch"))
        conn.execute(t.counter.update().where(t.counter.c.name.in_(["tree", "config"])).values(value=1))
        conn.execute(insert(t.org_unit), units)
        conn.execute(insert(t.person), people)
        grants = [{"person": p, **{f: getattr(g, f) for f in g.__struct_fields__}} for p, g in GRANTS.items()]
        conn.execute(insert(t.grant), grants)
        conn.execute(insert(t.device), devices)
        conn.execute(insert(t.config), config)
        conn.commit()


def _below(unit: str, top: str) -> bool:
    while unit and unit != top:
        unit = UNITS[unit]
    return unit == top
