"""The invariants that hold at every moment of a story, read from a replica's file after each step."""

import json
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as driver

from tests.simulation.real.sight import Row, rows_of
from tests.simulation.violation import Violation

_UNSENT = (
    "SELECT * FROM command WHERE state IN ('pending', 'sent', 'acked', 'again') "
    "ORDER BY CASE state WHEN 'acked' THEN rev WHEN 'again' THEN (1 << 58) + seq ELSE 1 << 60 END, num"
)
_LOST = (
    "SELECT c.id, c.body FROM command c JOIN ticket t ON t.id = c.ticket LEFT JOIN base b ON b.ticket = c.ticket "
    "WHERE c.state = 'done' AND c.kind = 'reply' AND c.rev > coalesce(b.rev, t.rev) "
    "AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.ticket = c.ticket AND e.id = c.id)"
)

# The places of a ticket's array on the wire and in the base; new ones only ever come at the end.
_COLUMNS = (
    "id", "rev", "number", "provisional", "type", "status", "priority", "category", "template",
    "template_version", "org", "line", "team", "assignee", "creator", "cc", "tags", "requester", "channel",
    "subject",
)  # fmt: skip
ANY: Any = object()
OF_TWO: dict[str, Row] = {
    "merge": {"status": "closed"},
    "unmerge": {"status": ANY},
    "hand_back": {"org": ANY, "line": ANY, "assignee": ANY},
}
"""What commands that look back in the timeline leave; it takes the timeline to say what exactly."""
_PLAIN = ("org", "line", "assignee", "priority", "subject")


class Watch:
    """Looks at one desktop's file again and again."""

    def __init__(self, path: Path, name: str, person: str) -> None:
        self._path, self._name, self._person = path, name, person
        self._cursor = ("", 0)
        self.restored = False
        """Whether the server ever went back: then so may the cursor."""

    def forget(self) -> None:
        """After a power cut the last pages may be gone, with their cursor."""
        self._cursor = ("", 0)

    def look(self) -> None:
        """Check the cursor, own writes, and that what is shown is the base with the unsent commands (6, 7, 8)."""
        conn: Any = driver.connect(str(self._path))  # type: ignore[attr-defined]  # untyped
        try:
            self._follow(conn)
            commands: dict[str, list[Row]] = {}
            for row in rows_of(conn, _UNSENT):
                commands.setdefault(row["ticket"], []).append(row)
            bases = {row["ticket"]: json.loads(row["doc"]) for row in rows_of(conn, "SELECT * FROM base")}
            for ticket, unsent in commands.items():
                self._ticket(conn, ticket, unsent, bases.pop(ticket, None))
            lost = [id for id, body in conn.execute(_LOST) if not json.loads(body)["set"].get("internal")]
            if lost:
                raise Violation(7, f"{self._name} lost sight of what was acknowledged: {lost}")
            if bases:
                raise Violation(8, f"{self._name} keeps a base for nothing: {sorted(bases)}")
        finally:
            conn.close()

    def _follow(self, conn: Any) -> None:
        found = conn.execute("SELECT value FROM meta WHERE key = 'cursor'").fetchone()
        epoch, _, rest = (found[0] if found else "").partition(".")
        seq = int(rest.partition(".")[0] or 0)
        if epoch == self._cursor[0] and seq < self._cursor[1] and not self.restored:
            raise Violation(6, f"{self._name} moved its cursor back from {self._cursor[1]} to {seq}")
        self._cursor = (epoch, seq)

    def _ticket(self, conn: Any, ticket: str, unsent: list[Row], base: Row | None) -> None:
        shown = rows_of(conn, "SELECT * FROM ticket WHERE id = ?", ticket)
        held = (base or {}).get("ticket")
        creating = any(row["kind"] == "create" for row in unsent)
        if any(row["doubt"].startswith("unknown:") for row in unsent):
            return  # without the template's text here nothing can be shown: the server will decide
        if not shown:
            if creating or held:
                raise Violation(7, f"{self._name} does not show ticket {ticket}, which it wrote to")
            return
        if base is None:
            raise Violation(8, f"{self._name} has no base for ticket {ticket} with unsent commands")
        self._texts(conn, ticket, unsent)
        expected = self._expected(unsent, new=held is None)
        if held:
            before = dict(zip(_COLUMNS, held, strict=False))
            expected = {name: before[name] for name in _PLAIN} | expected
        wrong = {
            name: (shown[0][name], value)
            for name, value in expected.items()
            if value is not ANY and shown[0][name] != value
        }
        if wrong:
            raise Violation(8, f"{self._name} shows ticket {ticket} with (shown, expected) {wrong}")

    def _texts(self, conn: Any, ticket: str, unsent: list[Row]) -> None:
        here = {row["id"]: row for row in rows_of(conn, "SELECT * FROM entry WHERE ticket = ?", ticket)}
        for row in unsent:
            if row["kind"] in ("reply", "create") and row["id"] not in here:
                raise Violation(
                    7, f"{self._name} lost sight of its own {row['kind']} {row['id']}: {row['doubt']}"
                )
            passed_on = row["kind"] == "reply" and here[row["id"]]["kind"] == "redirected"
            said = json.loads(row["body"]).get("set", {}).get("body")
            if row["kind"] == "reply" and not passed_on and here[row["id"]]["body"] != said:
                raise Violation(7, f"{self._name} shows another text for its own {row['id']}")

    def _expected(self, unsent: list[Row], *, new: bool) -> Row:
        """What the last own command says of each column."""
        expected: Row = {}
        for row in unsent:
            body = json.loads(row["body"])
            what = body.get("set", {})
            verdict = json.loads(row["verdict"]) if row["verdict"] else {}
            met = verdict.get("status") == "conflict"
            conflicts = verdict.get("fields", {}) if met else {}  # who leaves is not told them
            found: Row = {}
            if row["kind"] == "create" and new:
                found = {name: what[name] for name in ("org", "line", "subject")}
            elif row["kind"] == "edit":
                values = what["values"]
                found = {name: values[name] for name in ("subject", "priority") if name in values}
            elif row["kind"] == "take":
                found = {"assignee": self._person}
            elif row["kind"] == "assign":
                found = {"assignee": what["assignee"]}
            elif row["kind"] == "transfer":
                found = {name: what[name] for name in ("org", "line") if name in what}
                found["assignee"] = what.get("assignee")
            elif row["kind"] == "status":
                found = {"status": what["to"]}
            else:
                found = OF_TWO.get(row["kind"], {})
            if met and row["kind"] != "edit":
                continue
            expected |= {name: value for name, value in found.items() if name not in conflicts}
        return expected
