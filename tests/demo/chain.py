"""The chain that the demo plays in, filled with the server's own commands from the sample or from real files."""

import csv
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import resources
from tests.demo.backlog import write_backlog
from tests.demo.cast import Cast, Store, choose_cast, choose_stores
from tests.processes import COMMAND_S

SAMPLE = Path(resources.__file__).parent / "sample"
PASSWORD = "demo-2026-gongdan"
OFFICE_KINDS = ("company", "department")
PEOPLE_HEAD = ("login", "name", "unit", "superior", "role", "level", "scope", "classes", "password")
EVERYTHING = "ordinary,internal,sensitive"


@dataclass(frozen=True, kw_only=True)
class Files:
    """The files to use instead of the sample, and which of their columns mean what."""

    stores: Path | None = None
    tickets: Path | None = None
    calendar: Path | None = None
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By noun (org, tickets, calendar): field → heading."""


class Chain:
    """A server's folder while it is filled; `imported` holds what each import said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "server.sqlite3"
        self.database = f"sqlite:///{self.file}"
        self.imported: dict[str, dict[str, Any]] = {}

    def run(self, *arguments: str) -> str:
        """Run one `gongdan-server` command and return what it printed; SystemExit if it failed."""
        done = self._call(arguments)
        if done.returncode:
            raise SystemExit(f"gongdan-server {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        return done.stdout

    def take_in(
        self, noun: str, file: Path, *arguments: str, columns: Mapping[str, str] | None = None
    ) -> None:
        """Import a file; bad rows are kept in `imported` and the rest goes on, as for an operator."""
        named = [f"--map={name}={heading}" for name, heading in (columns or {}).items()]
        done = self._call(["import", noun, str(file), "--json", *arguments, *named])
        try:
            told = json.loads(done.stdout)
        except ValueError:
            raise SystemExit(f"import {noun} {file}\n{done.stdout}{done.stderr}") from None
        before = self.imported.setdefault(noun, {"counts": {}, "problems": []})
        for name, count in told["counts"].items():
            before["counts"][name] = before["counts"].get(name, 0) + count
        before["problems"] += told["problems"]

    def _call(self, arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "sync_server", *arguments]
        command += ["--database", self.database, "--home", str(self.folder)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=COMMAND_S)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """The server's file, read beside it."""
        conn = sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)
        conn.row_factory = sqlite3.Row
        try:
            yield conn
        finally:
            conn.close()


def prepare(chain: Chain, files: Files, step: Callable[[str], Any]) -> Cast:
    """Fill the chain; `step` names each part as a context. Returns the people of the story."""
    chain.folder.mkdir(parents=True, exist_ok=True)
    with step("database"):
        chain.run("migrate")
    if files.stores is None:
        with step("sample_chain"):
            chain.run("sample", "--password", PASSWORD, "--tickets")
    else:
        _real_chain(chain, files, step)
    if files.calendar is not None:
        with step("import_calendar"):
            for calendar in calendars_in_force():
                chain.take_in(
                    "calendar", files.calendar, "--calendar", calendar, columns=files.columns.get("calendar")
                )
    with step("import_tickets"):
        _tickets(chain, files)
    with chain.read() as conn:
        return choose_cast(conn, PASSWORD)


def calendars_in_force() -> list[str]:
    """The calendars that the sample's policies measure by."""
    policies = json.loads((SAMPLE / "configuration" / "policies.json").read_text(encoding="utf-8"))
    return sorted({policy["calendar"] for policy in policies.values()})


def _real_chain(chain: Chain, files: Files, step: Callable[[str], Any]) -> None:
    """The sample's head office, real stores under it, and people of the story on some of them."""
    assert files.stores is not None
    sample = chain.folder / "chain"
    office = _head_office(sample)
    with step("head_office"):
        chain.take_in("org", sample / "units.csv")
    with step("import_stores"):
        chain.take_in("org", files.stores, columns=files.columns.get("org"))
    with step("people"):
        chain.take_in("people", sample / "people.csv")
        with chain.read() as conn:
            chosen = choose_stores(conn)
        write_rows(sample / "story.csv", PEOPLE_HEAD, people_of(chosen, superior=office[0]))
        chain.take_in("people", sample / "story.csv")
    with step("configuration"):
        chain.run("config", "apply", str(sample / "configuration"))


def _head_office(target: Path) -> list[str]:
    """Write the sample without its stores and whoever works there; returns the logins that are left."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(SAMPLE / "configuration", target / "configuration")
    with (SAMPLE / "units.csv").open(encoding="utf-8", newline="") as file:
        units = [row for row in csv.DictReader(file) if row["kind"] in OFFICE_KINDS]
    write_rows(target / "units.csv", list(units[0]), [list(unit.values()) for unit in units])
    codes = {unit["code"] for unit in units}
    with (SAMPLE / "people.csv").open(encoding="utf-8", newline="") as file:
        people = [row | {"password": PASSWORD} for row in csv.DictReader(file) if row["unit"] in codes]
    write_rows(target / "people.csv", list(people[0]), [list(person.values()) for person in people])
    logins = [person["login"] for person in people]
    grants_file = target / "configuration" / "grants.json"
    grants = json.loads(grants_file.read_text(encoding="utf-8"))
    kept = {login: given for login, given in grants.items() if login in logins}
    grants_file.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    return logins


def people_of(chosen: Sequence[Store], *, superior: str) -> list[list[str]]:
    """A store agent for each store, and a lead over the first one's area."""
    first = chosen[0]
    rows = [
        [
            "lead1",
            "区域主管",
            first.area,
            superior,
            "region_manager",
            "manage",
            first.area,
            EVERYTHING,
            PASSWORD,
        ]
    ]
    for number, store in enumerate(chosen, 1):
        above = "lead1" if store.area == first.area else superior
        name = f"{store.name[:8]}店员"
        rows.append(
            [
                f"store{number}",
                name,
                store.code,
                above,
                "store_agent",
                "handle",
                store.code,
                EVERYTHING,
                PASSWORD,
            ]
        )
    return rows


def _tickets(chain: Chain, files: Files) -> None:
    if files.tickets is None:
        with chain.read() as conn:
            backlog = write_backlog(chain.folder / "backlog", conn)
        for template, file in backlog.items():
            chain.take_in("tickets", file, "--template", template)
        return
    columns = files.columns.get("tickets", {})
    where = "column" if "unit" in columns else "spread"
    chain.take_in("tickets", files.tickets, "--unit-from", where, columns=columns)


def write_rows(file: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a table as CSV."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(head)
        writer.writerows(rows)
