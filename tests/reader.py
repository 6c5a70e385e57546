"""A separate reader of both databases: counts what was lost, doubled or leaked, with no code of the product.

It opens the server's SQLite file and the replicas' SQLCipher files with plain drivers and compares what it finds by
the sentences of SYNC.md, not by the functions under test.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import sqlcipher3.dbapi2 as sqlcipher

INTERNAL, SENSITIVE, HANDLE = 2, 4, 3
APPLIED = frozenset({"applied", "merged", "conflict"})
MADE_ROWS = frozenset({"create", "reply"})
"""Kinds of commands that always leave a timeline row of their own id."""


@dataclass(frozen=True)
class ReplicaFile:
    """One replica to be read: its file, its raw key, and whose it is."""

    path: Path
    key: str | None
    person: str


@dataclass
class Findings:
    """What the reader found; every list names the ids concerned."""

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    feed_holes: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not (
            self.lost or self.duplicated or self.leaked or self.missing or self.different or self.feed_holes
        )


class _Row(tuple[Any, ...]):
    """A row of PostgreSQL that is asked by place or by name, as SQLite's are."""

    names: tuple[str, ...] = ()

    def __getitem__(self, key: Any) -> Any:
        """A value by its place or its column's name."""
        return super().__getitem__(self.names.index(key) if isinstance(key, str) else key)


class _Postgres:
    """A PostgreSQL server's database, asked with the same words as a file."""

    def __init__(self, url: str) -> None:
        self._conn: Any = psycopg.connect(url, row_factory=_rows_by_name)
        self._conn.read_only = True

    def execute(self, query: str, values: tuple[Any, ...] = ()) -> Any:
        """Run a query that is written with question marks."""
        return self._conn.execute(query.replace("?", "%s").encode(), values)

    def close(self) -> None:
        """Give the connection back."""
        self._conn.close()


def _rows_by_name(cursor: Any) -> Any:
    names = tuple(column.name for column in cursor.description or ())
    return type("_NamedRow", (_Row,), {"names": names})


def audit(server_at: Path | str, replicas: Iterable[ReplicaFile]) -> Findings:
    """Read the server (a SQLite file, or a PostgreSQL URL) and the replicas of people done syncing, and compare."""
    found = Findings()
    server: Any
    if isinstance(server_at, str):
        server = _Postgres(server_at)
    else:
        server = sqlite3.connect(f"file:{server_at}?mode=ro", uri=True)
        server.row_factory = sqlite3.Row
    try:
        _server_alone(server, found)
        for replica in replicas:
            conn = open_replica(replica)
            try:
                _commands(server, conn, replica.person, found)
                _rows(server, conn, replica.person, found)
            finally:
                conn.close()
    finally:
        server.close()
    return found


def open_replica(replica: ReplicaFile) -> Any:
    """The replica's file, opened read-only in effect with its raw key."""
    if not replica.key:
        return _restrained(sqlite3, sqlite3.connect(str(replica.path), isolation_level=None))
    module: Any = sqlcipher
    for page_bytes, seal in ((8192, "HMAC_SHA256"), (4096, "HMAC_SHA512")):
        conn = module.connect(str(replica.path), isolation_level=None)
        conn.execute(f"PRAGMA key = \"x'{replica.key}'\"")
        conn.execute("PRAGMA cipher_log_level = NONE")
        conn.execute(f"PRAGMA cipher_page_size = {page_bytes}")
        conn.execute(f"PRAGMA cipher_hmac_algorithm = {seal}")
        try:
            conn.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
        except module.DatabaseError:
            conn.close()
            continue
        return _restrained(module, conn)
    raise SystemExit(f"{replica.path}: not opened by its key")


def _restrained(module: Any, conn: Any) -> Any:
    conn.execute("PRAGMA query_only = 1")
    conn.row_factory = module.Row
    return conn


def _server_alone(server: Any, found: Findings) -> None:
    """The feed is dense, numbers and provisional numbers are unique."""
    low, high, count = server.execute("SELECT min(seq), max(seq), count(*) FROM change").fetchone()
    found.feed_holes = (high - low + 1 - count) if count else 0
    for column in ("number", "provisional"):
        query = (
            f"SELECT {column} FROM ticket WHERE {column} IS NOT NULL GROUP BY {column} HAVING count(*) > 1"
        )
        found.duplicated += [f"{column} {row[0]}" for row in server.execute(query)]
    for name in ("ticket", "entry", "verdict", "change", "org_unit", "person", "notice"):
        found.counts[name] = server.execute(f"SELECT count(*) FROM {name}").fetchone()[0]


def _commands(server: Any, replica: Any, person: str, found: Findings) -> None:
    """Every command of the person is exactly one of applied once, needs attention, pending."""
    verdicts = {
        row["command"]: row for row in server.execute("SELECT * FROM verdict WHERE person = ?", (person,))
    }
    states: Counter[str] = Counter()
    for row in replica.execute("SELECT id, kind, state, body, ticket FROM command"):
        states[row["state"]] += 1
        verdict = verdicts.get(row["id"])
        if row["state"] in ("acked", "done"):
            if verdict is None or verdict["status"] not in APPLIED:
                found.lost.append(f"command {row['id']} is {row['state']} here, unknown or refused there")
            elif row["kind"] in MADE_ROWS:
                _made(server, row["id"], found)
        elif row["state"] == "attention" and verdict is not None and verdict["status"] in APPLIED:
            found.duplicated.append(f"command {row['id']} needs attention here and was applied there")
        elif row["state"] in ("pending", "sent") and verdict is not None:
            found.missing.append(f"verdict of {row['id']} has not come back")
    for state, count in states.items():
        key = f"commands_{state}"
        found.counts[key] = found.counts.get(key, 0) + count


def _made(server: Any, command: str, found: Findings) -> None:
    count = server.execute("SELECT count(*) FROM entry WHERE id = ?", (command,)).fetchone()[0]
    if count == 0:
        found.lost.append(f"timeline row of command {command}")
    if count > 1:
        found.duplicated.append(f"timeline row of command {command}")


class _Sight:
    """What a person may see, worked out from the server's tables alone."""

    def __init__(self, server: Any, person: str) -> None:
        self.person = person
        self._parent = {row["id"]: row["parent"] for row in server.execute("SELECT id, parent FROM org_unit")}
        self._grants = server.execute("SELECT * FROM access_grant WHERE person = ?", (person,)).fetchall()

    def classes(self, ticket: Mapping[str, Any]) -> int:
        """The classes of fields the person may see of a ticket, as bits; 0: not the ticket either."""
        found = 0
        above = set(self._above(ticket["org"]))
        for grant in self._grants:
            if grant["unit"] in above and grant["line"] in ("", ticket["line"]):
                found |= grant["classes"] if grant["level"] >= HANDLE else grant["classes"] & ~SENSITIVE
        if ticket["assignee"] == self.person:
            found |= 7
        if ticket["creator"] == self.person or self.person in json.loads(ticket["cc"]):
            found |= 1
        return found

    def _above(self, unit: str) -> Iterable[str]:
        while unit:
            yield unit
            unit = self._parent.get(unit, "")


def _rows(server: Any, replica: Any, person: str, found: Findings) -> None:
    """What the replica holds is the server's rows in scope, in the classes granted, at the same revision."""
    sight = _Sight(server, person)
    there = {row["id"]: row for row in server.execute("SELECT * FROM ticket")}
    allowed = {id: bits for id, row in there.items() if (bits := sight.classes(row))}
    held = {row["id"]: row for row in replica.execute("SELECT * FROM ticket")}
    unsent = {row[0] for row in replica.execute("SELECT ticket FROM base")}
    found.counts[f"held_by_{person}"] = len(held)
    found.leaked += [f"{person} holds ticket {id}" for id in held if id in there and id not in allowed]
    found.missing += [f"{person} lacks ticket {id}" for id in allowed if id not in held]
    for id, row in held.items():
        if id in allowed and id not in unsent:
            same = all(
                row[name] == there[id][name]
                for name in ("rev", "number", "status", "org", "assignee", "subject")
            )
            if not same:
                found.different.append(f"{person}: ticket {id}")
    _children(server, replica, person, allowed, unsent, found)


def _children(
    server: Any, replica: Any, person: str, allowed: Mapping[str, int], unsent: set[str], found: Findings
) -> None:
    entries = {row["id"]: row for row in server.execute("SELECT id, ticket, field_class, body FROM entry")}
    here = {row["id"]: row for row in replica.execute("SELECT id, ticket, field_class, body, rev FROM entry")}
    for id, row in here.items():
        bits = allowed.get(row["ticket"], 0)
        hidden = {"internal": INTERNAL, "sensitive": SENSITIVE}.get(row["field_class"], 1)
        if row["rev"] and not bits & hidden:
            found.leaked.append(f"{person} holds row {id} of class {row['field_class']}")
        elif id in entries and entries[id]["body"] != row["body"]:
            found.different.append(f"{person}: row {id}")
    for id, row in entries.items():
        bits = allowed.get(row["ticket"], 0)
        shown = bits & {"internal": INTERNAL, "sensitive": SENSITIVE}.get(row["field_class"], 1)
        if shown and id not in here and row["ticket"] not in unsent:
            found.missing.append(f"{person} lacks row {id}")
    for row in replica.execute("SELECT ticket, key, masked, field_class, rev FROM personal"):
        clear = row["field_class"] == "sensitive" and not row["masked"] and row["rev"]
        if clear and not allowed.get(row["ticket"], 0) & SENSITIVE:
            found.leaked.append(f"{person} holds {row['key']} of ticket {row['ticket']} unmasked")
