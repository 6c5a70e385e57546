"""The demo's story with real processes, and real files at their full size."""

import csv
import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.demo.chain import Chain, Files, prepare
from tests.processes import to_its_end

STORY_S = 420
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

STORES, TICKETS, CALENDAR = (
    "stores_cn_2022-01-01.csv",
    "complaints_with_replies.jsonl",
    "holidays_cn.csv",
)


def test_story(tmp_path: Path) -> None:
    """Offline work, a killed desktop, a server killed in the middle of a push: every step holds, nothing is lost."""
    command = [sys.executable, "-m", "tests.demo", "--headless", "--out", str(tmp_path)]
    done = to_its_end(command, limit_s=STORY_S)
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert [step for step in summary["steps"] if not step["ok"]] == [], done.stdout
    for found in ("lost", "duplicated", "leaked", "missing", "different", "feed_holes"):
        assert summary[found] == 0, (found, summary["findings"])
    assert summary["ok"]
    assert done.returncode == 0, done.stderr
    assert summary["server"]["numbered"] == summary["server"]["tickets_in_all"]
    assert set(summary["replicas"]) == {"store", "head", "other", "lead"}
    assert summary["replicas"]["store"]["commands"] == {
        "done": summary["replicas"]["store"]["commands"]["done"]
    }
    for picture in summary["screenshots"]:
        assert (tmp_path / picture).stat().st_size > 5_000, picture
    assert not (tmp_path / "server").exists(), "databases are kept only when asked for"


def test_a_story_that_fails_says_where(tmp_path: Path) -> None:
    """With files that hold no stores the demo ends with a status of its own and names the step."""
    empty = tmp_path / "stores.csv"
    empty.write_text("store_id,name\n", encoding="utf-8")
    command = [sys.executable, "-m", "tests.demo", "--headless", "--out", str(tmp_path / "out")]
    done = to_its_end([*command, "--stores", str(empty)], limit_s=STORY_S)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert done.returncode == 1
    assert not summary["ok"]
    assert summary["steps"][-1]["step"] == "people"
    assert "two stores" in summary["steps"][-1]["error"]


@pytest.fixture(scope="module")
def real(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """The real files imported into a server."""
    chain = Chain(tmp_path_factory.mktemp("real"))
    files = Files(stores=sample_data / STORES, tickets=sample_data / TICKETS, calendar=sample_data / CALENDAR)
    prepare(chain, files, lambda name: nullcontext())
    return chain


def _one(chain: Chain, query: str) -> int:
    with chain.read() as conn:
        return int(conn.execute(query).fetchone()[0])


def test_real_files_in_full(real: Chain, tmp_path: Path) -> None:
    """5,480 stores stand under cities and provinces, 1,063 complaints have their replies and times."""
    assert _one(real, "SELECT count(*) FROM org_unit WHERE kind = 'store'") == 5_480
    lost = "SELECT count(*) FROM org_unit s JOIN org_unit p ON p.id = s.parent WHERE s.kind = 'store' AND "
    assert _one(real, f"{lost} p.kind NOT IN ('city', 'province')") == 0
    assert _one(real, "SELECT count(*) FROM ticket") == 1_063
    assert _one(real, "SELECT count(*) FROM entry WHERE kind = 'reply'") == 1_063
    assert _one(real, "SELECT count(*) FROM ticket WHERE resolved_at < created_at") == 0
    real.run("config", "export", str(tmp_path / "exported"))
    exported = tmp_path / "exported"
    calendars = json.loads((exported / "calendars.json").read_text(encoding="utf-8"))
    policies = json.loads((exported / "policies.json").read_text(encoding="utf-8"))
    in_force = {policy["calendar"] for policy in policies.values()}
    assert in_force
    assert all("2026-10-01" in calendars[one]["holidays"] for one in in_force)


def test_real_files_again(real: Chain, sample_data: Path) -> None:
    """A second run of the same files adds and changes nothing."""
    for noun, name, more in (
        ("org", STORES, ()),
        ("tickets", TICKETS, ("--unit-from", "spread")),
        ("calendar", CALENDAR, ()),
    ):
        again = Chain(real.folder)
        again.take_in(noun, sample_data / name, *more)
        counts = again.imported[noun]["counts"]
        for count in ("added", "changed", "tickets", "replies"):
            assert counts.get(count, 0) == 0, (noun, counts)


def test_broken_rows_are_named(sample_data: Path, tmp_path: Path) -> None:
    """A broken row is reported with its line, column and reason; the rows around it go on."""
    file = tmp_path / "stores.csv"
    with (sample_data / STORES).open(encoding="utf-8", newline="") as source:
        rows: list[dict[str, Any]] = [row for _, row in zip(range(40), csv.DictReader(source), strict=False)]
    for number, row in enumerate(rows):
        row["store_id"] = f"N{number}"
    rows[7]["lat"] = "not a latitude"
    rows[20]["name"] = ""
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    chain = Chain(tmp_path)
    chain.run("migrate")
    chain.take_in("org", file)
    told = chain.imported["org"]
    assert [(one["column"], one["code"]) for one in told["problems"]] == [
        ("lat", "cell_not_number"),
        ("name", "cell_empty"),
    ]
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [lines[one["line"] - 1].split(",")[0] for one in told["problems"]] == ["N7", "N20"]
    assert _one(chain, "SELECT count(*) FROM org_unit WHERE kind = 'store'") == 38
