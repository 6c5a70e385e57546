"""Digests: what one person should hold, as counts and sums, whole, by group, and by ticket (SYNC §6)."""

from collections.abc import Iterator

from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select, tuple_

from domain.entities.base import Instant
from domain.entities.people import ALL_CLASSES, ORDINARY
from domain.errors import InvalidInputError
from domain.rules.digests import share
from domain.wire.integrity import (
    MOST_GROUPS,
    MOST_SHARES,
    TAKING_PART,
    DigestAnswer,
    DigestRequest,
    GroupShare,
    TicketShare,
)
from domain.wire.sync import Digest
from sync_server.access.predicate import covered, takes_no_part, takes_part
from sync_server.access.viewer import Viewer
from sync_server.feed.heads import check_seen, head_token
from sync_server.feed.keeping import kept
from sync_server.store import tables as t
from sync_server.store.queries.tickets import MARKED
from sync_server.store.rows import ticket_of
from sync_server.store.unit_of_work import feed_head


def digest(conn: Connection, viewer: Viewer, keep_since: Instant) -> Digest:
    """The count and sum of everything the person should hold, as of this snapshot."""
    groups = list(_groups(conn, viewer, keep_since))
    return Digest(
        keep_since=keep_since,
        count=sum(one.count for one in groups),
        total=sum(one.total for one in groups),
    )


def shares(conn: Connection, viewer: Viewer, request: DigestRequest) -> DigestAnswer:
    """One page of groups or tickets, as of this snapshot.

    Raises RefusedError `epoch_changed`, InvalidInputError `bad_message` for too many groups.
    """
    feed = feed_head(conn)
    check_seen(conn, request.seen, feed)
    if len(request.groups) > MOST_GROUPS:
        raise InvalidInputError("bad_message", reason="groups")
    answer = DigestAnswer(
        as_of=feed.seq,
        epoch=feed.epoch,
        scope_version=viewer.scope_version,
        keep_since=feed.keep_since,
        seen=head_token(conn, feed),
        done=False,
        next=request.after,
    )
    if request.scope_version != viewer.scope_version:
        return answer
    if request.level == "groups":
        return _page_of_groups(conn, viewer, request, answer)
    return _page_of_tickets(conn, viewer, request, answer)


def _groups(conn: Connection, viewer: Viewer, keep_since: Instant) -> Iterator[GroupShare]:
    """Tickets of one unit and line are held alike, except by those who take part: as holder, or else as others do."""
    place = (t.ticket.c.org, t.ticket.c.line)
    sums = func.count(), func.sum(t.ticket.c.mark)
    holds = func.coalesce(t.ticket.c.assignee == viewer.person, false())
    part = select(*place, holds, *sums).where(takes_part(viewer.person), kept(keep_since))
    taking, whole = 0, 0
    for org, line, holder, count, marks in conn.execute(part.group_by(*place, holds)):
        classes = ALL_CLASSES if holder else viewer.covers(org, line) | ORDINARY
        taking += count
        # PostgreSQL sums in decimals.
        whole += int(marks) + count * share(0, classes)
    if taking:
        unit, line = TAKING_PART
        yield GroupShare(unit=unit, line=line, count=taking, total=whole)
    others = select(*place, *sums)
    others = others.where(covered(viewer), takes_no_part(viewer.person), kept(keep_since))
    for unit, line, count, marks in conn.execute(others.group_by(*place).order_by(*place)):
        classes = viewer.covers(unit, line)
        yield GroupShare(unit=unit, line=line, count=count, total=int(marks) + count * share(0, classes))


def _page_of_groups(
    conn: Connection, viewer: Viewer, request: DigestRequest, answer: DigestAnswer
) -> DigestAnswer:
    groups = sorted(_groups(conn, viewer, answer.keep_since), key=_place)
    limit = max(1, min(request.limit, MOST_SHARES))
    rest = [one for one in groups if not request.after or _place(one) > request.after]
    done = len(rest) <= limit
    page = tuple(rest[:limit])
    return replace(answer, groups=page, done=done, next="" if done else _place(page[-1]))


def _place(one: GroupShare) -> str:
    return f"{one.unit}\t{one.line}"


def _page_of_tickets(
    conn: Connection, viewer: Viewer, request: DigestRequest, answer: DigestAnswer
) -> DigestAnswer:
    limit = max(1, min(request.limit, MOST_SHARES))
    wanted = _of_groups(viewer, request.groups) if request.groups else _of_all(viewer)
    query = MARKED.where(wanted, kept(answer.keep_since)).order_by(t.ticket.c.id).limit(limit)
    if request.after:
        query = query.where(t.ticket.c.id > request.after)
    rows = list(conn.execute(query))
    found = []
    for row in rows:
        classes = viewer.access(ticket_of(row)).classes
        if classes:
            found.append(TicketShare(id=row.id, rev=row.rev, share=share(row.mark, classes)))
    done = len(rows) < limit
    return replace(answer, tickets=tuple(found), done=done, next="" if done else rows[-1].id)


def _of_all(viewer: Viewer) -> ColumnElement[bool]:
    return or_(covered(viewer), takes_part(viewer.person))


def _of_groups(viewer: Viewer, groups: tuple[tuple[str, str], ...]) -> ColumnElement[bool]:
    places = [(unit, line) for unit, line in groups if viewer.covers(unit, line)]
    parts: list[ColumnElement[bool]] = []
    if places:
        here = tuple_(t.ticket.c.org, t.ticket.c.line).in_(places)
        parts.append(and_(here, takes_no_part(viewer.person)))
    if TAKING_PART in groups:
        parts.append(takes_part(viewer.person))
    return or_(*parts) if parts else false()
