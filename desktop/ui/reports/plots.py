"""Which chart is drawn how."""

from collections.abc import Mapping

from PySide6.QtWidgets import QWidget

from desktop.ui.reports.bar_plot import BarPlot, CategoryPlot, UnitPlot
from desktop.ui.reports.content import ChartName, Content
from desktop.ui.reports.plot import Plot
from desktop.ui.reports.spread_plot import SpreadPlot
from desktop.ui.reports.target_plot import TargetPlot
from desktop.ui.reports.trend_plot import TrendPlot

_PLOTS: Mapping[ChartName, type[Plot]] = {
    "trend": TrendPlot,
    "targets": TargetPlot,
    "spreads": SpreadPlot,
    "ages": BarPlot,
    "categories": CategoryPlot,
    "units": UnitPlot,
}


def make_plot(content: Content, parent: QWidget | None = None) -> Plot:
    """The chart for a content."""
    return _PLOTS[content.name](content, parent)
