"""Calendars and policies as configuration that crosses the network."""

import msgspec
from hypothesis import given

from domain.entities.calendars import Calendar
from domain.entities.sla import Policy
from tests.domain.rules.calendar_strategies import calendars
from tests.domain.rules.test_sla import policies


@given(calendars(), policies())
def test_they_come_back_as_they_were(calendar: Calendar, policy: Policy) -> None:
    """Written and read again, as JSON and as MessagePack, they are equal, and equal calendars hash alike."""
    for codec in (msgspec.json, msgspec.msgpack):
        again = codec.decode(codec.encode(calendar), type=Calendar)
        assert (again, hash(again)) == (calendar, hash(calendar))
        assert codec.decode(codec.encode(policy), type=Policy) == policy
