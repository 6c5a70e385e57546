"""Deleting what no present reason covers, search index and write-ahead log included (SYNC §2)."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Connection

from desktop.replica import attachments, attention, outbox, rows, search, sql
from desktop.replica.changed import Moves
from desktop.replica.engine import truncate_after
from desktop.replica.scope import Reach
from domain.entities.base import Instant
from domain.entities.people import CLASS_BIT
from domain.wire import codec
from domain.wire.commands import Command

_CHILDREN = ("entry", "personal", "base", "wanted", "seen", "notice")
_MINE = (
    "(SELECT json_group_object(key, json_object('mine', json_extract(value, '$.mine'))) FROM json_each({}))"
)


def leave(conn: Connection, ids: Sequence[str], moves: Moves, at: Instant) -> None:
    """Delete tickets that are out of sight; commands on them that were never sent need attention at once.

    What was sent waits for its verdict, and what was acknowledged is done.
    """
    if not ids:
        return
    given = (sql.text(ids),)
    search.remove(conn, ids)
    held = sql.column(conn, "SELECT id FROM ticket WHERE id IN (SELECT value FROM json_each(?))", given)
    sql.run(conn, "DELETE FROM ticket WHERE id IN (SELECT value FROM json_each(?))", given)
    for table in _CHILDREN:
        sql.run(conn, f"DELETE FROM {table} WHERE ticket IN (SELECT value FROM json_each(?))", given)
    released = _release(conn, ids, moves, at)
    attachments.uncover(conn, ids)
    moves.ticket(*held, removed=True)
    if held or released:
        truncate_after(conn)


def _release(conn: Connection, ids: Sequence[str], moves: Moves, at: Instant) -> bool:
    """Let go of the commands on tickets that are out of sight, without what they had read there; whether any was."""
    given = (sql.text(ids),)
    of_these = "ticket IN (SELECT value FROM json_each(?))"
    found = sql.rows(
        conn, f"SELECT id, ticket, body FROM command WHERE state = 'pending' AND {of_these}", given
    )
    for id, ticket, body in found:
        command = msgspec.structs.replace(codec.decode(body, Command), base={})
        sql.run(
            conn, "UPDATE command SET state = 'attention', body = ? WHERE id = ?", (sql.text(command), id)
        )
        attention.add(conn, command=id, ticket=ticket, kind="out_of_scope", code="out_of_scope", at=at)
        moves.kind("outbox", "attention")
    sql.run(conn, f"UPDATE command SET state = 'done' WHERE state = 'acked' AND {of_these}", given)
    forget_read(conn, ids)
    return bool(found)


def forget_read(conn: Connection, ids: Iterable[str]) -> None:
    """Take from commands that have their verdict what had been read on tickets that are not held any more."""
    given = (sql.text(list(ids)),)
    of_these = "ticket IN (SELECT value FROM json_each(?)) AND ticket NOT IN (SELECT id FROM ticket)"
    # What has its refusal is never sent again, so that what it had read need not be known.
    changed = sql.run(
        conn,
        "UPDATE command SET body = json_remove(body, '$.base') WHERE state IN ('attention', 'discarded') "
        f"AND body <> '' AND json_type(body, '$.base') IS NOT NULL AND {of_these}",
        given,
    )
    changed += _forget_met(conn, of_these, given)
    # Of a conflict only the person's own value may stay, where it is asked about and in the verdict that told it.
    mine = _MINE.format("detail")
    changed += sql.run(
        conn,
        f"UPDATE attention SET detail = {mine} WHERE kind = 'conflict' AND detail IS NOT {mine} AND {of_these}",
        given,
    )
    fields = _MINE.format("verdict, '$.fields'")
    changed += sql.run(
        conn,
        f"UPDATE command SET verdict = json_set(verdict, '$.fields', json({fields})) "
        f"WHERE json_type(verdict, '$.fields') IS NOT NULL AND json_extract(verdict, '$.fields') <> {fields} "
        f"AND {of_these}",
        given,
    )
    if changed:
        truncate_after(conn)


def _forget_met(conn: Connection, of_these: str, given: tuple[str]) -> int:
    """Take from commands what they had read where they met a conflict: a restored server would find it again."""
    changed = 0
    for id, body, fields in sql.rows(
        conn,
        "SELECT id, body, json_extract(verdict, '$.fields') FROM command WHERE state IN ('acked', 'done', 'again') "
        f"AND body <> '' AND json_extract(verdict, '$.status') = 'conflict' AND {of_these}",
        given,
    ):
        command, met = codec.decode(body, Command), codec.decode(fields or "{}", dict)
        base = {key: value for key, value in command.base.items() if key not in met}
        if base != command.base:
            kept = msgspec.structs.replace(command, base=base)
            changed += sql.run(conn, "UPDATE command SET body = ? WHERE id = ?", (sql.text(kept), id))
    return changed


def by_scope(conn: Connection, reach: Reach, moves: Moves, at: Instant) -> None:
    """Judge every ticket by a new scope: delete, narrow or ask for it again."""
    person = reach.scope.person
    bases = _bases(conn, reach)
    gone: list[str] = []
    narrowed: list[tuple[str, int]] = []
    wanted: list[str] = []
    for id, org, line, held, creator, assignee, cc in sql.rows(
        conn, "SELECT id, org, line, access, creator, assignee, cc FROM ticket"
    ):
        classes = bases.get(id)
        if classes is None:
            classes = reach.classes_at(org, line)
            if person in (creator, assignee) or person in cc:
                ticket = rows.load_ticket(conn, id)
                classes = reach.access(ticket).classes if ticket is not None else 0
        if not classes:
            gone.append(id)
        elif classes != held:
            wanted.append(id)
            if held & ~classes:
                narrowed.append((id, classes))
    asked_for = set(sql.column(conn, "SELECT ticket FROM wanted")).intersection(gone)
    leave(conn, gone, moves, at)
    # What is waited for is held out of date: where it stands now only the server's answer tells.
    want(conn, asked_for)
    for id, classes in narrowed:
        narrow(conn, id, classes, moves)
    want(conn, wanted)


def _bases(conn: Connection, reach: Reach) -> dict[str, int]:
    """The classes by which tickets with unsent commands are held, judged by the server's copy of them."""
    found: dict[str, int] = {}
    for id in sql.column(conn, "SELECT ticket FROM base"):
        base = rows.load_base(conn, id)
        if base is not None and base.ticket is not None:
            found[id] = reach.access(base.ticket).classes
        else:
            # Not known to the server yet: it is the person's own until the verdict.
            found[id] = int(sql.value(conn, "SELECT access FROM ticket WHERE id = ?", (id,)) or 0) or 1
    return found


def narrow(conn: Connection, id: str, classes: int, moves: Moves) -> None:
    """Drop at once those children whose class is no longer shown; the rest is asked for whole."""
    lost = sql.text([name for name, bit in CLASS_BIT.items() if not bit & classes])
    for table in ("entry", "personal"):
        sql.run(
            conn,
            f"DELETE FROM {table} WHERE ticket = ? AND rev > 0 "
            "AND field_class IN (SELECT value FROM json_each(?))",
            (id, lost),
        )
    sql.run(conn, "UPDATE ticket SET access = ?, indexed = 0 WHERE id = ?", (classes, id))
    base = rows.load_base(conn, id)
    if base is not None:
        kept = tuple(value for value in base.personal if CLASS_BIT[value.field_class] & classes)
        rows.save_base(conn, id, msgspec.structs.replace(base, access=classes, personal=kept))
    search.remove(conn, [id])
    attachments.uncover(conn, [id])
    moves.ticket(id)
    truncate_after(conn)


def want(conn: Connection, ids: Iterable[str]) -> None:
    """Have tickets fetched whole."""
    sql.run_many(conn, "INSERT OR IGNORE INTO wanted (ticket) VALUES (?)", [(id,) for id in ids])


def forget_journal(conn: Connection, now: Instant) -> int:
    """Drop what the journal need not keep any longer."""
    return outbox.forget(conn, outbox.journal_start(now))
