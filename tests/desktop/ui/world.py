"""One person's desktop as windows get it: a real encrypted replica filled through apply and runner, no network."""

import csv
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

import resources
from desktop.clock import ServerTime
from desktop.commands import write
from desktop.commands.create import create_ticket
from desktop.commands.runner import Runner
from desktop.reminders import Reminders
from desktop.replica import meta, rows
from desktop.replica.apply import apply_pull, apply_verdicts
from desktop.replica.engine import Replica
from desktop.replica.outbox import next_push
from desktop.settings import SettingsFile
from desktop.sync.reports import NoServer, Reports
from desktop.sync.state import SyncState
from desktop.ui.bridge import Bridge
from desktop.ui.session import Session
from domain.entities.forms import TextModule
from domain.entities.org import OrgUnit
from domain.entities.people import ALL_CLASSES, HANDLE, Grant, Person
from domain.entities.ticket import Entry
from domain.wire.commands import CreateTicket
from domain.wire.identity import Me
from domain.wire.sync import ConfigRow, GrantedUnits, Notice, PullAnswer, PushAnswer, Put, Scope, Verdict
from sync_server.operations.configuration.building import Names, build
from sync_server.operations.configuration.reading import Problems, read_folder

SAMPLE = Path(resources.__file__).parent / "sample"
KEY = bytes(range(32))
START = 1_795_156_320_000  # 2026-11-20 14:32 in Shanghai, a Friday

logging.getLogger("apscheduler").setLevel(logging.ERROR)


class MovedClock:
    """A clock that stands until it is moved."""

    def __init__(self, at: int = START) -> None:
        self.at = at

    def now(self) -> int:
        """The moment it was moved to."""
        return self.at

    def monotonic(self) -> int:
        """Runs with the wall."""
        return self.at


class Ids:
    """Identifiers in the shape of real ones, rising, alike in every run."""

    def __init__(self) -> None:
        self._count = 0

    def new(self) -> str:
        """The next one."""
        self._count += 1
        return f"0199c0de00007{self._count:019x}"


class StillSync:
    """No network: the state as it is set."""

    def __init__(self) -> None:
        self.state = SyncState(connection="offline")
        self.woken = self.verified = 0

    def wake(self) -> None:
        """Counted, nothing else."""
        self.woken += 1

    def sync_now(self) -> None:
        """Counted, nothing else."""
        self.woken += 1

    def verify(self) -> None:
        """Counted, nothing else."""
        self.verified += 1


class World:
    """A store agent's desktop with the sample chain; `restart` opens the same replica again."""

    def __init__(
        self,
        folder: Path,
        *,
        person: str = "liuyang",
        unit: str = "HZ001",
        head_office: bool = False,
        level: int = HANDLE,
    ):
        self.folder, self._person, self._unit = folder, person, unit
        self.clock, self.ids, self.sync = MovedClock(), Ids(), StillSync()
        self._grant = Grant(
            id="g1", role="agent", unit="HQ" if head_office else unit, level=level, classes=ALL_CLASSES
        )
        self._seq = 0
        self._start()
        with self.replica.write() as conn:
            meta.bind(conn, person=person, device=f"pc-{person}", code="K3")
        self._fill()

    def _start(self) -> None:
        self.replica = Replica(self.folder / "replica.db", KEY, durable=False)
        self.bridge = Bridge()
        time = ServerTime(self.clock)
        self.runner = Runner(self.replica, clock=self.clock, time=time, ids=self.ids)
        self.reminders = Reminders(
            self.replica,
            clock=self.clock,
            time=time,
            ids=self.ids,
            tell=self.bridge.announce_reminder,
            changed=self.bridge.announce,
        )
        self.session = Session(
            person=Me(id=self._person, login=self._person, name="刘杨", unit=self._unit),
            replica=self.replica,
            runner=self.runner,
            bridge=self.bridge,
            sync=self.sync,
            reminders=self.reminders,
            reports=Reports(NoServer(), self.replica),
            clock=self.clock,
            server_time=time,
            ids=self.ids,
            settings=SettingsFile(self.folder),
            sign_out=lambda: None,
        )

    def restart(self) -> None:
        """The program ends and starts again on the same files."""
        self.stop()
        self._start()

    def stop(self) -> None:
        """End the program."""
        self.bridge.close()
        self.reminders.stop()
        self.replica.close()

    # What the server sends.

    def _fill(self) -> None:
        units = [] if self._grant.unit == "HQ" else [self._grant.unit]
        granted = GrantedUnits(grant=self._grant, everything=not units, units=tuple(units))
        self._pull(scope=Scope(version="1.1", person=self._person, grants=(granted,)))
        self._pull(config=tuple(sample_rows(self._person)))

    def _pull(self, *, scope: Scope | None = None, **parts: Any) -> None:
        with self.replica.write() as conn:
            cursor = meta.cursor(conn)
            self._seq += 1
            answer = PullAnswer(
                from_cursor=cursor,
                to_cursor=f"e1.{self._seq}.n",
                head=self._seq,
                more=False,
                scope_version="1.1",
                scope=scope,
                server_time=self.clock.now(),
                **parts,
            )
            moved = apply_pull(conn, answer)
        self.bridge.announce(moved)

    def receive(self, *puts: Put) -> None:
        """Tickets as the server has them now."""
        self._pull(put=puts)

    def configure(self, *rows: ConfigRow) -> None:
        """Configuration as the server has it now."""
        self._pull(config=rows)

    def notices(self, *notices: Notice) -> None:
        """News of the server."""
        self._pull(notices=notices)

    def judge(self, **fields: Any) -> list[str]:
        """Send everything unsent and have each command get this verdict; returns their ids."""
        with self.replica.write() as conn:
            request = next_push(conn)
        if request is None:
            return []
        self._seq += 1
        verdicts = tuple(
            Verdict(id=one.id, seq=self._seq, **{"status": "applied", "rev": 1, **fields})
            for one in request.commands
        )
        answer = PushAnswer(verdicts=verdicts, head=f"e1.{self._seq}.n", server_time=self.clock.now())
        with self.replica.write() as conn:
            moved = apply_verdicts(conn, request, answer)
        self.bridge.announce(moved)
        return [one.id for one in request.commands]

    # What the person did before.

    def ticket(self, subject: str, **given: Any) -> str:
        """A ticket made through the runner; returns its id."""
        content = {
            "template": "complaint",
            "template_version": 1,
            "org": self._unit if self._unit.startswith(("HZ", "NB", "NJ")) else "HZ001",
            "line": "retail",
            "subject": subject,
            "category": "spoiled",
            "fields": {"demand": "apology"},
            "personal": {"phone": "13800002716", "name": "陈女士"},
        }
        made = create_ticket(self.runner, CreateTicket(**{**content, **given}))
        return next(iter(made.tickets))

    def confirmed(self, subject: str, number: str, **given: Any) -> str:
        """A ticket that the server has taken and sent back under its number."""
        id = self.ticket(subject, **given)
        self.judge(number=number)
        self.receive(self.put(id, rev=1, number=number))
        return id

    def put(self, id: str, *, rev: int, entries: tuple[Entry, ...] = (), **columns: Any) -> Put:
        """A ticket as the server would send it: as it is shown here, with other columns and more rows."""
        with self.replica.read() as conn:
            ticket = rows.load_ticket(conn, id)
            known, personal = rows.load_entries(conn, id), rows.load_personal(conn, id)
        assert ticket is not None
        told = [msgspec.structs.replace(one, rev=one.rev or rev) for one in (*known, *entries)]
        return Put(
            ticket=msgspec.structs.replace(ticket, rev=rev, **columns),
            since=0,
            access=ALL_CLASSES,
            entries=tuple(told),
            personal=tuple(msgspec.structs.replace(one, rev=one.rev or 1) for one in personal),
        )

    def conflict(self, subject: str, number: str, mine: dict[str, Any], theirs: dict[str, Any]) -> str:
        """A ticket whose values the person changed offline and 吴浩然 changed meanwhile."""
        id = self.confirmed(subject, number)
        self.clock.at += 5 * 60_000
        write.edit(self.runner, [id], values=mine)
        self.clock.at += 10 * 60_000
        fields = {key: {"theirs": theirs[key], "mine": value} for key, value in mine.items()}
        self.judge(status="conflict", code="conflict", fields=fields, rev=2)
        changed: dict[str, Any] = {key: value for key, value in theirs.items() if "." not in key}
        form = {key.partition(".")[2]: value for key, value in theirs.items() if "." in key}
        entries = []
        for key, value in theirs.items():
            detail = {"from": None, "to": value}
            kind, told = ("priority", detail) if key == "priority" else ("edited", {key: detail})
            entries.append(
                Entry(
                    id=self.ids.new(),
                    ticket=id,
                    rev=2,
                    kind=kind,
                    at=self.clock.at,
                    person="wuhao",
                    detail=told,
                )
            )
        if form:
            changed["fields"] = {"demand": "apology", **form}
        self.receive(self.put(id, rev=2, entries=tuple(entries), **changed))
        return id


def sample_rows(person: str) -> Iterable[ConfigRow]:
    """The sample chain as configuration rows; units go by their code, people by their login."""
    with (SAMPLE / "units.csv").open(encoding="utf-8") as file:
        units = [
            OrgUnit(
                id=row["code"], name=row["name"], kind=row["kind"], parent=row["parent"], code=row["code"]
            )
            for row in csv.DictReader(file)
        ]
    with (SAMPLE / "people.csv").open(encoding="utf-8") as file:
        people = [
            Person(id=row["login"], name=row["name"], unit=row["unit"], superior=row["superior"] or "")
            for row in csv.DictReader(file)
        ]
    problems = Problems()
    names = Names(units={one.id: one.id for one in units}, people={one.id: one.id for one in people})
    wanted = build(read_folder(SAMPLE / "configuration", problems), names, problems)
    entities: list[tuple[str, str, Any]] = [("unit", one.id, one) for one in units]
    entities += [("person", one.id, one) for one in people]
    entities += [(kind, id, one) for kind, rows in wanted.kinds.items() for id, one in rows.items()]
    own = TextModule(id="own", name="草莓批次", body="批次号见外箱侧面，请先下架再回复。", owner=person)
    entities.append(("text_module", own.id, own))
    return [
        ConfigRow(kind=kind, id=id, version=1, body=msgspec.Raw(msgspec.json.encode(entity)))
        for kind, id, entity in entities
        if kind not in ("routing", "lease", "grant")
    ]
