"""Lines over days, each labelled at its end."""

from desktop.ui.reports.plot import Plot
from desktop.ui.reports.scales import count_lines, spread_labels
from desktop.ui.times import figure

TONES = ("c1", "c2", "c6")
_LINE, _AXIS, _TOP, _TICK_ROOM = 16, 24, 8, 72


class TrendPlot(Plot):
    """Rows are days from left to right; the first column is the subject, the second dashed."""

    upright = True

    def draw(self, width: int, height: int) -> None:
        """Gridlines, lines, the last value of each beside its end."""
        rows = self.content.rows
        values = [[row.cells[n].value or 0 for row in rows] for n in range(len(TONES))]
        lines = count_lines(min(map(min, values)), max(map(max, values)))
        ends = [f"{self.content.heads[n + 1]} {rows[-1].cells[n].text}" for n in range(len(TONES))]
        left = self.widest([figure(line) for line in lines]) + 8
        right = width - self.widest(ends, bold=True) - 12
        bottom = height - _AXIS
        span = lines[-1] - lines[0] or 1

        def across(value: float) -> float:
            return bottom - (value - lines[0]) / span * (bottom - _TOP)

        for line in lines:
            self.stroke([left, right], [across(line)] * 2, tone="line", width=1)
            self.write(figure(line), left - 8, across(line), tone="text3", side=1)
        step = (right - left) / max(1, len(rows) - 1)
        xs = [left + n * step for n in range(len(rows))] if len(rows) > 1 else [(left + right) / 2]
        for column in reversed(range(len(TONES))):
            ys = [across(value) for value in values[column]]
            self.stroke(xs, ys, tone=TONES[column], dashed=column == 1)
            self.dot(xs[-1], ys[-1], tone=TONES[column], size=5)
            for row, (x, y) in enumerate(zip(xs, ys, strict=True)):
                self.spot(row, column, x, y)
        self._write_days(xs, height - _AXIS / 2 + 2)
        places = spread_labels([across(one[-1]) for one in values], _LINE, _TOP, bottom)
        for n, words in enumerate(ends):
            self.write(words, right + 10, places[n], tone="text", bold=n == 0)

    def _write_days(self, xs: list[float], y: float) -> None:
        """As many days as have room, the first and the last among them."""
        last = len(xs) - 1
        room = max(1, int((xs[-1] - xs[0]) / _TICK_ROOM))
        every = max(1, -(-last // room))
        shown = [n for n in range(0, last + 1, every) if last - n >= every * 0.6] + [last]
        for n in shown:
            self.write(self.content.rows[n].label, xs[n], y, tone="text3", side=0.5)
