"""Whole tickets by range or by id, as of one snapshot (SYNC §2, §3)."""

import itertools
from typing import Any

from sqlalchemy import Connection

from domain.entities.base import Instant
from domain.rules.permissions import grant_classes, grant_covers
from domain.wire.protocol import MAX_PAGE_ROWS
from domain.wire.sync import BackfillRequest, Range, RowsAnswer, TicketsRequest
from sync_server.access.viewer import Viewer
from sync_server.feed.directory import recent_notices, whole_config
from sync_server.feed.finding import Take, following
from sync_server.feed.heads import check_seen, head_token
from sync_server.feed.pages import Page
from sync_server.feed.projection import shown_classes, shown_put
from sync_server.store.queries.tickets import child_rows, ticket_rows
from sync_server.store.unit_of_work import feed_head


def backfill(conn: Connection, viewer: Viewer, request: BackfillRequest, *, now: Instant) -> RowsAnswer:
    """One page of a range, newest tickets first; one that isn't the person's is "not granted", no more.

    Raises RefusedError `epoch_changed`.
    """
    check_seen(conn, request.seen)
    if request.scope_version != viewer.scope_version:
        # No word about the range: an answer that comes late would be taken for one about the scope at hand.
        return _answer(conn, viewer, done=False, next=request.after)
    if not _granted(viewer, request.range):
        return _answer(conn, viewer, granted=False)
    if request.range.kind == "config":
        return _answer(
            conn,
            viewer,
            config=whole_config(conn, viewer.tree, viewer.person),
            notices=recent_notices(conn, viewer, now),
        )
    limit = max(1, min(request.limit, MAX_PAGE_ROWS))
    keep_since = feed_head(conn).keep_since
    found = following(conn, viewer, request.range, after=request.after, keep_since=keep_since, limit=limit)
    with found as take:
        page = _filled(conn, viewer, take)
    done = not page.full and page.used < limit
    return _answer(conn, viewer, put=tuple(page.puts), done=done, next="" if done else page.last)


def tickets(conn: Connection, viewer: Viewer, request: TicketsRequest) -> RowsAnswer:
    """Whole tickets by id; those out of sight are named as gone, whether or not they exist.

    Raises RefusedError `epoch_changed`.
    """
    check_seen(conn, request.seen)
    if request.scope_version != viewer.scope_version:
        return _answer(conn, viewer, granted=False)
    ids = list(dict.fromkeys(request.ids))[:MAX_PAGE_ROWS]
    rows = {row[0]: row for row in ticket_rows(conn, ids)}
    visible = [rows[id] for id in ids if id in rows and shown_classes(viewer, rows[id])]
    seen, left = {row[0] for row in visible}, iter(visible)
    page = _filled(conn, viewer, lambda count: list(itertools.islice(left, count)))
    return _answer(
        conn,
        viewer,
        put=tuple(page.puts),
        gone=tuple(id for id in ids if id not in seen),
        done=not page.full,
    )


def _granted(viewer: Viewer, wanted: Range) -> bool:
    """Whether a range is the person's to have: config and their own always, a unit if a grant covers it."""
    if wanted.kind != "unit":
        return True
    above = viewer.tree.ancestors(wanted.unit)
    return any(grant_classes(g) and grant_covers(g, above, wanted.line or g.line) for g in viewer.grants)


def _filled(conn: Connection, viewer: Viewer, take: Take) -> Page:
    """Encode whole tickets until the page is full or no more are given."""
    page = Page()
    while block := take(page.room()):
        seen = {row[0]: classes for row in block if (classes := shown_classes(viewer, row))}
        entries, personal = child_rows(conn, dict.fromkeys(seen, 0))
        for row in block:
            id = row[0]
            classes, raw = seen.get(id, 0), b""
            if classes:
                children = entries.get(id, ()), personal.get(id, ())
                raw = shown_put(viewer, row, *children, since=0, classes=classes)
            if not page.add(id, raw):
                return page
    return page


def _answer(conn: Connection, viewer: Viewer, **rows: Any) -> RowsAnswer:
    feed = feed_head(conn)
    return RowsAnswer(
        as_of=feed.seq,
        epoch=feed.epoch,
        scope_version=viewer.scope_version,
        seen=head_token(conn, feed),
        **rows,
    )
