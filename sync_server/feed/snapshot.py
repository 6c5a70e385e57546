"""Prebuilt snapshots in the server's folder: made by a job, offered to those who may see everything (SYNC §6)."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, func, select

from domain.entities.base import Entity, Instant
from domain.errors import RefusedError
from domain.rules.permissions import sees_everything
from domain.wire import codec
from domain.wire.snapshot import LAYOUT, TABLES, SnapshotAnswer, SnapshotPart, SnapshotRequest
from sync_server.access.viewer import Viewer
from sync_server.feed.heads import check_seen, head_token
from sync_server.feed.keeping import kept
from sync_server.feed.snapshot_parts import write_part
from sync_server.feed.snapshot_whole import WholeFile
from sync_server.store import tables as t
from sync_server.store.direct import Sql
from sync_server.store.engine import Store
from sync_server.store.queries.opened import opened
from sync_server.store.queries.tickets import MARKED, child_rows
from sync_server.store.rows import ENTRY_COLUMNS
from sync_server.store.unit_of_work import Feed, feed_head

FOLDER = "snapshots"
PART_TICKETS = 10_000
"""A replica takes a part in one transaction: fewer would cost it more, more would keep others waiting."""
MOST_MOVED = 2_000
"""A snapshot of which more tickets have changed is not offered any longer."""
KEPT = 2
"""The one before is kept for those who are taking it."""
REBUILD_AFTER = 500
"""Changes after which the job makes another, once somebody has asked for it."""
STEP_TICKETS, STEP_ROWS = 100, 500
"""Read, and written, without giving way: some ten milliseconds of work."""
_ASKED = "asked"
_COLUMNS = TABLES["snap_ticket"]

GiveWay = Callable[[], None]
"""Called between the steps of long work."""

_MOVED = Sql("SELECT DISTINCT entity_id FROM change WHERE seq > ? AND entity = 'ticket' LIMIT ?")
_PASSING = frozenset({"transferred", "assigned"})
_E_PERSON, _E_KIND = ENTRY_COLUMNS.index("person"), ENTRY_COLUMNS.index("kind")


class Made(Entity):
    """What is known of one snapshot, as it is kept beside its parts."""

    id: str
    epoch: str
    as_of: int
    erasures: int  # how many there had been
    parts: tuple[SnapshotPart, ...]
    columns: tuple[str, ...] = ()  # of its tickets; empty in those of older programs
    layout: int = 0  # of a replica, or 0 for parts that are databases of their own
    keep_since: Instant = 0


class Snapshots:
    """The snapshots of one server; of several processes each makes its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER

    def build(self, store: Store, id: str, *, give_way: GiveWay = lambda: None) -> Made:
        """Make a snapshot of what is there now, in one transaction; drop all but it and the one before.

        It is made in two forms: for replicas of this layout, and in parts for programs that know no other. `give_way`
        is called every few milliseconds of work, and may wait.
        """
        target, whole_target = self._folder / id, self._folder / f"{id}-{LAYOUT}"
        with store.read() as conn:
            self._drop_others(_erasures(conn))  # what a process that was killed had begun
        for folder in (target, whole_target):
            folder.mkdir(parents=True)
        # Whole customers' records: as private as the database itself.
        os.chmod(self._folder, 0o700)
        try:
            made = self._make(store, target, whole_target, give_way)
        except BaseException:
            # A full disk, most likely: what there is of it must not stay, try after try.
            for folder in (target, whole_target):
                shutil.rmtree(folder, ignore_errors=True)
            raise
        (self._folder / _ASKED).unlink(missing_ok=True)
        self._drop_others(made.erasures)
        return made

    def _make(self, store: Store, target: Path, whole_target: Path, give_way: GiveWay) -> Made:
        parts: list[SnapshotPart] = []
        with store.read() as conn, WholeFile(whole_target) as whole:
            feed = feed_head(conn)
            for tickets in _blocks(conn, feed.keep_since):
                rows: dict[str, list[Any]] = {name: [] for name in TABLES}
                for start in range(0, len(tickets), STEP_TICKETS):
                    give_way()
                    step = _rows(conn, tickets[start : start + STEP_TICKETS])
                    whole.add(step)
                    for name, some in step.items():
                        rows[name] += some
                slowly = {name: _slowly(some, give_way) for name, some in rows.items()}
                parts.append(write_part(target / f"{len(parts)}.part", slowly, len(tickets)))
            made = Made(
                id=target.name,
                epoch=feed.epoch,
                as_of=feed.seq,
                erasures=_erasures(conn),
                parts=tuple(parts),
                columns=_COLUMNS,
                keep_since=feed.keep_since,
            )
            alike = replace(made, id=whole_target.name, parts=whole.finish(), layout=LAYOUT)
        for one in (made, alike):
            (self._folder / one.id / "made.json").write_bytes(codec.encode(one))
        return made

    def _drop_others(self, erasures: int) -> None:
        """Drop all but the newest of each form; one from before an erasure holds what was erased."""
        kept_ids = {
            one.id
            for layout in (0, LAYOUT)
            for one in [one for one in self._all() if one.layout == layout][:KEPT]
            if one.erasures == erasures
        }
        for name in self._names():
            if name not in kept_ids:
                shutil.rmtree(self._folder / name, ignore_errors=True)

    def _all(self) -> list[Made]:
        """Those that are finished, newest first."""
        found = []
        for name in self._names():
            with suppress(OSError):  # dropped just now
                found.append(codec.decode((self._folder / name / "made.json").read_bytes(), Made))
        return sorted(found, key=lambda one: (one.as_of, one.id), reverse=True)

    def _names(self) -> list[str]:
        """What stands in the folder; nothing where it is not there, or no longer."""
        try:
            return os.listdir(self._folder)
        except FileNotFoundError:
            return []

    def forget(self) -> None:
        """Drop every snapshot: something in them may no longer be kept."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def part(self, conn: Connection, id: str, number: int) -> bytes:
        """The packed bytes of a part; refused (``not_found``) where it is not, or no longer, there."""
        made = next((one for one in self._all() if one.id == id), None)
        if made is None or not 0 <= number < len(made.parts) or made.erasures != _erasures(conn):
            raise RefusedError("not_found")
        try:
            return (self._folder / made.id / f"{number}.part").read_bytes()
        except FileNotFoundError:
            raise RefusedError("not_found") from None

    def note_asked(self) -> None:
        """Somebody takes it, or would have: it is worth being kept up."""
        with suppress(OSError):
            (self._folder / _ASKED).touch()

    @property
    def asked(self) -> bool:
        """Whether anybody asked since the newest was made."""
        return (self._folder / _ASKED).exists()

    def find(self, id: str, layout: int) -> Made | None:
        """The snapshot of that id, or the newest where none is named, in the form asked for."""
        return next((one for one in self._all() if one.layout == layout and id in ("", one.id)), None)

    def behind(self, conn: Connection) -> int | None:
        """How many changes came after the newest; None where there is none that could be offered."""
        made, feed = self.find("", LAYOUT), feed_head(conn)
        return feed.seq - made.as_of if made is not None and _holds(conn, made, feed) else None


def offer(conn: Connection, viewer: Viewer, request: SnapshotRequest, snapshots: Snapshots) -> SnapshotAnswer:
    """The snapshot this person may take, and what moved since. Raises RefusedError `epoch_changed`."""
    feed = feed_head(conn)
    check_seen(conn, request.seen, feed)
    answer: dict[str, Any] = {
        "as_of": feed.seq,
        "epoch": feed.epoch,
        "scope_version": viewer.scope_version,
        "keep_since": feed.keep_since,
        "seen": head_token(conn, feed),
    }
    made = snapshots.find(request.id, request.layout)
    if made is None or not _holds(conn, made, feed) or request.scope_version != viewer.scope_version:
        return SnapshotAnswer(**answer)
    if not may_take(viewer):
        return SnapshotAnswer(**answer)
    snapshots.note_asked()
    moved = tuple(row[0] for row in _MOVED.all(conn, made.as_of, MOST_MOVED + 1))
    if len(moved) > MOST_MOVED:
        return SnapshotAnswer(**answer)
    return SnapshotAnswer(
        **answer, id=made.id, parts=made.parts, moved=moved, layout=made.layout, kept_since=made.keep_since
    )


def may_take(viewer: Viewer) -> bool:
    """Whether this person may see everything of every ticket: only to them a snapshot is what they would be sent."""
    return any(sees_everything(g, whole_tree=viewer.tree.is_root(g.unit)) for g in viewer.grants)


def _holds(conn: Connection, made: Made, feed: Feed) -> bool:
    """Whether what moved since a snapshot can be told from the feed, and nothing in it was erased."""
    told = made.epoch == feed.epoch and feed.floor <= made.as_of <= feed.seq
    # An older program's lacks columns that a desktop of this one asks for.
    return told and made.columns == _COLUMNS and made.erasures == _erasures(conn)


def _erasures(conn: Connection) -> int:
    return int(conn.execute(select(func.count()).select_from(t.erasure)).scalar_one())


def _blocks(conn: Connection, keep_since: Instant) -> Iterator[list[Any]]:
    """The tickets of each part, newest first."""
    last = ""
    while True:
        query = MARKED.where(kept(keep_since)).order_by(t.ticket.c.id.desc()).limit(PART_TICKETS)
        with opened(conn, query.where(t.ticket.c.id < last) if last else query) as cursor:
            tickets = cursor.fetchall()
        if not tickets:
            return
        last = tickets[-1][0]
        yield tickets


def _slowly(rows: list[Any], give_way: GiveWay) -> Iterator[Any]:
    """The rows of a table while they are written, giving way between them."""
    for start in range(0, len(rows), STEP_ROWS):
        give_way()
        yield from rows[start : start + STEP_ROWS]


def _own_id(row: Sequence[Any]) -> str:
    return str(row[0])


def _rows(conn: Connection, tickets: list[Any]) -> dict[str, list[Any]]:
    entries, personal = child_rows(conn, {row[0]: 0 for row in tickets})
    acted: dict[tuple[str, str], int] = {}
    for id, rows in entries.items():
        for row in rows:
            person, kind = row[_E_PERSON], row[_E_KIND]
            if person is not None and kind != "created":
                acted[id, person] = acted.get((id, person), 0) | (kind in _PASSING)
    newest = [row[0] for row in tickets]
    return {
        "snap_ticket": tickets,
        "snap_entry": [row for id in newest for row in sorted(entries.get(id, ()), key=_own_id)],
        "snap_personal": [row for id in newest for row in personal.get(id, ())],
        "snap_acted": [(id, person, passed) for (id, person), passed in acted.items()],
    }
