"""Matters from files become timelines with clocks, each once."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from domain.errors import GongdanError
from sync_server.operations.imports.columns import Outcome
from sync_server.operations.imports.tickets import import_tickets
from sync_server.operations.sample import fill
from sync_server.operations.tools import Tools
from sync_server.store import tables as t
from sync_server.store.soundness import feed_gap

ANSWERED = {
    "留言编号": 101,
    "留言用户": "A0001",
    "留言主题": "草莓发霉",
    "留言时间": "2016-03-01T10:00:00+08:00",
    "留言详情": "昨天买的草莓今天发霉。",
    "答复意见": "已为您退款。",
    "答复时间": "2016-03-01T10:20:00+08:00",
}
OPEN = {"留言编号": 102, "留言主题": "排队", "留言时间": "2016/3/2 9:30:00", "留言详情": "排队半小时。"}


def _import(tools: Tools, folder: Path, *rows: Any, **values: Any) -> Outcome:
    file = folder / "matters.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    file.write_text("\n".join(lines), encoding="utf-8")
    plain: dict[str, Any] = {
        "template": "complaint",
        "line": "",
        "unit_from": "spread",
        "place": "Asia/Shanghai",
        "source": "",
        "mapping": {},
    }
    return import_tickets(tools, file, **{**plain, **values})


def _count(tools: Tools, noun: Any) -> int:
    with tools.store.read() as conn:
        return int(conn.execute(select(func.count()).select_from(noun)).scalar_one())


def test_matter_and_its_reply_become_a_timeline_at_their_own_times(sample: Tools, tmp_path: Path) -> None:
    """Created, answered, resolved and closed when it happened; the clocks say that it was in time."""
    done = _import(sample, tmp_path, ANSWERED, OPEN)
    assert done.counts == {"tickets": 2, "replies": 1, "known": 0}
    with sample.store.read() as conn:
        ticket = conn.execute(select(t.ticket).where(t.ticket.c.subject == "草莓发霉")).one()
        rows = conn.execute(
            select(t.entry.c.kind, t.entry.c.at)
            .where(t.entry.c.ticket == ticket.id)
            .order_by(t.entry.c.at, t.entry.c.id)
        )
        kinds = [(row.kind, (row.at - ticket.created_at) // 60_000) for row in rows]
        clocks = {
            row.metric: (row.state, row.breached, row.elapsed_s)
            for row in conn.execute(select(t.sla_clock).where(t.sla_clock.c.ticket == ticket.id))
        }
        name = conn.execute(select(t.personal.c.value).where(t.personal.c.ticket == ticket.id)).scalar_one()
        waiting = conn.execute(select(t.ticket).where(t.ticket.c.subject == "排队")).one()
        assert feed_gap(conn)["missing"] == 0
    week = 7 * 24 * 60
    assert kinds == [("created", 0), ("reply", 20), ("status", 20), ("status", 20 + week)]
    assert (ticket.status, ticket.requester, ticket.line, name) == ("closed", "customer", "retail", "A0001")
    assert clocks["first_response"] == ("met", False, 1200)
    assert clocks["resolution"][:2] == ("met", False)
    assert (waiting.status, waiting.team) == ("new", "cs-retail")
    assert waiting.due_at is not None


def test_importing_again_doubles_nothing(sample: Tools, tmp_path: Path) -> None:
    """Known keys are left alone, new ones come in; even where the note of what came was lost."""
    _import(sample, tmp_path, ANSWERED)
    assert _import(sample, tmp_path, ANSWERED, OPEN).counts == {"tickets": 1, "replies": 0, "known": 1}
    with sample.store.write() as conn:
        conn.execute(t.imported.delete())
        conn.commit()
    _import(sample, tmp_path, ANSWERED, OPEN)
    assert _count(sample, t.ticket) == 2
    assert _count(sample, t.entry) == 4 + 2


def test_dry_run_changes_nothing(sample: Tools, tmp_path: Path) -> None:
    """A dry run counts, and reports bad rows."""
    done = _import(sample, tmp_path, ANSWERED, "{", dry_run=True)
    assert done.counts["tickets"] == 1
    assert [p.code for p in done.problems] == ["row_unreadable"]
    assert _count(sample, t.ticket) == 0


WRONG: dict[str, tuple[Any, str, str]] = {
    "not json": ("{'a': 1}", "", "row_unreadable"),
    "no object": ("[1]", "", "row_not_object"),
    "no key": ({**OPEN, "留言编号": ""}, "留言编号", "cell_empty"),
    "no text": ({**OPEN, "留言详情": "  "}, "留言详情", "cell_empty"),
    "no time": ({**OPEN, "留言时间": None}, "留言时间", "cell_empty"),
    "odd time": ({**OPEN, "留言时间": "last week"}, "留言时间", "cell_not_time"),
    "time ahead": ({**OPEN, "留言时间": "2999-01-01"}, "留言时间", "cell_time_range"),
    "long subject": ({**OPEN, "留言主题": "长" * 201}, "留言主题", "cell_too_long"),
    "long text": ({**OPEN, "留言详情": "长" * 20_001}, "留言详情", "cell_too_long"),
    "reply too early": (
        {**ANSWERED, "留言编号": 7, "答复时间": "2015-01-01"},
        "答复时间",
        "cell_before_created",
    ),
    "reply without a time": ({**ANSWERED, "留言编号": 8, "答复时间": ""}, "答复时间", "cell_empty"),
    "no phone": ({**OPEN, "phone": "12"}, "phone", "cell_phone"),
    "odd priority": ({**OPEN, "priority": "now"}, "priority", "cell_unknown_option"),
    "odd category": ({**OPEN, "category": "x"}, "category", "cell_unknown_category"),
    "key twice": (ANSWERED, "留言编号", "cell_twice"),
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_bad_row_is_told_and_the_rest_goes_on(quick_sample: Tools, tmp_path: Path, name: str) -> None:
    """A bad row between two good ones is reported by line and column; the good ones are in."""
    row, column, code = WRONG[name]
    done = _import(quick_sample, tmp_path, ANSWERED, row, {**OPEN, "留言编号": 103})
    assert [(p.line, p.column, p.code) for p in done.problems] == [(2, column, code)]
    assert done.counts["tickets"] == _count(quick_sample, t.ticket) == 2


def test_units_come_from_a_column_or_are_given(sample: Tools, tmp_path: Path) -> None:
    """By code in each row, one for all, or spread over the stores alike each time."""
    _import(sample, tmp_path, {**OPEN, "store": "HZ001"}, unit_from="column")
    _import(sample, tmp_path, {**OPEN, "留言编号": 2}, unit_from="NJ002", source="b")
    bad = _import(sample, tmp_path, {**OPEN, "留言编号": 3, "store": "?"}, unit_from="column", source="c")
    assert [p.code for p in bad.problems] == ["cell_unknown_unit"]
    with sample.store.read() as conn:
        codes = {
            row.code
            for row in conn.execute(
                select(t.org_unit.c.code).join(t.ticket, t.ticket.c.org == t.org_unit.c.id)
            )
        }
    assert codes == {"HZ001", "NJ002"}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"template": "nothing"}, "unknown_template"),
        ({"line": "nothing"}, "unknown_line"),
        ({"unit_from": "MOON"}, "unknown_unit_code"),
        ({"place": "Mars/Base"}, "unknown_zone"),
        ({"mapping": {"subject": "nothing"}}, "map_unknown_column"),
        ({"mapping": {"colour": "留言主题"}}, "map_unknown_field"),
    ],
)
def test_what_is_asked_wrongly_is_refused_whole(
    quick_sample: Tools, tmp_path: Path, values: dict[str, Any], code: str
) -> None:
    """A wrong option stops the import before the first row."""
    with pytest.raises(GongdanError, match=code):
        _import(quick_sample, tmp_path, ANSWERED, **values)
    assert _count(quick_sample, t.ticket) == 0


def test_sample_tickets_come_with_the_sample(tools: Tools) -> None:
    """Every ticket of the sample is good input, answered or waiting in a team's queue with a deadline."""
    assert fill(tools, tickets=True)["tickets"] == _count(tools, t.ticket) > 20
    with tools.store.read() as conn:
        waiting = list(conn.execute(select(t.ticket).where(t.ticket.c.status == "new")))
    assert waiting
    assert all(row.team and row.due_at for row in waiting)


def test_real_complaints_with_their_replies(sample: Tools, sample_data: Path) -> None:
    """1,063 real complaints come in, each with its reply, and again without doubling."""
    for known in (0, 1063):
        done = import_tickets(
            sample,
            sample_data / "complaints_with_replies.jsonl",
            template="complaint",
            line="",
            unit_from="spread",
            place="Asia/Shanghai",
            source="",
            mapping={},
        )
        assert (done.counts["known"], done.problems) == (known, ())
    with sample.store.read() as conn:
        kinds = conn.execute(select(t.entry.c.kind, func.count()).group_by(t.entry.c.kind))
        assert {kind: count for kind, count in kinds if kind != "status"} == {"created": 1063, "reply": 1063}
