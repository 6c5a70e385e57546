"""What a chart says, before it is drawn: the same rows are its marks and its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from domain.wire.reports import TicketMeasure

ChartName = Literal["trend", "targets", "spreads", "ages", "categories", "units"]
CellKind = Literal["count", "share", "seconds", "change"]
CHARTS: tuple[ChartName, ...] = ("trend", "targets", "spreads", "ages", "categories", "units")


@dataclass(frozen=True, kw_only=True)
class Drill:
    """The tickets behind a mark: a measure and its key, with what the key is called."""

    measure: TicketMeasure
    key: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One figure: the number it is drawn from, as people read it, and what lies behind it."""

    value: float | None
    text: str
    drill: Drill | None = None
    kind: CellKind = "count"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One day, target, age, category or unit; `loud` where it is what to look at."""

    label: str
    cells: tuple[Cell, ...]
    loud: bool = False


@dataclass(frozen=True, kw_only=True)
class Content:
    """A chart's question and answer, the heads of its columns (the label's first) and its rows."""

    name: ChartName
    question: str
    answer: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    line: float | None = None  # a goal or average to be drawn
    line_text: str = ""

    def tip(self, row: int, column: int) -> str:
        """What a mark says when it is pointed at, its own figure first."""
        chosen = self.rows[row]
        order = [column, *(n for n in range(len(chosen.cells)) if n != column)]
        lines = [f"{self.heads[n + 1]}  {chosen.cells[n].text}" for n in order if chosen.cells[n].text]
        return "\n".join([chosen.label, *lines])

    def spoken(self, row: int, column: int) -> str:
        """The same as one sentence, for a screen reader."""
        return self.tip(row, column).replace("\n", ", ").replace("  ", " ")

    def drill(self, row: int, column: int) -> Drill | None:
        """What lies behind a cell, or else behind the first cell of its row that has something."""
        cells = self.rows[row].cells
        own = cells[column].drill if 0 <= column < len(cells) else None
        return own or next((cell.drill for cell in cells if cell.drill is not None), None)


def texts(rows: Sequence[Row]) -> list[list[str]]:
    """A table's lines as people read them."""
    return [[row.label, *(cell.text for cell in row.cells)] for row in rows]
