"""Attachments this machine holds bytes of, or is to: what goes up, what comes down, what may go (SYNC §2, §7).

States: `draft` (chosen, its message not sent), `local` (to be uploaded), `uploaded` (the server has it, its command
not yet settled), `wanted` (to be fetched), `cached` (may be evicted), `failed` (`code` says why). A reference
without a row here is on the server alone.
"""

from collections.abc import Iterable
from typing import Literal

from sqlalchemy import Connection

from desktop.replica import meta, sql
from desktop.replica.engine import forget_file, vault
from domain.entities.base import Entity, Instant
from domain.wire import codec
from domain.wire.attachments import AttachmentLimits, AttachmentRef, refs_in, refs_of
from domain.wire.commands import Command

State = Literal["draft", "local", "uploaded", "wanted", "cached", "failed"]

_COLUMNS = "hash, ticket, name, size, type, own, state, offset, code, tries"
_ROW = "INTO attachment (hash, ticket, name, size, type, own, state, offset, code, tries, retry_at, used_at)"
_UNSENT = "('pending', 'sent', 'again', 'attention')"


def _asked(states: str) -> str:
    """SQL: some command of the ticket in these states names the content."""
    return (
        f"EXISTS (SELECT 1 FROM command c WHERE c.ticket = a.ticket AND c.state IN {states} "
        "AND instr(c.body, a.hash))"
    )


_NAMED = "EXISTS (SELECT 1 FROM entry e WHERE e.ticket = a.ticket AND instr(e.detail, a.hash))"
_COMMANDED = _asked("('pending', 'sent', 'again', 'attention', 'acked', 'done')")


class Held(Entity):
    """One content for one ticket; size and offset in bytes, `own` where it came from this person."""

    hash: str
    ticket: str
    name: str
    size: int
    type: str
    own: bool
    state: State
    offset: int = 0
    code: str = ""
    tries: int = 0


def limits(conn: Connection) -> AttachmentLimits:
    """What may be attached, as the server said last."""
    return meta.struct(conn, "attachment_limits", AttachmentLimits) or AttachmentLimits()


def keep_limits(conn: Connection, told: AttachmentLimits) -> None:
    """Keep what the server says may be attached."""
    meta.put_struct(conn, "attachment_limits", told)


def choose(conn: Connection, ticket: str, ref: AttachmentRef, content: bytes, at: Instant) -> None:
    """Keep the bytes of what a person attaches to a message of a ticket, before it is sent."""
    vault(conn).add(content)
    sql.run(
        conn,
        f"INSERT {_ROW} VALUES (?, ?, ?, ?, ?, 1, 'draft', 0, '', 0, 0, ?) ON CONFLICT (hash, ticket) DO UPDATE "
        "SET used_at = excluded.used_at, own = 1, "
        "state = iif(own = 1 AND state IN ('local', 'uploaded'), state, 'draft')",
        (ref.hash, ticket, ref.name, ref.size, ref.type, at),
    )


def unchoose(conn: Connection, ticket: str, hash: str) -> None:
    """The person takes an attachment off a message that was not sent."""
    _remove(conn, f"a.state = 'draft' AND NOT {_COMMANDED} AND a.ticket = ? AND a.hash = ?", (ticket, hash))


def want(conn: Connection, ticket: str, ref: AttachmentRef, at: Instant) -> None:
    """Have a content fetched that somebody looks at, or tried again; nothing where it is here."""
    sql.run(
        conn,
        f"INSERT {_ROW} VALUES (?, ?, ?, ?, ?, 0, 'wanted', 0, '', 0, 0, ?) ON CONFLICT (hash, ticket) DO UPDATE "
        "SET used_at = excluded.used_at, retry_at = 0, tries = 0, code = '', "
        "state = CASE WHEN state = 'failed' THEN iif(own, 'local', 'wanted') ELSE state END",
        (ref.hash, ticket, ref.name, ref.size, ref.type, at),
    )


def used(conn: Connection, hash: str, at: Instant) -> None:
    """Somebody looked at a content: what was looked at longest ago goes first."""
    sql.run(conn, "UPDATE attachment SET used_at = ? WHERE hash = ?", (at, hash))


def held(conn: Connection, ticket: str) -> dict[str, Held]:
    """What is known here of a ticket's attachments, by hash."""
    found = sql.rows(conn, f"SELECT {_COLUMNS} FROM attachment WHERE ticket = ?", (ticket,))
    return {row[0]: _held(row) for row in found}


def next_up(conn: Connection, now: Instant) -> Held | None:
    """What to upload next: the smallest first, so that a photo does not wait for a film."""
    return _next(conn, "state = 'local' AND retry_at <= ? ORDER BY tries, size", (now,))


def next_down(conn: Connection, now: Instant) -> Held | None:
    """What to fetch next: what was looked at last."""
    return _next(conn, "state = 'wanted' AND retry_at <= ? ORDER BY tries, used_at DESC", (now,))


def _next(conn: Connection, where: str, given: tuple[int, ...]) -> Held | None:
    found = sql.row(conn, f"SELECT {_COLUMNS} FROM attachment WHERE {where} LIMIT 1", given)
    return None if found is None else _held(found)


def _held(row: sql.Row) -> Held:
    hash, ticket, name, size, type_, own, state, offset, code, tries = row
    return Held(
        hash=hash,
        ticket=ticket,
        name=name,
        size=size,
        type=type_,
        own=bool(own),
        state=state,
        offset=offset,
        code=code,
        tries=tries,
    )


def move(conn: Connection, one: Held, state: State, *, offset: int = 0, code: str = "") -> None:
    """Set how a content stands; the tries are counted from anew."""
    sql.run(
        conn,
        "UPDATE attachment SET state = ?, offset = ?, code = ?, tries = 0, retry_at = 0 "
        "WHERE hash = ? AND ticket = ?",
        (state, offset, code, one.hash, one.ticket),
    )


def progress(conn: Connection, one: Held, offset: int) -> None:
    """Note how far a transfer is."""
    sql.run(
        conn,
        "UPDATE attachment SET offset = ?, tries = 0 WHERE hash = ? AND ticket = ?",
        (offset, one.hash, one.ticket),
    )


def still_named(conn: Connection, one: Held) -> bool:
    """Whether its row is still here; if it was purged meanwhile, what was fetched since goes with the commit, too."""
    if sql.value(conn, "SELECT 1 FROM attachment WHERE hash = ? AND ticket = ?", (one.hash, one.ticket)):
        return True
    if sql.value(conn, "SELECT 1 FROM attachment WHERE hash = ? LIMIT 1", (one.hash,)) is None:
        forget_file(conn, one.hash)
    return False


def try_again(conn: Connection, one: Held) -> None:
    """Begin a transfer anew, behind the others."""
    sql.run(
        conn,
        "UPDATE attachment SET tries = tries + 1, offset = 0 WHERE hash = ? AND ticket = ?",
        (one.hash, one.ticket),
    )


def wait(conn: Connection, one: Held, until: Instant) -> None:
    """Leave a transfer alone until an instant; others go on meanwhile."""
    sql.run(
        conn,
        "UPDATE attachment SET retry_at = ? WHERE hash = ? AND ticket = ?",
        (until, one.hash, one.ticket),
    )


def try_now(conn: Connection) -> None:
    """Forget what was waited for: the server is back."""
    sql.run(conn, "UPDATE attachment SET retry_at = 0 WHERE retry_at > 0")


def queue(conn: Connection) -> int:
    """What was chosen and its message sent is to be uploaded; returns how many."""
    return sql.run(
        conn, f"UPDATE attachment AS a SET state = 'local' WHERE a.state = 'draft' AND {_COMMANDED}"
    )


def unsent(conn: Connection) -> list[Held]:
    """What messages hold that the server has not taken; their bytes are on this machine."""
    found = sql.rows(conn, f"SELECT {_COLUMNS} FROM attachment a WHERE a.own = 1 AND {_asked(_UNSENT)}")
    return [_held(row) for row in found]


def uploads_left(conn: Connection) -> bool:
    """Whether something that was sent with a message is still to be uploaded."""
    waiting = f"a.state = 'local' OR (a.state = 'draft' AND {_COMMANDED})"
    return sql.value(conn, f"SELECT 1 FROM attachment a WHERE {waiting} LIMIT 1") is not None


def settle(conn: Connection) -> int:
    """Let go of what need not be kept, and offer own contents once more when their command's verdict is there.

    A server that silently went back between upload and verdict has lost the bytes, and nothing else tells of it: what
    was acknowledged is all there. Later losses are seen by the verdict's place in the feed.
    """
    offered = sql.run(
        conn,
        f"UPDATE attachment AS a SET state = 'local', offset = 0 WHERE a.state = 'uploaded' "
        f"AND NOT {_asked(_UNSENT)} AND {_NAMED}",
    )
    return offered + _uncovered(conn, "1 = 1", ())


def settled(conn: Connection, one: Held) -> bool:
    """Whether the command that names an own content has its verdict: then the server's word of it is the last."""
    asked = f"SELECT {_asked(_UNSENT)} FROM attachment a WHERE a.hash = ? AND a.ticket = ?"
    return not sql.value(conn, asked, (one.hash, one.ticket))


def uncover(conn: Connection, tickets: Iterable[str]) -> None:
    """After rows of tickets were deleted: so are bytes that no row of theirs names any more (SYNC §2)."""
    if sql.value(conn, "SELECT 1 FROM attachment LIMIT 1"):
        given = (sql.text(list(tickets)),)
        _uncovered(conn, "a.ticket IN (SELECT value FROM json_each(?))", given)


def _uncovered(conn: Connection, where: str, given: tuple[str, ...]) -> int:
    fetched = f"(a.own = 0 OR a.state = 'cached') AND NOT {_NAMED}"
    done = f"a.state = 'uploaded' AND NOT {_asked(_UNSENT)} AND NOT {_NAMED}"
    given_up = f"a.own = 1 AND a.state IN ('local', 'failed') AND NOT {_COMMANDED} AND NOT {_NAMED}"
    return _remove(conn, f"({fetched} OR {done} OR {given_up}) AND {where}", given)


def evict(conn: Connection, most_bytes: int) -> int:
    """Delete what was looked at longest ago until the cache fits; returns how many contents went."""
    found = sql.rows(
        conn, "SELECT hash, ticket, size FROM attachment WHERE state = 'cached' ORDER BY used_at DESC"
    )
    total, gone = 0, 0
    for hash, ticket, size in found:
        total += size
        if total > most_bytes:
            gone += _remove(conn, "a.state = 'cached' AND a.hash = ? AND a.ticket = ?", (hash, ticket))
    return gone


def offer_again(conn: Connection) -> None:
    """After the server was restored: have it say again whether it holds what this person uploaded, settled or not."""
    sql.run(
        conn,
        "UPDATE attachment SET state = 'local', offset = 0 WHERE own = 1 AND state IN ('cached', 'uploaded')",
    )


def tidy(conn: Connection, began_at: Instant) -> int:
    """At start: drop what was chosen before it and no draft names, and files that no row names; how many went."""
    adopt(conn)
    gone = _remove(
        conn,
        f"a.state = 'draft' AND a.used_at < ? AND NOT {_COMMANDED} "
        "AND NOT EXISTS (SELECT 1 FROM draft d WHERE instr(d.body, a.hash))",
        (began_at,),
    )
    return gone + vault(conn).sweep(sql.column(conn, "SELECT DISTINCT hash FROM attachment"))


def adopt(conn: Connection) -> None:
    """Take in files of unsent work whose row was lost with a damaged replica."""
    bodies = sql.column(
        conn, f"SELECT body FROM command WHERE state IN {_UNSENT} AND instr(body, '\"hash\"')"
    )
    for body in bodies:
        command = codec.decode(body, Command)
        for ref in refs_of_command(command):
            if vault(conn).holds(ref.hash):
                sql.run(
                    conn,
                    f"INSERT OR IGNORE {_ROW} VALUES (?, ?, ?, ?, ?, 1, 'local', 0, '', 0, 0, ?)",
                    (ref.hash, command.ticket_id, ref.name, ref.size, ref.type, command.at),
                )


def refs_of_command(command: Command) -> tuple[AttachmentRef, ...]:
    """Every reference in what a command sets: beside its text, and in form values."""
    found = [*refs_of(command.set)]
    for room in ("fields", "values"):
        inner = command.set.get(room)
        for value in inner.values() if isinstance(inner, dict) else ():
            found += refs_in(value)
    return tuple(found)


def _remove(conn: Connection, where: str, given: tuple[str | int, ...]) -> int:
    """Delete rows, and with the commit the files that no other row names."""
    found = sql.rows(conn, f"SELECT a.hash, a.ticket FROM attachment a WHERE {where}", given)
    for hash, ticket in found:
        sql.run(conn, "DELETE FROM attachment WHERE hash = ? AND ticket = ?", (hash, ticket))
        if sql.value(conn, "SELECT 1 FROM attachment WHERE hash = ? LIMIT 1", (hash,)) is None:
            forget_file(conn, hash)
    return len(found)
