"""Rows written straight into the tables, so that a test knows every figure beforehand."""

from datetime import date
from typing import Any

from sqlalchemy import insert

from domain.entities.configuration import Configuration
from domain.wire.reports import Question
from sync_server.reports.frame import Frame, frame
from sync_server.store import tables as t
from tests.sync_server.chain import Chain

DAY_MS, HOUR_MS = 86_400_000, 3_600_000
FIRST = 1_793_462_400_000
"""2026-11-01 00:00 in Shanghai."""
NOW = FIRST + 19 * DAY_MS + 14 * HOUR_MS
NOVEMBER = Question(first=date(2026, 11, 1), last=date(2026, 11, 20))


def put_ticket(chain: Chain, id: str, *, org: str = "e1", created: float, **values: Any) -> None:
    """Write one ticket created so many days after FIRST."""
    at = FIRST + round(created * DAY_MS)
    row: dict[str, Any] = {
        "id": id, "rev": 1, "number": id, "provisional": None, "type": "incident", "status": "open",
        "priority": "normal", "category": None, "template": "complaint", "template_version": 1, "org": org,
        "line": "retail", "team": None, "assignee": None, "creator": None, "cc": "[]", "tags": "[]",
        "requester": "customer", "channel": "desktop", "subject": f"Till {id}", "fields": "{}",
        "hold_reason": None, "hold_until": None, "created_at": at, "updated_at": at, "sent_at": None,
        "taken_at": None, "resolved_at": None, "closed_at": None, "policy": "standard", "policy_version": 1,
        "due_at": None, "due_metric": None, "sla_state": "", "sla_remaining_s": None, "soon_at": None,
    }  # fmt: skip
    with chain.store.write() as conn:
        conn.execute(insert(t.ticket), [row | values])
        conn.commit()


def put_clock(chain: Chain, ticket: str, metric: str, **values: Any) -> None:
    """Write one clock of a ticket."""
    row: dict[str, Any] = {
        "ticket": ticket, "metric": metric, "cycle": 1, "state": "met", "started_at": FIRST, "due_at": None,
        "stopped_at": None, "elapsed_s": 0, "breached": False,
    }  # fmt: skip
    with chain.store.write() as conn:
        conn.execute(insert(t.sla_clock), [row | values])
        conn.commit()


def asked(
    chain: Chain, person: str = "max", question: Question = NOVEMBER, now: int = NOW, **narrow: Any
) -> Frame:
    """The frame of a person's question."""
    values = {field: getattr(question, field) for field in question.__struct_fields__} | narrow
    return frame(chain.viewer(person), Question(**values), Configuration(), now)
