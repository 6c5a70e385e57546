"""The six questions get answers that follow from the figures."""

from datetime import date

import msgspec
import pytest

from desktop.ui.reports.answers import contents, drawn
from desktop.ui.reports.content import Content, Drill
from desktop.ui.text import set_language
from domain.wire.reports import Backlog, Day, Figures, Outcome, Overview, Question, Share
from tests.desktop.ui.reports.invented import overview

QUESTION = Question(first=date(2026, 11, 1), last=date(2026, 11, 20))
FOUND = overview(QUESTION, 1_795_156_320_000)
NOTHING = Overview(asked=QUESTION, as_of=0, days=(), now=Backlog(), period=Figures(), before=Figures())


def _said(found: Overview) -> dict[str, Content]:
    return {one.name: one for one in contents(found, "working")}


def _with(**period: object) -> Overview:
    return msgspec.structs.replace(FOUND, period=msgspec.structs.replace(FOUND.period, **period))


@pytest.mark.parametrize(
    ("created", "resolved", "answer"),
    [
        (120, 100, "在涨。新建比解决多 20 张"),
        (100, 120, "没有。解决比新建多 20 张"),
        (9, 9, "没有。新建和解决一样多"),
    ],
)
def test_whether_the_backlog_grows(created: int, resolved: int, answer: str) -> None:
    """What came in is held against what was solved."""
    assert _said(_with(created=created, resolved=resolved))["trend"].answer.startswith(answer)


def test_each_day_is_a_row_that_opens_its_tickets() -> None:
    """A day's mark leads to that day's tickets of that measure."""
    trend = _said(FOUND)["trend"]
    assert len(trend.rows) == 20
    assert trend.rows[3].label == "11-04"
    assert trend.drill(3, 1) == Drill(measure="created", key="2026-11-04", name="11-04")


def test_the_worst_target_is_named() -> None:
    """The answer names the target with the lowest share, in points below the goal."""
    targets = _said(FOUND)["targets"]
    assert targets.answer == "给出方案离目标差 4.8 个点，达成 90.2%"
    assert [row.loud for row in targets.rows] == [False, True, True, True]


def test_kept_targets_are_said_to_be_kept() -> None:
    """Where all reach the goal, that is the answer; a clock nobody decided yet is no row."""
    kept = (Outcome(metric="resolution", met=99, breached=1), Outcome(metric="acceptance", running=4))
    targets = _said(_with(outcomes=kept))["targets"]
    assert targets.answer == "都达到目标 95%"
    assert [row.label for row in targets.rows] == ["解决"]


def test_durations_follow_the_kind_of_time() -> None:
    """Working and calendar time are read from the same report."""
    working, calendar = (
        next(one for one in contents(FOUND, time) if one.name == "spreads").rows[-1].cells
        for time in ("working", "calendar")
    )
    assert [cell.text for cell in working] == ["3.2 小时", "5.2 小时", "11.6 小时"]
    assert [cell.text for cell in calendar] == ["7.7 小时", "12.6 小时", "27.8 小时"]


def test_old_backlog_is_counted() -> None:
    """What has stood for more than a week is what to look at."""
    ages = _said(FOUND)["ages"]
    assert ages.answer == "98 张超过 7 天，占 8%"
    assert [row.loud for row in ages.rows] == [False, False, False, True, True]


def test_rising_category_is_named() -> None:
    """Beside the largest category the one that grew most is named, by its share."""
    categories = _said(FOUND)["categories"]
    assert categories.answer == "生鲜变质最多，2,184 张；满减未生效多 77%"
    assert [row.label for row in categories.rows if row.loud] == ["生鲜变质", "满减未生效"]


def test_others_are_added_up() -> None:
    """Categories beyond the first six and the server's own rest are one row, without a list behind it."""
    shown = drawn(FOUND.categories)
    assert [one.id for one in shown][-1] == "*"
    assert shown[-1].created == 433 + 301 + 912
    assert _said(FOUND)["categories"].drill(len(shown) - 1, 0) is None


def test_a_ticket_without_category_has_words() -> None:
    """No category is said so, and its tickets can be opened."""
    bare = msgspec.structs.replace(FOUND, categories=(Share(id="", created=4, before=4),))
    row = _said(bare)["categories"].rows[0]
    assert (row.label, row.cells[0].drill) == ("未分类", Drill(measure="category", key="", name="未分类"))


def test_units_that_lag_are_named() -> None:
    """The unit with the lowest share resolved is named with the average."""
    units = _said(FOUND)["units"]
    assert units.answer == "柳巷店解决率 78%，低于平均 93%"
    assert "其他" not in [row.label for row in units.rows]


def test_nothing_is_said_of_nothing() -> None:
    """Without tickets no chart has rows, and no answer divides by zero."""
    said = _said(NOTHING)
    assert not any(one.rows for one in said.values())
    assert said["ages"].answer == "没有未解决的工单"


def test_one_day_is_a_report_too() -> None:
    """A single day has one row."""
    one = msgspec.structs.replace(FOUND, days=(Day(day=date(2026, 11, 20), created=3),))
    assert len(_said(one)["trend"].rows) == 1


def test_a_tip_says_the_mark_first() -> None:
    """The figure pointed at comes first, the others of its row after it."""
    tip = _said(FOUND)["trend"].tip(0, 1).split("\n")
    assert tip[0] == "11-01"
    assert [line.split()[0] for line in tip[1:]] == ["新建", "解决", "关闭"]


def test_english_is_complete() -> None:
    """Every question and answer exists in English."""
    set_language("en")
    said = _said(overview(QUESTION, 0))
    assert said["trend"].question == "Is the backlog growing?"
    assert said["units"].answer == "Willow Lane has solved 78%; the average is 93%"
