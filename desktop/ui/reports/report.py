"""A report as it is shown, printed and exported: what was asked, when, its figures and charts."""

from dataclasses import dataclass

from desktop.ui.reports.answers import Time, contents
from desktop.ui.reports.content import Content
from desktop.ui.reports.figures import Figure, figures_of
from desktop.ui.reports.period import day_words
from desktop.ui.text import tr
from desktop.ui.times import stamp
from domain.wire.reports import Overview


@dataclass(frozen=True, kw_only=True)
class Report:
    """One overview in the language in force."""

    title: str
    asked: tuple[tuple[str, str], ...]  # filters in force, name and value
    as_of: str
    figures: tuple[Figure, ...]
    charts: tuple[Content, ...]


def report_of(found: Overview, time: Time, asked: tuple[tuple[str, str], ...]) -> Report:
    """The report of an overview; its own period stands for the one asked for, which offline may be later."""
    first, last = (day_words(day, year=True) for day in (found.asked.first, found.asked.last))
    period = (tr("report.filter.period"), tr("report.period.range", first=first, last=last))
    return Report(
        title=tr("report.title"),
        asked=(period, *asked[1:], (tr("report.time"), tr(f"report.time.{time}"))),
        as_of=tr("report.as_of", time=stamp(found.as_of)),
        figures=figures_of(found, time),
        charts=contents(found, time),
    )
