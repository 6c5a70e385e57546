"""Tickets and their children between structs and rows."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from desktop.replica import sql
from domain.entities.base import Entity
from domain.entities.flow import FlowState
from domain.entities.links import Link
from domain.entities.ticket import OPEN_STATUSES, Entry, PersonalValue, Ticket
from domain.entities.urging import UrgeState
from domain.rules.parts import due_rank

TICKET = Ticket.__struct_fields__
ENTRY = Entry.__struct_fields__
PERSONAL = PersonalValue.__struct_fields__
_CC, _TAGS, _FIELDS, _LINKS, _FLOW, _URGED = (
    TICKET.index(name) for name in ("cc", "tags", "fields", "links", "flow", "urged")
)
_DETAIL, _ERASED = ENTRY.index("detail"), ENTRY.index("erased")
_P_MASKED, _P_ERASED = PERSONAL.index("masked"), PERSONAL.index("erased")

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_names = msgspec.json.Decoder(tuple[str, ...]).decode
_links = msgspec.json.Decoder(tuple[Link, ...]).decode
_flow, _urged = msgspec.json.Decoder(FlowState).decode, msgspec.json.Decoder(UrgeState).decode
_astuple = msgspec.structs.astuple


class Base(Entity):
    """A ticket as the server has it, or None for one it does not know yet; with its personal values."""

    rev: int = 0
    access: int = 0
    ticket: Ticket | None = None
    personal: tuple[PersonalValue, ...] = ()
    mark: int = 0


_base = msgspec.json.Decoder(Base).decode


def _marks(count: int) -> str:
    return ",".join("?" * count)


def _upsert(table: str, columns: Sequence[str], keys: Sequence[str]) -> str:
    rest = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in keys)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({_marks(len(columns))}) "
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {rest}"
    )


LOCAL = ("mark", "access", "my", "is_open", "due_rank", "indexed")
PUT_TICKET = _upsert("ticket", (*TICKET, *LOCAL), ("id",))
PUT_ENTRY = _upsert("entry", ENTRY, ("ticket", "id"))
PUT_PERSONAL = _upsert("personal", PERSONAL, ("ticket", "key"))
# A local row never takes the place of the server's.
PUT_LOCAL_ENTRY = PUT_ENTRY + " WHERE entry.rev = 0"

_SELECT_TICKET = f"SELECT {', '.join(TICKET)} FROM ticket"
_SELECT_ENTRY = f"SELECT {', '.join(ENTRY)} FROM entry"
_SELECT_PERSONAL = f"SELECT {', '.join(PERSONAL)} FROM personal"


def ticket_row(ticket: Ticket, *, mark: int, access: int, my: int) -> tuple[Any, ...]:
    """The columns of a ticket, then the local ones."""
    columns = list(_astuple(ticket))
    columns[_CC] = _encode(ticket.cc).decode() if ticket.cc else "[]"
    columns[_TAGS] = _encode(ticket.tags).decode() if ticket.tags else "[]"
    columns[_FIELDS] = _encode(ticket.fields).decode() if ticket.fields else "{}"
    columns[_LINKS] = _encode(ticket.links).decode() if ticket.links else "[]"
    for at in (_FLOW, _URGED):
        if columns[at] is not None:
            columns[at] = _encode(columns[at]).decode()
    columns += (mark, access, my, ticket.status in OPEN_STATUSES, due_rank(ticket), 0)
    return tuple(columns)


def entry_row(entry: Entry) -> tuple[Any, ...]:
    """The columns of a timeline row."""
    columns = list(_astuple(entry))
    columns[_DETAIL] = _encode(entry.detail).decode() if entry.detail else "{}"
    return tuple(columns)


def ticket_of(columns: Sequence[Any]) -> Ticket:
    """The ticket of a row that starts with its columns."""
    values = dict(zip(TICKET, columns, strict=False))
    values["cc"], values["tags"] = _names(values["cc"]), _names(values["tags"])
    values["fields"] = _decode(values["fields"])
    values["links"] = _links(values["links"]) if values["links"] != "[]" else ()
    if values["flow"] is not None:
        values["flow"] = _flow(values["flow"])
    if values["urged"] is not None:
        values["urged"] = _urged(values["urged"])
    return Ticket(**values)


def entry_of(columns: Sequence[Any]) -> Entry:
    """The timeline row of its columns."""
    values = dict(zip(ENTRY, columns, strict=True))
    values["detail"], values["erased"] = _decode(values["detail"]), bool(values["erased"])
    return Entry(**values)


def personal_of(columns: Sequence[Any]) -> PersonalValue:
    """The personal value of its columns."""
    values = dict(zip(PERSONAL, columns, strict=True))
    values["masked"], values["erased"] = bool(values["masked"]), bool(values["erased"])
    return PersonalValue(**values)


def load_ticket(conn: Connection, id: str) -> Ticket | None:
    """A ticket as it is shown."""
    columns = sql.row(conn, f"{_SELECT_TICKET} WHERE id = ?", (id,))
    return None if columns is None else ticket_of(columns)


def load_entries(conn: Connection, id: str) -> list[Entry]:
    """The timeline of a ticket in the order of time."""
    statement = f"{_SELECT_ENTRY} WHERE ticket = ? ORDER BY at, id"
    return [entry_of(columns) for columns in sql.rows(conn, statement, (id,))]


def load_personal(conn: Connection, id: str) -> list[PersonalValue]:
    """The personal values of a ticket as they are shown."""
    statement = f"{_SELECT_PERSONAL} WHERE ticket = ? ORDER BY key"
    return [personal_of(columns) for columns in sql.rows(conn, statement, (id,))]


def load_base(conn: Connection, id: str) -> Base | None:
    """The server's copy of a ticket that has unsent commands."""
    found = sql.row(conn, "SELECT rev, doc FROM base WHERE ticket = ?", (id,))
    if found is None:
        return None
    base = _base(found[1])
    if base.ticket is None or base.rev == found[0]:
        return base
    # The column is the truth: it is reset when everything is asked for anew.
    return msgspec.structs.replace(
        base, rev=found[0], ticket=msgspec.structs.replace(base.ticket, rev=found[0])
    )


def save_base(conn: Connection, id: str, base: Base) -> None:
    """Keep the server's copy of a ticket."""
    sql.run(
        conn,
        "INSERT INTO base (ticket, rev, doc) VALUES (?, ?, ?) "
        "ON CONFLICT (ticket) DO UPDATE SET rev = excluded.rev, doc = excluded.doc",
        (id, base.rev, sql.text(base)),
    )
