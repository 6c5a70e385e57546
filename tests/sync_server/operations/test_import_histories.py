"""Event logs of other systems become tickets with their timelines, and measure as they measured there."""

import csv
import gzip
import json
import os
import statistics
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import func, insert, select

from domain.errors import InvalidInputError
from domain.wire import codec
from domain.wire.reports import Cases
from sync_server.access.tokens import Caller, Lifetimes, issue
from sync_server.api import reports
from sync_server.api.problems import HANDLERS
from sync_server.app import build
from sync_server.operations.imports.columns import Outcome
from sync_server.operations.imports.histories import import_histories
from sync_server.operations.tools import Tools
from sync_server.store import tables as t

MAPPINGS = Path(__file__).parents[3] / "resources" / "imports" / "histories"
HOUR_S, DAY_S = 3600, 86_400
HEAD = '"case": "case_id", "order": [], "at": "timestamp"'
LOG = """case_id,activity,resource,timestamp,variant
a,Take in charge ticket,Value 1,2012-01-02 08:00:00+00:00,v
a,Assign seriousness,Value 1,2012-01-01 08:00:00+00:00,v
a,Wait,Value 2,2012-01-03 08:00:00+00:00,v
a,Closed,Value 2,2012-01-05 08:00:00+00:00,v
b,Take in charge ticket,Value 1,2012-01-02 08:00:00+00:00,v
b,Closed,Value 1,yesterday,v
c,Closed,Value 1,2012-02-01 08:00:00+00:00,v
"""


def _import(tools: Tools, file: Path, mapping: str = "helpdesk", *, dry_run: bool = False) -> Outcome:
    return import_histories(
        tools, file, MAPPINGS / f"{mapping}.json", template="complaint", line="", unit="", source="",
        dry_run=dry_run,
    )  # fmt: skip


class Asking:
    """Asks for the report of cases over HTTP, as one who sees everything."""

    def __init__(self, tools: Tools) -> None:
        self._services = build(tools.settings, tools.store)
        with tools.store.write() as conn:
            person = conn.execute(
                select(t.grant.c.person)
                .join(t.org_unit, t.org_unit.c.id == t.grant.c.unit)
                .where(t.org_unit.c.parent == "", t.grant.c.level >= 4, t.grant.c.classes == 7)
            ).scalars()
            now = self._services.clock.now()
            caller = Caller(person=next(iter(person)), device="d")
            device: dict[str, Any] = {
                "id": "d",
                "person": caller.person,
                "name": "d",
                "code": "D",
                "push_hash": "",
            }
            device |= {"registered_at": now, "seen_at": now, "push_no": 0, "revoked": False}
            conn.execute(insert(t.device), device)
            self._token = issue(conn, caller, Lifetimes(access_s=600, refresh_s=600), now=now).access_token
            conn.commit()

    def cases(self, source: str, first: str, last: str, **more: str) -> Cases:
        """The report of the cases of one import."""
        app = Litestar(route_handlers=[reports.routes(self._services)], exception_handlers=HANDLERS)
        asked = {"from": first, "to": last, "zone": "UTC", "source": source, **more}
        with TestClient(app) as client:
            answer = client.get(
                "/v1/reports/cases", params=asked, headers={"Authorization": f"Bearer {self._token}"}
            )
        assert answer.status_code == 200, answer.content
        return codec.decode(answer.content, Cases)


@pytest.fixture
def asking(quick_sample: Tools) -> Asking:
    """The report over the sample chain."""
    return Asking(quick_sample)


def test_a_log_becomes_tickets_with_their_timelines(sample: Tools, tmp_path: Path) -> None:
    """Rows in order of time, words translated, one row for each thing that happened; a bad row spares the rest."""
    file = tmp_path / "log.csv"
    file.write_text(LOG, encoding="utf-8")
    tried = _import(sample, file, dry_run=True)
    done = _import(sample, file)
    assert done == tried
    assert done.counts == {"tickets": 2, "events": 5, "known": 0, "broken": 1}
    assert [(one.line, one.column, one.code) for one in done.problems] == [(7, "timestamp", "cell_not_time")]
    with sample.store.read() as conn:
        ticket = conn.execute(select(t.ticket).where(t.ticket.c.subject == "a")).one()
        rows = conn.execute(select(t.entry).where(t.entry.c.ticket == ticket.id).order_by(t.entry.c.id))
        kinds = [(row.kind, row.body or json.loads(row.detail).get("to", "")) for row in rows]
    assert (ticket.status, ticket.channel, ticket.closed_at - ticket.created_at) == (
        "closed", "import", 4 * DAY_S * 1000,
    )  # fmt: skip
    assert kinds == [
        ("created", ""),
        ("history", "Assign seriousness"),
        ("history", "Take in charge ticket"), ("status", "open"),
        ("history", "Wait"), ("status", "on_hold"),
        ("history", "Closed"), ("status", "closed"),
    ]  # fmt: skip


def test_an_import_may_be_run_again(sample: Tools, tmp_path: Path) -> None:
    """What is there is left alone, packed or not."""
    file = tmp_path / "log.csv"
    file.write_text(LOG, encoding="utf-8")
    _import(sample, file)
    again = _import(sample, file)
    assert (again.counts["tickets"], again.counts["known"]) == (0, 2)
    packed = tmp_path / "log.csv.gz"
    packed.write_bytes(gzip.compress(LOG.encode()))
    assert _import(sample, packed).counts["tickets"] == 2  # of another source
    with sample.store.read() as conn:
        assert conn.execute(select(func.count()).where(t.ticket.c.subject == "a")).scalar() == 2


@pytest.mark.parametrize(
    ("mapping", "complaint"),
    [
        ("{", "history_mapping"),
        ('{"case": "case_id", "order": [], "at": "when"}', "map_unknown_column"),
        (f'{{{HEAD}, "colour": "x"}}', "history_mapping"),
        (
            f'{{{HEAD}, "status": {{"column": "activity", "values": {{"Closed": "gone"}}}}}}',
            "history_mapping",
        ),
    ],
)
def test_a_broken_mapping_is_refused(
    quick_sample: Tools, tmp_path: Path, mapping: str, complaint: str
) -> None:
    """With the file and the reason; nothing is imported."""
    log, file = tmp_path / "log.csv", tmp_path / "mapping.json"
    log.write_text(LOG, encoding="utf-8")
    file.write_text(mapping, encoding="utf-8")
    with pytest.raises(InvalidInputError, match=complaint):
        import_histories(quick_sample, log, file, template="", line="", unit="", source="")


def test_the_helpdesk_log_measures_as_it_did(quick_sample: Tools, asking: Asking, sample_data: Path) -> None:
    """All 3,475 cases, imported and asked over HTTP: every figure of the file beside the log."""
    told = json.loads((sample_data / "helpdesk_kpi_example.json").read_text(encoding="utf-8"))
    done = _import(quick_sample, sample_data / "helpdesk_events.csv")
    assert (done.counts["tickets"], done.problems) == (told["cases"], ())
    found = asking.cases("helpdesk_events.csv", "2010-01-01", "2012-12-31")
    cases = {one.name: one.cases for one in found.activities}
    assert {
        "cases": found.cases,
        "events": found.events,
        "median_cycle_days": round(found.first_to_last.median_s / DAY_S, 2),
        "mean_cycle_days": round(found.first_to_last.average_s / DAY_S, 2),
        "closed_cases": cases["Closed"],
        "cases_with_Wait": cases["Wait"],
        "activities": {one.name: one.events for one in found.activities},
    } == told


def test_the_incident_log_measures_as_it_did(quick_sample: Tools, asking: Asking, sample_data: Path) -> None:
    """The first 300 cases; all 17,136 with GONGDAN_ALL_HISTORIES=1 (about a minute)."""
    whole = os.environ.get("GONGDAN_ALL_HISTORIES") == "1"
    name = "servicenow_incident_events.csv.gz" if whole else "servicenow_first300_cases.csv"
    told = _incident_measures(sample_data / name)
    if whole:
        example = json.loads((sample_data / "servicenow_kpi_example.json").read_text(encoding="utf-8"))
        del example["rule"]
        assert told == example
    done = _import(quick_sample, sample_data / name, "servicenow")
    assert (done.counts["tickets"], done.problems) == (told["cases"], ())

    def ask(**more: str) -> Cases:
        return asking.cases(name, "2016-01-01", "2017-12-31", **more)

    met, moved = ask(mark="field:sla_met"), ask(mark="field:reassignments")
    groups = ask(by="field:group").groups
    names = {"urgent": "1 - Critical", "high": "2 - High", "normal": "3 - Moderate", "low": "4 - Low"}
    assert {
        "events": met.events,
        "cases": met.cases,
        "sla_met": met.marked,
        "sla_met_rate": round(met.rate, 4),
        "reassigned_cases": moved.marked,
        "reopened_cases": ask(mark="field:reopenings").marked,
        "cases_with_resolved_at": met.resolved,
        "median_hours_open_to_resolved": round(met.open_to_resolved.median_s / HOUR_S, 2),
        "by_priority": {names[g.key]: {"cases": g.cases, "sla_met": g.marked} for g in met.groups},
        "by_open_month": {
            g.key: {"cases": g.cases, "sla_met": g.marked}
            for g in ask(by="month", mark="field:sla_met").groups
        },
        "top10_groups": {g.key: g.cases for g in groups[:10]},
    } == told


def _incident_measures(file: Path) -> dict[str, Any]:
    """The same figures, read from the log with nothing of the product."""
    raw = file.read_bytes()
    text = (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode()
    rows = list(csv.DictReader(text.splitlines()))
    last: dict[str, dict[str, str]] = {}
    for row in sorted(rows, key=lambda one: (int(one["sys_mod_count"]), one["sys_updated_at"])):
        last[row["number"]] = row
    cases = list(last.values())
    met = [one for one in cases if one["made_sla"] == "true"]
    hours = [
        (_seconds(one["resolved_at"]) - _seconds(one["opened_at"])) / HOUR_S
        for one in cases
        if one["resolved_at"]
    ]

    def split(key: str, cut: int | None = None) -> dict[str, dict[str, int]]:
        of_met = Counter(one[key][:cut] for one in met)
        of_all = Counter(one[key][:cut] for one in cases)
        return {value: {"cases": count, "sla_met": of_met[value]} for value, count in of_all.items()}

    groups = Counter(one["assignment_group"] for one in cases)
    return {
        "events": len(rows),
        "cases": len(cases),
        "sla_met": len(met),
        "sla_met_rate": round(len(met) / len(cases), 4),
        "reassigned_cases": sum(int(one["reassignment_count"]) > 0 for one in cases),
        "reopened_cases": sum(int(one["reopen_count"]) > 0 for one in cases),
        "cases_with_resolved_at": len(hours),
        "median_hours_open_to_resolved": round(statistics.median(hours), 2),
        "by_priority": split("priority"),
        "by_open_month": split("opened_at", 7),
        "top10_groups": dict(sorted(groups.items(), key=lambda pair: (-pair[1], pair[0]))[:10]),
    }


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
