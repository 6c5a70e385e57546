"""What the server has erased leaves no trace here: search index, journal, conflicts, files, log (SYNC §6)."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from desktop.replica import attachments, customers, meta, outbox, search, sql
from desktop.replica.engine import truncate_after
from domain.entities.ticket import PersonalValue, Ticket
from domain.rules.erasing import BLOT
from domain.wire import codec
from domain.wire.commands import Command
from domain.wire.sync import Put

_ANSWERED = "('acked', 'done', 'again', 'discarded', 'attention')"
"""What was never answered may be a new word of the customer; the server empties it if it is not."""
_UNANSWERED = ("pending", "sent", "again")
_READ = "erased_reads"
"""Where it is noted which values were erased or replaced that unanswered commands had read, by ticket."""
_TEXTS = ("body", "description", "note", "reason")


def take(
    conn: Connection, puts: Iterable[Put], held: Iterable[str], replaced: Sequence[str]
) -> Sequence[str]:
    """Follow what pages say was erased of tickets held here; of those `replaced` a value may have been, unseen.

    Returns the tickets that were split off from these here: what they show of them is to be copied anew.
    """
    here, gone = set(held), set(replaced)
    erased = [
        put
        for put in puts
        if put.ticket.id in here
        and (
            any(one.erased for one in put.entries)
            or any(one.erased for one in put.personal)
            or (put.ticket.id in gone and is_blotted(put.ticket))
        )
    ]
    copies = outbox.split_off(conn, [*replaced, *(put.ticket.id for put in erased)])
    for put in puts:
        if put.ticket.id in gone:
            _forget_replaced_reads(conn, put)
    _forget_replaced(conn, [*replaced, *copies])
    if not erased:
        return copies
    search.remove(conn, [put.ticket.id for put in erased])
    customers.forget(conn)
    for put in erased:
        _forget(conn, put)
        _forget_copied(conn, put)
    attachments.uncover(conn, [put.ticket.id for put in erased])
    truncate_after(conn)
    return copies


def is_blotted(ticket: Ticket) -> bool:
    """Whether something was taken out of a ticket's subject or form fields."""
    return BLOT in ticket.subject or any(
        isinstance(value, str) and BLOT in value for value in ticket.fields.values()
    )


def _forget_replaced_reads(conn: Connection, put: Put) -> None:
    """Have what commands read of values that others replaced go; what has no answer needs it to tell a conflict."""
    now = {f"personal.{one.key}": one for one in put.personal}
    noted = _noted(conn)
    for ticket in (put.ticket.id, *outbox.split_off(conn, [put.ticket.id])):
        of_ticket = "SELECT id, state, rev, body FROM command WHERE ticket = ? AND body <> ''"
        for id, state, rev, body in sql.rows(conn, of_ticket, (ticket,)):
            given, own = codec.decode(body, Command), rev if ticket == put.ticket.id else 0
            gone = {name for name, value in given.base.items() if _is_gone(name, value, now, put, own)}
            if state in _UNANSWERED:
                names = {name.removeprefix("personal.") for name in gone}
                noted[ticket] = sorted({*noted.get(ticket, ()), *names})
            elif gone:
                kept = {name: value for name, value in given.base.items() if name not in gone}
                stripped = msgspec.structs.replace(given, base=kept)
                sql.run(conn, "UPDATE command SET body = ? WHERE id = ?", (sql.text(stripped), id))
    meta.put(conn, _READ, sql.text({ticket: keys for ticket, keys in noted.items() if keys}))


def _is_gone(name: str, read: Any, now: dict[str, PersonalValue], put: Put, rev: int) -> bool:
    """Whether somebody else replaced a personal value that a command read; what came of that command says not."""
    if read is None or not name.startswith("personal."):
        return False
    there = now.get(name)
    if there is None:
        return not put.since
    return bool(there.value != read and there.rev != rev)


def _forget_replaced(conn: Connection, tickets: Sequence[str]) -> None:
    """Leave no trace in index and log of personal values that others replaced: they may have been erased before."""
    if not tickets:
        return
    search.remove(conn, tickets)
    sql.run_many(conn, "UPDATE ticket SET indexed = 0 WHERE id = ?", [(id,) for id in tickets])
    customers.forget(conn)
    truncate_after(conn)


def _forget(conn: Connection, put: Put) -> None:
    """Take what was erased out of the journal's commands and of what stands in conflict."""
    id = put.ticket.id
    entries = {one.id for one in put.entries if one.erased}
    keys = {one.key for one in put.personal if one.erased}
    for command, body, state, rev in sql.rows(
        conn,
        f"SELECT id, body, state, rev FROM command WHERE ticket = ? AND state IN {_ANSWERED} AND body <> ''",
        (id,),
    ):
        given = codec.decode(body, Command)
        kept = _without(given, keys, text=command in entries, subject=put.ticket.subject)
        # What the ticket does not hold yet is shown by it, and what was refused is the person's until they end it.
        if state in ("done", "discarded") or (state == "acked" and rev <= put.ticket.rev):
            kept = _as_now(kept, put.ticket)
        if kept != given:
            sql.run(conn, "UPDATE command SET body = ? WHERE id = ?", (sql.text(kept), command))
    _forget_reads(conn, id, keys)
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


def _forget_copied(conn: Connection, put: Put) -> None:
    """Take what was erased out of what had been read of its copies in the tickets split off here."""
    keys = {one.key for one in put.personal if one.erased}
    for copy in outbox.split_off(conn, [put.ticket.id]):
        _forget_reads(conn, copy, keys)
        _without_reads(conn, copy, keys)


def _forget_reads(conn: Connection, ticket: str, keys: set[str]) -> None:
    """Take what was erased out of what unsent commands had read; what was sent may not change before its answer."""
    unanswered = "SELECT id, state, body FROM command WHERE ticket = ? AND state IN ('pending', 'sent')"
    noted = _noted(conn)
    for id, state, body in sql.rows(conn, unanswered, (ticket,)):
        given = codec.decode(body, Command)
        read = {name for name in given.base if name.removeprefix("personal.") in keys}
        if read and state == "sent":
            noted[ticket] = sorted({*noted.get(ticket, ()), *keys})
        elif read:
            # As it is read now, so that the person's own value meets no conflict because of it.
            kept = msgspec.structs.replace(given, base=given.base | dict.fromkeys(read))
            sql.run(conn, "UPDATE command SET body = ? WHERE id = ?", (sql.text(kept), id))
    if noted:
        meta.put(conn, _READ, sql.text(noted))


def answered(conn: Connection, tickets: Iterable[str]) -> None:
    """Commands on these tickets have their answer: what they had read of values erased since goes."""
    noted = _noted(conn)
    of_these = noted.keys() & set(tickets)
    for ticket in of_these:
        _without_reads(conn, ticket, set(noted[ticket]))
        open_here = f"SELECT 1 FROM command WHERE ticket = ? AND state IN {_UNANSWERED} LIMIT 1"
        if sql.value(conn, open_here, (ticket,)) is None:
            del noted[ticket]
    if of_these:
        meta.put(conn, _READ, sql.text(noted))
        truncate_after(conn)


def _without_reads(conn: Connection, ticket: str, keys: set[str]) -> None:
    """Take what was read of these keys out of the commands on a ticket that have their answer."""
    told = f"SELECT id, body FROM command WHERE ticket = ? AND state IN {_ANSWERED} AND body <> ''"
    for id, body in sql.rows(conn, told, (ticket,)):
        given = codec.decode(body, Command)
        kept = msgspec.structs.replace(given, base=_cleared(given.base, keys))
        if kept != given:
            sql.run(conn, "UPDATE command SET body = ? WHERE id = ?", (sql.text(kept), id))


def _noted(conn: Connection) -> dict[str, list[str]]:
    return msgspec.json.decode(meta.get(conn, _READ, "{}"), type=dict[str, list[str]])


def _without(command: Command, keys: set[str], *, text: bool, subject: str) -> Command:
    content, base = dict(command.set), _cleared(command.base, keys)
    if isinstance(content.get("personal"), dict):
        content["personal"] = {key: one for key, one in content["personal"].items() if key not in keys}
    if isinstance(content.get("values"), dict):
        content["values"] = _cleared(content["values"], keys)
    if text:
        content |= {name: BLOT for name in _TEXTS if content.get(name)}
    if command.kind in ("create", "split") and BLOT in subject:
        content["subject"] = subject
    return msgspec.structs.replace(command, set=content, base=base)


def _as_now(command: Command, ticket: Ticket) -> Command:
    """A command of the journal whose subject and form fields are those that the ticket has now: no older ones stay.

    Which of the older ones held what was erased is known to the server alone.
    """
    content = dict(command.set)
    if "subject" in content:
        content["subject"] = ticket.subject
    if isinstance(content.get("fields"), dict):
        content["fields"] = {key: ticket.fields.get(key) for key in content["fields"]}
    if isinstance(content.get("values"), dict):
        content["values"] = _values_now(content["values"], ticket)
    return msgspec.structs.replace(command, set=content, base=_values_now(command.base, ticket))


def _values_now(values: dict[str, Any], ticket: Ticket) -> dict[str, Any]:
    """Values by the names that edits have for them, or by those of a form that a task was completed with."""
    found = {}
    for name, value in values.items():
        key = name.removeprefix("fields.")
        of_form = key != name or key in ticket.fields
        found[name] = ticket.subject if name == "subject" else ticket.fields.get(key) if of_form else value
    return found


def _cleared(values: dict[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: one for key, one in values.items() if key.removeprefix("personal.") not in keys}
