"""What the server has erased leaves no trace here: search index, journal, conflicts, files, log (SYNC §6)."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection

from desktop.replica import attachments, customers, search, sql
from desktop.replica.engine import truncate_after
from domain.rules.erasing import BLOT
from domain.wire import codec
from domain.wire.commands import Command
from domain.wire.sync import Put

_ANSWERED = "('acked', 'done', 'again', 'discarded', 'attention')"
"""What was never answered may be a new word of the customer; the server empties it if it is not."""
_TEXTS = ("body", "description", "note", "reason")


def take(conn: Connection, puts: Iterable[Put], held: Iterable[str]) -> None:
    """Follow what pages say was erased of tickets that are held here."""
    here = set(held)
    erased = [
        put
        for put in puts
        if put.ticket.id in here
        and (any(one.erased for one in put.entries) or any(one.erased for one in put.personal))
    ]
    if not erased:
        return
    search.remove(conn, [put.ticket.id for put in erased])
    customers.forget(conn)
    for put in erased:
        _forget(conn, put)
    attachments.uncover(conn, [put.ticket.id for put in erased])
    truncate_after(conn)


def _forget(conn: Connection, put: Put) -> None:
    """Take what was erased out of the journal's commands and of what stands in conflict."""
    id = put.ticket.id
    entries = {one.id for one in put.entries if one.erased}
    keys = {one.key for one in put.personal if one.erased}
    for command, body in sql.rows(
        conn, f"SELECT id, body FROM command WHERE ticket = ? AND state IN {_ANSWERED} AND body <> ''", (id,)
    ):
        given = codec.decode(body, Command)
        kept = _without(given, keys, text=command in entries, subject=put.ticket.subject)
        if kept != given:
            sql.run(conn, "UPDATE command SET body = ? WHERE id = ?", (sql.text(kept), command))
    for num, detail in sql.rows(conn, "SELECT num, detail FROM attention WHERE ticket = ?", (id,)):
        found = msgspec.json.decode(detail)
        left = _cleared(found, keys)
        if left != found:
            sql.run(conn, "UPDATE attention SET detail = ? WHERE num = ?", (sql.text(left), num))
    for command, fields in sql.rows(
        conn,
        "SELECT id, json_extract(verdict, '$.fields') FROM command WHERE ticket = ? "
        "AND json_extract(verdict, '$.fields') IS NOT NULL",
        (id,),
    ):
        told = _cleared(msgspec.json.decode(fields), keys)
        sql.run(
            conn,
            "UPDATE command SET verdict = json_set(verdict, '$.fields', json(?)) WHERE id = ?",
            (sql.text(told), command),
        )
    sql.run(conn, "UPDATE ticket SET indexed = 0 WHERE id = ?", (id,))


def _without(command: Command, keys: set[str], *, text: bool, subject: str) -> Command:
    content, base = dict(command.set), _cleared(command.base, keys)
    if isinstance(content.get("personal"), dict):
        content["personal"] = {key: one for key, one in content["personal"].items() if key not in keys}
    if isinstance(content.get("values"), dict):
        content["values"] = _cleared(content["values"], keys)
    if text:
        content |= {name: BLOT for name in _TEXTS if content.get(name)}
    if command.kind == "create" and BLOT in subject:
        content["subject"] = subject
    return msgspec.structs.replace(command, set=content, base=base)


def _cleared(values: dict[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: one for key, one in values.items() if key.removeprefix("personal.") not in keys}
