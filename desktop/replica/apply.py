"""Pages of the server into the replica; one transaction takes rows, cursor and scope together (SYNC §3, §5)."""

from collections.abc import Sequence

from sqlalchemy import Connection

from desktop.replica import (
    backfill,
    config_rows,
    heads,
    integrity,
    meta,
    notices,
    outbox,
    purge,
    puts,
    rebase,
    reconcile,
    recovery,
    scope,
    search,
    sql,
)
from desktop.replica.changed import Changed, Moves
from desktop.replica.facts import FactSource
from desktop.replica.scope import Reach
from desktop.replica.verdicts import apply_verdicts
from domain.entities.base import Instant
from domain.wire.sync import ConfigRow, PullAnswer, Put, Range, RowsAnswer, Scope

__all__ = ["apply_pull", "apply_rows", "apply_verdicts", "begin_anew"]

INDEX_AT_ONCE = 50
"""Tickets of one page that are put into the search index with it; more are left to idle slices."""


def apply_pull(conn: Connection, answer: PullAnswer) -> Changed:
    """Take in one page of the feed; ignored unless it follows on the cursor and comes under the scope at hand.

    With no cursor (first contact, server restored) only an answer that tells the scope is taken.
    """
    cursor = meta.cursor(conn)
    if answer.from_cursor != cursor and (cursor or answer.scope is None):
        return Changed()
    moves = Moves()
    if answer.scope is not None:
        _take_scope(conn, answer.scope, answer.server_time, moves)
        if cursor:
            return moves.changed()
    elif answer.scope_version != meta.get(conn, "scope_version"):
        return Changed()
    else:
        notices.take(conn, answer.notices, moves)
        _take_rows(conn, answer.config, answer.leave, answer.put, answer.server_time, moves)
    reconcile.arrived(conn)
    meta.put(conn, "cursor", answer.to_cursor)
    meta.put(conn, "head", answer.head)
    if answer.keep_since > meta.number(conn, "keep_since"):
        meta.put(conn, "keep_since", answer.keep_since)
    outbox.settle_unheld(conn)
    if not answer.more:
        meta.put(conn, "verified_at", answer.server_time)
    moves.kind("sync")
    integrity.begin_if_due(conn, answer.server_time)
    integrity.after_pull(conn, answer)
    return moves.changed()


def apply_rows(conn: Connection, answer: RowsAnswer, filled: Range | None, *, after: str = "") -> Changed:
    """Take in one page of a range (asked for with `after`) or whole tickets; thrown away where it is older.

    A page older than the cursor, of another epoch or under another scope changes nothing and is asked for again.
    """
    moves = Moves()
    if answer.scope_version != meta.get(conn, "scope_version") or answer.epoch != meta.epoch(conn):
        return Changed()
    if not answer.granted:
        if filled is not None:
            backfill.drop(conn, filled)
            moves.kind("sync")
        return moves.changed()
    if answer.as_of < meta.cursor_seq(conn):
        return Changed()
    notices.take(conn, answer.notices, moves)
    gone = recovery.none_yet(conn, answer.gone)
    _take_rows(conn, answer.config, gone, answer.put, meta.number(conn, "verified_at"), moves)
    if filled is not None:
        backfill.advance(conn, filled, asked=after, following=answer.next, done=answer.done)
        moves.kind("sync")
    return moves.changed()


def begin_anew(conn: Connection, *, restored: bool) -> Changed:
    """Start over after ``epoch_changed`` (`restored`): everything is asked for again.

    Nothing is deleted: rows stay readable, unconfirmed, until they come again or the server says they are gone.
    A restored server is given back what it may have lost (desktop.replica.recovery).
    """
    if restored:
        recovery.begin(conn)
    meta.put(conn, "cursor", "")
    reconcile.arrived(conn)
    backfill.restart(conn)
    sql.run(conn, "UPDATE ticket SET rev = 0")
    sql.run(conn, "UPDATE base SET rev = 0")
    if restored:
        heads.forget(conn)
    moves = Moves()
    rebase.rebuild(conn, FactSource(conn), sql.column(conn, "SELECT ticket FROM base"), moves)
    moves.kind("sync", "outbox")
    return moves.changed()


def _take_scope(conn: Connection, told: Scope, at: Instant, moves: Moves) -> None:
    if not scope.take(conn, told):
        return
    purge.by_scope(conn, Reach(told), moves, at)
    integrity.begin(conn, "scope")
    rebase.rebuild(conn, FactSource(conn), sql.column(conn, "SELECT ticket FROM base"), moves)
    moves.kind("scope", "sync")


def _take_rows(
    conn: Connection,
    config: Sequence[ConfigRow],
    leave: Sequence[str],
    put: Sequence[Put],
    at: Instant,
    moves: Moves,
) -> None:
    config_rows.take(conn, config, moves)
    purge.leave(conn, leave, moves, at)
    rebuild = puts.take(conn, put, meta.person(conn), moves)
    if config:
        # What could not be decided without it may be shown now, and deadlines may have moved.
        rebuild |= set(sql.column(conn, "SELECT ticket FROM base"))
    if rebuild:
        rebase.rebuild(conn, FactSource(conn), rebuild, moves)
    if moves.kinds and len(put) <= INDEX_AT_ONCE:
        search.index(conn, [one.ticket.id for one in put])
