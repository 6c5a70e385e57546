"""Rows of the store as entities and back; column order is the order of the structs' fields."""

from collections.abc import Sequence
from typing import Any

import msgspec

from domain.entities.flow import FlowState
from domain.entities.links import Link
from domain.entities.ticket import Entry, PersonalValue, Ticket
from domain.entities.urging import UrgeState

TICKET_COLUMNS = Ticket.__struct_fields__
ENTRY_COLUMNS = Entry.__struct_fields__
PERSONAL_COLUMNS = PersonalValue.__struct_fields__

TICKET_JSON = ("cc", "tags", "fields", "links", "flow", "urged")
"""Columns of a ticket that hold JSON; the last two may be null."""

_encode = msgspec.json.Encoder(order="deterministic").encode
_people = msgspec.json.Decoder(tuple[str, ...]).decode
_mapping = msgspec.json.Decoder(dict[str, Any]).decode
_links = msgspec.json.Decoder(tuple[Link, ...]).decode
_flow, _urged = msgspec.json.Decoder(FlowState).decode, msgspec.json.Decoder(UrgeState).decode


def dump(value: object) -> str:
    """JSON text with sorted keys, as JSON columns hold it."""
    return _encode(value).decode()


def load_mapping(text: str) -> dict[str, Any]:
    """The object in a JSON column."""
    return _mapping(text)


def load_names(text: str) -> tuple[str, ...]:
    """The array of ids in a JSON column."""
    return _people(text)


_COUNT = len(TICKET_COLUMNS)
_CC, _TAGS, _FIELDS, _LINKS, _FLOW, _URGED = map(TICKET_COLUMNS.index, TICKET_JSON)


def load_flow(text: str) -> FlowState:
    """The flow in a ticket's column."""
    return _flow(text)


def ticket_of(row: Sequence[Any]) -> Ticket:
    """A ticket from its columns in struct order; what follows them is left out.

    Converted as the array it is on the wire: a tenth of what naming each column takes.
    """
    values = list(row[:_COUNT])
    for place in (_CC, _TAGS):
        values[place] = _people(values[place]) if values[place] != "[]" else ()
    values[_FIELDS] = _mapping(values[_FIELDS]) if values[_FIELDS] != "{}" else {}
    values[_LINKS] = _links(values[_LINKS]) if values[_LINKS] != "[]" else ()
    if values[_FLOW] is not None:
        values[_FLOW] = _flow(values[_FLOW])
    if values[_URGED] is not None:
        values[_URGED] = _urged(values[_URGED])
    return msgspec.convert(values, Ticket)


def ticket_values(ticket: Ticket) -> dict[str, Any]:
    """The columns of a ticket."""
    values = msgspec.structs.asdict(ticket)
    for name in TICKET_JSON:
        if values[name] is not None:
            values[name] = dump(values[name])
    return values


def entry_of(row: Sequence[Any]) -> Entry:
    """A timeline row from its columns in struct order."""
    values = dict(zip(ENTRY_COLUMNS, row, strict=True))
    values["detail"], values["erased"] = _mapping(values["detail"]), bool(values["erased"])
    return Entry(**values)


def entry_values(entry: Entry, **more: Any) -> dict[str, Any]:
    """The columns of a timeline row, some of them with another value."""
    return {**msgspec.structs.asdict(entry), "detail": dump(entry.detail), **more}


def personal_of(row: Sequence[Any]) -> PersonalValue:
    """A personal value from its columns in struct order."""
    values = dict(zip(PERSONAL_COLUMNS, row, strict=True))
    values["masked"], values["erased"] = bool(values["masked"]), bool(values["erased"])
    return PersonalValue(**values)


def personal_values(value: PersonalValue, **more: Any) -> dict[str, Any]:
    """The columns of a personal value, some of them with another value."""
    return {**msgspec.structs.asdict(value), **more}


def row_values(entity: msgspec.Struct, **more: Any) -> dict[str, Any]:
    """The columns of a flat struct, with further ones."""
    return {**msgspec.structs.asdict(entity), **more}
