"""Invented figures of a chain of stores, and a server that gives them; nothing real."""

import math
import random
from datetime import date, timedelta
from typing import Any, TypeVar, cast
from urllib.parse import parse_qs, urlsplit

from desktop.ui.text import language
from domain.entities.base import Instant
from domain.errors import GongdanError
from domain.wire.reports import (
    Age,
    Backlog,
    Day,
    Duration,
    Figures,
    Outcome,
    Overview,
    Question,
    Share,
    Spread,
    TicketLine,
    TicketList,
)

T = TypeVar("T")
HOUR_S = 3_600

CATEGORIES = (
    ("生鲜变质", "Spoilt fresh food", 2184, 1706, 0.93),
    ("配送超时", "Late delivery", 1902, 1865, 0.96),
    ("满减未生效", "Discount not applied", 1240, 701, 0.91),
    ("缺斤少两", "Short weight", 988, 1008, 0.97),
    ("收银故障", "Till out of order", 612, 658, 0.98),
    ("退款未到账", "Refund not received", 540, 549, 0.90),
    ("会员积分", "Member points", 433, 431, 0.99),
    ("包装破损", "Damaged packaging", 301, 340, 0.95),
)
UNITS = (
    ("柳巷店", "Willow Lane", 486, 0.78),
    ("裕华店", "Yuhua", 441, 0.81),
    ("滨江道店", "Riverside", 402, 0.93),
    ("回龙观店", "Huilongguan", 388, 0.94),
    ("天通苑店", "Tiantongyuan", 351, 0.95),
    ("中山路店", "Zhongshan Road", 340, 0.92),
    ("解放碑店", "Jiefangbei", 322, 0.96),
    ("春熙路店", "Chunxi Road", 310, 0.94),
)
SUBJECTS = (
    ("草莓礼盒开箱发霉，要求全额退款", "Strawberries mouldy on opening, wants a full refund"),
    ("满 100 减 20 未生效", "20 off 100 was not applied"),
    ("收银机无法打印小票", "The till prints no receipts"),
    ("配送超时两小时，冰品融化", "Two hours late, the ice cream melted"),
    ("电子秤少称 80 克", "The scale is 80 grams short"),
)


def _said(pair: tuple[str, str]) -> str:
    return pair[1] if language() == "en" else pair[0]


def overview(question: Question, as_of: Instant) -> Overview:
    """The figures of a question; the same for the same days."""
    dice = random.Random(question.first.toordinal())
    days = []
    for n in range((question.last - question.first).days + 1):
        day = question.first + timedelta(days=n)
        busy = 900 + 130 * math.sin(n / 7 * math.tau) + dice.randrange(-40, 40)
        created = round(busy)
        resolved = round(busy * (0.96 + 0.05 * n / 20)) + dice.randrange(-30, 30)
        days.append(
            Day(day=day, created=created, resolved=resolved, closed=resolved - dice.randrange(20, 140))
        )
    sums: dict[str, int] = {
        name: sum(getattr(day, name) for day in days) for name in ("created", "resolved", "closed")
    }
    return Overview(
        asked=question,
        as_of=as_of,
        days=tuple(days),
        now=Backlog(
            open=1184,
            soon=46,
            late=23,
            ages=tuple(
                Age(name=name, open=count, late=late)
                for name, count, late in (
                    ("day", 612, 2), ("days_3", 301, 5), ("week", 173, 6), ("month", 74, 6), ("older", 24, 4),
                )
            ),
        ),
        period=Figures(**cast(Any, sums), outcomes=_outcomes(0), durations=_durations(1.0)),
        before=Figures(
            created=round(sums["created"] / 1.062),
            resolved=round(sums["resolved"] / 1.074),
            closed=sums["closed"],
            outcomes=_outcomes(120),
            durations=_durations(1.14),
        ),
        categories=(*(_category(*row) for row in CATEGORIES), Share(id="*", created=912, resolved=890, before=903)),
        units=(
            *(_unit(*row) for row in UNITS),
            Share(id="*", created=14_820, resolved=13_930, before=14_060),
        ),
    )  # fmt: skip


def _outcomes(more: int) -> tuple[Outcome, ...]:
    rows = (
        ("first_response", 17_420, 706, 31),
        ("next_response", 9_210, 505, 12),
        ("solution_proposed", 8_060, 876, 40),
        ("resolution", 16_790 + more, 1_323 - more, 810),
    )
    return tuple(Outcome(metric=m, met=a, breached=b, running=c) for m, a, b, c in rows)


def _durations(factor: float) -> tuple[Duration, ...]:
    rows = (
        ("first_response", 18_126, 840, 1_260, 3_120),
        ("next_response", 9_715, 1_500, 2_220, 5_400),
        ("resolution", 18_113, 11_520, 18_900, 41_760),
    )

    def spread(median: int, average: int, p90: int, more: float) -> Spread:
        return Spread(median_s=round(median * more), average_s=round(average * more), p90_s=round(p90 * more))

    return tuple(
        Duration(
            metric=metric,
            count=count,
            working=spread(median, average, p90, factor),
            calendar=spread(median, average, p90, factor * 2.4),
        )
        for metric, count, median, average, p90 in rows
    )


def _category(chinese: str, english: str, created: int, before: int, rate: float) -> Share:
    name = _said((chinese, english))
    return Share(id=english, name=name, created=created, resolved=round(created * rate), before=before)


def _unit(chinese: str, english: str, created: int, rate: float) -> Share:
    name, before = _said((chinese, english)), round(created * 0.97)
    return Share(id=english, name=name, created=created, resolved=round(created * rate), before=before)


def tickets(as_of: Instant, measure: str, key: str, count: int = 948) -> TicketList:
    """The list behind a figure."""
    dice = random.Random(7)
    lines = [
        TicketLine(
            id=f"{n:032x}",
            number=str(104_900 - n),
            subject=_said(SUBJECTS[n % len(SUBJECTS)]),
            status=dice.choice(("open", "new", "pending", "resolved", "closed")),
            priority=dice.choice(("urgent", "high", "normal", "low")),
            unit=_said(UNITS[n % len(UNITS)][:2]),
            created_at=as_of - n * 1_100_000,
            resolved_at=as_of - n * 900_000 if n % 3 else None,
        )
        for n in range(min(count, 500))
    ]
    return TicketList(measure=cast(Any, measure), key=key, count=count, tickets=tuple(lines))


class InventedServer:
    """Answers from the figures above; `trouble` makes it unreachable, `asked` is what was asked of it."""

    def __init__(self, as_of: Instant) -> None:
        self.as_of = as_of
        self.trouble: GongdanError | None = None
        self.asked: list[str] = []
        self.answer: Overview | None = None

    def report(self, path: str, kind: type[T]) -> T:
        """Give an overview or a list."""
        self.asked.append(path)
        if self.trouble is not None:
            raise self.trouble
        asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        if "measure" in asked:
            return cast(T, tickets(self.as_of, asked["measure"], asked.get("key", "")))
        return cast(T, self.answer or overview(_question(asked), self.as_of))


def _question(asked: dict[str, str]) -> Question:
    narrowed = {name: asked.get(name, "") for name in ("unit", "line", "category", "team")}
    first, last = date.fromisoformat(asked["from"]), date.fromisoformat(asked["to"])
    return Question(first=first, last=last, **narrowed)
