"""What forms need to be filled in without the replica: taken out while it is open, put into a scratch one (SYNC §7)."""

import msgspec
from sqlalchemy import Connection

from desktop.replica import config_rows, meta, sql
from desktop.replica.changed import Moves
from domain.entities.base import Entity
from domain.wire import codec
from domain.wire.commands import Command
from domain.wire.sync import ConfigRow, Scope

SEALED_MARK = "S"
"""Ends the replica's code in the provisional numbers of sealed tickets, so that no other has them."""


class Outside(Entity):
    """Forms, units and names with what the person may create; nothing of any ticket."""

    person: str
    device: str
    code: str
    scope: Scope
    config: tuple[ConfigRow, ...]


def taken_out(conn: Connection) -> Outside | None:
    """What stands outside from now on; None before there are forms."""
    found = sql.rows(
        conn,
        "SELECT kind, id, version, deleted, body FROM config WHERE latest = 1 AND deleted = 0 "
        "ORDER BY kind, id",
        (),
    )
    rows = tuple(
        ConfigRow(kind=kind, id=id, version=version, deleted=bool(deleted), body=msgspec.Raw(body.encode()))
        for kind, id, version, deleted, body in found
    )
    if not any(row.kind == "template" for row in rows):
        return None
    return Outside(
        person=meta.person(conn),
        device=meta.get(conn, "device"),
        code=meta.get(conn, "replica_code"),
        scope=meta.scope(conn),
        config=rows,
    )


def put_in(conn: Connection, outside: Outside, *, count: int) -> None:
    """Fill an empty replica so that tickets can be made in it; the first is numbered `count`."""
    meta.bind(conn, person=outside.person, device=outside.device, code=f"{outside.code}{SEALED_MARK}")
    meta.put(conn, "provisional", count - 1)
    meta.put_struct(conn, "scope", outside.scope)
    meta.put(conn, "scope_version", outside.scope.version)
    config_rows.take(conn, outside.config, Moves())


def written(conn: Connection) -> list[Command]:
    """What was made in a scratch replica, oldest first."""
    bodies = sql.column(conn, "SELECT body FROM command WHERE state = 'pending' ORDER BY num")
    return [codec.decode(body, Command) for body in bodies]
