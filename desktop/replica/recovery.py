"""After a restore: what the server may have lost is given back, and stays shown until it is there again (SYNC §6).

Stages: `asking` (which of the journal may be lost), `returning` (acknowledged commands go back, page by page, then
tickets the server no longer has, for review). While the operator's window is open the server only keeps them; once
every command has its new verdict, what did not come again is asked for as after any loss of place (decision 0009).
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from desktop.replica import backfill, heads, integrity, meta, outbox, rebase, rows, sql, verdicts
from desktop.replica.changed import Changed, Moves
from desktop.replica.facts import FactSource
from domain.wire import codec
from domain.wire.commands import Command
from domain.wire.protocol import MAX_BATCH_BYTES, PROTOCOL
from domain.wire.recovery import (
    MAX_RETURNED,
    MAX_ROW_BYTES,
    MAX_ROWS,
    RecoverAnswer,
    RecoverRequest,
    Returned,
)
from domain.wire.sync import Put, Verdict

STAGE, EPOCH, CONTACT = "recovery", "restored_from", "restored_contact"
_AFTER, _ROWS_AFTER, _OFFERED = "returned_after", "rows_after", "rows_offered"
UNKNOWN = "?"
"""An epoch that no server knows: everything in the journal may be lost."""

_UNCONFIRMED = (
    "SELECT t.id FROM ticket t LEFT JOIN base b ON b.ticket = t.id WHERE t.id > ? AND CASE WHEN b.ticket IS NULL "
    "THEN t.rev = 0 ELSE b.rev = 0 AND json_extract(b.doc, '$.ticket') IS NOT NULL END ORDER BY t.id LIMIT ?"
)


def stage(conn: Connection) -> str:
    """Where giving back stands; empty where nothing was lost."""
    return meta.get(conn, STAGE)


def begin(conn: Connection) -> None:
    """Note the epoch in which the journal was acknowledged, before its cursor is forgotten.

    A second restore before the first was asked about leaves the first epoch standing: the journal is still of it.
    """
    if stage(conn) != "asking":
        epoch = meta.epoch(conn) or heads.seen(conn).partition(".")[0]
        meta.put(conn, EPOCH, epoch or UNKNOWN)
        meta.put(conn, CONTACT, meta.number(conn, "verified_at"))
    meta.put(conn, STAGE, "asking")
    meta.put(conn, heads.LOST_PUSHES, meta.number(conn, "push_no"))
    # What a check under way suspects is of another past; when all is given back everything is compared anew.
    integrity.begin(conn, "reconcile")
    _from_the_start(conn)


def _from_the_start(conn: Connection) -> None:
    for key in (_AFTER, _ROWS_AFTER):
        meta.put(conn, key, "")
    meta.put(conn, _OFFERED, "[]")


def next_request(conn: Connection) -> RecoverRequest:
    """What is to be asked or given back next; empty where only the operator's word is waited for."""
    asked = RecoverRequest(
        protocol=PROTOCOL,
        device=meta.get(conn, "device"),
        epoch=meta.get(conn, EPOCH),
        contact_at=meta.number(conn, CONTACT),
        seen=heads.seen(conn),
    )
    if stage(conn) == "asking":
        return asked
    asked = msgspec.structs.replace(asked, epoch="")
    commands = _next_commands(conn)
    if commands:
        return msgspec.structs.replace(asked, commands=tuple(commands))
    offered = msgspec.json.decode(meta.get(conn, _OFFERED, "[]"), type=tuple[str, ...])
    if found := _rows(conn, offered):
        return msgspec.structs.replace(asked, rows=found)
    if backfill.following(conn) is None and meta.cursor(conn):
        after = meta.get(conn, _ROWS_AFTER)
        return msgspec.structs.replace(asked, ask=tuple(sql.column(conn, _UNCONFIRMED, (after, MAX_ROWS))))
    return asked


def _next_commands(conn: Connection) -> list[Returned]:
    """The next page of what was acknowledged and may be lost, as it was given."""
    after = meta.number(conn, _AFTER) if meta.get(conn, _AFTER) else -1
    found = sql.rows(
        conn,
        "SELECT body, verdict FROM command WHERE state = 'again' AND num > ? ORDER BY num LIMIT ?",
        (after, MAX_RETURNED),
    )
    chosen: list[Returned] = []
    size = 0
    for body, verdict in found:
        size += len(body) + len(verdict or "")
        if chosen and size > MAX_BATCH_BYTES // 4:
            break
        command = codec.decode(body, Command)
        told = codec.decode(verdict, Verdict) if verdict else Verdict(id=command.id, status="applied")
        chosen.append(
            Returned(command=command, verdict=msgspec.structs.replace(told, fields={}, duplicate=False))
        )
    return chosen


def _rows(conn: Connection, ids: Sequence[str]) -> tuple[Put, ...]:
    """Tickets as the server last sent them, as many as fit."""
    chosen: list[Put] = []
    size = 0
    for id in ids:
        put = _held(conn, id)
        if put is None:
            continue
        size += len(msgspec.json.encode(put))
        if chosen and size > MAX_ROW_BYTES // 2:
            break
        chosen.append(put)
    return tuple(chosen)


def _held(conn: Connection, id: str) -> Put | None:
    base, ticket = rows.load_base(conn, id), rows.load_ticket(conn, id)
    personal = tuple(rows.load_personal(conn, id))
    access = int(sql.value(conn, "SELECT access FROM ticket WHERE id = ?", (id,)) or 0)
    if base is not None:
        ticket, personal, access = base.ticket, base.personal, base.access
    if ticket is None:
        return None
    entries = tuple(entry for entry in rows.load_entries(conn, id) if entry.rev)
    return Put(ticket=ticket, since=0, access=access, entries=entries, personal=personal)


def take(conn: Connection, asked: RecoverRequest, answer: RecoverAnswer) -> Changed:
    """Take in what the server said of one request, and go on to the next."""
    moves = Moves()
    moves.kind("sync")
    if stage(conn) == "asking":
        outbox.may_be_lost(conn, answer.above)
        _show_again(conn, moves)
        meta.put(conn, STAGE, "returning")
        moves.kind("outbox")
        return moves.changed()
    touched = verdicts.take_again(conn, [one.command for one in asked.commands], answer, moves)
    rebase.rebuild(conn, FactSource(conn), touched, moves)
    outbox.settle_unheld(conn)
    if asked.commands:
        last = asked.commands[-1].command.id
        meta.put(conn, _AFTER, int(sql.value(conn, "SELECT num FROM command WHERE id = ?", (last,)) or 0))
    elif asked.rows:
        offered = msgspec.json.decode(meta.get(conn, _OFFERED, "[]"), type=list[str])
        last = asked.rows[-1].ticket.id
        meta.put_struct(conn, _OFFERED, [id for id in offered if id > last])
    elif asked.ask:
        meta.put(conn, _ROWS_AFTER, asked.ask[-1])
        held = [id for id in sorted(answer.missing) if _held(conn, id) is not None]
        meta.put_struct(conn, _OFFERED, held)
    elif answer.state != "open" and backfill.following(conn) is None and meta.cursor(conn):
        _end_or_offer_again(conn)
    return moves.changed()


def _show_again(conn: Connection, moves: Moves) -> None:
    """Own work that may be lost is shown over the server's copy again, whatever copy comes next."""
    tickets = sql.column(conn, "SELECT DISTINCT ticket FROM command WHERE state = 'again'")
    for id in tickets:
        rebase.keep_base(conn, id)
    rebase.rebuild(conn, FactSource(conn), tickets, moves)


def _end_or_offer_again(conn: Connection) -> None:
    """The window is closed: what has no verdict yet is offered once more; without any such, this is over."""
    if sql.value(conn, "SELECT 1 FROM command WHERE state = 'again' LIMIT 1") is not None:
        meta.put(conn, _AFTER, "")
        return
    for key in (STAGE, EPOCH, CONTACT):
        meta.put(conn, key, "")
    _from_the_start(conn)
    backfill.confirm(conn)


def none_yet(conn: Connection, gone: Sequence[str]) -> Sequence[str]:
    """Those of some tickets the server does not have that are gone; what was made here and is given back is not.

    Whoever made a ticket sees it, so that it is not there; once all is given back it is asked for again.
    """
    if not gone or not stage(conn):
        return gone
    waits = set(
        sql.column(
            conn,
            "SELECT ticket FROM command WHERE state = 'again' AND kind IN ('create', 'split') "
            "AND ticket IN (SELECT value FROM json_each(?))",
            (sql.text(list(gone)),),
        )
    )
    sql.run_many(conn, "DELETE FROM wanted WHERE ticket = ?", [(id,) for id in sorted(waits)])
    return [id for id in gone if id not in waits]


def is_idle(asked: RecoverRequest) -> bool:
    """Whether a request only asks where things stand."""
    return not (asked.commands or asked.rows or asked.ask)
