"""The outbox: what the person did and the server has not confirmed yet, and the journal of what it has (SYNC §4)."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection

from desktop.replica import heads, meta, sql
from domain.entities.base import Entity, Instant
from domain.wire import codec
from domain.wire.commands import Command
from domain.wire.protocol import MAX_BATCH_BYTES, MAX_BATCH_COMMANDS, PROTOCOL
from domain.wire.sync import PushRequest, Verdict

State = Literal["pending", "sent", "acked", "done", "again", "attention", "discarded"]
UNSENT = ("pending", "sent")
TO_SEND = ("pending", "sent", "again")
JOURNAL_DAYS = 30
_DAY_MS = 86_400_000

_verdict = msgspec.json.Decoder(Verdict).decode


class Unsent(Entity):
    """A command that is replayed: unsent, or acknowledged and not pulled yet."""

    num: int
    command: Command
    state: State
    rev: int = 0
    doubt: str = ""
    status: str = ""
    number: str | None = None
    conflicts: dict[str, Any] = {}


def add(conn: Connection, command: Command, *, state: State = "pending") -> None:
    """Append a command."""
    sql.run(
        conn,
        "INSERT INTO command (id, ticket, kind, body, made_at, state) VALUES (?, ?, ?, ?, ?, ?)",
        (command.id, command.ticket_id, command.kind, sql.text(command), command.at, state),
    )


def load(conn: Connection, id: str) -> tuple[Command, State] | None:
    """A command and its state."""
    found = sql.row(conn, "SELECT body, state FROM command WHERE id = ?", (id,))
    return None if found is None else (codec.decode(found[0], Command), found[1])


def split_off(conn: Connection, ids: Iterable[str]) -> list[str]:
    """The tickets that were split off here from these, and from those in turn, in the order in which they were."""
    sources, found = set(ids), []
    if sources:
        for ticket, source in sql.rows(
            conn,
            "SELECT ticket, json_extract(body, '$.set.source') FROM command "
            "WHERE kind = 'split' AND body <> '' ORDER BY num",
        ):
            if source in sources:
                sources.add(ticket)
                found.append(ticket)
    return found


def unsent(conn: Connection, ticket: str) -> list[Unsent]:
    """What is replayed over a ticket: acknowledged commands by revision, then the unsent ones as they were given.

    What a restored server may have lost comes in between, as it was given: after two restores its seqs are of two
    pasts and don't compare.
    """
    found = sql.rows(
        conn,
        "SELECT num, body, state, rev, doubt, verdict FROM command "
        "WHERE ticket = ? AND state IN ('acked', 'again', 'sent', 'pending') ORDER BY "
        "CASE state WHEN 'acked' THEN rev WHEN 'again' THEN 1 << 58 ELSE 1 << 60 END, num",
        (ticket,),
    )
    return [_unsent(*columns) for columns in found]


def _unsent(num: int, body: str, state: State, rev: int, doubt: str, verdict: str | None) -> Unsent:
    told = _verdict(verdict) if verdict else None
    return Unsent(
        num=num,
        command=codec.decode(body, Command),
        state=state,
        rev=rev,
        doubt=doubt,
        status=told.status if told else "",
        number=told.number if told else None,
        conflicts=told.fields if told and told.status == "conflict" else {},
    )


def doubt(conn: Connection, id: str, why: str) -> None:
    """Note why a command could not be shown here; nothing where it could."""
    sql.run(conn, "UPDATE command SET doubt = ? WHERE id = ?", (why, id))


def unconfirmed_create(conn: Connection, ticket: str) -> tuple[str, ...]:
    """The command that makes the ticket, while the server has not said that it took it."""
    found = sql.column(
        conn,
        "SELECT id FROM command WHERE ticket = ? AND kind IN ('create', 'split') "
        "AND state IN ('pending', 'sent', 'attention')",
        (ticket,),
    )
    return tuple(found)


def unconfirmed(conn: Connection, ids: Iterable[str]) -> tuple[str, ...]:
    """Those of some commands that the server has not said it took."""
    found = sql.column(
        conn,
        "SELECT id FROM command WHERE id IN (SELECT value FROM json_each(?)) "
        "AND state IN ('pending', 'sent', 'attention') ORDER BY num",
        (sql.text(sorted(set(ids))),),
    )
    return tuple(found)


def is_followed(conn: Connection, command: Command) -> bool:
    """Whether more was done to the ticket of a command that the server has not taken yet."""
    later = sql.value(
        conn,
        "SELECT 1 FROM command WHERE ticket = ? AND id <> ? AND state IN ('pending', 'sent')",
        (command.ticket_id, command.id),
    )
    return later is not None


def give_up(conn: Connection, command: Command) -> bool:
    """Take a command that was refused, or never left, out of what is kept to be sent; False where it was already."""
    gone = "UPDATE command SET state = 'discarded' WHERE id = ? AND state IN ('attention', 'pending')"
    return bool(sql.run(conn, gone, (command.id,)))


def move(conn: Connection, ids: Iterable[str], state: State) -> None:
    """Set the state of commands."""
    sql.run_many(conn, "UPDATE command SET state = ? WHERE id = ?", [(state, id) for id in ids])


def finish(conn: Connection, ids: Sequence[str]) -> None:
    """Acknowledged commands that the pulled row holds are done."""
    if ids:
        move(conn, ids, "done")


def acknowledge(conn: Connection, verdict: Verdict, *, state: State, at: Instant) -> None:
    """Keep a verdict beside its command."""
    sql.run(
        conn,
        "UPDATE command SET state = ?, verdict = ?, seq = ?, rev = ?, acked_at = ?, aside = 0 WHERE id = ?",
        (state, sql.text(verdict), verdict.seq, verdict.rev, at, verdict.id),
    )


_WAITING = (
    # What is given back comes before all else that was done to its ticket, whenever that was made.
    "WITH RECURSIVE held (num, id, ticket) AS (SELECT iif(state = 'again', 0, num), id, ticket FROM command "
    "WHERE state = 'again' OR aside = 1 AND state IN ('pending', 'sent') "
    "UNION SELECT w.num, w.id, w.ticket FROM held h JOIN command w ON w.num > h.num "
    "AND w.state IN ('pending', 'sent') AND (w.ticket = h.ticket OR h.id IN "
    "(SELECT value FROM json_each(iif(w.body = '', '{}', w.body), '$.depends_on')))) SELECT num FROM held"
)
"""What waits for something that is not sent now: it, what depends on it, and what was done to their tickets after."""
SENDABLE = (
    f"c.state IN ('pending', 'sent') AND c.num NOT IN ({_WAITING}) "
    "AND NOT (EXISTS (SELECT 1 FROM meta WHERE key = 'recovery' AND value <> '') AND EXISTS ("
    "SELECT 1 FROM base b WHERE b.ticket = c.ticket AND b.rev = 0 AND json_extract(b.doc, '$.ticket') IS NOT NULL))"
)
"""What may be sent: nothing behind what was set aside or is given back after a restore, nor, while that goes on, on a
ticket that the restored server has not shown to have."""


def next_push(
    conn: Connection, *, limit: int = MAX_BATCH_COMMANDS, max_bytes: int = MAX_BATCH_BYTES
) -> PushRequest | None:
    """The next request: the oldest commands to send, in order, under a new push number; None where there are none.

    What was set aside waits, and with it whatever else was done to the same ticket. Marks them as sent, so it has
    to be committed before the request leaves.
    """
    chosen = _batch(conn, limit, max_bytes)
    if not chosen:
        return None
    sql.run(
        conn,
        "UPDATE command SET state = 'sent' WHERE state = 'pending' "
        "AND num IN (SELECT value FROM json_each(?))",
        (sql.text([num for num, _ in chosen]),),
    )
    return PushRequest(
        protocol=PROTOCOL,
        device=meta.get(conn, "device"),
        push_no=meta.following(conn, "push_no"),
        commands=tuple(codec.decode(body, Command) for _, body in chosen),
        seen=heads.seen(conn),
    )


def _batch(conn: Connection, limit: int, max_bytes: int) -> list[tuple[int, str]]:
    found = sql.rows(conn, f"SELECT num, body FROM command c WHERE {SENDABLE} ORDER BY num LIMIT ?", (limit,))
    chosen: list[tuple[int, str]] = []
    size = 0
    for num, body in found:
        size += len(body.encode())
        if chosen and size > max_bytes:
            break
        chosen.append((num, body))
    return chosen


def set_aside_orphan(conn: Connection, id: str) -> bool:
    """Set a command aside whose dependency the server does not know and nobody will send any more."""
    return bool(
        sql.run(
            conn,
            "UPDATE command SET aside = 1 WHERE id = ? AND NOT EXISTS ("
            "SELECT 1 FROM json_each(command.body, '$.depends_on') d JOIN command o ON o.id = d.value "
            "WHERE o.state IN ('pending', 'sent', 'again'))",
            (id,),
        )
    )


def gave_up_before(conn: Connection, command: Command) -> str:
    """The first of what a command depends on that was refused or given up here; empty where none was."""
    found = sql.column(
        conn,
        "SELECT id FROM command WHERE id IN (SELECT value FROM json_each(?)) "
        "AND state IN ('attention', 'discarded') ORDER BY num LIMIT 1",
        (sql.text(command.depends_on),),
    )
    return next(iter(found), "")


def never_sent_after(conn: Connection, id: str) -> list[Command]:
    """What depends on a command and never left, in order."""
    found = sql.column(
        conn,
        "SELECT body FROM command WHERE state = 'pending' "
        "AND ? IN (SELECT value FROM json_each(iif(body = '', '{}', body), '$.depends_on')) ORDER BY num",
        (id,),
    )
    return [codec.decode(body, Command) for body in found]


def set_aside(conn: Connection, id: str, *, aside: bool = True) -> None:
    """Keep a command out of the next requests because whole batches failed on it, or let it go again."""
    sql.run(conn, "UPDATE command SET aside = ? WHERE id = ?", (int(aside), id))


def next_withdrawal(conn: Connection, *, limit: int = MAX_BATCH_COMMANDS) -> PushRequest | None:
    """Ask the server for the verdict of what was set aside: it may have come through all the same.

    Only that verdict moves a command which was ever sent, so that the person can't send it twice (SYNC §2, §4).
    """
    ids = sql.column(
        conn,
        "SELECT id FROM command WHERE aside = 1 AND state IN ('pending', 'sent') ORDER BY num LIMIT ?",
        (limit,),
    )
    if not ids:
        return None
    return PushRequest(
        protocol=PROTOCOL,
        device=meta.get(conn, "device"),
        push_no=meta.following(conn, "push_no"),
        commands=(),
        withdraw=tuple(ids),
        seen=heads.seen(conn),
    )


def next_request(conn: Connection, *, limit: int, withdraws_first: bool) -> PushRequest | None:
    """What to send next: questions about what was set aside take turns with commands."""
    if withdraws_first:
        return next_withdrawal(conn) or next_push(conn, limit=limit)
    return next_push(conn, limit=limit) or next_withdrawal(conn)


def settle_unheld(conn: Connection) -> None:
    """Acknowledged commands on tickets that are not held are done once the feed was read past them."""
    sql.run(
        conn,
        "UPDATE command SET state = 'done' WHERE state = 'acked' AND seq <= ? "
        "AND NOT EXISTS (SELECT 1 FROM base WHERE base.ticket = command.ticket)",
        (meta.cursor_seq(conn),),
    )


def may_be_lost(conn: Connection, above: int) -> None:
    """Have what was acknowledged above a seq given back to a restored server, and shown until it has it again."""
    sql.run(
        conn,
        "UPDATE command SET state = 'again' WHERE state IN ('acked', 'done') AND seq > ? AND body <> ''",
        (above,),
    )


def forget(conn: Connection, before: Instant) -> int:
    """Drop what was done or discarded before an instant from the journal."""
    return sql.run(
        conn,
        "DELETE FROM command WHERE state IN ('done', 'discarded') AND coalesce(acked_at, made_at) < ? "
        "AND NOT EXISTS (SELECT 1 FROM attention a WHERE a.command = command.id AND a.settled_at IS NULL)",
        (before,),
    )


def journal_start(now: Instant) -> Instant:
    """From when on the journal is kept."""
    return now - JOURNAL_DAYS * _DAY_MS


def register_anew(conn: Connection, *, device: str, code: str) -> None:
    """Take another identity after this replica was found to be a copy; the outbox stays."""
    meta.put(conn, "device", device)
    meta.put(conn, "replica_code", code)
    for key in ("push_no", heads.LOST_PUSHES, "provisional"):
        meta.put(conn, key, 0)
