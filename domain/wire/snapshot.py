"""A prebuilt snapshot: every ticket that desktops keep, as packed parts that a replica takes in whole (SYNC §6).

It is for people who may see everything of every ticket: a grant over the whole tree and every line, in all classes of
fields. For them a part holds exactly what back-filling the same tickets would send. A part is a SQLite database of
whole tickets, its pages made so that they can be enciphered in place, packed with zstd.
"""

from domain.entities.base import Entity, Instant
from domain.entities.ticket import Entry, PersonalValue, Ticket

PAGE_BYTES, RESERVED_BYTES = 65_536, 16
"""Of a part's database: each page ends with reserved bytes, where the vector of its encipherment goes."""

TABLES: dict[str, tuple[str, ...]] = {
    "snap_ticket": (*Ticket.__struct_fields__, "mark"),
    "snap_entry": Entry.__struct_fields__,
    "snap_personal": PersonalValue.__struct_fields__,
    "snap_acted": ("ticket", "person", "passed"),
}
"""The tables of a part and their columns, newest tickets first; JSON is text. `snap_acted`: who did something in which
ticket, and whether they passed it on."""

LAYOUT = 1
"""Of a snapshot in the form of a replica's own tables; raised whenever those tables or their indexes change."""

MOST_PART_BYTES = 64 * 1024 * 1024


class SnapshotRequest(Entity):
    """Ask whether there is a snapshot; `id` is the one at hand, of which parts were taken.

    `layout` is the form of the tables it is to have: one that fits the replica goes in as it stands. 0 is the form of
    `TABLES`, each part a database.
    """

    protocol: int
    device: str
    scope_version: str
    id: str = ""
    seen: str = ""
    layout: int = 0


class SnapshotPart(Entity):
    """One part: how many tickets it holds, its packed size, and the SHA-256 of the packed bytes."""

    tickets: int
    size: int
    sha256: str


class SnapshotAnswer(Entity):
    """The snapshot that may be taken, and what moved since it was made; without an id there is none.

    `moved` are the tickets that changed between the snapshot and `as_of`: their rows in it are passed over, and they
    are asked for whole. Tickets closed before `keep_since` are passed over, too; the snapshot itself goes back to
    `kept_since`. With a `layout` the parts are pieces of one database, to be put together.
    """

    as_of: int
    epoch: str
    scope_version: str
    id: str = ""
    parts: tuple[SnapshotPart, ...] = ()
    moved: tuple[str, ...] = ()
    keep_since: Instant = 0
    seen: str = ""
    layout: int = 0
    kept_since: Instant = 0
