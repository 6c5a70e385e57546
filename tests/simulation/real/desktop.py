"""One desktop of a story: the real replica, runner and engine, which may die around any commit."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Connection

from desktop.clock import Contact, ServerTime
from desktop.commands.runner import Runner
from desktop.replica import backfill, heads, integrity, meta, recovery, search, sql, standing
from desktop.replica.apply import apply_pull, apply_rows, apply_verdicts
from desktop.replica.engine import Replica, truncate_after
from desktop.sync.engine import Engine, Step
from desktop.sync.exchange import Limits
from desktop.sync.lanes import LANES, LaneName
from desktop.sync.tokens import TokenShelf
from domain.errors import UnavailableError
from domain.wire.integrity import DigestAnswer
from domain.wire.recovery import RecoverAnswer
from domain.wire.sync import BackfillRequest, PullAnswer, PushAnswer, RowsAnswer
from tests.simulation.real import parting
from tests.simulation.real.door import Door
from tests.simulation.real.files import Remains, Room, begin_from, limit_pages, log_size, vault_of
from tests.simulation.real.line import Line
from tests.simulation.real.parcels import Courier, Lanes
from tests.simulation.real.stand_ins import CountedIds, Crash, DesktopClock, Time
from tests.simulation.trace import Trace

FAR = 1 << 50
RESTLESS = (0, -1)
"""The head of a server that nobody has met."""
LIMITS = tuple(Limits(pull=pull, fill=fill, fetch=2) for pull, fill in ((1, 3), (5, 1), (9, 5), (3, 3)))


@contextmanager
def suppress_full() -> Iterator[None]:
    """What a full disk keeps from being done comes again, or the person is told."""
    try:
        yield
    except UnavailableError as error:
        if error.code != "disk_full":
            raise


class FragileReplica(Replica):
    """A replica whose machine may lose power around any commit: `dies` counts down to it."""

    full = False
    """Whether its disk has no room for one page more."""

    def __init__(self, path: Path) -> None:
        self.dies: tuple[str, int] | None = None
        self.tear = 0
        self.remains: Remains | None = None
        self._synced = 0
        self.committed: Callable[[bool], None] = lambda durable: None
        super().__init__(path, None, durable=False)

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """One transaction; where the machine is to die around it, this is the end."""
        dies, self.dies = self.dies, None
        if dies is None or dies[1]:
            self.dies = None if dies is None else (dies[0], dies[1] - 1)
            with super().write(durable=durable) as conn:
                limit_pages(conn, full=self.full)
                yield conn
        else:
            with super().write(durable=durable) as conn:
                yield conn
                if dies[0] == "before":
                    self.lose_power()
                    raise Crash
            if dies[0] == "within":
                self.lose_power()
                raise Crash
        self.committed(durable)
        size = log_size(self.path)
        self._synced = size if durable else min(self._synced, size)
        if dies is not None and not dies[1]:
            self.lose_power()
            raise Crash

    def lose_power(self) -> None:
        """Keep what the disk then holds: all that was made sure of, and of the rest of the log any beginning."""
        self.remains = Remains(self.path)
        self.remains.tear(self._synced, self.tear)


_DAMAGES: dict[int, tuple[str, ...]] = {
    1: ("UPDATE ticket SET mark = mark + 1, subject = 'rotten' WHERE id = ?",),
    2: ("UPDATE ticket SET access = access & 5 | 1 WHERE id = ?",),
    3: (
        "CREATE TEMP TABLE strange AS SELECT * FROM ticket WHERE id = ?1",
        "UPDATE strange SET id = replace(id, '00000', '000f0'), mark = mark + 1 WHERE id = ?1",
        "INSERT OR IGNORE INTO ticket SELECT * FROM strange WHERE id <> ?1",
        "DROP TABLE strange",
    ),
}
"""What a bad disk may do: another version, other classes of fields, a ticket that nobody knows."""


class Desktop:
    """A person's program on one machine."""

    def __init__(
        self, room: Room, index: int, person: str, line: Line, *, time: Time, ids: CountedIds, limits: int
    ) -> None:
        self.index, self.person, self.line = index, person, line
        self.path = room.folder / f"desktop{index}.db"
        self._template, self._ids = room.replica, ids
        self.clock = DesktopClock(time)
        self.courier = Courier(line.porter, person, f"pc{index}")
        self._chance = Random(index)
        self._limits = LIMITS[limits & 3]
        self.copied = self.full = self.was_first_version = self.rotten = False
        self.rested_at = RESTLESS  # the server's head when this desktop last had nothing more to do
        self.door: Door | None = None  # where its stories have leases
        self.gone = False  # it was revoked, has brought what it had, and holds nothing any more
        self.spoke: tuple[str, ...] = ()  # what it wrote after all copies were made
        self.lost_power: Callable[[], None] = lambda: None
        self.trace = Trace()

    def install(self) -> None:
        """Begin with an empty replica, bound to the device the person registered."""
        begin_from(self._template, self.path)
        shutil.rmtree(vault_of(self.path), ignore_errors=True)
        self.start()
        with self.replica.write() as conn:
            meta.bind(conn, person=self.person, device=f"pc{self.index}", code=f"PC{self.index}")

    def start(self) -> None:
        """Start the program on the files as they are."""
        self.rested_at = RESTLESS
        self.replica = FragileReplica(self.path)
        self.replica.committed = lambda durable: self.trace.note("commits", self.index, durable)
        with self.replica.read() as conn:
            contact = meta.struct(conn, "contact", Contact)
        self.replica.full = self.full
        server_time = ServerTime(self.clock, contact)
        lease, shelf = self.door.lease(self.clock) if self.door is not None else None, TokenShelf()
        if lease is not None:
            self.lease = lease
            shelf.lease_told = lambda told, at: lease.told(told, server_at=at)
        self.runner = Runner(self.replica, clock=self.clock, time=server_time, ids=self._ids)
        self.engine = Engine(
            self.replica,
            self.line,
            shelf,
            clock=self.clock,
            time=server_time,
            chance=self._chance.random,
            limits=self._limits,
            lease=lease,
        )
        self.lanes = Lanes(self.replica, self.courier, self.clock)

    def crash(self) -> None:
        """Start again on what the crash left, or on the files as they are."""
        if self.replica.remains is None:
            self.replica.lose_power()
        remains = self.replica.remains
        assert remains is not None
        self.replica.close()
        remains.lay_out()
        if self.door is not None:
            self.door.machine_starts()
        self.start()
        self.lost_power()

    def fill_disk(self, *, full: bool) -> None:
        """Leave no room on the disk for one page more, or make room."""
        self.full = self.replica.full = full

    def carry(self, *, up: bool, fault: int) -> None:
        """One transfer of an attachment."""
        with suppress_full():
            self.lanes.step(up=up, fault=fault)

    def told_numbers(self) -> list[tuple[str, str]]:
        """The tickets made here whose number the server has told."""
        query = (
            "SELECT ticket, verdict ->> 'number' FROM command WHERE kind = 'create' AND state IN ('acked', 'done') "
            "AND verdict ->> 'number' IS NOT NULL ORDER BY num"
        )
        with self.replica.read() as conn:
            return [(ticket, number) for ticket, number in sql.rows(conn, query)]

    def rot(self, bits: int) -> str:
        """Lose a ticket with no unsent work on it, or mark it as another version; says which."""
        if self.line.first_version:
            return ""
        with self.replica.read() as conn:
            unsent = "SELECT 1 FROM command c WHERE c.ticket = t.id AND c.state NOT IN ('done', 'discarded')"
            tickets = sql.column(
                conn, f"SELECT id FROM ticket t WHERE rev > 0 AND NOT EXISTS ({unsent}) ORDER BY id"
            )
        if not tickets:
            return ""
        ticket, self.rotten = tickets[bits % len(tickets)], True
        with suppress_full(), self.replica.write() as conn:
            if how := bits >> 8 & 3:
                for statement in _DAMAGES[how]:
                    sql.run(conn, statement, (ticket,) if "?" in statement else ())
                return f"the row of ticket {ticket.lstrip('0')} is damaged ({how})"
            for table in ("entry", "personal"):
                sql.run(conn, f"DELETE FROM {table} WHERE ticket = ?", (ticket,))
            search.remove(conn, [ticket])
            sql.run(conn, "DELETE FROM ticket WHERE id = ?", (ticket,))
            truncate_after(conn)
        return f"ticket {ticket.lstrip('0')} is lost"

    def copy_to(self, other: "Desktop") -> None:
        """Let another machine begin with an image of this one's disk."""
        Remains(self.path).lay_out(other.path)
        shutil.rmtree(vault_of(other.path), ignore_errors=True)
        if vault_of(self.path).exists():
            shutil.copytree(vault_of(self.path), vault_of(other.path))
        if self.door is not None:
            other.door = Door(other.path, image_of=self.door)
            other.clock.was_set = other.clock.went_back = self.clock.was_set
        other.start()
        self.copied = other.copied = True
        other.rotten = self.rotten

    def step(self, lane: LaneName | None = None) -> Step | None:
        """One step of the engine, on one lane only or as it likes; None where the program died of it."""
        engine = self.engine
        if lane is not None:
            engine.lanes.wake()
            engine.poke()
            for name in LANES:
                if name != lane:
                    engine.lanes.by_name[name].rests_until = FAR
        try:
            return engine.step()
        except Crash:
            self.crash()
            return None
        except UnavailableError as error:
            if error.code != "disk_full":
                raise
            return Step(did="failed", error=error.code)
        finally:
            self.replica.dies = None
            parting.leave(self)

    def be_restless(self) -> None:
        """Play it on at the end, though the server's head may be the one it rested at."""
        self.rested_at = RESTLESS

    def door_of(self) -> Door:
        """Its lease and box, in a story that has them."""
        assert self.door is not None
        return self.door

    def take_in(self) -> None:
        """Queue what was sealed past the lease; the program may die of it."""
        try:
            self.door_of().take_in(self.replica, comes_back=bool(self.replica.tear & 1))
        except Crash:
            self.crash()
        finally:
            self.replica.dies = None

    def device(self) -> str:
        """The name under which the server knows it."""
        with self.replica.read() as conn:
            return meta.get(conn, "device")

    def unsent(self) -> list[str]:
        """The commands that have no verdict yet."""
        with self.replica.read() as conn:
            return sql.column(conn, "SELECT id FROM command WHERE state IN ('pending', 'sent') ORDER BY num")

    def has_something_to_send(self) -> bool:
        """Whether commands wait to be sent."""
        with self.replica.read() as conn:
            return standing.is_anything_to_send(conn)

    def unsettled(self) -> bool:
        """Whether something still waits to be sent, fetched or filled."""
        with self.replica.read() as conn:
            return (
                standing.is_anything_to_send(conn)
                or bool(standing.wanted(conn, 1))
                or backfill.following(conn) is not None
                or recovery.stage(conn) != ""
                or (integrity.current(conn) is not None and not self.line.first_version)
            )

    def waits_for_others(self) -> bool:
        """Whether what it gave back waits for a ticket that another desktop has to bring."""
        with self.replica.read() as conn:
            again = "SELECT 1 FROM command WHERE state = 'again' LIMIT 1"
            return recovery.stage(conn) == "returning" and sql.value(conn, again) is not None

    def hear_late(self, request: Any, answer: Any) -> None:
        """Take an answer that comes after its request was given up."""
        if self.door is not None and self.door.locked:
            return  # the program is closed
        self.rested_at = RESTLESS
        with suppress_full(), self.replica.write() as conn:
            follows = heads.follows(conn, request.seen)
            if isinstance(answer, RecoverAnswer | DigestAnswer):
                return  # the engine has no such thing under way any more
            if isinstance(answer, PushAnswer):
                apply_verdicts(conn, request, answer)
                heads.take(conn, answer.head if follows else "")
            elif not follows:
                return
            elif isinstance(answer, PullAnswer) and not request.seen and recovery.stage(conn):
                return  # the first answer of a server that was restored since: no head tells them apart
            elif isinstance(answer, PullAnswer):
                apply_pull(conn, answer)
                heads.take(conn, answer.seen)
            elif isinstance(answer, RowsAnswer):
                asked = request.range if isinstance(request, BackfillRequest) else None
                apply_rows(conn, answer, asked, after=getattr(request, "after", ""))
                heads.take(conn, answer.seen)

    def close(self) -> None:
        """End the program."""
        self.replica.close()
