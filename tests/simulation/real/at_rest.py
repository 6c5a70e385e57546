"""The invariants of SYNC §8 at rest, by a reader that opens the files of both ends itself."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as driver

from tests.simulation.real.files import wal_of
from tests.simulation.real.first_version import KNOWN
from tests.simulation.real.sight import BIT, Row, ServerState, rows_of
from tests.simulation.violation import Violation

TOOK = ("applied", "merged", "conflict")
TEXTS = ("create", "reply")
_MARK = re.compile(rb"zq\d+x")
FIRST_COLUMNS = frozenset(KNOWN["Ticket"])
"""What a desktop of the first version holds of a ticket; it knows nothing of what came later, marks among it."""


class Held:
    """Everything one replica holds, read once."""

    def __init__(
        self, path: Path, name: str, person: str, *, copied: bool, marked: bool, forgets: bool = True
    ) -> None:
        self.path, self.name, self.person, self.copied, self.marked = path, name, person, copied, marked
        self.forgets = forgets
        """Whether it is told what need not be kept; a desktop of the first version is not."""
        conn: Any = driver.connect(str(path))  # type: ignore[attr-defined]  # untyped
        try:
            self.tickets = {row["id"]: row for row in rows_of(conn, "SELECT * FROM ticket")}
            self.entries = rows_of(conn, "SELECT * FROM entry")
            self.personal = rows_of(conn, "SELECT * FROM personal")
            self.commands = rows_of(conn, "SELECT * FROM command ORDER BY num")
            self.attention = rows_of(conn, "SELECT * FROM attention")
            self.left_over = {
                table: conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("base", "wanted")
            }
            self.loose = {
                table: {row[0] for row in conn.execute(f"SELECT ticket FROM {table}")}
                for table in ("search_doc", "notice", "seen")
            }
            self.units = dict(conn.execute("SELECT id, parent FROM unit").fetchall())
            self.device = conn.execute("SELECT value FROM meta WHERE key = 'device'").fetchone()[0]
        finally:
            conn.close()


def check(
    server: ServerState,
    replicas: list[Held],
    written: dict[str, list[str]],
    *,
    restored: bool,
    brought_back: bool = False,
) -> None:
    """Check everything after the last message; `written` names the commands each desktop ever wrote.

    A server that went back without anybody being told has forgotten what it once did.
    """
    if not restored:
        _feed(server)
    for held in replicas:
        _scope(server, held)
        _tickets(server, held)
        _children(server, held)
        _bytes(server, held, went_back=restored or brought_back)
        if not restored:
            _commands(server, held, written[held.name])
    if not restored:
        _texts(server, replicas)


def check_verified(path: Path, name: str, *, damaged: bool) -> None:
    """The replica found itself well; it had something to repair only where something was damaged."""
    conn: Any = driver.connect(str(path))  # type: ignore[attr-defined]  # untyped
    try:
        found = conn.execute("SELECT value FROM meta WHERE key = 'checked'").fetchone()
        repaired = conn.execute("SELECT value FROM meta WHERE key = 'repairs'").fetchone()
    finally:
        conn.close()
    result = json.loads(found[0]) if found else {}
    if not result.get("well", True):
        raise Violation(12, f"{name} could not be brought to agree with the server: {result}")
    if repaired and not damaged:
        raise Violation(12, f"{name} differed from the server though nothing was damaged: {repaired[0]}")


def check_names(replicas: list[Held]) -> None:
    """No copied desktop goes on under the name of the other."""
    names = [held.device for held in replicas]
    if len(set(names)) < len(names):
        raise Violation(3, f"a copied desktop goes on under the name of the other: {names}")


def _feed(server: ServerState) -> None:
    """The feed is dense, revisions follow on each other, numbers are given once."""
    compacted = server.head["compacted_to"]
    seqs = [row["seq"] for row in server.changes if row["seq"] > compacted]
    if seqs and (seqs != list(range(seqs[0], seqs[0] + len(seqs))) or seqs[-1] != server.head["seq"]):
        raise Violation(6, f"the feed has a gap: {seqs}, head {server.head['seq']}")
    if not compacted:
        _revisions(server)
    numbers = [row["number"] for row in server.tickets.values()]
    if None in numbers or len(set(numbers)) != len(numbers):
        raise Violation(9, f"numbers are missing or given twice: {sorted(map(str, numbers))}")
    for verdict in server.verdicts.values():
        ticket = server.tickets.get(verdict["ticket"])
        told = verdict["number"] if verdict["kind"] == "create" and verdict["status"] == "applied" else None
        if told and ticket and ticket["number"] != told:
            raise Violation(9, f"ticket {ticket['id']} was told as {told} and is {ticket['number']}")


def _revisions(server: ServerState) -> None:
    """Each ticket's revisions follow on each other in the feed."""
    revs: dict[str, int] = {}
    for row in server.changes:
        if row["entity"] == "ticket":
            if row["rev_from"] != revs.get(row["entity_id"], 0) or row["rev_to"] != row["rev_from"] + 1:
                raise Violation(
                    6, f"ticket {row['entity_id']} goes from {row['rev_from']} to {row['rev_to']}"
                )
            revs[row["entity_id"]] = row["rev_to"]
    if revs != {id: row["rev"] for id, row in server.tickets.items()}:
        raise Violation(6, "a ticket has a revision that the feed never told")


def _scope(server: ServerState, held: Held) -> None:
    """Nothing is there of tickets that are out of sight, and nothing is left over."""
    allowed = server.seen_by(held.person, ever=True)
    asked_about = {row["ticket"] for row in held.attention if row["settled_at"] is None}
    old = [id for id in held.tickets if id in allowed and not server.is_kept(id) and id not in asked_about]
    if old and held.forgets:
        raise Violation(1, f"{held.name} keeps what was closed too long ago: {old}")
    outside = [id for id in held.tickets if id not in allowed]
    outside += [row["ticket"] for row in held.entries + held.personal if row["ticket"] not in allowed]
    for table, tickets in held.loose.items():
        outside += [f"{id} ({table})" for id in tickets if id not in allowed]
    if outside:
        raise Violation(2, f"{held.name} holds what is not its person's: {sorted(set(outside))}")
    if any(held.left_over.values()):
        raise Violation(8, f"{held.name} is at rest with rows left over: {held.left_over}")
    if held.units != server.parents:
        raise Violation(1, f"{held.name} has another tree: {held.units}")


def _tickets(server: ServerState, held: Held) -> None:
    """Every ticket in sight is there exactly as on the server."""
    for id, bits in server.seen_by(held.person).items():
        row, there = held.tickets.get(id), server.tickets[id]
        if row is None:
            raise Violation(1, f"{held.name} lacks ticket {id}")
        different = [name for name, value in there.items() if name in row and row[name] != value]
        if not held.marked:
            different = [name for name in different if name in FIRST_COLUMNS]
        if different or row["access"] != bits:
            told = {name: (row[name], there[name]) for name in different}
            raise Violation(1, f"{held.name} has ticket {id} with {told}, access {row['access']} for {bits}")


def _children(server: ServerState, held: Held) -> None:
    """Every child whose class is shown is there exactly; masked values are masked; no other is there."""
    allowed = server.seen_by(held.person)
    past = {id for id in held.tickets if id in server.tickets and not server.is_kept(id)}
    here = {row["id"]: row for row in held.entries if row["ticket"] not in past}
    if len({row["id"] for row in held.entries}) != len(held.entries):
        raise Violation(4, f"{held.name} holds a timeline row twice")
    for id, there in server.entries.items():
        shown = allowed.get(there["ticket"], 0) & BIT[there["field_class"]]
        row = here.pop(id, None)
        if shown and row is None:
            raise Violation(1, f"{held.name} lacks row {id} of ticket {there['ticket']}")
        if row is not None and not shown:
            raise Violation(2, f"{held.name} holds row {id} of class {there['field_class']}")
        if row is not None and any(row[name] != value for name, value in there.items() if name in row):
            raise Violation(1, f"{held.name} has row {id} as {row}, not {there}")
    if here:
        raise Violation(1, f"{held.name} holds rows that nobody sent: {sorted(here)}")
    values = {(row["ticket"], row["key"]): row for row in held.personal if row["ticket"] not in past}
    for key, there in server.personal.items():
        _value(held, values.pop(key, None), there, allowed.get(key[0], 0))
    if values:
        raise Violation(1, f"{held.name} holds values that nobody sent: {sorted(values)}")


def _value(held: Held, row: Row | None, there: Row, bits: int) -> None:
    whole = bool(bits & BIT[there["field_class"]])
    masked = bool(bits) and not whole and there["field_class"] == "sensitive"
    where = f"{there['key']} of ticket {there['ticket']}"
    if row is None:
        if whole or masked:
            raise Violation(1, f"{held.name} lacks {where}")
    elif whole:
        if any(row[name] != value for name, value in there.items() if name in row):
            raise Violation(1, f"{held.name} has {where} as {row}, not {there}")
    elif not masked or (row["value"] is not None and (not row["masked"] or row["value"] == there["value"])):
        raise Violation(2, f"{held.name} holds {where} in clear")


def _bytes(server: ServerState, held: Held, *, went_back: bool) -> None:
    """No text that is out of sight stands anywhere in the file or its log, but what this desktop wrote itself.

    Words that a restored server lost were in sight, and are nobody's now.
    """
    raw = held.path.read_bytes()
    wal = wal_of(held.path)
    raw += wal.read_bytes() if wal.exists() else b""
    found = set(_MARK.findall(raw))
    if not found:
        return
    allowed = server.seen_by(held.person, ever=True)
    own = " ".join(str(row["body"]) + str(row["verdict"]) for row in held.commands)
    own += " ".join(str(row["detail"]) for row in held.attention)
    for row in server.entries.values():
        if allowed.get(row["ticket"], 0) & BIT[row["field_class"]]:
            own += f"{row['body']} {row['detail']} "
    for id in allowed:
        own += f"{server.tickets[id]['subject']} {server.tickets[id]['fields']} {server.tickets[id]['hold_reason']} "
    lost = found - set(_MARK.findall(own.encode()))
    if went_back and lost:
        lost &= set(_MARK.findall(server.words().encode()))
    if lost:
        words = sorted(mark.decode() for mark in lost)
        raise Violation(2, f"the file of {held.name} still holds words out of sight: {words}")


def _commands(server: ServerState, held: Held, written: list[str]) -> None:
    """Each command is one of applied, in needs attention, given up; and the server says the same."""
    here = {row["id"]: row for row in held.commands}
    lost = [id for id in written if id not in here]
    if lost:
        raise Violation(3, f"{held.name} lost the commands {lost}")
    strange = set(here) - set(written)
    if strange:
        raise Violation(3, f"{held.name} keeps commands though the person was told they failed: {strange}")
    raised = Counter(row["command"] for row in held.attention if row["settled_at"] is None)
    for id, row in here.items():
        verdict, state = server.verdicts.get(id), row["state"]
        took = verdict is not None and verdict["status"] in TOOK
        what = f"command {id} is {state} on {held.name}; the server has {verdict and verdict['status']}"
        if state not in ("done", "attention", "discarded"):
            raise Violation(11, what)
        if (state == "done") != took and not (held.copied and took):
            raise Violation(3, what)
        if state == "attention" and not raised[id]:
            raise Violation(3, f"{what}, and it is not among what needs attention")


def _texts(server: ServerState, replicas: list[Held]) -> None:
    """Each text that was taken stands once on the server, each refused one nowhere; times are within bounds."""
    if server.entry_count != len(server.entries):
        raise Violation(4, "a timeline row stands twice on the server")
    for held in replicas:
        for row in held.commands:
            verdict = server.verdicts.get(row["id"])
            there = server.entries.get(row["id"])
            if row["kind"] in TEXTS:
                took = verdict is not None and verdict["status"] in TOOK
                if took != (there is not None):
                    raise Violation(
                        4, f"the text of command {row['id']} is lost, or stands though it was refused"
                    )
            if there is not None and there["at"] > there["known_at"]:
                raise Violation(13, f"row {row['id']} counts later than it was known")
