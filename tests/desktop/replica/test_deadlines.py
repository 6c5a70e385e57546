"""Deadlines shown offline are the server's: the same rows and configuration over the wire, whatever the hour."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

import msgspec

from desktop.replica import config_rows
from desktop.replica.changed import Moves
from desktop.replica.facts import FactSource
from desktop.replica.rebase import derived
from domain.entities.base import Entity
from domain.entities.calendars import Calendar
from domain.entities.conditions import Condition, Conditions
from domain.entities.sla import METRICS, Metric, Policy, Target, Unit
from domain.entities.ticket import Entry, Ticket
from domain.rules.ticket_clocks import with_deadlines
from domain.wire import codec
from domain.wire.configuration import configuration_of
from domain.wire.sync import ConfigRow
from tests.desktop.replica.desk import TREE
from tests.desktop.replica.station import Station

NOON, MINUTE_MS = 1_773_000_000_000, 60_000
PRIORITIES = ("urgent", "normal", "low")
STATUSES = ("new", "open", "pending", "on_hold", "resolved", "closed")
UNITS: tuple[Unit, ...] = ("minute", "hour", "day", "week")
CASES = 250


def test_a_replica_shows_the_deadlines_of_the_server(ann: Station) -> None:
    """Random policies with conditions, calendars and timelines: equal column for column, however late it is asked."""
    for seed in range(CASES):
        random = Random(seed)
        rows = [_row("calendar", _calendar(random, id)) for id in ("a", "b")]
        rows += [_row("policy", _policy(random, n)) for n in range(3)]
        ticket, timeline = _ticket(random), list(_timeline(random))
        with ann.replica.write() as conn:
            config_rows.take(conn, [msgspec.structs.replace(row, version=seed + 2) for row in rows], Moves())
        with ann.replica.read() as conn:
            here = derived(ticket, _carried(timeline), FactSource(conn))
        later = timeline[-1].at + random.randrange(10**9)
        there, _, _ = with_deadlines(ticket, timeline, configuration_of(rows), _path(ticket.org), later)
        assert here == there, seed


def _carried(timeline: Sequence[Entry]) -> list[Entry]:
    """The rows after a journey."""
    return [codec.decode(codec.encode(row), Entry) for row in timeline]


def _row(kind: str, entity: Entity) -> ConfigRow:
    return ConfigRow(kind=kind, id=entity.id, version=1, body=msgspec.Raw(codec.encode(entity)))  # type: ignore[attr-defined]


def _path(unit: str) -> tuple[str, ...]:
    return (*_path(TREE[unit]), unit) if unit else ()


def _calendar(random: Random, id: str) -> Calendar:
    days = [((540, 720), (780, 1080)) if random.random() < 0.7 else () for _ in range(6)]
    zone = random.choice(("Asia/Shanghai", "Europe/Berlin", "America/New_York"))
    return Calendar(id=id, zone=zone, weekly=(((600, 1440),), *days))


def _policy(random: Random, n: int) -> Policy:
    conditions = (
        Condition(field="org", op="under", value=random.choice(("cn", "north", "s1"))),
        Condition(field="priority", op="in", value=random.sample(PRIORITIES, 2)),
        Condition(field="channel", op="is_not", value="phone"),
        Condition(field="tier", op="is", value="gold"),
    )
    pauses: dict[Metric, tuple[str, ...]] = {
        metric: tuple(random.sample(STATUSES[:4], random.randrange(3))) for metric in METRICS
    }
    return Policy(
        id=f"p{n}",
        position=n,
        conditions=Conditions(all=tuple(random.sample(conditions, random.randrange(3)))),
        calendar=random.choice((None, "a", "b")),
        targets={priority: _targets(random) for priority in PRIORITIES},
        pause_in=pauses,
    )


def _targets(random: Random) -> Mapping[Metric, Target]:
    return {
        metric: Target(n=random.randint(1, 3), unit=random.choice(UNITS))
        for metric in METRICS
        if random.random() < 0.7
    }


def _ticket(random: Random) -> Ticket:
    return Ticket(
        id="T",
        template="t1",
        template_version=1,
        org=random.choice(("s1", "s2", "s3")),
        line="retail",
        priority=random.choice(PRIORITIES),
        channel=random.choice(("desktop", "phone")),
        tier=random.choice(("", "gold")),
    )


def _timeline(random: Random) -> Iterator[Entry]:
    at = NOON + random.randrange(10**9)
    by = random.choice(("customer", "agent"))
    yield _entry(0, "created", at, {"by": by, "status": "new", "priority": "normal", "sent": True})
    for n in range(1, random.randrange(1, 12)):
        at += random.choice((0, MINUTE_MS, random.randrange(3 * 86_400_000)))
        kind = random.choice(
            ("status", "status", "priority", "message", "reply", "note", "assigned", "taken")
        )
        detail: dict[str, Any] = {}
        if kind in ("status", "priority"):
            detail["to"] = random.choice(STATUSES if kind == "status" else PRIORITIES)
        yield _entry(n, kind, at, detail)


def _entry(n: int, kind: str, at: int, detail: dict[str, Any]) -> Entry:
    return Entry(id=f"e{n:02}", ticket="T", rev=1, kind=kind, at=at, known_at=at, detail=detail)
