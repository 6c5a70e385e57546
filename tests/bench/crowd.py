"""A chain with thousands of desktops: two in each store, leads over areas, some in head office; signed in already."""

import secrets
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, text

from sync_server.access.tokens import hashed
from sync_server.store import tables as t
from sync_server.store.engine import Store
from tests.bench.generator import _person, _unit
from tests.bench.server import make_database

TICKETS = 20_000
IN_A_STORE, STORES_OF_A_LEAD, DESKTOPS_OF_AN_OFFICE_SEAT = 2, 33, 200
FAR_AWAY = 4_000_000_000_000
"""Later than any token of a benchmark ends."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """One desktop: its person, device, token, and the unit that its grant covers."""

    person: str
    device: str
    token: str
    unit: str

    @property
    def in_store(self) -> bool:
        """Whether it stands in a store."""
        return self.unit.startswith("s")


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """Everybody, and where they are."""

    database: str
    members: tuple[Member, ...]
    area_of: Mapping[str, str]  # store → the unit of its lead
    tickets: Mapping[str, tuple[str, ...]]  # store → some of its tickets

    def concerned(self, store: str) -> set[str]:
        """The devices that see a change in a store: worked out here, not by the server's own rules."""
        units = {store, self.area_of[store], "hq"}
        return {one.device for one in self.members if one.unit in units}


def make_crowd(folder: Path, desktops: int) -> Crowd:
    """A SQLite database with so many registered desktops, most of them in stores, and tickets in all stores."""
    database = make_database(folder, TICKETS)
    office = max(1, desktops // DESKTOPS_OF_AN_OFFICE_SEAT)
    stores = max(1, (desktops - office) * STORES_OF_A_LEAD // (STORES_OF_A_LEAD * IN_A_STORE + 1))
    areas = -(-stores // STORES_OF_A_LEAD)
    names = [f"s{n:04}" for n in range(stores)]
    area_of = {name: f"p{n // STORES_OF_A_LEAD:03}" for n, name in enumerate(names)}
    seats = [name for name in names for _ in range(IN_A_STORE)] + sorted(set(area_of.values()))
    seats = (seats + ["hq"] * desktops)[:desktops]
    members = tuple(
        Member(person=f"m{n:05}", device=f"{n:032x}", token=secrets.token_urlsafe(32), unit=unit)
        for n, unit in enumerate(seats)
    )
    store = Store(database)
    try:
        with store.write() as conn:
            _units(conn, names, area_of, areas)
            _people(conn, members)
            tickets = _spread(conn, names)
            conn.commit()
    finally:
        store.close()
    return Crowd(database=database, members=members, area_of=area_of, tickets=tickets)


def _units(conn: Connection, names: list[str], area_of: Mapping[str, str], areas: int) -> None:
    below: dict[str, list[str]] = defaultdict(list)
    for name in names:
        below[area_of[name]].append(name)
    rows = [_unit("hq", "", "总部", 0, 1 + areas + len(names))]
    at = 1
    for area, stores in below.items():
        rows.append(_unit(area, "hq", area, at, at + 1 + len(stores)))
        rows += [_unit(one, area, one, at + 1 + i, at + 2 + i) for i, one in enumerate(stores)]
        at += 1 + len(stores)
    conn.execute(delete(t.org_unit))
    conn.execute(insert(t.org_unit), rows)


def _people(conn: Connection, members: tuple[Member, ...]) -> None:
    conn.execute(insert(t.person), [_person(one.person, one.unit, "") for one in members])
    grants = [
        {"id": f"g-{one.person}", "person": one.person, "role": "agent", "unit": one.unit, "line": "", "level": 4,
         "classes": 7}
        for one in members
    ]  # fmt: skip
    devices = [
        {"id": one.device, "person": one.person, "name": "", "code": one.person, "registered_at": 0, "seen_at": 0,
         "push_no": 0, "push_hash": "", "revoked": False}
        for one in members
    ]  # fmt: skip
    tokens: list[dict[str, Any]] = [
        {"hash": hashed(one.token), "device": one.device, "person": one.person, "kind": "access", "parent": "",
         "expires_at": FAR_AWAY, "used_at": 1}
        for one in members
    ]  # fmt: skip
    for table, rows in ((t.grant, grants), (t.device, devices), (t.token, tokens)):
        conn.execute(insert(table), rows)


def _spread(conn: Connection, names: list[str]) -> dict[str, tuple[str, ...]]:
    """Spread the tickets over these stores; returns those of each that are not closed, with nobody from outside."""
    place = f"'s' || printf('%04d', CAST(substr(number, 2) AS INTEGER) % {len(names)})"
    conn.execute(text(f"UPDATE ticket SET org = {place}, creator = NULL, assignee = NULL"))
    found: dict[str, list[str]] = defaultdict(list)
    for id, org in conn.execute(text("SELECT id, org FROM ticket WHERE status = 'open' ORDER BY id")):
        found[org].append(id)
    return {org: tuple(ids) for org, ids in found.items()}
