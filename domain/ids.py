"""Identifiers: 32 hexadecimal characters of a UUIDv7, made by an injected source."""

from hashlib import blake2b
from typing import NewType, Protocol

TicketId = NewType("TicketId", str)
PersonId = NewType("PersonId", str)
UnitId = NewType("UnitId", str)
CommandId = NewType("CommandId", str)
DeviceId = NewType("DeviceId", str)


class IdSource(Protocol):
    """Makes identifiers that sort by the moment they were made."""

    def new(self) -> str:
        """Return a fresh 32-character hexadecimal UUIDv7."""
        ...


OTHERS_FROM = 1000
"""From here on are numbered the rows that a command appends to other tickets than its own."""


def entry_id(command: str, index: int) -> str:
    """Name the timeline row number ``index`` that a command causes; the same on both ends."""
    return command if index == 0 else f"{command}.{index}"


def command_of(entry: str) -> str:
    """The command that causes a timeline row."""
    return entry.partition(".")[0]


def notice_id(person: str, kind: str, entry: str) -> str:
    """Name what a person is told of a timeline row; the same however often that row is made."""
    return blake2b("\n".join((person, kind, entry)).encode(), digest_size=16).hexdigest()
