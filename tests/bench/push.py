"""Push: commands a second over HTTP into a committed database, in batches of fifty and one by one (SYNC §8)."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from desktop.clock import SystemClock
from desktop.sync.http import HttpTransport
from desktop.sync.tokens import TokenShelf
from domain.wire import codec
from domain.wire.commands import Command, CreateTicket, EditTicket, Reply, TakeTicket, payload
from domain.wire.identity import DeviceName, SignIn
from domain.wire.intent import Intent
from domain.wire.protocol import PROTOCOL
from domain.wire.sync import PushRequest
from sync_server.clock import SystemIds
from sync_server.store.engine import Store
from sync_server.store.migrations import upgrade
from tests.bench.figures import Figures
from tests.bench.generator import PASSWORD, fill
from tests.bench.limits import round_trip_s
from tests.bench.raw_inserts import commit_again_s
from tests.bench.server import make_database, serving
from tests.postgres import Postgres
from tests.processes import Server

ROUNDS = 5
BATCHES, BATCH, SINGLES, LEAST_EACH = 40, 50, 200, 10
FEW, CROWD = 4, 24
"""Desktops that push at the same time, beside one alone."""
LOGINS = ("store-one", "hq-one", "hq-two", "store-two")


def run(folder: Path, tickets: int, *, database: str = "sqlite") -> Figures:
    """Measure a mix of creates, replies, takes and edits from one desktop, and from several at once."""
    figures = Figures("push")
    figures.add("database", database)
    with _database(folder, tickets, database) as (url, postmaster), serving(folder, url) as server:
        desks = [_Desk(server.address, LOGINS[n % len(LOGINS)]) for n in range(CROWD)]
        spent = _Spent(server, postmaster)
        _measure(figures, "batched", desks[:1], BATCH, BATCHES, spent)
        _measure(figures, f"batched_{FEW}_desktops", desks[:FEW], BATCH, BATCHES, spent)
        _measure(figures, "single", desks[:1], 1, SINGLES, spent)
        _measure(figures, f"single_{FEW}_desktops", desks[:FEW], 1, SINGLES, spent)
        _measure(figures, f"single_{CROWD}_desktops", desks, 1, CROWD * LEAST_EACH, spent)
        figures.add("server_memory_mb", server.memory_mb())
        store = Store(url)
        try:
            per_batch = commit_again_s(store, commands=BATCH)
            per_single = commit_again_s(store, commands=1)
        finally:
            store.close()
        for one in desks:
            one.close()
    trip = round_trip_s()
    figures.add("limit_batched_commands_per_s", BATCH / (per_batch + trip))
    figures.add("limit_single_commands_per_s", 1 / (per_single + trip))
    return figures


@contextmanager
def _database(folder: Path, tickets: int, kind: str) -> Iterator[tuple[str, int]]:
    """A database with tickets, and the process of PostgreSQL; 0 for SQLite."""
    if kind == "sqlite":
        yield make_database(folder, tickets), 0
        return
    postgres = Postgres(durable=True)
    try:
        postgres.start()
        url = postgres.new(empty=True)
        store = Store(url)
        upgrade(store.engine)
        fill(store, tickets)
        store.close()
        yield url, postgres.pid
    finally:
        postgres.stop()


class _Spent:
    """Processor seconds used so far: the server's, and its database's where that is a process of its own."""

    def __init__(self, server: Server, postmaster: int) -> None:
        self._server, self._postmaster = server, postmaster

    def now(self) -> tuple[float, float]:
        """Server, database."""
        if not self._postmaster:
            return self._server.cpu_s(), 0.0
        top = psutil.Process(self._postmaster)
        times = [one.cpu_times() for one in (top, *top.children())]
        return self._server.cpu_s(), sum(one.user + one.system for one in times)


def _measure(
    figures: Figures, name: str, desks: Sequence["_Desk"], size: int, count: int, spent: _Spent
) -> None:
    """Push `count` requests of `size` commands, `ROUNDS` times; medians."""
    rates, server, database = [], [], []
    each = count // len(desks)
    for _ in range(ROUNDS):
        work = [desk.prepared(size, each) for desk in desks]
        before = spent.now()
        start = time.perf_counter()
        _together([_sending(desk, requests) for desk, requests in zip(desks, work, strict=True)])
        took = time.perf_counter() - start
        after = spent.now()
        commands = each * len(desks) * size
        rates.append(commands / took)
        server.append((after[0] - before[0]) / commands * 1000)
        database.append((after[1] - before[1]) / commands * 1000)
    figures.add(f"{name}_commands_per_s", statistics.median(rates))
    figures.add(f"{name}_server_cpu_ms_per_command", statistics.median(server))
    figures.add(f"{name}_database_cpu_ms_per_command", statistics.median(database))
    sent, heard = desks[0].bytes_of_last
    figures.add(f"{name}_bytes_sent_per_command", sent / size)
    figures.add(f"{name}_bytes_heard_per_command", heard / size)


def _sending(desk: "_Desk", requests: Sequence[PushRequest]) -> Callable[[], None]:
    def send() -> None:
        for request in requests:
            desk.send(request)

    return send


def _together(works: Sequence[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class _Desk:
    """A person's device that only pushes, through the desktop's own transport."""

    def __init__(self, address: str, login: str) -> None:
        self._transport = HttpTransport(address, TokenShelf(), SystemClock())
        signed = self._transport.sign_in(
            SignIn(login=login, password=PASSWORD, device=DeviceName(name="bench"))
        )
        self._device, self._push_no = signed.device.id, 0
        self._ids = SystemIds()
        self._org = "s001" if login == "store-two" else "s000"
        self.bytes_of_last = (0, 0)
        """Of the bodies of the last request and its answer, before packing."""

    def prepared(self, size: int, count: int) -> list[PushRequest]:
        """So many requests, made before the clock runs."""
        commands = self._commands(size * count)
        requests = []
        for begin in range(0, len(commands), size):
            self._push_no += 1
            part = tuple(commands[begin : begin + size])
            requests.append(
                PushRequest(protocol=PROTOCOL, device=self._device, push_no=self._push_no, commands=part)
            )
        return requests

    def send(self, request: PushRequest) -> None:
        """Push once; every command has to be applied."""
        answer = self._transport.push(request)
        if any(verdict.status != "applied" for verdict in answer.verdicts):
            raise SystemExit(f"a command was not applied: {answer.verdicts}")
        self.bytes_of_last = (len(codec.encode(request)), len(codec.encode(answer)))

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def _commands(self, count: int) -> list[Command]:
        """Tickets, each created, answered, taken and edited."""
        made: list[Command] = []
        for n in range(-(-count // 4)):
            ticket, subject = self._ids.new(), f"收银机无法打印 {n}"
            personal = {"name": "陈女士", "phone": "13800002716"}
            create = CreateTicket(
                template="c", template_version=1, org=self._org, line="retail", subject=subject,
                description="顾客排队，请尽快处理。", personal=personal,
            )  # fmt: skip
            edit = EditTicket(values={"subject": f"{subject}，二号机"})
            made.append(self._command(ticket, "create", create))
            made.append(self._command(ticket, "reply", Reply(body="已收到")))
            made.append(self._command(ticket, "take", TakeTicket(), base={"assignee": None}))
            made.append(self._command(ticket, "edit", edit, base={"subject": subject}))
        return made[:count]

    def _command(
        self, ticket: str, kind: str, intent: Intent, base: dict[str, str | None] | None = None
    ) -> Command:
        return Command(
            id=self._ids.new(),
            ticket_id=ticket,
            kind=kind,
            set=payload(intent),
            base=base or {},
            at=SystemClock().now(),
        )
