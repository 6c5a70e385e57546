"""When a command counts as done, whatever the device's clock says."""

from hypothesis import given
from hypothesis import strategies as st

from domain.entities.ticket import Entry
from domain.rules.effective_time import effective_at
from domain.wire.commands import Command, DeviceClock
from tests.domain.rules.facts import ME, NOON, OTHER, ticket

DAY = 86_400_000


@given(at=st.integers(0, 2 * NOON), offset=st.integers(-DAY, DAY), contact=st.integers(NOON - DAY, NOON))
def test_time_is_held_in_bounds(at: int, offset: int, contact: int) -> None:
    """No clock error takes a command before the device's last contact, the ticket's start, or after receipt."""
    clock = DeviceClock(offset_ms=offset, contact_at=contact)
    command = Command(id="c", ticket_id="T", kind="reply", at=at, clock=clock)
    begun = ticket(created_at=NOON - DAY // 2)
    found = effective_at(command, ticket=begun, timeline=(), person=ME, known_at=NOON)
    assert max(contact, begun.created_at) <= found <= NOON


def test_late_reply_counts_at_its_own_time() -> None:
    """A reply made offline at ten counts at ten, though others acted at eleven."""
    others = [Entry(id="x", ticket="T", kind="note", at=NOON - 100, person=OTHER)]
    command = Command(id="c", ticket_id="T", kind="reply", at=NOON - 500)
    found = effective_at(command, ticket=ticket(), timeline=others, person=ME, known_at=NOON)
    assert found == NOON - 500


def test_moves_of_the_state_keep_the_order_of_the_feed() -> None:
    """A status change that arrives later is not put before one that already stands."""
    others = [Entry(id="x", ticket="T", kind="status", at=NOON - 100, person=OTHER)]
    command = Command(id="c", ticket_id="T", kind="status", at=NOON - 500)
    found = effective_at(command, ticket=ticket(), timeline=others, person=ME, known_at=NOON)
    assert found == NOON - 100


@given(
    at=st.integers(-(1 << 63), (1 << 63) - 1),
    offset=st.integers(-(1 << 63), (1 << 63) - 1),
    contact=st.integers(-(1 << 63), (1 << 63) - 1),
    last=st.integers(0, 2 * NOON),
    kind=st.sampled_from(["create", "reply", "status", "take"]),
)
def test_no_clock_is_too_wrong(at: int, offset: int, contact: int, last: int, kind: str) -> None:
    """Whatever a device says, there is a time for it: never after the receipt, never before the beginning."""
    clock = DeviceClock(offset_ms=offset, contact_at=contact, error_ms=abs(offset), reported=True)
    command = Command(id="c", ticket_id="T", kind=kind, at=at, clock=clock)
    step = Entry(id="x", ticket="T", kind="status", at=last, person=OTHER)
    found = effective_at(command, ticket=None, timeline=[step], person=ME, known_at=NOON)
    assert 0 <= found <= NOON
    if kind in ("status", "take"):
        assert found >= min(last, NOON)
