"""One person's desktop without windows: signed in for real, its engine stepped by the test."""

from pathlib import Path
from typing import Any

from desktop.clock import Clock, SystemClock, SystemIds
from desktop.commands.create import create_ticket
from desktop.commands.runner import Runner
from desktop.paths import Places
from desktop.replica import rows, sql
from desktop.replica.standing import Standing, standing
from desktop.sync.asked import Asked
from desktop.sync.engine import Engine, Step
from desktop.sync.sign_in import SignInDesk
from desktop.sync.signed_on import SignedOn, keep_key
from domain.entities.ticket import Entry, Ticket
from domain.wire.commands import CreateTicket
from tests.desktop.sync.office import password


class ShiftedClock:
    """The machine's clock, wrong by so much; the steady one can be turned on."""

    def __init__(self, off_ms: int = 0) -> None:
        self._real = SystemClock()
        self.off_ms, self.skipped_ms = off_ms, 0

    def now(self) -> int:
        """The time of a wall clock that is wrong."""
        return self._real.now() + self.off_ms + self.skipped_ms

    def monotonic(self) -> int:
        """Runs on, and by what the test skips."""
        return self._real.monotonic() + self.skipped_ms


class Desktop:
    """Signs in at once; `settle` exchanges until there is nothing to do for a while."""

    def __init__(self, home: Path, address: str, login: str, *, clock: Clock | None = None) -> None:
        self.home, self.address, self.login = home, address, login
        self.clock = clock or ShiftedClock()
        self.desk = SignInDesk(Places(home), keyring=None, clock=self.clock)
        self.sign_in()

    def sign_in(self, given: str = "") -> SignedOn:
        """Sign in with the person's password or another."""
        asked = Asked(server=self.address, login=self.login, password=given or password(self.login))
        self.signed_on = self.desk.sign_in(asked)
        self.replica = self.signed_on.replica
        self.engine = Engine(
            self.replica,
            self.signed_on.transport,
            self.signed_on.shelf,
            clock=self.clock,
            time=self.signed_on.time,
            chance=lambda: 0.5,
            keep_key=lambda device: keep_key(self.signed_on, device),
            lease=self.signed_on.lease,
        )
        self.runner = Runner(self.replica, clock=self.clock, time=self.signed_on.time, ids=SystemIds())
        return self.signed_on

    def step(self) -> Step:
        """One step of the engine."""
        return self.engine.step()

    def settle(self, most: int = 200) -> list[Step]:
        """Step until the engine would wait; returns what it did."""
        self.engine.poke()
        done: list[Step] = []
        for _ in range(most):
            step = self.step()
            done.append(step)
            if step.did == "waited":
                return done
        raise AssertionError(f"never at rest: {[(one.did, one.error) for one in done[-10:]]}")

    def did(self, most: int = 200) -> list[str]:
        """Settle, and tell what was done in words."""
        return [step.did for step in self.settle(most)]

    def create(self, subject: str, **values: Any) -> str:
        """Make a ticket; returns its id."""
        content = CreateTicket(
            template="complaint",
            template_version=1,
            org=values.pop("org", "e1"),
            line="retail",
            subject=subject,
            **values,
        )
        moved = create_ticket(self.runner, content)
        return next(iter(moved.tickets))

    def ticket(self, id: str) -> Ticket | None:
        """A ticket as it is shown."""
        with self.replica.read() as conn:
            return rows.load_ticket(conn, id)

    def entries(self, id: str) -> list[Entry]:
        """A ticket's timeline as it is shown."""
        with self.replica.read() as conn:
            return rows.load_entries(conn, id)

    def subjects(self) -> list[str]:
        """The subjects of all tickets held."""
        with self.replica.read() as conn:
            return sorted(sql.column(conn, "SELECT subject FROM ticket"))

    def standing(self) -> Standing:
        """What waits."""
        with self.replica.read() as conn:
            return standing(conn)

    def states(self) -> list[str]:
        """The states of all commands, oldest first."""
        with self.replica.read() as conn:
            return sql.column(conn, "SELECT state FROM command ORDER BY num")

    def send_all(self, most: int = 120) -> None:
        """Settle with the waits skipped, until nothing is unsent."""
        assert isinstance(self.clock, ShiftedClock)
        for _ in range(most):
            step = self.step()
            if step.did == "waited":
                if not self.standing().unsent:
                    return
                self.clock.skipped_ms += step.wait_ms
        raise AssertionError("never sent")

    def close(self) -> None:
        """Close the replica and the connections."""
        self.signed_on.transport.close()
        self.replica.close()
