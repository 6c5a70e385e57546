"""A story of three desktops at one desk, drawn at random: gestures, pages late and doubled, grants taken and given."""

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from desktop.commands.runner import Gesture
from desktop.replica import backfill, meta, rebase, rows, search, sql
from desktop.replica.apply import apply_pull, apply_rows, apply_verdicts, begin_anew
from desktop.replica.facts import FactSource
from desktop.replica.outbox import unsent
from domain.entities.people import Grant
from domain.errors import RefusedError
from domain.wire.commands import (
    AssignTicket,
    ChangeMembers,
    ChangeStatus,
    CreateTicket,
    EditTicket,
    Reply,
    TakeTicket,
    TransferTicket,
)
from domain.wire.intent import Intent
from domain.wire.sync import BackfillRequest, Put, Verdict
from tests.desktop.replica.desk import PEOPLE, Desk, handler
from tests.desktop.replica.station import Station

_PLACES = ((), ("s1",), ("s2",), ("north",), ("south",), ("cn",), ("s1", "s3"), ("north", "south"))
_STORES = ("s1", "s2", "s3")


class Story:
    """Runs one random story and checks the replicas at each step."""

    def __init__(self, folder: Path, chance: Random) -> None:
        self.chance, self.desk = chance, Desk()
        for person in ("ann", "bob"):
            self.desk.grant(person, *self._grants())
        self.desk.grant("eve", handler("cn"))
        self.stations = [Station(folder, self.desk, person, key=None) for person in PEOPLE]
        self.late: list[Callable[[], object]] = []
        self.given: list[tuple[str, str]] = []

    def play(self, steps: int) -> None:
        """Do some steps, then come to rest and compare with the desk."""
        for _ in range(steps):
            station = self.chance.choice(self.stations)
            station.clock.at += self.chance.randrange(5_000)
            self.desk.now += self.chance.randrange(1_000)
            self._step(station)
            check_shown(station)
        for _ in range(3):
            for station in self.stations:
                station.settle()
        for station in self.stations:
            check_shown(station)
            self.check_rest(station)

    def close(self) -> None:
        """Close every desktop."""
        for station in self.stations:
            station.close()

    def _grants(self) -> list[Grant]:
        chance = self.chance
        return [
            handler(
                unit,
                chance.choice(["", "retail"]),
                level=chance.choice([2, 3, 4]),
                classes=chance.choice([1, 3, 7]),
            )
            for unit in chance.choice(_PLACES)
        ]

    def _step(self, station: Station) -> None:
        steps: list[tuple[float, Callable[[Station], None]]] = [
            (0.40, self._gesture),
            (0.15, self._pull),
            (0.15, self._push),
            (0.15, self._fill),
            (0.05, self._fetch),
            (0.06, self._deliver_late),
            (0.03, self._regrant),
            (0.01, self._restart),
        ]
        weights = [weight for weight, _ in steps]
        self.chance.choices([step for _, step in steps], weights)[0](station)

    def _gesture(self, station: Station) -> None:
        shown = station.all("SELECT id FROM ticket ORDER BY id")
        if not shown or self.chance.random() < 0.15:
            gesture = Gesture(ticket=station.ids.new(), kind="create", intent=self._new(station.person))
        else:
            kind, intent = self._intent()
            gesture = Gesture(ticket=self.chance.choice(shown), kind=kind, intent=intent)
        with contextlib.suppress(RefusedError):
            done = station.runner.run([gesture])
            self.given += [(station.person, command) for command in done.commands]

    def _new(self, person: str) -> CreateTicket:
        chance = self.chance
        return CreateTicket(
            template="t1",
            template_version=1,
            org=chance.choice(_STORES),
            line=chance.choice(["retail", "online"]),
            subject=f"s{chance.randrange(99)}",
            description="d",
            personal={"phone": "13812345678", "name": "n"},
            assignee=chance.choice([None, person]),
            cc=chance.choice([(), ("bob",)]),
        )

    def _intent(self) -> tuple[str, Intent]:
        chance = self.chance
        values: Mapping[str, Any] = chance.choice(
            [
                {"subject": f"x{chance.randrange(9)}"},
                {"priority": chance.choice(["urgent", "low"])},
                {"fields.a": chance.randrange(5), "category": "c1"},
                {"personal.name": f"n{chance.randrange(9)}"},
            ]
        )
        return chance.choice(
            [
                ("reply", Reply(body=f"b{chance.random()}")),
                ("reply", Reply(body="n", internal=True)),
                ("edit", EditTicket(values=dict(values))),
                ("take", TakeTicket()),
                ("assign", AssignTicket(assignee=chance.choice(PEOPLE), note=chance.choice(["", "why"]))),
                ("transfer", TransferTicket(org=chance.choice(_STORES), note="go")),
                ("status", ChangeStatus(to=chance.choice(["open", "pending", "resolved", "closed"]))),
                ("cc", ChangeMembers(add=(chance.choice(PEOPLE),), remove=(chance.choice(PEOPLE),))),
                ("tag", ChangeMembers(add=(chance.choice("abc"),))),
            ]
        )

    def _arrives(self, now: Callable[[], object]) -> None:
        """An answer comes, is lost, comes late, or twice."""
        if self.chance.random() < 0.7:
            now()
        if self.chance.random() < 0.3:
            self.late.append(now)

    def _pull(self, station: Station) -> None:
        with station.replica.read() as conn:
            cursor, version = meta.cursor(conn), meta.get(conn, "scope_version")
        answer = self.desk.pull(station.person, cursor, version, limit=self.chance.choice([1, 2, 5, 50]))

        def take() -> None:
            with station.replica.write() as conn:
                apply_pull(conn, answer)

        self._arrives(take)

    def _push(self, station: Station) -> None:
        request = station.request()
        if request is None or self.chance.random() < 0.1:
            return
        if self.chance.random() < 0.2:
            request = msgspec.structs.replace(request, commands=request.commands[:1])
        answer = self.desk.push(station.person, request)
        if self.chance.random() < 0.15:
            retries = tuple(Verdict(id=one.id, status="retry") for one in answer.verdicts[1:])
            answer = msgspec.structs.replace(answer, verdicts=answer.verdicts[:1] + retries)

        def take() -> None:
            with station.replica.write() as conn:
                apply_verdicts(conn, request, answer)

        self._arrives(take)

    def _fill(self, station: Station) -> None:
        with station.replica.read() as conn:
            found, version = backfill.following(conn), meta.get(conn, "scope_version")
        if found is None:
            return
        asked = BackfillRequest(
            protocol=1,
            device="",
            range=found.range,
            scope_version=version,
            after=found.after,
            limit=self.chance.choice([1, 2, 10]),
        )
        answer = self.desk.backfill(station.person, asked)

        def take() -> None:
            with station.replica.write() as conn:
                apply_rows(conn, answer, found.range, after=found.after)

        self._arrives(take)

    def _fetch(self, station: Station) -> None:
        wanted = station.all("SELECT ticket FROM wanted")
        if not wanted:
            return
        answer = self.desk.fetch(station.person, wanted)

        def take() -> None:
            with station.replica.write() as conn:
                apply_rows(conn, answer, None)

        self._arrives(take)

    def _deliver_late(self, _station: Station) -> None:
        if self.late:
            self.late.pop(self.chance.randrange(len(self.late)))()

    def _regrant(self, _station: Station) -> None:
        self.desk.grant(self.chance.choice(["ann", "bob"]), *self._grants())

    def _restart(self, station: Station) -> None:
        with station.replica.write() as conn:
            begin_anew(conn, restored=self.chance.random() < 0.5)

    def check_rest(self, station: Station) -> None:
        """At rest the replica is the desk within the person's scope, and every command has one fate."""
        assert by_id(station.shown()) == by_id(self.desk.visible(station.person))
        assert not station.all("SELECT ticket FROM base")
        with station.replica.read() as conn:
            fates: dict[str, str] = dict(sql.rows(conn, "SELECT id, state FROM command"))
        for command, state in fates.items():
            verdict = self.desk.verdicts.get(command)
            if state == "done":
                assert verdict is not None
                assert verdict.status in ("applied", "merged", "conflict")
            else:
                assert state == "attention"
                assert verdict is None or verdict.status in ("rejected", "blocked")
        assert {command for person, command in self.given if person == station.person} == fates.keys()


def by_id(puts: Mapping[str, Put]) -> dict[str, tuple[Any, ...]]:
    """Tickets with their children in an order that doesn't depend on how they came."""
    return {
        id: (
            put.ticket,
            put.access,
            sorted(put.entries, key=lambda one: one.id),
            sorted(put.personal, key=lambda one: one.key),
        )
        for id, put in puts.items()
    }


def check_shown(station: Station) -> None:
    """What is shown is the base with what is unsent replayed; nothing stands loose; the index holds what is held."""
    shown = station.shown()
    with station.replica.write() as conn:
        search.index_slice(conn, 1_000)
        for id in sql.column(conn, "SELECT ticket FROM base"):
            base, left = rows.load_base(conn, id), unsent(conn, id)
            assert base is not None
            assert left
            assert all(one.state != "acked" or one.rev > base.rev for one in left)
            replayed = rebase.replay(conn, FactSource(conn), base, left)
            if replayed.ticket is None:
                assert id not in shown
                continue
            put = shown[id]
            known = {entry.id for entry in put.entries if entry.rev}
            local = [entry for entry in replayed.entries if entry.id not in known]
            assert replayed.ticket == put.ticket
            assert by_id({id: put})[id][3] == sorted(replayed.personal.values(), key=lambda one: one.key)
            assert sorted(one.id for one in local) == sorted(one.id for one in put.entries if not one.rev)
        for table in ("entry", "personal", "search_doc"):
            assert not sql.column(
                conn, f"SELECT ticket FROM {table} WHERE ticket NOT IN (SELECT id FROM ticket)"
            )
        assert not sql.column(
            conn, "SELECT ticket FROM entry WHERE rev = 0 AND ticket NOT IN (SELECT ticket FROM base)"
        )
        for ticket, command in sql.rows(
            conn,
            "SELECT ticket, id FROM command WHERE kind = 'reply' AND state IN ('pending', 'sent') "
            "AND ticket IN (SELECT id FROM ticket)",
        ):
            assert command in {entry.id for entry in shown[ticket].entries}
