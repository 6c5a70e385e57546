"""The server's time as a desktop knows it."""

from hypothesis import given
from hypothesis import strategies as st

from desktop.clock import Contact, ServerTime, SystemClock, SystemIds

HOUR_MS = 3_600_000


class Wall:
    """A wall clock that is off by some time, and a steady one."""

    def __init__(self, off_ms: int) -> None:
        self.true_at, self.off_ms, self.booted_at = 1_700_000_000_000, off_ms, 1_699_000_000_000

    def now(self) -> int:
        """What the wall says."""
        return self.true_at + self.off_ms

    def monotonic(self) -> int:
        """Since the machine was started."""
        return self.true_at - self.booted_at


def _contact(wall: Wall, time: ServerTime, *, there: int = 40, back: int = 40) -> Contact:
    asked = wall.monotonic()
    wall.true_at += there
    server_at = wall.true_at
    wall.true_at += back
    return time.observe(asked=asked, answered=wall.monotonic(), server_at=server_at)


@given(
    off=st.integers(-90 * 24 * HOUR_MS, 90 * 24 * HOUR_MS),
    there=st.integers(0, 2_000),
    back=st.integers(0, 2_000),
)
def test_estimate_lies_within_its_error(off: int, there: int, back: int) -> None:
    """However wrong the wall is, and however lopsided the road."""
    wall = Wall(off)
    time = ServerTime(wall)
    _contact(wall, time, there=there, back=back)
    wall.true_at += HOUR_MS
    assert abs(time.now() - wall.true_at) <= time.error_ms() + 1
    clock = time.device_clock()
    assert abs(wall.now() + clock.offset_ms - wall.true_at) <= clock.error_ms + 1
    assert not clock.reported


def test_error_grows_from_the_last_contact() -> None:
    """By 50 parts of a million."""
    wall = Wall(0)
    time = ServerTime(wall)
    _contact(wall, time)
    before = time.error_ms()
    wall.true_at += 100 * HOUR_MS
    assert time.error_ms() - before == 18_000


def test_set_clock_is_the_devices_word_only() -> None:
    """After somebody set the wall clock the steady one is believed, and the command says so."""
    wall = Wall(0)
    time = ServerTime(wall)
    _contact(wall, time)
    wall.off_ms = -24 * HOUR_MS
    assert time.device_clock().reported
    assert time.now() >= time.contact.at


def test_restart_of_the_machine_is_noticed() -> None:
    """The steady clock began anew: what was known is kept, but not trusted."""
    wall = Wall(0)
    time = ServerTime(wall)
    contact = _contact(wall, time)
    wall.booted_at = wall.true_at
    wall.true_at += HOUR_MS
    again = ServerTime(wall, contact)
    assert again.device_clock().reported
    assert abs(again.now() - wall.true_at) < 100


def test_restart_of_the_program_is_not() -> None:
    """On the same start of the machine the last contact goes on counting."""
    wall = Wall(5_000)
    contact = _contact(wall, ServerTime(wall))
    wall.true_at += HOUR_MS
    assert not ServerTime(wall, contact).device_clock().reported


def test_before_the_first_contact_the_wall_is_all_there_is() -> None:
    """Nothing is claimed about it."""
    wall = Wall(123)
    time = ServerTime(wall)
    assert time.now() == wall.now()
    assert time.device_clock().contact_at == 0


def test_machine_has_both_clocks_and_ids() -> None:
    """The real ones run forward, the identifiers sort."""
    clock, ids = SystemClock(), SystemIds()
    assert clock.now() > 1_700_000_000_000
    first = clock.monotonic()
    assert clock.monotonic() >= first
    one, other = ids.new(), ids.new()
    assert len(one) == 32
    assert one < other
