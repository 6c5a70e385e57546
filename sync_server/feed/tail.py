"""The newest rows of the feed in memory, found by place and person: read once for all who catch up (decision 0012).

Rows above `compacted_to` are dense and never change, so a stretch of them is as good as the table, as long as it is
the table's past: a server that went back in time is known by the nonce of the row at its end (SYNC §1). Who takes part
in a ticket is kept as "has taken part at some time since": the transaction that asks looks who takes part now.
"""

import threading
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from domain.rules.permissions import grant_classes
from sync_server.access.predicate import sees_all
from sync_server.access.viewer import Viewer
from sync_server.feed.changes import Change, changes_after
from sync_server.feed.cursor import Cursor
from sync_server.store.direct import Sql
from sync_server.store.rows import load_names
from sync_server.store.unit_of_work import Feed

KEPT_ROWS = 50_000
"""At most, some 15 MB; who is further behind reads the table."""
SPARE_ROWS = 20_000
"""Rows that may come before the oldest are let go, so that it is not done all the time."""
LEAST_ROWS = 1_000

_PART = Sql("SELECT id, creator, assignee FROM ticket WHERE id IN ?")
_CC = Sql("SELECT ticket, person FROM ticket_cc WHERE ticket IN ?")


class Stretch:
    """Rows of the feed without a gap, the newest at the end; it only ever grows there."""

    def __init__(self, epoch: str, first: int) -> None:
        self.epoch, self.first = epoch, first
        self._rows: list[Change] = []
        self._by_org: defaultdict[str, list[int]] = defaultdict(list)
        self._by_person: defaultdict[str, list[int]] = defaultdict(list)
        self._by_ticket: defaultdict[str, list[int]] = defaultdict(list)
        self._others: list[int] = []  # neither of tickets nor of one person
        self._part: dict[str, frozenset[str]] = {}
        self._found, self._finding = 0, threading.Lock()  # so many rows are found by place and person
        self.last = first - 1

    def __len__(self) -> int:
        return len(self._rows)

    def cursor(self, seq: int) -> Cursor | None:
        """The cursor of a row, if it is kept."""
        if not self.first <= seq <= self.last:
            return None
        return Cursor(epoch=self.epoch, seq=seq, nonce=self._rows[seq - self.first].nonce)

    def grow(self, rows: Sequence[Change]) -> None:
        """Take the rows that follow."""
        self._rows += rows
        if rows:
            # Last of all: those who read at the same time look no further than this.
            self.last = rows[-1].seq

    def _find(self, conn: Connection) -> None:
        """Have all rows found by place and person; those who see everything never need it.

        `conn` sees no further than the last row: whoever took part since and does no longer is named by a row.
        """
        with self._finding:
            rows = self._rows[self._found : self.last + 1 - self.first]
            self._learn_part(conn, rows)
            for row in rows:
                people = set(load_names(row.people))
                if row.entity == "ticket":
                    self._by_ticket[row.entity_id].append(row.seq)
                    people |= self._part[row.entity_id]
                    for org in {row.org_old, row.org_new}:
                        self._by_org[org].append(row.seq)
                elif row.entity != "notice":
                    self._others.append(row.seq)
                for person in people:
                    self._by_person[person].append(row.seq)
            self._found += len(rows)

    def _learn_part(self, conn: Connection, rows: Sequence[Change]) -> None:
        """Who takes part in the tickets of these rows, and who did between them: rows name who joins or leaves."""
        part: defaultdict[str, set[str]] = defaultdict(set)
        for row in rows:
            if row.entity == "ticket":
                part[row.entity_id].update(load_names(row.people))
        fresh = [id for id in part if id not in self._part]
        if fresh:
            for id, *people in _PART.all(conn, fresh):
                part[id].update(person for person in people if person)
            for id, person in _CC.all(conn, fresh):
                part[id].add(person)
        for id, known in part.items():
            self._part[id] = self._part.get(id, frozenset()) | known

    def concerning(self, conn: Connection, viewer: Viewer, after: int, upto: int) -> Sequence[Change]:
        """Rows in (after, upto], in order, with every row of each ticket that may concern a person.

        There may be more than concern them, and of notices only their own. `conn` sees no further than what is kept.
        """
        if sees_all(viewer):
            return self._rows[after + 1 - self.first : upto + 1 - self.first]
        self._find(conn)
        seqs: set[int] = set()
        for org in _places(viewer):
            seqs.update(_within(self._by_org.get(org, ()), after, upto))
        seqs.update(_within(self._by_person.get(viewer.person, ()), after, upto))
        named = (self._rows[seq - self.first] for seq in seqs)
        for id in {row.entity_id for row in named if row.entity == "ticket"}:
            seqs.update(_within(self._by_ticket[id], after, upto))
        seqs.update(_within(self._others, after, upto))
        return [self._rows[seq - self.first] for seq in sorted(seqs)]

    def newest(self, count: int) -> "Stretch":
        """Another stretch of the newest rows alone."""
        kept = Stretch(self.epoch, self.last - count + 1)
        rows = self._rows[-count:]
        ids = {row.entity_id for row in rows if row.entity == "ticket"}
        kept._part = {id: part for id in ids if (part := self._part.get(id)) is not None}
        kept.grow(rows)
        return kept


def _places(viewer: Viewer) -> set[str]:
    """The units at which a grant may cover a ticket."""
    units = {grant.unit for grant in viewer.grants if grant_classes(grant)}
    return units.union(*(viewer.tree.below(unit) for unit in units))


def _within(seqs: Sequence[int], after: int, upto: int) -> Iterable[int]:
    return seqs[bisect_right(seqs, after) : bisect_right(seqs, upto)]


class FeedTail:
    """The stretch that a process keeps, shared by its threads."""

    def __init__(self, *, most: int = KEPT_ROWS, spare: int = SPARE_ROWS) -> None:
        self._most, self._spare = most, spare
        self._kept: Stretch | None = None
        self._mutex = threading.Lock()

    def knows(self, newest: Cursor, cursor: Cursor) -> bool:
        """Whether a cursor is that of a row in the past of `newest`, the head's own row.

        Rows after it are kept, too, where the server went back since (story real 30262).
        """
        kept = self._kept
        if cursor.seq > newest.seq:
            return False
        return _holds(kept, newest, cursor.seq - 1) and kept is not None and kept.cursor(cursor.seq) == cursor

    def since(self, conn: Connection, feed: Feed, newest: Cursor, after: int) -> Stretch | None:
        """A stretch that holds everything in (after, the head of this transaction], or None: read the table.

        `feed` and `newest`, the head's own row, are what this transaction sees.
        """
        if not (feed.compacted_to <= after < feed.seq == newest.seq) or feed.seq - after > self._most:
            return None
        kept = self._kept
        if _holds(kept, newest, after):
            return kept
        with self._mutex:
            kept = self._kept
            if not _holds(kept, newest, after):
                if kept is not None and feed.seq < kept.last and kept.cursor(feed.seq) in (newest, None):
                    return None  # a transaction of before: what is kept goes on
                kept = self._kept = self._brought_up(conn, feed, newest, after)
        return kept if _holds(kept, newest, after) else None

    def _brought_up(self, conn: Connection, feed: Feed, newest: Cursor, after: int) -> Stretch | None:
        """The stretch grown to this transaction's head; another where that isn't its future."""
        kept = self._kept
        count = feed.seq - kept.last if kept is not None and kept.first <= after + 1 else 0
        if kept is not None and 0 < count <= self._most:
            # From its last row on: by its nonce it is known whether this is still the same past.
            rows = changes_after(conn, kept.last - 1, count + 1)
            if rows and _is_last(kept, Cursor(epoch=feed.epoch, seq=rows[0].seq, nonce=rows[0].nonce)):
                if len(rows) != count + 1:
                    return None
                kept.grow(rows[1:])
                return kept if len(kept) <= self._most + self._spare else kept.newest(self._most)
        wanted = feed.seq - after
        count = min(self._most, feed.seq - feed.compacted_to, wanted + max(LEAST_ROWS, wanted // 4))
        rows = changes_after(conn, feed.seq - count, count)
        if len(rows) != count:
            return None
        fresh = Stretch(feed.epoch, feed.seq - count + 1)
        fresh.grow(rows)
        return fresh


def _is_last(kept: Stretch, row: Cursor) -> bool:
    """Whether a row of the table is the last one that is kept, so that those after it follow on it."""
    return kept.cursor(kept.last) == row


def _holds(kept: Stretch | None, newest: Cursor, after: int) -> bool:
    """Whether a stretch begins early enough and has the head's row, as this transaction sees it."""
    return kept is not None and kept.first <= after + 1 and kept.cursor(newest.seq) == newest
