"""Rankings and ages: bars from zero, figures in columns at their right."""

from PySide6.QtCore import QRectF

from desktop.ui.reports.content import Row
from desktop.ui.reports.plot import Plot

_GAP, _COLUMN_GAP = 12, 12
_LABEL_SHARE, _MOST_BAR = 0.3, 20


class BarPlot(Plot):
    """The first column is the bar; `marks` draws the second as a tick, `columns` are written at the right."""

    marks = False
    columns: tuple[int, ...] = (0,)

    def draw(self, width: int, height: int) -> None:
        """One bar a row, what to look at in the second colour."""
        rows = self.content.rows
        labels = min(self.widest([row.label for row in rows]), int(width * _LABEL_SHARE)) + _GAP
        widths = [self.widest([row.cells[n].text for row in rows], bold=True) for n in self.columns]
        right = width - sum(widths) - _COLUMN_GAP * len(widths)
        longest = max(self._longest(row) for row in rows) or 1
        step = height / len(rows)
        thick = min(_MOST_BAR, step * 0.68)
        for n, row in enumerate(rows):
            y = (n + 0.5) * step
            top, bottom = y - thick / 2, y + thick / 2
            self.label(row.label, labels - _GAP, y, labels - _GAP)
            wide = (row.cells[0].value or 0) / longest * (right - labels)
            place = QRectF(labels, top, max(2.0, wide), bottom - top)
            if wide:
                self.bar(place, tone="c2" if row.loud else "c6")
            if self.marks and row.cells[1].value:
                x = labels + row.cells[1].value / longest * (right - labels)
                self.stroke([x, x], [top - 3, bottom + 3], tone="text")
            self._write_figures(row, y, widths, width)
            self.spot(n, 0, labels + wide, y, place)

    def _longest(self, row: Row) -> float:
        cells = row.cells[:2] if self.marks else row.cells[:1]
        return max(cell.value or 0 for cell in cells)

    def _write_figures(self, row: Row, y: float, widths: list[int], width: int) -> None:
        right = float(width)
        for n, wide in zip(reversed(self.columns), reversed(widths), strict=True):
            tone = "text" if row.loud or n == 0 else "text2"
            self.write(row.cells[n].text, right, y, tone=tone, bold=row.loud, side=1)
            right -= wide + _COLUMN_GAP


class CategoryPlot(BarPlot):
    """With the period before as a tick, and the change."""

    marks = True
    columns = (0, 2)


class UnitPlot(BarPlot):
    """With the share resolved."""

    columns = (0, 2)
