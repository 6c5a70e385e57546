"""The lease of a device: no clock, sleep, restart or file lengthens it; a code given by telephone does."""

import base64
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.lease import DAY_MS, LEASE_FILE, DeviceLease
from domain.errors import InvalidInputError, RefusedError
from domain.rules.unlocking import WINDOW, read_challenge, revocation_proof, unlock_code
from domain.wire.identity import Lease

KEY, SECRET = bytes(range(32)), bytes(range(32, 64))
START = 1_795_000_000_000
TOLD = Lease(length_s=14 * 86_400, warn_s=3 * 86_400, secret=base64.b64encode(SECRET).decode())


class Machine:
    """A machine whose wall clock can be set and which can be started anew."""

    def __init__(self) -> None:
        self.wall_at, self.steady, self.starts = START, 1_000_000, 0

    def now(self) -> int:
        """What the wall says."""
        return self.wall_at

    def monotonic(self) -> int:
        """Since the machine was started."""
        return self.steady

    def passes(self, ms: int) -> None:
        """Time passes, awake or asleep."""
        self.wall_at += ms
        self.steady += ms

    def restarts(self, *, off_ms: int = 0) -> None:
        """It was off for so long."""
        self.starts += 1
        self.wall_at += off_ms
        self.steady = 0

    def lease(self, folder: Path) -> DeviceLease:
        """The lease as a program started now finds it."""
        return DeviceLease(folder, KEY, self, boot=f"start {self.starts}")


def leased(machine: Machine, folder: Path) -> DeviceLease:
    """A lease of fourteen days, told at the start."""
    lease = machine.lease(folder)
    lease.told(TOLD, server_at=START)
    return lease


def test_it_runs_out_by_itself(tmp_path: Path) -> None:
    """To the millisecond, in the program that runs and in one started later."""
    machine = Machine()
    lease = leased(machine, tmp_path)
    machine.passes(14 * DAY_MS - 1)
    assert not lease.ended()
    machine.passes(1)
    assert lease.ended()
    assert machine.lease(tmp_path).ended()
    assert lease.until_at == START + 14 * DAY_MS


def test_an_answer_slept_on_lengthens_nothing(tmp_path: Path) -> None:
    """The lid is closed between the server's answer and its being taken in: the lease runs from the answer."""
    machine = Machine()
    lease = leased(machine, tmp_path)
    asked = machine.monotonic()
    machine.passes(10 * DAY_MS)
    lease.renewed(0, server_at=START, asked=asked)
    assert lease.until_at == START + 14 * DAY_MS
    machine.passes(4 * DAY_MS)
    assert lease.ended()


EVENT = st.one_of(
    st.tuples(st.just("passes"), st.integers(0, 3 * DAY_MS)),
    st.tuples(st.just("set"), st.integers(-400 * DAY_MS, 2 * DAY_MS)),
    st.tuples(st.just("restarts"), st.integers(0, 3 * DAY_MS)),
    st.tuples(st.just("program"), st.just(0)),
    st.tuples(st.just("touch"), st.just(0)),
)


@given(events=st.lists(EVENT, max_size=15))
@settings(max_examples=150)
def test_nothing_done_to_the_clocks_gives_time_that_passed_awake(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[str, int]]
) -> None:
    """While the machine ran, every moment counts, whatever the wall clock said; time never goes back."""
    machine, folder = Machine(), tmp_path_factory.mktemp("lease")
    lease = leased(machine, folder)
    awake, last = 0, lease.now()
    for kind, ms in events:
        if kind == "passes":
            machine.passes(ms)
            awake += ms
        elif kind == "set":
            machine.wall_at += ms
        elif kind == "touch":
            lease.touch()
        else:
            if kind == "restarts":
                lease.touch(at_end=True)
                machine.restarts(off_ms=ms)
            lease = machine.lease(folder)
        assert lease.now() >= max(last, START + awake)
        last = lease.now()
    assert lease.ended() or awake < 14 * DAY_MS


def test_after_a_restart_the_wall_counts_forwards_only(tmp_path: Path) -> None:
    """Time switched off counts where the wall tells it; a wall set back gives nothing back."""
    machine = Machine()
    leased(machine, tmp_path)
    machine.restarts(off_ms=10 * DAY_MS)
    assert machine.lease(tmp_path).now() == START + 10 * DAY_MS
    machine.lease(tmp_path).touch(at_end=True)
    machine.restarts(off_ms=-300 * DAY_MS)
    lease = machine.lease(tmp_path)
    assert lease.now() == START + 10 * DAY_MS
    lease.touch()
    machine.passes(4 * DAY_MS)
    assert lease.ended()


def test_a_machine_without_a_name_for_its_starts_counts_what_is_more(tmp_path: Path) -> None:
    """Its steady clock may have begun anew and run past where it was."""
    machine = Machine()
    lease = DeviceLease(tmp_path, KEY, machine)
    lease.told(TOLD, server_at=START)
    machine.wall_at += 15 * DAY_MS
    machine.steady += 5
    assert lease.ended()


def test_each_answer_of_the_server_renews_it(tmp_path: Path) -> None:
    """From the server's time of the answer; what is written down lags by minutes at most."""
    machine = Machine()
    lease = leased(machine, tmp_path)
    machine.passes(DAY_MS)
    assert lease.renewed(0, server_at=START + DAY_MS)
    machine.passes(1_000)
    assert not lease.renewed(0, server_at=START + DAY_MS + 1_000)
    assert lease.until_at == START + 15 * DAY_MS + 1_000
    assert lease.renewed(2 * 86_400, server_at=START + DAY_MS + 2_000)
    assert machine.lease(tmp_path).until_at == START + 3 * DAY_MS + 2_000


def test_a_server_of_before_tells_none(tmp_path: Path) -> None:
    """Then nothing ends."""
    machine = Machine()
    lease = machine.lease(tmp_path)
    assert not lease.renewed(0, server_at=START)
    machine.passes(400 * DAY_MS)
    assert not lease.known
    assert not lease.ended()
    with pytest.raises(RefusedError, match="no_unlock_secret"):
        lease.unlock(unlock_code(SECRET, counter=0, days=1))


def test_its_file_can_neither_be_read_nor_made_up(tmp_path: Path) -> None:
    """It holds no secret in plain; another's, or one that was touched up, counts as a lease that has ended."""
    machine = Machine()
    leased(machine, tmp_path)
    file = tmp_path / LEASE_FILE
    kept = file.read_bytes()
    assert SECRET not in file.read_bytes()
    assert DeviceLease(tmp_path, bytes(32), machine, boot="start 0").ended()
    file.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    assert machine.lease(tmp_path).ended()


def test_the_person_is_warned_once_a_day(tmp_path: Path) -> None:
    """From three days before the end; a program started again does not say it again."""
    machine = Machine()
    lease = leased(machine, tmp_path)
    assert not lease.warns_now()
    machine.passes(11 * DAY_MS)
    assert lease.ends_soon()
    assert lease.warns_now()
    assert not machine.lease(tmp_path).warns_now()
    machine.passes(DAY_MS)
    assert machine.lease(tmp_path).warns_now()


def test_a_code_given_by_telephone_opens_it_once(tmp_path: Path) -> None:
    """For its days, from now; not again, not in another program, and a later code works."""
    machine = Machine()
    lease = leased(machine, tmp_path)
    machine.passes(20 * DAY_MS)
    challenge = read_challenge(lease.challenge("A7KQ"))
    code = unlock_code(SECRET, counter=challenge.counter, days=3)
    assert lease.unlock(f" {code.lower()} ") == START + 23 * DAY_MS
    assert not machine.lease(tmp_path).ended()
    with pytest.raises(RefusedError, match="unlock_code_wrong"):
        machine.lease(tmp_path).unlock(code)
    machine.passes(3 * DAY_MS)
    assert lease.ended()
    # The server counts on, though it was asked twice.
    lease.unlock(unlock_code(SECRET, counter=challenge.counter + 2, days=1))
    assert read_challenge(lease.challenge("A7KQ")).counter == challenge.counter + 3


def test_codes_can_not_be_guessed(tmp_path: Path) -> None:
    """Wrong ones lock for longer and longer, across programs; slips of the tongue are free."""
    machine = Machine()
    lease = leased(machine, tmp_path)
    machine.passes(20 * DAY_MS)
    for _ in range(10):
        with pytest.raises(InvalidInputError, match="unlock_code_mistyped"):
            lease.unlock("22222-22223")
    wrong = [unlock_code(SECRET, counter=WINDOW + n, days=1) for n in range(4)]
    for code in wrong[:2]:
        with pytest.raises(RefusedError, match="unlock_code_wrong"):
            lease.unlock(code)
    with pytest.raises(RefusedError, match="unlock_paused"):
        lease.unlock(wrong[2])
    right = unlock_code(SECRET, counter=0, days=1)
    with pytest.raises(RefusedError, match="unlock_paused"):
        machine.lease(tmp_path).unlock(right)
    machine.passes(30_001)
    assert machine.lease(tmp_path).unlock(right) > START


def test_only_the_own_server_can_say_that_it_was_revoked(tmp_path: Path) -> None:
    """Another's word, and a word about something else, proves nothing."""
    lease = leased(Machine(), tmp_path)
    proof = revocation_proof(SECRET, "d1", stolen=False)
    assert lease.proves_revocation("d1", stolen=False, proof=proof)
    assert not lease.proves_revocation("d1", stolen=True, proof=proof)
    assert not lease.proves_revocation("d2", stolen=False, proof=proof)
    assert not lease.proves_revocation("d1", stolen=False, proof="")
