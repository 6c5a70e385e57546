"""A snapshot as one database in the form of a replica's own tables, cut into packed pieces (decision 0007)."""

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import zstandard

from domain.entities.people import ALL_CLASSES
from domain.entities.ticket import OPEN_STATUSES
from domain.rules.flow import held_up
from domain.rules.parts import ASKED, ASSIGNED, CREATED, FOLLOWS, HELD_UP, acted, asked_by, rank_of
from domain.wire.snapshot import PAGE_BYTES, TABLES, SnapshotPart
from sync_server.feed import snapshot_layout
from sync_server.feed.snapshot_parts import make_empty
from sync_server.store.rows import load_flow, load_names

PIECE_PAGES = 128
"""8 MiB: a desktop fetches one while it takes in the one before, and holds two in memory."""
_PACKING = 3

_TICKET, _ENTRY, _PERSONAL = (TABLES[name] for name in ("snap_ticket", "snap_entry", "snap_personal"))
_LOCAL = ("access", "my", "is_open", "due_rank", "indexed")
_AT = {name: number for number, name in enumerate(_TICKET)}
_RANKED = tuple(_AT[name] for name in ("status", "sla_state", "sla_remaining_s", "due_at"))
_STATUS, _CREATOR, _ASSIGNEE, _CC, _FLOW = (
    _AT[name] for name in ("status", "creator", "assignee", "cc", "flow")
)
_E_TICKET, _E_PERSON, _E_KIND = (_ENTRY.index(name) for name in ("ticket", "person", "kind"))


class WholeFile:
    """Collects blocks of rows, newest tickets first, then writes the pieces; its own file is gone on leaving."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._file = folder, folder / "whole.building"
        self._tickets = 0
        self._parts: dict[str, dict[str, int]] = defaultdict(dict)

    def __enter__(self) -> Self:
        self._file.unlink(missing_ok=True)
        make_empty(self._file)
        self._conn = sqlite3.connect(self._file, isolation_level=None)
        self._conn.execute("PRAGMA journal_mode = OFF")
        self._conn.execute("PRAGMA synchronous = OFF")
        self._conn.execute("BEGIN")
        for statement in snapshot_layout.TABLES:
            self._conn.execute(statement)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._conn.close()
        self._file.unlink(missing_ok=True)

    def add(self, rows: Mapping[str, list[Any]]) -> None:
        """Take in the rows of a block."""
        tickets, entries = rows["snap_ticket"], rows["snap_entry"]
        self._tickets += len(tickets)
        self._conn.executemany(_insert("snap_ticket", (*_TICKET, *_LOCAL)), map(_with_local, tickets))
        self._conn.executemany(_insert("snap_entry", _ENTRY), entries)
        self._conn.executemany(_insert("snap_personal", _PERSONAL), rows["snap_personal"])
        for ticket in tickets:
            for person, bits in _parts(ticket).items():
                self._parts[person][ticket[0]] = bits
        for row in entries:
            bits = acted(row[_E_KIND]) if row[_E_PERSON] is not None else 0
            if bits:
                mine = self._parts[row[_E_PERSON]]
                mine[row[_E_TICKET]] = mine.get(row[_E_TICKET], 0) | bits

    def finish(self) -> tuple[SnapshotPart, ...]:
        """Write the pieces beside each other, numbered in their order."""
        for number, (person, tickets) in enumerate(sorted(self._parts.items())):
            self._conn.execute("INSERT INTO snap_person VALUES (?, ?)", (person, number))
            mine = ((number, ticket, bits) for ticket, bits in sorted(tickets.items(), reverse=True))
            self._conn.executemany("INSERT INTO snap_part VALUES (?, ?, ?)", mine)
        for statement in snapshot_layout.INDEXES:
            self._conn.execute(statement)
        self._conn.execute("COMMIT")
        size, taken = self._file.stat().st_size, 0
        pieces: list[SnapshotPart] = []
        with self._file.open("rb") as whole:
            while plain := whole.read(PIECE_PAGES * PAGE_BYTES):
                packed = zstandard.ZstdCompressor(level=_PACKING).compress(plain)
                (self._folder / f"{len(pieces)}.part").write_bytes(packed)
                # What a person is told of how far it came: tickets by bytes.
                told = self._tickets * whole.tell() // size - taken
                taken += told
                hashed = hashlib.sha256(packed).hexdigest()
                pieces.append(SnapshotPart(tickets=told, size=len(packed), sha256=hashed))
        return tuple(pieces)


def _insert(table: str, columns: Sequence[str]) -> str:
    named, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({named}) VALUES ({marks})"


def _with_local(row: Sequence[Any]) -> tuple[Any, ...]:
    rank = rank_of(*(row[place] for place in _RANKED))
    return (*row, ALL_CLASSES, 0, row[_STATUS] in OPEN_STATUSES, rank, 0)


def _parts(row: Sequence[Any]) -> dict[str, int]:
    """Everybody's parts in a ticket, from its own columns."""
    found: dict[str, int] = defaultdict(int)
    if row[_CREATOR] is not None:
        found[row[_CREATOR]] |= CREATED
    if row[_ASSIGNEE] is not None:
        found[row[_ASSIGNEE]] |= ASSIGNED
    if row[_CC] != "[]":
        for person in load_names(row[_CC]):
            found[person] |= FOLLOWS
    flow = load_flow(row[_FLOW]) if row[_FLOW] is not None else None
    if flow is not None and flow.tokens:
        for person in asked_by(flow):
            found[person] |= ASKED
        if row[_ASSIGNEE] is not None and held_up(flow):
            found[row[_ASSIGNEE]] |= HELD_UP
    return found
