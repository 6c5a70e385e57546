"""Identifiers: 32 hexadecimal characters of a UUIDv7, made by an injected source."""

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


def entry_id(command: str, index: int) -> str:
    """Name the timeline row number ``index`` that a command causes; the same on both ends."""
    return command if index == 0 else f"{command}.{index}"
