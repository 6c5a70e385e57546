"""Filling an empty server with the sample chain that is shipped: units, people, configuration, tickets."""

import csv
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import resources
from domain.errors import RefusedError
from sync_server.operations.configuration.applying import apply
from sync_server.operations.imports.org import import_org
from sync_server.operations.imports.people import import_people
from sync_server.operations.imports.tickets import import_tickets
from sync_server.operations.tools import Tools
from sync_server.store.organisation_writer import stored_units
from sync_server.store.people_writer import all_people

FOLDER = Path(resources.__file__).parent / "sample"


def fill(tools: Tools, *, password: str = "", tickets: bool = False) -> dict[str, int]:
    """Import the sample's units and people, apply its configuration, and, if wanted, import its tickets.

    Refused where there is anything yet (``not_empty``). Without a password nobody can sign in.
    """
    with tools.store.read() as conn:
        if stored_units(conn) or all_people(conn):
            raise RefusedError("not_empty")
    units = import_org(tools, FOLDER / "units.csv", company="", mapping={})
    with tempfile.TemporaryDirectory() as folder:
        people_file = Path(folder) / "people.csv"
        people_file.write_text(_people(password), encoding="utf-8")
        people = import_people(tools, people_file, mapping={})
    applied = apply(tools, FOLDER / "configuration")
    _check([*units.problems, *people.problems, *applied.problems])
    return {
        "units": units.counts["added"],
        "people": people.counts["added"],
        "rows": len(applied.written),
        "tickets": _fill_tickets(tools) if tickets else 0,
    }


def _check(problems: Iterable[Any]) -> None:
    for problem in problems:
        raise RefusedError("sample_broken", first=str(problem))


def _people(password: str) -> str:
    """The sample's people, all with one password."""
    lines = (FOLDER / "people.csv").read_text(encoding="utf-8").splitlines()
    return "\n".join([f"{lines[0]},password", *(f"{line},{password}" for line in lines[1:] if line)])


def _fill_tickets(tools: Tools) -> int:
    """Import the sample's tickets, scenario by scenario, at times counted back from now."""
    now = datetime.fromtimestamp(tools.clock.now() / 1000, UTC)
    parts: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    with (FOLDER / "tickets.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            parts[row["template"], row["line"]].append(_dated(row, now))
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        for (template, line), rows in parts.items():
            path = Path(folder) / f"{template}.jsonl"
            path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
            done = import_tickets(
                tools,
                path,
                template=template,
                line=line,
                unit_from="column",
                place="UTC",
                source="sample",
                mapping={},
            )
            _check(done.problems)
            count += done.counts["tickets"]
    return count


def _dated(row: dict[str, str], now: datetime) -> dict[str, Any]:
    """A row with instants in place of minutes."""
    created = now - timedelta(minutes=int(row["minutes_ago"]))
    kept = ("key", "unit", "category", "priority", "customer", "phone", "subject", "description", "reply")
    found: dict[str, Any] = {name: row[name] for name in kept}
    found["created_at"] = created.isoformat()
    if row["reply"]:
        found["replied_at"] = (created + timedelta(minutes=int(row["reply_after_minutes"]))).isoformat()
    return found
