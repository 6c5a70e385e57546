"""What a person may see, worked out from the server's own tables by the sentences of SYNC §2, not by the product."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]
BIT = {"ordinary": 1, "internal": 2, "sensitive": 4}
JSON_COLUMNS = ("cc", "tags", "fields", "detail")
HANDLE = 3


def rows_of(conn: Any, query: str, *parameters: Any) -> list[Row]:
    """Every row as a dict, JSON columns read."""
    cursor = conn.execute(query, parameters)
    names = [column[0] for column in cursor.description]
    found = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    for row in found:
        for name in JSON_COLUMNS:
            if name in row and isinstance(row[name], str):
                row[name] = json.loads(row[name])
    return found


class ServerState:
    """Everything the server holds, read once."""

    def __init__(self, file: Path) -> None:
        conn = sqlite3.connect(file)
        try:
            self.tickets = {row["id"]: row for row in rows_of(conn, "SELECT * FROM ticket")}
            self.entries = {row["id"]: row for row in rows_of(conn, "SELECT * FROM entry")}
            self.entry_count = len(rows_of(conn, "SELECT id FROM entry"))
            self.personal = {
                (row["ticket"], row["key"]): row for row in rows_of(conn, "SELECT * FROM personal")
            }
            self.changes = rows_of(conn, "SELECT * FROM change ORDER BY seq")
            self.verdicts = {row["command"]: row for row in rows_of(conn, "SELECT * FROM verdict")}
            self.grants = rows_of(conn, "SELECT * FROM access_grant")
            self.parents = {row["id"]: row["parent"] for row in rows_of(conn, "SELECT * FROM org_unit")}
            self.head = rows_of(conn, "SELECT * FROM feed_head")[0]
        finally:
            conn.close()

    def classes(self, person: str, ticket: Row) -> int:
        """The classes of fields that a person may see of a ticket, as bits; 0: not the ticket either."""
        above = set(self._above(ticket["org"]))
        bits = 0
        for grant in self.grants:
            here = grant["unit"] in above and grant["line"] in ("", ticket["line"])
            if grant["person"] == person and here:
                bits |= grant["classes"] if grant["level"] >= HANDLE else grant["classes"] & ~4
        if ticket["assignee"] == person:
            bits |= 7
        if ticket["creator"] == person or person in ticket["cc"]:
            bits |= 1
        return bits

    def _above(self, unit: str) -> Iterator[str]:
        while unit:
            yield unit
            unit = self.parents[unit]

    def words(self) -> str:
        """Every text that people wrote."""
        entries = " ".join(f"{row['body']} {row['detail']}" for row in self.entries.values())
        tickets = (f"{row['subject']} {row['fields']} {row['hold_reason']}" for row in self.tickets.values())
        return f"{entries} {' '.join(tickets)}"

    def is_kept(self, ticket: str) -> bool:
        """Whether desktops keep a ticket: it is open, or was not closed too long ago."""
        closed_at = self.tickets[ticket]["closed_at"]
        return closed_at is None or closed_at >= self.head["keep_since"]

    def seen_by(self, person: str, *, ever: bool = False) -> dict[str, int]:
        """The tickets a person may see, each with the classes; `ever`: those closed long ago, too."""
        found = {
            id: self.classes(person, row) for id, row in self.tickets.items() if ever or self.is_kept(id)
        }
        return {id: bits for id, bits in found.items() if bits}
