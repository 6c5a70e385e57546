"""One desktop of the replica's tests: a real replica, a clock and identifiers that are alike in every run."""

from pathlib import Path
from typing import Any

from desktop.clock import ServerTime
from desktop.commands.create import create_ticket
from desktop.commands.runner import Runner
from desktop.replica import backfill, meta, outbox, recovery, rows, sql
from desktop.replica.apply import apply_pull, apply_rows, apply_verdicts
from desktop.replica.changed import Changed
from desktop.replica.engine import Replica
from domain.wire.commands import CreateTicket
from domain.wire.sync import BackfillRequest, PushAnswer, PushRequest, Put
from tests.desktop.replica.desk import PEOPLE, Desk, Ids

KEY = bytes(range(32))


class StillClock:
    """A clock that moves when told to."""

    def __init__(self) -> None:
        self.at = 1_700_000_000_000

    def now(self) -> int:
        """The same moment until it is moved."""
        return self.at

    def monotonic(self) -> int:
        """Runs with the wall."""
        return self.at


class Station:
    """A person's desktop against the desk."""

    def __init__(self, folder: Path, desk: Desk, person: str = "ann", *, key: bytes | None = KEY) -> None:
        self.desk, self.person = desk, person
        self.replica = Replica(folder / f"{person}.db", key, durable=False)
        self.clock = StillClock()
        self.ids = Ids(PEOPLE.index(person) + 1)
        self.runner = Runner(self.replica, clock=self.clock, time=ServerTime(self.clock), ids=self.ids)
        with self.replica.write() as conn:
            meta.bind(conn, person=person, device=f"pc-{person}", code="K7Q2")

    def pull(self) -> Changed:
        """Ask for one page and take it in."""
        with self.replica.write() as conn:
            cursor, version = meta.cursor(conn), meta.get(conn, "scope_version")
            return apply_pull(conn, self.desk.pull(self.person, cursor, version, limit=5))

    def fill(self, limit: int = 3) -> bool:
        """Fill one page of a range; False when there is none."""
        with self.replica.write() as conn:
            found = backfill.following(conn)
            if found is None:
                return False
            asked = BackfillRequest(
                protocol=1,
                device="",
                range=found.range,
                scope_version=meta.get(conn, "scope_version"),
                after=found.after,
                limit=limit,
            )
            apply_rows(conn, self.desk.backfill(self.person, asked), found.range, after=found.after)
            return True

    def fetch(self) -> bool:
        """Fetch the tickets wanted whole; False when there are none."""
        with self.replica.write() as conn:
            ids = sql.column(conn, "SELECT ticket FROM wanted")
            if ids:
                apply_rows(conn, self.desk.fetch(self.person, ids), None)
            return bool(ids)

    def request(self) -> PushRequest | None:
        """The next push, as it leaves."""
        with self.replica.write() as conn:
            return outbox.next_push(conn)

    def verdicts(self, request: PushRequest, answer: PushAnswer) -> Changed:
        """Take in the answer of a push."""
        with self.replica.write() as conn:
            return apply_verdicts(conn, request, answer)

    def push(self) -> bool:
        """Send what is unsent and take in the verdicts; False when there was nothing."""
        request = self.request()
        if request is None:
            return False
        self.verdicts(request, self.desk.push(self.person, request))
        return True

    def give_back(self) -> bool:
        """Give a restored server the next part of what it may have lost; False when there is nothing to give."""
        with self.replica.write() as conn:
            if not recovery.stage(conn):
                return False
            asked = recovery.next_request(conn)
            recovery.take(conn, asked, self.desk.recover(self.person, asked))
            return bool(asked.epoch) or not recovery.is_idle(asked) or not recovery.stage(conn)

    def settle(self) -> None:
        """Exchange until nothing moves any more."""
        for _ in range(200):
            given = self.give_back()
            self.pull()
            moving = given or self.push() or self.fill() or self.fetch()
            with self.replica.read() as conn:
                level = meta.cursor(conn) == self.desk.cursor()
                current = meta.get(conn, "scope_version") == self.desk.scope(self.person).version
            if not moving and level and current:
                return
        raise AssertionError("never at rest")

    def shown(self) -> dict[str, Put]:
        """Every ticket as it stands in the replica."""
        with self.replica.read() as conn:
            found = {}
            for id, access in sql.rows(conn, "SELECT id, access FROM ticket"):
                ticket = rows.load_ticket(conn, id)
                assert ticket is not None
                entries, personal = rows.load_entries(conn, id), rows.load_personal(conn, id)
                found[id] = Put(
                    ticket=ticket, since=0, access=access, entries=tuple(entries), personal=tuple(personal)
                )
            return found

    def create(self, subject: str = "Spoiled milk", **given: Any) -> str:
        """Make a ticket in store s1; returns its id."""
        content = {"template": "t1", "template_version": 1, "org": "s1", "line": "retail", "subject": subject}
        made = create_ticket(self.runner, CreateTicket(**{**content, **given}))
        return next(iter(made.tickets))

    def one(self, statement: str, *parameters: object) -> Any:
        """One value of the replica's file."""
        with self.replica.read() as conn:
            return sql.value(conn, statement, parameters)

    def all(self, statement: str, *parameters: object) -> list[Any]:
        """The first column of some rows of the replica's file."""
        with self.replica.read() as conn:
            return sql.column(conn, statement, parameters)

    def close(self) -> None:
        """Close the replica."""
        self.replica.close()
