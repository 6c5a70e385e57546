"""Reading the change feed for one person: the pages of a pull (SYNC §2, §3)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from domain.entities.base import Instant
from domain.rules.leases import DAY_S
from domain.wire.protocol import MAX_PAGE_ROWS
from domain.wire.sync import PullAnswer, PullRequest
from sync_server.access.viewer import Viewer
from sync_server.feed import cursor as cursors
from sync_server.feed.changes import Change, changes_after
from sync_server.feed.digest import digest
from sync_server.feed.directory import config_changes, notices_of
from sync_server.feed.heads import check_seen
from sync_server.feed.pages import Page
from sync_server.feed.projection import shown_classes, shown_put
from sync_server.feed.tail import FeedTail
from sync_server.store.direct import Sql
from sync_server.store.queries.tickets import child_rows, ticket_rows
from sync_server.store.rows import load_names
from sync_server.store.unit_of_work import Feed

SCAN_ROWS, LEAST_SCAN = 5_000, 200
"""Change rows looked at for one page, and at once; most concern others."""

# After a time away most of what was touched is others', and every device asks: these take thousands of ids.
_HELD = Sql("SELECT id FROM ticket WHERE id IN ? AND (assignee = ? OR creator = ?)")
_FOLLOWED = Sql("SELECT ticket FROM ticket_cc WHERE person = ? AND ticket IN ?")


class _Touched:
    """What the scanned changes say of one ticket."""

    __slots__ = ("concerns", "first_seq", "since")

    def __init__(self, seq: int, since: int) -> None:
        self.first_seq, self.since, self.concerns = seq, since, False


def pull(
    conn: Connection, viewer: Viewer, request: PullRequest, *, now: Instant, tail: FeedTail | None = None
) -> PullAnswer:
    """One page of what moved for this person since a cursor, exact as of this snapshot.

    `put` holds encoded rows; the answer is complete only after the codec. Raises RefusedError
    `epoch_changed` and `cursor_expired`, InvalidInputError `bad_cursor`. With a `tail` the newest rows of the feed are
    taken from memory.
    """
    feed, newest = cursors.head(conn)
    head = _Head(feed, newest, tail or FeedTail(most=0))
    if request.seen and not head.knows(cursors.parse(request.seen)):
        check_seen(conn, request.seen, feed)
    answer = _moved(conn, viewer, request, head, now)
    compared = request.digest and not answer.more and answer.scope is None
    return msgspec.structs.replace(
        answer,
        seen=newest.text(),
        keep_since=feed.keep_since,
        digest=digest(conn, viewer, feed.keep_since) if compared else None,
    )


class _Head(NamedTuple):
    """The feed as this transaction sees it: its head, the head's row, and where its newest rows are kept."""

    feed: Feed
    row: cursors.Cursor
    tail: FeedTail

    def knows(self, cursor: cursors.Cursor) -> bool:
        """Whether it is in memory that a cursor is one of this feed; if not, the table tells."""
        return cursor == self.row or (
            cursor.seq >= self.feed.compacted_to and self.tail.knows(self.row, cursor)
        )


def _moved(conn: Connection, viewer: Viewer, request: PullRequest, head: _Head, now: Instant) -> PullAnswer:
    feed = head.feed
    if not request.cursor:
        return _answer(viewer, feed, head.row.text(), head.row.text(), now, with_scope=True)
    start = cursors.parse(request.cursor)
    if not head.knows(start):
        cursors.verify(conn, feed, start)
    if request.scope_version != viewer.scope_version:
        return _answer(viewer, feed, request.cursor, request.cursor, now, with_scope=True)
    return _page(conn, viewer, request, head, start.seq, now)


def _answer(
    viewer: Viewer, feed: Feed, start: str, to: str, now: Instant, *, with_scope: bool = False, **rows: Any
) -> PullAnswer:
    return PullAnswer(
        from_cursor=start,
        to_cursor=to,
        head=feed.seq,
        more=rows.pop("more", False),
        scope_version=viewer.scope_version,
        scope=viewer.scope if with_scope else None,
        server_time=now,
        lease_s=viewer.lease_policy.days * DAY_S,
        **rows,
    )


def _page(
    conn: Connection, viewer: Viewer, request: PullRequest, head: _Head, after: int, now: Instant
) -> PullAnswer:
    feed, limit = head.feed, max(1, min(request.limit, MAX_PAGE_ROWS))
    changes, touched, upto = _scanned(conn, viewer, head, after, limit)
    puts, leaves, last = _tickets(conn, viewer, touched, limit=limit, last=upto)
    within = [row for row in changes if row.seq <= last and row.entity != "ticket"]
    to = request.cursor
    if last > after:
        to = (head.row if last == feed.seq else cursors.at(conn, feed, last)).text()
    return _answer(
        viewer,
        feed,
        request.cursor,
        to,
        now,
        more=last < feed.seq,
        put=puts,
        leave=leaves,
        config=config_changes(conn, viewer.tree, within, viewer.person),
        notices=notices_of(conn, viewer, within),
    )


def _scanned(
    conn: Connection, viewer: Viewer, head: _Head, after: int, limit: int
) -> tuple[list[Change], dict[str, _Touched], int]:
    """The next rows of the feed until enough tickets are concerned, what they say of each ticket, and how far it went.

    Out of memory only those that may concern the person; from the table all, at most `SCAN_ROWS`.
    """
    changes: list[Change] = []
    touched: dict[str, _Touched] = {}
    portion = max(LEAST_SCAN, limit + 1)
    seq = head.feed.seq
    stretch = head.tail.since(conn, head.feed, head.row, after)
    kept = stretch.concerning(conn, viewer, after, seq) if stretch is not None else ()
    while stretch is not None or len(changes) < SCAN_ROWS:
        if stretch is not None:
            scanned = kept[len(changes) : len(changes) + portion]
        else:
            scanned = changes_after(conn, changes[-1].seq if changes else after, portion)
        changes += scanned
        concerned = _touch(viewer, touched, scanned)
        if len(scanned) < portion:
            return changes, touched, seq
        if concerned > limit:
            break
    return changes, touched, changes[-1].seq


def _touch(viewer: Viewer, touched: dict[str, _Touched], changes: Sequence[Change]) -> int:
    """Add what changes say of tickets, in feed order, with the lowest revision each change started from.

    Returns how many tickets concern the person by what the rows tell.
    """
    covers, person = viewer.covers, viewer.person
    for row in changes:
        if row.entity != "ticket":
            continue
        one = touched.get(row.entity_id)
        if one is None:
            one = touched[row.entity_id] = _Touched(row.seq, row.rev_from)
        old = bool(row.org_old) and bool(covers(row.org_old, row.line_old))
        same = row.org_new == row.org_old and row.line_new == row.line_old
        new = old if same else bool(covers(row.org_new, row.line_new))
        named = row.people != "[]" and person in load_names(row.people)
        one.concerns = one.concerns or old or new or named
        entered = (new and not old) or named
        one.since = 0 if entered else min(one.since, row.rev_from)
    return sum(one.concerns for one in touched.values())


def _tickets(
    conn: Connection, viewer: Viewer, touched: dict[str, _Touched], *, limit: int, last: int
) -> tuple[tuple[Any, ...], tuple[str, ...], int]:
    """The puts and leaves of a page bounded by rows and bytes, and the seq up to which it is complete."""
    concerned = _concerned(conn, viewer, touched)
    ids = list(concerned)
    if len(ids) > limit:
        last = min(last, concerned[ids[limit]].first_seq - 1)
    ids = [id for id in ids[:limit] if concerned[id].first_seq <= last]
    page, leaves = Page(), list[str]()
    while block := ids[page.used : page.used + page.room()]:
        rows = {row[0]: row for row in ticket_rows(conn, block)}
        seen = {id: classes for id, row in rows.items() if (classes := shown_classes(viewer, row))}
        entries, personal = child_rows(conn, {id: touched[id].since for id in seen})
        for id in block:
            raw = b""
            if id in seen:
                since, children = touched[id].since, (entries.get(id, ()), personal.get(id, ()))
                raw = shown_put(viewer, rows[id], *children, since=since, classes=seen[id])
            if not page.add(id, raw):
                return tuple(page.puts), tuple(leaves), touched[id].first_seq - 1
            if not raw:
                leaves.append(id)
    return tuple(page.puts), tuple(leaves), last


def _concerned(conn: Connection, viewer: Viewer, touched: dict[str, _Touched]) -> dict[str, _Touched]:
    """Those tickets that concern the person: by old or new coordinates, by name, or by taking part now."""
    unsure = [id for id, one in touched.items() if not one.concerns]
    part: set[str] = set()
    if unsure:
        person = viewer.person
        part.update(id for (id,) in _HELD.all(conn, unsure, person, person))
        part.update(id for (id,) in _FOLLOWED.all(conn, person, unsure))
    return {id: one for id, one in touched.items() if one.concerns or id in part}
