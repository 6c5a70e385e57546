"""A desktop without a window, as a process of its own: the real replica, outbox and sync, and a person in a hurry.

`python -m tests.e2e.desk_process FOLDER NAMES SERVER SEED work|rest|give_back`; names begin with their login.

Working, it makes random gestures until it is killed. Resting, it makes none, and ends as soon as nothing is unsent and
all that moved is here; giving back, as soon as a server whose recovery is open has what it is to get. Desktops that
rest are not killed, and may do it together in one process.
"""

import hashlib
import random
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

from sqlalchemy import text

from desktop.clock import ServerTime, SystemClock, SystemIds
from desktop.commands.create import create_ticket
from desktop.commands.hand_over import assign, take, transfer
from desktop.commands.members import add_cc, tag
from desktop.commands.runner import Runner
from desktop.commands.status import await_customer
from desktop.commands.write import edit, note, reply
from desktop.replica import meta
from desktop.replica.engine import Replica
from desktop.replica.standing import standing
from desktop.sync.ahead import ReadAhead
from desktop.sync.engine import Engine
from desktop.sync.http import HttpTransport
from desktop.sync.pokes import PokeStream, http_stream
from desktop.sync.tokens import TokenShelf
from desktop.sync.worker import SyncWorker
from domain.errors import GongdanError, RefusedError, UnavailableError
from domain.wire.commands import CreateTicket, TransferTicket
from domain.wire.identity import DeviceName, SignIn
from tests.bench.generator import PASSWORD

STORES = ("s000", "s001", "s002")
PEOPLE = ("hq-one", "hq-two", "store-one", "store-two")
SOONEST_S, LATEST_S = 0.02, 0.25
SIGN_IN_S, REST_S = 60.0, 60.0
CONNECT_S, READ_S = 3.0, 5.0


def key_of(name: str) -> bytes:
    """The key of a desktop's replica: the same after each of its ends."""
    return hashlib.sha256(name.encode()).digest()


class Desk:
    """One person at one desktop."""

    def __init__(self, folder: Path, name: str, server: str, seed: str) -> None:
        self._dice = random.Random(f"{seed} {name}")
        self._name, self._login = name, name.partition(".")[0]
        self._clock = SystemClock()
        self._time = ServerTime(self._clock)
        self._shelf = TokenShelf()
        self._transports = [
            HttpTransport(server, self._shelf, self._clock, connect_s=CONNECT_S, read_s=READ_S)
            for _ in range(3)
        ]
        self.replica = Replica(folder / f"{name}.replica", key_of(name))
        self._sign_in()
        ahead = ReadAhead(self._transports[0], self._transports[1])
        self.engine = Engine(self.replica, ahead, self._shelf, clock=self._clock, time=self._time)
        self._runner = Runner(self.replica, clock=self._clock, time=self._time, ids=SystemIds())
        self._journal = (folder / f"{name}.journal").open("a")

    def _sign_in(self) -> None:
        with self.replica.read() as conn:
            known = bool(meta.get(conn, "device"))
        deadline = time.monotonic() + SIGN_IN_S
        while not known:
            message = SignIn(login=self._login, password=PASSWORD, device=DeviceName(name=self._name))
            try:
                signed = self._transports[0].sign_in(message)
            except UnavailableError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
                continue
            with self.replica.write() as conn:
                meta.bind(conn, person=signed.person.id, device=signed.device.id, code=signed.device.code)
            known = True
        self._shelf.keep_in(self.replica)

    def work(self) -> NoReturn:
        """Sync on a thread and make gestures on this one, for ever."""
        worker = SyncWorker(
            self.engine,
            clock=self._clock,
            time=self._time,
            changed=lambda changed: None,
            state_changed=lambda state: None,
            pokes=PokeStream(http_stream(self._transports[2]), clock=self._clock),
        )
        worker.start()
        while True:
            try:
                self._gesture()
                worker.wake()
            except RefusedError:
                pass  # the rules say no, as they may
            time.sleep(self._dice.uniform(SOONEST_S, LATEST_S))

    def _gesture(self) -> None:
        dice, runner = self._dice, self._runner
        tickets = self._tickets()
        if not tickets or dice.random() < 0.25:
            self._create()
            return
        one = dice.choice(tickets)
        number = dice.randrange(10_000)
        acts: list[Callable[[], object]] = [
            lambda: reply(runner, one, body=f"第 {number} 次答复"),
            lambda: reply(runner, one, body=f"{self._name} 答复 {number}"),
            lambda: note(runner, one, body=f"备注 {number}"),
            lambda: edit(runner, [one], values={"priority": dice.choice(("low", "normal", "high"))}),
            lambda: edit(runner, [one], values={"subject": f"改过的标题 {number}"}),
            lambda: take(runner, [one]),
            lambda: assign(runner, [one], assignee=dice.choice(PEOPLE)),
            lambda: tag(runner, [one], add=[f"t{number % 7}"], remove=[f"t{number % 5}"]),
            lambda: add_cc(runner, [one], people=[dice.choice(PEOPLE)]),
            lambda: transfer(runner, [one], to=TransferTicket(org=dice.choice(STORES), note="转店")),
            lambda: await_customer(runner, [one]),
        ]
        dice.choice(acts)()

    def _create(self) -> None:
        id = self._runner.new_id()
        content = CreateTicket(
            template="c", template_version=1, org=self._dice.choice(STORES[:2]), line="retail",
            subject=f"{self._name} 的新单 {self._dice.randrange(10_000)}", description="草莓礼盒发霉",
            personal={"phone": "13800002716"},
        )  # fmt: skip
        create_ticket(self._runner, content, ticket=id)
        # Written once the replica has committed: from here on it may not be lost.
        self._journal.write(f"{id}\n")
        self._journal.flush()

    def _tickets(self) -> list[str]:
        """The newest here: everybody works on the same ones."""
        with self.replica.read() as conn:
            query = text("SELECT id FROM ticket WHERE status != 'closed' ORDER BY id DESC LIMIT 25")
            return [str(id) for id in conn.execute(query).scalars()]

    def rest(self, *, window: bool = False) -> bool:
        """Sync until nothing is unsent and nothing more is to be had; False where the time is over.

        With `window` a server in recovery is as far as it goes.
        """
        well = {"", "recovering"} if window else {""}
        deadline = time.monotonic() + REST_S
        self.engine.try_now()
        quiet = 0
        while time.monotonic() < deadline:
            step = self.engine.step()
            if step.did != "waited":
                quiet = (
                    0 if step.changed.tickets or (step.did == "failed" and step.error not in well) else quiet
                )
                continue
            with self.replica.read() as conn:
                unsent = standing(conn).unsent
            quiet = quiet + 1 if not unsent and self.engine.trouble in well else 0
            if quiet >= 3:
                return True
            # Looked at once more each time: the last thing to come may be what another desktop has just sent.
            time.sleep(0.2)
            self.engine.try_now()
        print(f"{self._name}: {unsent} unsent, {self.engine.trouble} {self.engine.paused}", file=sys.stderr)
        return False


def main() -> int:
    """Work until killed, or come to rest."""
    folder, names, server, seed, what = sys.argv[1:6]
    if what == "work":
        Desk(Path(folder), names, server, seed).work()
    several = names.split(",")
    with ThreadPoolExecutor(len(several)) as threads:
        rested = threads.map(
            lambda name: _rest(Path(folder), name, server, seed, window=what == "give_back"), several
        )
        return 0 if all(list(rested)) else 1


def _rest(folder: Path, name: str, server: str, seed: str, *, window: bool) -> bool:
    desk = Desk(folder, name, server, seed)
    try:
        return desk.rest(window=window)
    except GongdanError as error:
        print(f"{name}: {error.code} {error.args_by_name}", file=sys.stderr)
        return False
    finally:
        desk.replica.close()


if __name__ == "__main__":
    sys.exit(main())
