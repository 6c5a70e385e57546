"""What every measure is asked within: who looks, which period, what it is narrowed to."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, true

from domain.entities.base import Instant
from domain.entities.configuration import Configuration
from domain.errors import InvalidInputError
from domain.rules.zones import zone
from domain.wire.reports import Question
from sync_server.access.predicate import in_range, sees_all, visible
from sync_server.access.viewer import Viewer
from sync_server.store import tables as t

LONGEST_DAYS = 3 * 366


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One person's question at an instant; `from_at` up to, not with, `to_at`."""

    viewer: Viewer
    question: Question
    configuration: Configuration
    now: Instant
    from_at: Instant
    to_at: Instant

    @property
    def tickets(self) -> ColumnElement[bool]:
        """The rows of `ticket` that count: visible to the person, and as the question narrows them.

        Written so that no index serves it: the period's index reads far fewer rows than one on units would,
        which SQLite, having no statistics, would prefer.
        """
        if self.all_tickets:
            return true()
        asked, rows = self.question, [visible(self.viewer)]
        if asked.unit:
            rows.append(in_range(self.viewer, asked.unit, "", deep=True))
        if asked.line:
            rows.append(t.ticket.c.line == asked.line)
        if asked.team:
            rows.append(t.ticket.c.team == asked.team)
        if asked.category:
            rows.append(t.ticket.c.category.in_(below(self.configuration, asked.category)))
        return case((and_(*rows), 1), else_=0) == 1

    @property
    def all_tickets(self) -> bool:
        """Whether every ticket counts, so that measures of clocks needn't look at tickets."""
        asked = self.question
        return sees_all(self.viewer) and not (asked.unit or asked.line or asked.team or asked.category)

    @property
    def days(self) -> int:
        """How many local days the question covers."""
        return (self.question.last - self.question.first).days + 1

    def before(self) -> "Frame":
        """The same for the period of equal length just before; a day under way is cut at the same hour."""
        back = timedelta(days=self.days)
        asked = self.question
        earlier = {"first": asked.first - back, "last": asked.last - back}
        question = Question(**{f: getattr(asked, f) for f in asked.__struct_fields__} | earlier)
        local = datetime.fromtimestamp(self.to_at / 1000, zone(asked.zone))
        end = local.replace(tzinfo=None) - back
        return replace(
            self,
            question=question,
            from_at=midnight(question.first, asked.zone),
            to_at=_instant(end, asked.zone),
        )

    def within(self, column: ColumnElement[int]) -> ColumnElement[bool]:
        """Whether an instant lies in the period."""
        return and_(column >= self.from_at, column < self.to_at)

    def stretches(self) -> Iterator["Stretch"]:
        """The period in parts in which the zone's offset stays the same."""
        asked = self.question
        days = [asked.first + timedelta(days=n) for n in range(self.days)]
        begun = [day for day, last in zip(days, [None, *days], strict=False) if _turns(last, day, asked.zone)]
        ends = [midnight(day, asked.zone) for day in begun[1:]] + [self.to_at]
        for day, end in zip(begun, ends, strict=True):
            yield Stretch(day, midnight(day, asked.zone), end, offset_ms(day, asked.zone))


class Stretch(NamedTuple):
    """Part of a period: its first local day, from, to, and the zone's offset in ms."""

    day: date
    from_at: Instant
    to_at: Instant
    offset: int


def _turns(last: date | None, day: date, zone_name: str) -> bool:
    return last is None or offset_ms(last, zone_name) != offset_ms(day, zone_name)


def frame(viewer: Viewer, question: Question, configuration: Configuration, now: Instant) -> Frame:
    """The frame of a question; raises InvalidInputError for a period or zone that doesn't hold."""
    days = (question.last - question.first).days + 1
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInputError("report_period", days=days, longest=LONGEST_DAYS)
    from_at = midnight(question.first, question.zone)
    to_at = midnight(question.last + timedelta(days=1), question.zone)
    return Frame(
        viewer=viewer,
        question=question,
        configuration=configuration,
        now=now,
        from_at=from_at,
        to_at=max(from_at, min(to_at, now)),
    )


def midnight(day: date, zone_name: str) -> Instant:
    """The instant at which a local day begins."""
    return _instant(datetime.combine(day, time()), zone_name)


def _instant(local: datetime, zone_name: str) -> Instant:
    return round(local.replace(tzinfo=zone(zone_name)).timestamp() * 1000)


def offset_ms(day: date, zone_name: str) -> int:
    """By how much the local clock is ahead of UTC at the end of a local day: a change at night counts for it."""
    noon = datetime.combine(day, time(23, 59, 59), zone(zone_name))
    offset = noon.utcoffset() or timedelta()
    return round(offset.total_seconds() * 1000)


def below(configuration: Configuration, category: str) -> list[str]:
    """A category with all below it."""
    return [category] + [
        id
        for id in configuration.categories
        if id != category and category in configuration.category_path(id)
    ]
