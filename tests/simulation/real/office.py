"""The server of a story: the real push and feed over one SQLite file, which may die around its commits."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, event, func, select

from domain.entities.org import OrgUnit
from domain.entities.people import Grant
from domain.errors import RefusedError
from domain.rules.unlocking import revocation_proof
from domain.wire.commands import Command
from domain.wire.identity import Device, Lease
from domain.wire.integrity import DigestAnswer, DigestRequest
from domain.wire.recovery import RecoverAnswer, RecoverRequest
from domain.wire.sync import (
    BackfillRequest,
    PullAnswer,
    PullRequest,
    PushAnswer,
    PushRequest,
    RowsAnswer,
    TicketsRequest,
    Verdict,
)
from sync_server.access import devices, tokens
from sync_server.access.passwords import Passwords
from sync_server.access.viewer import Viewer, load_viewer
from sync_server.api.sealing import KEY_BYTES, SECRET_FILE, Sealer
from sync_server.feed import compaction
from sync_server.feed.backfill import backfill, tickets
from sync_server.feed.digest import shares
from sync_server.feed.keeping import raise_keep_since
from sync_server.feed.reader import pull
from sync_server.feed.tail import FeedTail
from sync_server.operations import erasing, recovering
from sync_server.operations.tools import Tools
from sync_server.push.pipeline import Pusher
from sync_server.push.proofs import Proofs
from sync_server.push.returning import Returning
from sync_server.push.sender import Sender
from sync_server.settings import Settings
from sync_server.store import epochs
from sync_server.store import tables as t
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.direct import Sql
from sync_server.store.engine import Store
from sync_server.store.erasures import Hasher
from sync_server.store.organisation import TreeCache
from sync_server.store.organisation_writer import stored_units, write_units
from sync_server.store.people_writer import write_grants
from sync_server.store.unit_of_work import UnitOfWork
from tests.simulation.real.files import Remains, Room, begin_from, limit_pages, log_size
from tests.simulation.real.stand_ins import CountedIds, Crash, Time

_OPEN = Sql("SELECT 1 FROM recovery JOIN feed_head USING (epoch) WHERE state = 'open'")
_HEAD = Sql("SELECT seq FROM feed_head")
PROOFS = Proofs(b"the secret of the simulated server")
SECRET = bytes(KEY_BYTES)
HASHER = Hasher(SECRET)
SEALER = Sealer(SECRET)
PASSWORDS = Passwords(time_cost=1, memory_kib=1024)


class FragileStore(Store):
    """A store whose process may end right before or right after its next commit."""

    dying_after = False
    """For the mutant that commits twice: the process is to end after its next commit."""

    def __init__(self, room: Room) -> None:
        self.path = room.folder / "server.sqlite3"
        super().__init__(f"sqlite:///{self.path}", pool_size=2)
        self.dies = ""
        self.torn = 0
        self.full = False
        self.remains: Remains | None = None
        event.listen(self.engine, "commit", self._before_commit)

    def _before_commit(self, conn: Connection) -> None:
        if self.dies != "before" or not conn.get_execution_options().get("gongdan_write"):
            return
        self.dies = ""
        self.remains = Remains(self.path)
        raise Crash

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction; where the process is to die after it, this is the end."""
        before = log_size(self.path)
        with super().write() as conn:
            limit_pages(conn, full=self.full)
            yield conn
        if self.dies not in ("after", "torn"):
            return
        self.remains, dies, self.dies = Remains(self.path), self.dies, ""
        if dies == "torn":
            self.remains.tear_commit(before, self.torn)
        raise Crash


class Office:
    """Answers requests as the HTTP side would, and does what people and machines do at head office."""

    def __init__(self, store: FragileStore, room: Room, time: Time, ids: CountedIds) -> None:
        store.close()
        begin_from(room.server, store.path)
        self.store, self.time, self.ids = store, time, ids
        self.revoked: dict[str, str] = {}
        """Devices that were revoked, each with its person."""
        self._erases = False
        self.lease_s = 0
        """How long leases are; 0: nobody is told of any, and devices believe their revocation without proof."""
        self._went_back = 0
        self.tail = FeedTail()
        """Stays when the process ends: no failover to another past may be noticed less by whoever lives through it."""
        self._start()

    def _start(self) -> None:
        self.trees, self.configurations = TreeCache(), ConfigurationCache()
        self.pusher = Pusher(
            self.store,
            trees=self.trees,
            configurations=self.configurations,
            clock=self.time,
            ids=self.ids,
            proofs=PROOFS,
            hasher=HASHER,
        )
        self.returning = Returning(self.store, pusher=self.pusher, clock=self.time, proofs=PROOFS)

    def put_away(self) -> Remains:
        """A backup of the database."""
        backup = Remains(self.store.path)
        backup.made_at = self.time.now()
        return backup

    def go_back(self, backup: Remains) -> None:
        """Start again on an older state, as a failover to a copy that lacks the last commits would."""
        self._went_back += 1
        self.store.remains = backup
        self.restart()
        still = {row[0] for row in self.rows(select(t.device.c.id).where(t.device.c.revoked))}
        self.revoked = {id: person for id, person in self.revoked.items() if id in still}

    def restart(self) -> None:
        """Start again on what a crash left (or on the files as they are)."""
        remains, self.store.remains = self.store.remains or Remains(self.store.path), None
        self.store.dies = ""
        self.store.close()
        remains.lay_out()
        self._start()

    def take_push(self, person: str, request: PushRequest) -> PushAnswer:
        """A push of a person's device."""
        leaving = self.let_in(request.device, leaving=True)
        return self.pusher.push(Sender(person=person, device=request.device, leaving=leaving), request)

    def let_in(self, device: str, *, leaving: bool = False) -> bool:
        """Refuse a revoked device all but its last push; whether this is that."""
        if device not in self.revoked:
            return False
        try:
            with self.store.read() as conn:
                return tokens.authenticate(conn, device, now=self.time.now(), leaving=leaving).caller.leaving
        except RefusedError as error:
            told, stolen = error.args_by_name, bool(error.args_by_name.get("stolen"))
            proof = revocation_proof(self.secret_of(device), device, stolen=stolen)
            raise RefusedError(error.code, **told, proof=proof) from None

    def secret_of(self, device: str) -> bytes:
        """What only the server and a device know."""
        return SEALER.device_secret(device)

    def lease_of(self, device: str) -> Lease:
        """The lease of a device, as signing in tells it."""
        return Lease(length_s=self.lease_s, secret=base64.b64encode(self.secret_of(device)).decode())

    def revoke(self, person: str, device: str, *, stolen: bool) -> None:
        """Revoke a device, or mark it as stolen."""
        with self.store.write() as conn:
            if device not in self.revoked:
                _give_token(conn, person, device)
            devices.revoke(conn, device, now=self.time.now(), stolen=stolen)
            conn.commit()
        self.revoked[device] = person

    def erase(self, value: str) -> None:
        """The operator erases a customer's value."""
        folder = self.store.path.parent
        if not self._erases:
            (folder / erasing.LEDGER_FILE).unlink(missing_ok=True)
            (folder / SECRET_FILE).write_bytes(SECRET)
        self._erases = True
        erasing.erase(self.tools(), values=[value])

    def answer_pull(self, person: str, request: PullRequest) -> PullAnswer:
        """A page of the feed."""
        with self.store.read() as conn:
            answer = pull(conn, self.viewer(conn, person), request, now=self.time.now(), tail=self.tail)
            return replace(answer, lease_s=self.lease_s) if self.lease_s else answer

    def answer_fill(self, person: str, request: BackfillRequest) -> RowsAnswer:
        """A page of a range."""
        with self.store.read() as conn:
            return backfill(conn, self.viewer(conn, person), request, now=self.time.now())

    def answer_tickets(self, person: str, request: TicketsRequest) -> RowsAnswer:
        """Whole tickets."""
        with self.store.read() as conn:
            return tickets(conn, self.viewer(conn, person), request)

    def answer_recover(self, person: str, request: RecoverRequest) -> RecoverAnswer:
        """Take in what a desktop gives back."""
        return self.returning.take(Sender(person=person, device=request.device), request)

    def bring_back(self, backup: Remains) -> None:
        """The operator puts a backup in the database's place: a new epoch, whose lost work may come back."""
        taken = self._taken_away()
        self.go_back(backup)
        with self._work() as work:
            now = self.time.now()
            epochs.open_epoch(
                work.conn, epoch=self.ids.new(), at=now, since=backup.made_at, reason="restored"
            )
            for device, (person, stolen) in taken.items():
                if device not in self.revoked:
                    _give_token(work.conn, person, device)
                devices.revoke(work.conn, device, now=now, stolen=stolen)
                self.revoked[device] = person
            if self._erases:
                erasing.replay(work, erasing.known_ledger(self.tools().settings, None), HASHER)

    def _taken_away(self) -> dict[str, tuple[str, bool]]:
        """What is kept apart from the database: the devices that were revoked, with their people."""
        c = t.device.c
        stolen = {row[0]: bool(row[1]) for row in self.rows(select(c.id, c.stolen))} if self.revoked else {}
        return {id: (person, stolen[id]) for id, person in self.revoked.items()}

    def is_open(self) -> bool:
        """Whether desktops give back what was lost."""
        with self.store.read() as conn:
            return bool(_OPEN.all(conn))

    def release(self) -> None:
        """The operator closes the window, and lets the jobs go on."""
        tools = self.tools()
        recovering.close(tools)
        recovering.release(tools)

    def tools(self) -> Tools:
        """What an operator works with."""
        return Tools(
            settings=Settings(folder=self.store.path.parent, database=""),
            store=self.store,
            clock=self.time,
            ids=self.ids,
            trees=self.trees,
            configurations=self.configurations,
            passwords=PASSWORDS,
            pusher=self.pusher,
        )

    def compact(self, before: int) -> None:
        """Compact what is older."""
        with self.store.read() as conn:
            plain = compaction.plain_rows(conn)
        with self._work(commits=False) as work:
            compaction.compact_slice(work, plain, before=before)

    def raise_floor(self, before: int) -> None:
        """Give up what is older."""
        self.compact(before)
        with self.store.write() as conn:
            compaction.raise_floor(conn, before=before)
            conn.commit()

    def keep_since(self, since: int) -> None:
        """Let desktops forget what was closed before."""
        with self.store.write() as conn:
            raise_keep_since(conn, since)
            conn.commit()

    def answer_digest(self, person: str, request: DigestRequest) -> DigestAnswer:
        """What groups or tickets add to a digest."""
        with self.store.read() as conn:
            return shares(conn, self.viewer(conn, person), request)

    def viewer(self, conn: Connection, person: str) -> Viewer:
        """What a person may see."""
        return load_viewer(conn, person, self.trees.current(conn), self.configurations.current(conn))

    def register(self, person: str, name: str) -> Device:
        """A new device."""
        with self.store.write() as conn:
            made = devices.register(conn, self.ids, person=person, name=name, now=self.time.now())
            conn.commit()
            return made

    def write(self, command: Command) -> Verdict:
        """A command of the server's own."""
        return self.pusher.submit([command])[0]

    def grant(self, person: str, grants: tuple[Grant, ...]) -> None:
        """Make these the person's grants."""
        with self._work() as work:
            write_grants(work, self.ids, person, grants)

    def move(self, store: str) -> None:
        """Hang a store under the other region."""
        with self._work() as work:
            unit = stored_units(work.conn)[store]
            parent = "west" if unit.parent == "east" else "east"
            write_units(work, [OrgUnit(id=unit.id, parent=parent, name=unit.name, kind=unit.kind)])

    @contextmanager
    def _work(self, *, commits: bool = True) -> Iterator[UnitOfWork]:
        with self.store.write() as conn:
            work = UnitOfWork(conn, nonces=self.ids, at=self.time.now())
            yield work
            if commits:
                work.commit()

    def count_verdicts(self) -> int:
        """How many commands were judged."""
        return int(self.rows(select(func.count()).select_from(t.verdict))[0][0])

    def head(self) -> tuple[int, int]:
        """How often the server went back, and the feed's head: the same head of another past is another."""
        with self.store.read() as conn:
            return self._went_back, int(_HEAD.all(conn)[0][0])

    def rows(self, query: Any) -> list[Any]:
        """Look at the database, to choose what to do next."""
        with self.store.read() as conn:
            return list(conn.execute(query))


def _give_token(conn: Connection, person: str, device: str) -> None:
    """A token by which the product finds a device; its id will do for one."""
    values = {"device": device, "person": person, "kind": "access", "parent": "", "expires_at": 1 << 60}
    conn.execute(t.token.insert().values(hash=tokens.hashed(device), **values))
