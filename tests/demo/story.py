"""The story from its beginning to its end, and what is written about it."""

import sqlite3
from pathlib import Path
from typing import Any

from tests.demo.chain import Files
from tests.demo.journal import Journal, StepFailed
from tests.demo.scenes import closing, office, offline, opening, return_online
from tests.demo.stage import Stage
from tests.reader import Findings, open_replica

SCENES = (opening, offline, return_online, office, closing)
FAILED = 1
KINDS = ("company", "department", "province", "city", "store")


def play(out: Path, files: Files) -> int:
    """Play it, write `summary.json`; 0 only if every step held and the separate reader found nothing."""
    journal = Journal(out)
    stage = Stage(out, journal)
    findings: Findings | None = None
    counts: dict[str, Any] = {}
    try:
        stage.fill(files)
        for scene in SCENES:
            scene.play(stage)
        with journal.step("separate_reader"):
            findings = stage.read_back()
            counts = count(stage)
    except StepFailed:
        stage.picture_failure()
    finally:
        stage.close()
    summary = journal.summary(findings=findings, **counts, imported=stage.chain.imported)
    file = journal.write(summary)
    told = ", ".join(
        f"{name} {summary[name]}" for name in ("lost", "duplicated", "leaked", "missing", "different")
    )
    print(
        f"{'all held' if summary['ok'] else 'FAILED'}: {told}; {summary['took_s']} s; see {file}", flush=True
    )
    return 0 if summary["ok"] else FAILED


def count(stage: Stage) -> dict[str, Any]:
    """Counts of everything, read from the files with plain drivers."""
    with stage.chain.read() as conn:
        server = _server(conn)
    return {
        "server": server,
        "replicas": {name: _replica(replica) for name, replica in stage.replicas.items()},
    }


def _server(conn: sqlite3.Connection) -> dict[str, Any]:
    def by(query: str) -> dict[str, int]:
        return {str(row[0]): int(row[1]) for row in conn.execute(query)}

    def number(query: str) -> int:
        return int(conn.execute(query).fetchone()[0])

    return {
        "units": by("SELECT kind, count(*) FROM org_unit GROUP BY kind"),
        "people": number("SELECT count(*) FROM person"),
        "tickets": by("SELECT status, count(*) FROM ticket GROUP BY status"),
        "tickets_in_all": number("SELECT count(*) FROM ticket"),
        "timeline_rows": by("SELECT kind, count(*) FROM entry GROUP BY kind"),
        "timeline_rows_in_all": number("SELECT count(*) FROM entry"),
        "verdicts": by("SELECT status, count(*) FROM verdict GROUP BY status"),
        "notices": number("SELECT count(*) FROM notice"),
        "changes_in_the_feed": number("SELECT count(*) FROM change"),
        "devices": number("SELECT count(*) FROM device"),
        "numbered": number("SELECT count(*) FROM ticket WHERE number IS NOT NULL"),
        "with_deadline": number("SELECT count(*) FROM ticket WHERE due_at IS NOT NULL"),
    }


def _replica(replica: Any) -> dict[str, Any]:
    conn = open_replica(replica)
    try:
        rows = {
            name: int(conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0])
            for name in ("ticket", "entry", "personal", "notice", "unit", "person", "search_doc")
        }
        commands = conn.execute("SELECT state, count(*) FROM command GROUP BY state").fetchall()
        return {"rows": rows, "commands": {str(row[0]): int(row[1]) for row in commands}}
    finally:
        conn.close()
