"""Push: commands a second, in batches of fifty and one by one, over HTTP into a committed database."""

import time
from pathlib import Path

from desktop.replica import meta
from domain.wire.commands import Command, CreateTicket, Reply, payload
from domain.wire.protocol import PROTOCOL
from domain.wire.sync import PushRequest
from sync_server.clock import SystemIds
from tests.bench.desktop import Desk
from tests.bench.figures import Figures
from tests.bench.limits import commit_s, plain_insert_s, round_trip_s
from tests.bench.server import make_database, serving

BATCHES, BATCH, SINGLES = 40, 50, 200


def run(folder: Path, tickets: int) -> Figures:
    """Measure creates and replies from one store's desktop."""
    figures = Figures("push")
    database = make_database(folder, tickets)
    ids = SystemIds()
    with serving(folder, database) as server:
        desk = Desk(folder, server.address, "store-one")
        desk.settle()
        pushing = _Pushing(desk)
        commands = _commands(ids, BATCHES * BATCH)
        before = server.cpu_s()
        start = time.perf_counter()
        for n in range(BATCHES):
            pushing.send(commands[n * BATCH : (n + 1) * BATCH])
        batched = time.perf_counter() - start
        cpu = server.cpu_s() - before
        start = time.perf_counter()
        for one in _commands(ids, SINGLES):
            pushing.send([one])
        singly = time.perf_counter() - start
        desk.close()
    rows = [(c.id, c.ticket_id, c.kind, str(c.set)) for c in commands]
    figures.add("batched_commands_per_s", len(commands) / batched)
    figures.add("server_cpu_ms_per_command", cpu / len(commands) * 1000)
    limit = BATCHES * (commit_s(folder) + round_trip_s()) + plain_insert_s(folder, {"command": rows})
    figures.beside("batched", batched, limit, "plain_insert_commits_round_trips")
    figures.add("single_commands_per_s", SINGLES / singly)
    figures.beside("single", singly, SINGLES * (commit_s(folder) + round_trip_s()), "commits_and_round_trips")
    return figures


class _Pushing:
    """Sends commands as the desk's device."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._push_no = desk, 0
        with desk.replica.read() as conn:
            self._device = meta.get(conn, "device")

    def send(self, commands: list[Command]) -> None:
        """Push once; every command has to be applied."""
        self._push_no += 1
        request = PushRequest(
            protocol=PROTOCOL, device=self._device, push_no=self._push_no, commands=tuple(commands)
        )
        answer = self._desk.transport.push(request)
        if any(verdict.status != "applied" for verdict in answer.verdicts):
            raise SystemExit(f"a command was not applied: {answer.verdicts}")


def _commands(ids: SystemIds, count: int) -> list[Command]:
    """Tickets with a reply each: half creates, half replies."""
    made: list[Command] = []
    for n in range(0, count, 2):
        ticket = ids.new()
        intent = CreateTicket(
            template="c", template_version=1, org="s000", line="retail", subject=f"收银机无法打印 {n}",
            description="顾客排队，请尽快处理。", personal={"name": "陈女士", "phone": "13800002716"},
        )  # fmt: skip
        create = Command(id=ids.new(), ticket_id=ticket, kind="create", set=payload(intent), at=n)
        answer = Command(
            id=ids.new(), ticket_id=ticket, kind="reply", set=payload(Reply(body="已收到")), at=n
        )
        made += [create, answer]
    return made[:count]
