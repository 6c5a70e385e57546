"""The six questions, and how an overview answers them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from desktop.ui.reports.content import CHARTS, Cell, ChartName, Content, Drill, Row
from desktop.ui.reports.period import day_words
from desktop.ui.reports.wording import percent, short_duration
from desktop.ui.text import tr
from desktop.ui.times import figure
from domain.wire.reports import GOAL, Overview, Share, TicketMeasure

Time = Literal["working", "calendar"]

BARS = 6
"""Categories and units drawn, before the others."""
RISING, RISING_LEAST = 0.2, 5
"""What grew by this share, and by so many tickets, is what to look at."""
BEHIND = 0.05
"""A unit whose share resolved lies so far below the average is."""
OLD = ("month", "older")


def contents(found: Overview, time: Time) -> tuple[Content, ...]:
    """What every chart says."""
    return tuple(_BUILD[name](found, time) for name in CHARTS)


def _tickets(count: int, drill: Drill | None = None) -> Cell:
    return Cell(value=count, text=figure(count), drill=drill)


def _heads(*names: str) -> tuple[str, ...]:
    return tuple(tr(f"report.column.{name}") for name in names)


def _trend(found: Overview, time: Time) -> Content:
    """Created, resolved and closed by day."""
    measures: tuple[TicketMeasure, ...] = ("resolved", "created", "closed")
    rows = [
        Row(
            label=day_words(day.day),
            cells=tuple(
                _tickets(
                    getattr(day, measure),
                    Drill(measure=measure, key=day.day.isoformat(), name=day_words(day.day)),
                )
                for measure in measures
            ),
        )
        for day in found.days
    ]
    more = found.period.created - found.period.resolved
    key = "rising" if more > 0 else "shrinking" if more < 0 else "even"
    return Content(
        name="trend",
        question=tr("report.trend.question"),
        answer=tr(f"report.trend.{key}", count=figure(abs(more)), open=figure(found.now.open)),
        heads=_heads("day", *measures),
        rows=tuple(rows) if found.period.created + found.period.resolved + found.period.closed else (),
    )


def _targets(found: Overview, time: Time) -> Content:
    """The share met of each target, against the goal."""
    rows = []
    for one in found.period.outcomes:
        if one.share is None:
            continue
        name, kinds = tr(f"report.metric.{one.metric}"), ("breached", "met", "breached", "running")
        counts = (None, one.met, one.breached, one.running)
        cells = [
            Cell(
                value=one.share if count is None else count,
                text=percent(one.share) if count is None else figure(count),
                kind="share" if count is None else "count",
                drill=Drill(measure=kind, key=one.metric, name=name),  # type: ignore[arg-type]
            )
            for kind, count in zip(kinds, counts, strict=True)
        ]
        rows.append(Row(label=name, cells=tuple(cells), loud=one.share < GOAL))
    worst = min(rows, key=lambda row: row.cells[0].value or 0, default=None)
    answer = ""
    if worst is not None and worst.loud:
        points = percent(GOAL - (worst.cells[0].value or 0)).rstrip("%")
        answer = tr("report.targets.answer", metric=worst.label, points=points, share=worst.cells[0].text)
    elif worst is not None:
        answer = tr("report.targets.kept", goal=percent(GOAL))
    return Content(
        name="targets",
        question=tr("report.targets.question"),
        answer=answer,
        heads=_heads("target", "share", "met", "breached", "running"),
        rows=tuple(rows),
        line=GOAL,
        line_text=tr("report.goal", share=percent(GOAL)),
    )


def _spreads(found: Overview, time: Time) -> Content:
    """Median, average and 90th percentile of responses and resolutions."""
    rows = []
    for one in found.period.durations:
        spread, name = (one.working if time == "working" else one.calendar), tr(f"report.metric.{one.metric}")
        drill = Drill(measure="slowest", key=one.metric, name=name)
        cells = [
            Cell(value=seconds, text=short_duration(seconds), drill=drill, kind="seconds")
            for seconds in (spread.median_s, spread.average_s, spread.p90_s)
        ]
        rows.append(Row(label=name, cells=tuple(cells)))
    by_metric = dict(zip((one.metric for one in found.period.durations), rows, strict=True))
    return Content(
        name="spreads",
        question=tr("report.spreads.question"),
        answer=_spread_answer(by_metric),
        heads=_heads("measure", "median", "average", "p90"),
        rows=tuple(rows),
    )


def _spread_answer(rows: Mapping[str, Row]) -> str:
    response, resolution = rows.get("first_response"), rows.get("resolution")
    if response is not None and resolution is not None:
        median, within = response.cells[0].text, resolution.cells[2].text
        return tr("report.spreads.answer", response=median, resolution=within)
    one = resolution or response
    if one is None:
        return ""
    return tr("report.spreads.one", name=one.label, median=one.cells[0].text, p90=one.cells[2].text)


def _ages(found: Overview, time: Time) -> Content:
    """Open tickets by how long they have stood."""
    rows = []
    for age in found.now.ages:
        name = tr(f"report.age.{age.name}")
        drill = Drill(measure="age", key=age.name, name=name)
        cells = (_tickets(age.open, drill), _tickets(age.late))
        rows.append(Row(label=name, cells=cells, loud=age.name in OLD and age.open > 0))
    old = sum(age.open for age in found.now.ages if age.name in OLD)
    answer = tr("report.ages.young")
    if old:
        share = percent(old / found.now.open, 0)
        answer = tr("report.ages.answer", count=figure(old), share=share)
    return Content(
        name="ages",
        question=tr("report.ages.question"),
        answer=answer if found.now.open else tr("report.ages.none"),
        heads=_heads("age", "open", "late"),
        rows=tuple(rows) if found.now.open else (),
    )


def drawn(shares: Sequence[Share]) -> list[Share]:
    """The first few, and all others in one."""
    named = [one for one in shares if one.id != "*"]
    rest = [*named[BARS:], *(one for one in shares if one.id == "*")]
    if not rest:
        return named
    others = Share(
        id="*",
        created=sum(one.created for one in rest),
        resolved=sum(one.resolved for one in rest),
        before=sum(one.before for one in rest),
    )
    return [*named[:BARS], others]


def _change(one: Share) -> float:
    return (one.created - one.before) / one.before if one.before else 0.0


def _rises(one: Share) -> bool:
    return _change(one) >= RISING and one.created - one.before >= RISING_LEAST


def _change_text(one: Share) -> str:
    change = round(_change(one) * 100)
    if not one.before or not change:
        return ""
    return f"{'▲' if change > 0 else '▼'} {abs(change)}%"


def _share_row(one: Share, measure: TicketMeasure, name: str, *, loud: bool, changes: bool) -> Row:
    drill = None if one.id == "*" else Drill(measure=measure, key=one.id, name=name)
    change = Cell(value=_change(one) if one.before else None, text=_change_text(one), kind="change")
    rate = Cell(value=one.rate, text=percent(one.rate, 0), kind="share")
    figures = (change, rate) if changes else (rate, change)
    return Row(label=name, cells=(_tickets(one.created, drill), _tickets(one.before), *figures), loud=loud)


def _categories(found: Overview, time: Time) -> Content:
    """The categories with most tickets, those that grow marked."""
    shown = drawn(found.categories)
    names = [_share_name(one, tr("report.no_category")) for one in shown]
    rows = [
        _share_row(one, "category", name, loud=one.id != "*" and _rises(one), changes=True)
        for one, name in zip(shown, names, strict=True)
    ]
    return Content(
        name="categories",
        question=tr("report.categories.question"),
        answer=_category_answer(found, [one for one in shown if one.id != "*"]),
        heads=_heads("category", "created", "before", "change", "rate"),
        rows=tuple(rows),
    )


def _share_name(one: Share, none: str) -> str:
    if one.id == "*":
        return tr("report.others")
    return one.name or none


def _category_answer(found: Overview, named: Sequence[Share]) -> str:
    if not named:
        return ""
    first, none = named[0], tr("report.no_category")
    name, count = _share_name(first, none), figure(first.created)
    riser = max((one for one in named if _rises(one)), key=_change, default=None)
    if riser is not None:
        grew = percent(_change(riser), 0)
        return tr(
            "report.categories.rising", name=name, count=count, riser=_share_name(riser, none), percent=grew
        )
    share = percent(first.created / max(1, found.period.created), 0)
    return tr("report.categories.answer", name=name, count=count, share=share)


def _units(found: Overview, time: Time) -> Content:
    """The units with most tickets, those that lag behind the average in solving them marked."""
    # A ranking: all other stores together would only dwarf it.
    shown = [one for one in found.units if one.id != "*"][:BARS]
    created = sum(one.created for one in found.units)
    average = sum(one.resolved for one in found.units) / created if created else 0.0
    behind = [one for one in shown if one.id != "*" and one.rate < average - BEHIND]
    rows = [
        _share_row(one, "unit", _share_name(one, one.id), loud=one in behind, changes=False) for one in shown
    ]
    answer = ""
    if behind:
        worst = min(behind, key=lambda one: one.rate)
        rates = {"rate": percent(worst.rate, 0), "average": percent(average, 0)}
        answer = tr("report.units.answer", name=worst.name, **rates)
    elif shown:
        count = figure(shown[0].created)
        answer = tr("report.units.even", name=shown[0].name, count=count, average=percent(average, 0))
    return Content(
        name="units",
        question=tr("report.units.question"),
        answer=answer,
        heads=_heads("unit", "created", "before", "rate", "change"),
        rows=tuple(rows),
        line_text=tr("report.average_line", share=percent(average, 0)),
    )


_BUILD: Mapping[ChartName, Callable[[Overview, Time], Content]] = {
    "trend": _trend,
    "targets": _targets,
    "spreads": _spreads,
    "ages": _ages,
    "categories": _categories,
    "units": _units,
}
