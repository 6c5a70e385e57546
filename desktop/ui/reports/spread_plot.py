"""Durations as dots: median, average and what nine of ten stay within, on a scale of ratios."""

import math
from collections.abc import Callable

from desktop.ui.reports.plot import Plot
from desktop.ui.reports.scales import duration_lines
from desktop.ui.reports.wording import short_duration

_AXIS, _TOP, _LIFT, _APART = 24, 8, 15, 8
_LABEL_SHARE = 0.34


class SpreadPlot(Plot):
    """Rows are kinds of clocks; minutes and days are read on one scale, so it is logarithmic."""

    def draw(self, width: int, height: int) -> None:
        """From median to ninetieth percentile a line, the average a diamond on it."""
        rows = self.content.rows
        labels = min(self.widest([row.label for row in rows]), int(width * _LABEL_SHARE)) + 16
        ends = self.widest([row.cells[2].text for row in rows]) + 14
        values = [max(1.0, cell.value or 1) for row in rows for cell in row.cells]
        shortest, longest = min(values) * 0.8, max(values)
        # The first median's words are centred over their dot.
        left = labels + self.widest([row.cells[0].text for row in rows], bold=True) / 2 - 8
        right, bottom = width - ends, height - _AXIS
        span = math.log(longest / shortest) or 1.0

        def along(seconds: float) -> float:
            return left + math.log(max(1.0, seconds) / shortest) / span * (right - left)

        self._write_scale(along, (shortest, longest), left, bottom)
        step = (bottom - _TOP) / len(rows)
        for n, row in enumerate(rows):
            y = _TOP + (n + 0.5) * step + _LIFT / 3
            median, average, p90 = (along(cell.value or 1) for cell in row.cells)
            self.label(row.label, labels - 16, y, labels - 16)
            self.stroke([median, p90], [y, y], tone="c1")
            self.dot(average, y, tone="c6", symbol="d", size=9)
            self.dot(p90, y, tone="c1", hollow=True)
            self.dot(median, y, tone="c1")
            self.write(row.cells[0].text, median, y - _LIFT, tone="text", bold=True, side=0.5)
            self.write(row.cells[2].text, p90 + 10, y)
            for column, x in enumerate((median, average, p90)):
                self.spot(n, column, x, y)

    def _write_scale(
        self, along: Callable[[float], float], ends: tuple[float, float], left: float, bottom: float
    ) -> None:
        free = left
        for line in duration_lines(*ends):
            words = short_duration(line).replace(".0", "")
            x, half = along(line), self.widest([words]) / 2
            if x - half >= free:
                free = x + half + _APART
                self.stroke([x, x], [_TOP, bottom], tone="line", width=1)
                self.write(words, x, bottom + _AXIS / 2 + 2, tone="text3", side=0.5)
