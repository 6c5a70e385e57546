"""Shares against a goal: a dot for each target, and the goal as a line."""

from collections.abc import Callable

from desktop.ui.reports.plot import Plot
from desktop.ui.reports.scales import share_lines
from desktop.ui.reports.wording import percent

_AXIS, _TOP, _DOT = 24, 4, 11
_LABEL_SHARE = 0.34


class TargetPlot(Plot):
    """Rows are targets; those that reach the goal are round, the others square and loud."""

    def draw(self, width: int, height: int) -> None:
        """The goal, then from it to each dot a line as long as the distance."""
        rows, goal = self.content.rows, self.content.line or 1.0
        labels = min(self.widest([row.label for row in rows]), int(width * _LABEL_SHARE)) + 12
        texts = self.widest([row.cells[0].text for row in rows], bold=True) + 14
        lowest = min(*(row.cells[0].value or 0 for row in rows), goal - 0.02)
        left, right = labels + texts, width - texts
        bottom = height - _AXIS

        highest = min(1.0, max(*(row.cells[0].value or 0 for row in rows), goal) + (goal - lowest) / 8)

        def along(share: float) -> float:
            return left + (share - lowest) / (highest - lowest) * (right - left)

        self._write_scale(along, (lowest, highest), goal, bottom)
        step = (bottom - _TOP) / len(rows)
        for n, row in enumerate(rows):
            share, y = row.cells[0].value or 0, _TOP + (n + 0.5) * step
            tone, x = ("c2" if row.loud else "c1"), along(share)
            self.label(row.label, labels - 12, y, labels - 12)
            self.stroke([along(goal), x], [y, y], tone=tone, width=2.5)
            self.dot(x, y, tone=tone, symbol="s" if row.loud else "o", size=_DOT - 2)
            away = -_DOT if share < goal else _DOT
            self.write(row.cells[0].text, x + away, y, tone="text", bold=True, side=1 if share < goal else 0)
            self.spot(n, 0, x, y)

    def _write_scale(
        self, along: Callable[[float], float], ends: tuple[float, float], goal: float, bottom: float
    ) -> None:
        y = bottom + _AXIS / 2 + 2
        name = self.content.line_text
        taken = self.widest([name]) / 2 + 22
        for line in share_lines(*ends):
            if abs(along(line) - along(goal)) > taken:
                self.stroke([along(line)] * 2, [_TOP, bottom], tone="line", width=1)
                self.write(percent(line), along(line), y, tone="text3", side=0.5)
        self.stroke([along(goal)] * 2, [_TOP, bottom], tone="text", width=1.5, dashed=True)
        self.write(name, along(goal), y, tone="text", side=0.5)
