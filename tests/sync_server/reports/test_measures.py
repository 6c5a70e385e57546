"""Every measure against figures counted by hand, on both databases."""

from datetime import date
from typing import Any

import pytest

from domain.entities.configuration import Configuration
from domain.entities.forms import Category
from domain.errors import InvalidInputError
from domain.wire.reports import Age, Backlog, Day, Outcome, Question, Share, Spread
from sync_server.reports.backlog import backlog
from sync_server.reports.behind import behind
from sync_server.reports.by_day import by_day
from sync_server.reports.clocks import stopped
from sync_server.reports.durations import durations, spread
from sync_server.reports.frame import frame
from sync_server.reports.outcomes import outcomes
from sync_server.reports.overview import overview
from sync_server.reports.shares import top_categories, top_units
from sync_server.store.engine import Store
from tests.sync_server.chain import Chain
from tests.sync_server.reports.rows import DAY_MS, FIRST, HOUR_MS, NOW, asked, put_clock, put_ticket


@pytest.fixture
def chain(store: Store) -> Chain:
    """A small chain on either database."""
    return Chain(store)


def _solved(day: float, **values: Any) -> dict[str, Any]:
    return {"status": "resolved", "resolved_at": FIRST + round(day * DAY_MS), **values}


def test_days_are_local(chain: Chain) -> None:
    """A ticket of 00:30 in Shanghai counts on that day, though UTC still has the day before."""
    put_ticket(chain, "a", created=0.02)
    put_ticket(chain, "b", created=1.99, **_solved(2.5, status="closed", closed_at=FIRST + 3 * DAY_MS))
    put_ticket(chain, "before", created=-0.01)
    with chain.store.read() as conn:
        days = by_day(conn, asked(chain))
    assert len(days) == 20
    assert days[:4] == (
        Day(day=date(2026, 11, 1), created=1),
        Day(day=date(2026, 11, 2), created=1),
        Day(day=date(2026, 11, 3), resolved=1),
        Day(day=date(2026, 11, 4), closed=1),
    )


def test_days_where_clocks_change(chain: Chain) -> None:
    """The day on which clocks are put back keeps its first hour, and the 25 hours count as one day."""
    new_york = Question(first=date(2026, 10, 31), last=date(2026, 11, 2), zone="America/New_York")
    made = frame(chain.viewer("max"), new_york, Configuration(), NOW)
    hours = (made.to_at - made.from_at) // HOUR_MS
    assert hours == 73
    for n in range(hours):
        put_ticket(chain, f"t{n:02}", created=(made.from_at + n * HOUR_MS - FIRST) / DAY_MS)
    with chain.store.read() as conn:
        assert [day.created for day in by_day(conn, made)] == [24, 25, 24]


def test_backlog_is_as_of_now(chain: Chain) -> None:
    """Open tickets count whatever the period; late and soon follow the deadline, a paused clock is neither."""
    due: dict[str, Any] = {"sla_state": "running", "due_metric": "resolution"}
    put_ticket(chain, "fresh", created=19.4)
    put_ticket(chain, "soon", created=18, due_at=NOW + HOUR_MS, soon_at=NOW - HOUR_MS, **due)
    put_ticket(chain, "late", created=10, due_at=NOW - 1, soon_at=NOW - HOUR_MS, **due)
    put_ticket(chain, "held", created=-60, status="on_hold", sla_state="paused", due_at=NOW - 1)
    put_ticket(chain, "done", created=1, **_solved(2))
    with chain.store.read() as conn:
        found = backlog(conn, asked(chain))
        by_age = [
            behind(conn, asked(chain), "age", name).count
            for name in ("day", "days_3", "week", "month", "older")
        ]
        near = behind(conn, asked(chain), "soon")
    assert found == Backlog(
        open=4,
        soon=1,
        late=1,
        ages=(
            Age(name="day", open=1),
            Age(name="days_3", open=1),
            Age(name="week"),
            Age(name="month", open=1, late=1),
            Age(name="older", open=1),
        ),
    )
    assert by_age == [1, 1, 0, 1, 1]
    assert [ticket.id for ticket in near.tickets] == ["soon"]


def test_outcomes_of_targets(chain: Chain) -> None:
    """Met and breached by when a clock stopped, or fell due if it has not; running as of now."""
    put_ticket(chain, "a", created=1)
    for n in range(3):
        put_clock(chain, f"a{n}", "resolution", stopped_at=FIRST + DAY_MS)
    put_clock(chain, "b", "resolution", stopped_at=FIRST + DAY_MS, breached=True)
    put_clock(chain, "c", "resolution", state="running", due_at=NOW - HOUR_MS)
    put_clock(chain, "d", "resolution", state="running", due_at=NOW + HOUR_MS)
    put_clock(chain, "e", "resolution", state="paused")
    put_clock(chain, "f", "resolution", stopped_at=FIRST - DAY_MS, breached=True)
    put_clock(chain, "a", "acceptance", state="no_target", started_at=None)
    with chain.store.read() as conn:
        made = asked(chain)
        found = outcomes(conn, made, stopped(conn, made))
        earlier = outcomes(conn, made.before(), stopped(conn, made.before()), running=False)
    assert found == (Outcome(metric="resolution", met=3, breached=2, running=2),)
    assert found[0].share == 0.6
    assert earlier == (Outcome(metric="resolution", breached=1),)


def test_durations(chain: Chain) -> None:
    """Working seconds as the clock counted them, calendar time from start to stop."""
    for n in range(1, 11):
        put_ticket(chain, f"t{n}", created=1)
        put_clock(
            chain,
            f"t{n}",
            "first_response",
            elapsed_s=n * 60,
            started_at=FIRST,
            stopped_at=FIRST + n * HOUR_MS,
        )
    with chain.store.read() as conn:
        (found,) = durations(stopped(conn, asked(chain)))
        slowest = behind(conn, asked(chain), "slowest", "first_response")
    assert (found.metric, found.count) == ("first_response", 10)
    assert found.working == Spread(average_s=330, median_s=330, p90_s=540)
    assert found.calendar == Spread(average_s=19_800, median_s=19_800, p90_s=32_400)
    assert [ticket.id for ticket in slowest.tickets][:2] == ["t10", "t9"]


def test_spread_of_few() -> None:
    """One value is its own median and percentile; an odd count has a middle one."""
    assert spread([7]) == Spread(average_s=7, median_s=7, p90_s=7)
    assert spread([9, 1, 5]) == Spread(average_s=5, median_s=5, p90_s=9)


def test_top_units_and_others(chain: Chain) -> None:
    """Units in order of tickets created, with the share resolved and the period before; the rest in one row."""
    for n in range(10):
        for k in range(12 - n):
            put_ticket(chain, f"u{n}-{k}", org=f"s{n}", created=1, **(_solved(2) if k == 0 else {}))
    put_ticket(chain, "old", org="s9", created=-5)
    with chain.store.read() as conn:
        found = top_units(conn, asked(chain))
    assert len(found) == 9
    assert found[0] == Share(id="s0", name="s0", created=12, resolved=1)
    assert found[-1] == Share(id="*", created=4 + 3, resolved=2, before=1)
    assert found[0].rate == 1 / 12


def test_category_covers_those_below(chain: Chain) -> None:
    """Asking for a category counts the categories below it; a ticket without one stands apart."""
    categories = {
        "food": Category(id="food", name="Food"),
        "fruit": Category(id="fruit", parent="food", name="Fruit"),
    }
    put_ticket(chain, "a", created=1, category="food")
    put_ticket(chain, "b", created=1, category="fruit")
    put_ticket(chain, "c", created=1)
    question = Question(first=date(2026, 11, 1), last=date(2026, 11, 20), category="food")
    made = frame(chain.viewer("max"), question, Configuration(categories=categories), NOW)
    with chain.store.read() as conn:
        assert [(one.id, one.name) for one in top_categories(conn, made)] == [
            ("food", "Food"),
            ("fruit", "Fruit"),
        ]
        assert [one.id for one in top_categories(conn, asked(chain))] == ["", "food", "fruit"]
        assert behind(conn, asked(chain), "category").count == 1
        assert behind(conn, asked(chain), "category", "fruit").tickets[0].subject == "Till b"


def test_period_before_is_cut_at_the_same_hour(chain: Chain) -> None:
    """Twenty days of which the last is under way are compared with as long a time before."""
    made = asked(chain)
    earlier = made.before()
    assert made.to_at == NOW
    assert earlier.from_at == FIRST - 20 * DAY_MS
    assert earlier.to_at == NOW - 20 * DAY_MS


def test_only_what_the_person_may_see_counts(chain: Chain) -> None:
    """A store agent's figures hold their store's tickets and those they take part in, nothing else."""
    put_ticket(chain, "mine", org="e1", created=1, **_solved(2))
    put_ticket(chain, "part", org="w1", created=1, assignee="amy")
    put_ticket(chain, "other", org="e2", created=1)
    put_ticket(chain, "far", org="w1", created=1, line="delivery")
    for id in ("mine", "part", "other", "far"):
        put_clock(chain, id, "resolution", stopped_at=FIRST + DAY_MS, elapsed_s=60)
    with chain.store.read() as conn:
        amy, wes, eva, head = (overview(conn, asked(chain, who)) for who in ("amy", "wes", "eva", "max"))
        behind_amy = behind(conn, asked(chain, "amy"), "created")
    assert [one.period.created for one in (amy, wes, eva, head)] == [2, 1, 2, 4]
    assert [one.period.outcomes[0].met for one in (amy, wes, eva, head)] == [2, 1, 2, 4]
    assert [one.period.durations[0].count for one in (amy, wes, eva, head)] == [2, 1, 2, 4]
    assert [one.now.open for one in (amy, wes, eva, head)] == [1, 1, 1, 3]
    assert {share.id for share in amy.units} == {"e1", "w1"}
    assert (behind_amy.count, {ticket.id for ticket in behind_amy.tickets}) == (2, {"mine", "part"})


def test_asking_for_a_unit_gives_no_more_than_is_visible(chain: Chain) -> None:
    """Naming a unit narrows what a person sees and never widens it."""
    put_ticket(chain, "east", org="e1", created=1)
    put_ticket(chain, "west", org="w1", created=1)
    with chain.store.read() as conn:
        assert overview(conn, asked(chain, "max", unit="west")).period.created == 1
        assert overview(conn, asked(chain, "amy", unit="west")).period.created == 0
        assert overview(conn, asked(chain, "max", line="delivery")).period.created == 0
        assert overview(conn, asked(chain, "max", team="nobody")).period.created == 0


def test_charts_and_lists_agree(chain: Chain) -> None:
    """The list behind a figure is as long as the figure says."""
    for n in range(6):
        put_ticket(chain, f"t{n}", created=n, **(_solved(n + 1) if n % 2 else {}))
        put_clock(chain, f"t{n}", "resolution", stopped_at=FIRST + n * DAY_MS, breached=n < 2)
    with chain.store.read() as conn:
        made = asked(chain)
        found = overview(conn, made)
        counts = [behind(conn, made, measure).count for measure in ("created", "resolved", "closed", "open")]
        kept = [behind(conn, made, measure, "resolution").count for measure in ("met", "breached", "running")]
    assert counts == [found.period.created, found.period.resolved, found.period.closed, found.now.open]
    assert kept == [4, 2, 0]
    assert (found.period.outcomes[0].met, found.period.outcomes[0].breached) == (4, 2)


@pytest.mark.parametrize(("first", "last"), [("2026-11-02", "2026-11-01"), ("2020-01-01", "2026-01-01")])
def test_odd_periods_are_refused(chain: Chain, first: str, last: str) -> None:
    """A period that ends before it begins, or spans more than three years, is refused with a code."""
    question = Question(first=date.fromisoformat(first), last=date.fromisoformat(last))
    with pytest.raises(InvalidInputError, match="report_period"):
        frame(chain.viewer("max"), question, Configuration(), NOW)


def test_unknown_measure_is_refused(chain: Chain) -> None:
    """A measure without the key it needs is no list of everything."""
    with chain.store.read() as conn:
        for measure, key in (("age", "century"), ("met", "speed"), ("unit", ""), ("created", "x")):
            with pytest.raises(InvalidInputError, match="report_measure"):
                behind(conn, asked(chain), measure, key)  # type: ignore[arg-type]
