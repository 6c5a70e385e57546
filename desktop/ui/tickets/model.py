"""The model of the ticket table: it holds ids, and fetches the rows that are looked at."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal

from desktop.replica.queries.tickets import TicketLine, rows
from desktop.ui.session import Session
from desktop.ui.text import speech, tr
from desktop.ui.theme.tokens import FLASH_MS
from desktop.ui.tickets.rows import moved_cells, row_of
from desktop.ui.times import local
from desktop.ui.widgets.ticket_row import (
    ROW_ROLE,
    Column,
    Heading,
    TicketRow,
    heading_sentence,
    row_sentence,
)

Index = QModelIndex | QPersistentModelIndex
HEAD = "#"
"""What the mark of a heading among the ids begins with; no id does."""
AHEAD = 40
"""Rows fetched beyond those that are asked for, in both directions."""
KEPT = 4_000
"""Rows held in memory; the longest unused go first."""
_NOWHERE = QModelIndex()


class TicketModel(QAbstractTableModel):
    """Serves what it has at once, stale or not, and puts right what has moved when it arrives.

    `fetched` tells that rows arrived; what is chosen may be known better now. `provisional` tells the number of
    each that the server has not given one.
    """

    fetched = Signal()
    provisional = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._ids: Sequence[str] = ()
        self._places: dict[str, int] = {}
        self._headings: Mapping[str, Heading] = {}
        self._lines: dict[str, TicketLine] = {}
        self._rows: dict[str, TicketRow] = {}
        self._wanted: set[int] = set()
        self._stale: set[str] = set()
        self._quiet: set[str] = set()  # stale by the person's own doing: nothing flashes
        self._asked: set[str] = set()
        self._gone: set[str] = set()  # asked for and not there; they leave with the next list
        self._today = local(session.server_time.now()).date()
        self._fetch_soon = _single_shot(self, 0, self._fetch)
        self._flash_over = _single_shot(self, FLASH_MS, self._end_flash)
        speech.changed.connect(self.word_anew)

    # What Qt asks.

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == ROW_ROLE:
            return self._row(index.row()) or self.heading_at(index.row())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            heading = self.heading_at(index.row())
            if heading is not None:
                return heading_sentence(heading)
            row = self._row(index.row())
            return row_sentence(row, self._session.server_time.now()) if row is not None else ""
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self._headings and self.heading_at(index.row()) is not None:
            return Qt.ItemFlag.ItemIsEnabled
        return super().flags(index)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if role != Qt.ItemDataRole.DisplayRole or orientation != Qt.Orientation.Horizontal:
            return None
        return "" if section == Column.MARK else tr(f"column.{Column(section).name.lower()}")

    # What the page asks.

    def ids(self) -> Sequence[str]:
        """The tickets that show, in order."""
        return [id for id in self._ids if not id.startswith(HEAD)] if self._headings else self._ids

    def id_at(self, row: int) -> str:
        """The id of a row; "" for a heading."""
        id = self._ids[row]
        return "" if id.startswith(HEAD) else id

    def place_of(self, id: str) -> int | None:
        """The row of an id; None where it is not in the list."""
        return self._places.get(id)

    def line(self, id: str) -> TicketLine | None:
        """A line as last fetched."""
        return self._lines.get(id)

    def mark_at(self, row: int) -> str:
        """The id of a row, or of a heading the mark it was given by."""
        return self._ids[row]

    def heading_at(self, row: int) -> Heading | None:
        """The heading in a row; None where a ticket stands there."""
        return self._headings.get(self._ids[row]) if self._headings and row < len(self._ids) else None

    def show_ids(
        self, ids: Sequence[str], places: dict[str, int], headings: Mapping[str, Heading] | None = None
    ) -> None:
        """Show another list; `places` gives the row of each id. Rows that are known stay known.

        `headings` are those among the ids that begin with HEAD.
        """
        self.beginResetModel()
        self._ids, self._places, self._headings = ids, places, headings or {}
        self._wanted.clear()
        self._gone.clear()
        self.endResetModel()

    def refresh(self, ids: Iterable[str], *, own: bool = False) -> None:
        """These tickets have moved; what changed by others flashes."""
        known = [id for id in ids if id in self._lines]
        if not known:
            return
        self._stale.update(known)
        (self._quiet.update if own else self._quiet.difference_update)(known)
        self._fetch_soon.start()

    def word_anew(self) -> None:
        """Put every known row into words again: another language, another day."""
        self._rows.clear()
        self._repaint(range(len(self._ids)))

    def tick(self) -> None:
        """Once a second: a new day changes what rows say."""
        today = local(self._session.server_time.now()).date()
        if today != self._today:
            self._today = today
            self.word_anew()

    # Inside.

    def _row(self, place: int) -> TicketRow | None:
        id = self._ids[place]
        made = self._rows.get(id)
        if made is not None:
            return made
        line = self._lines.get(id)
        if line is None:
            if id not in self._gone and id not in self._asked and not id.startswith(HEAD):
                self._wanted.add(place)
                if not self._fetch_soon.isActive():
                    self._fetch_soon.start()
            return None
        made = self._rows[id] = self._worded(line)
        return made

    def _worded(self, line: TicketLine) -> TicketRow:
        return row_of(line, me=self._session.person.id, now_at=self._session.server_time.now())

    def _fetch(self) -> None:
        """Ask for what is missing around the rows in sight, and for what is stale."""
        ids: list[str] = [id for id in self._stale if id not in self._asked]
        if self._wanted:
            low = max(0, min(self._wanted) - AHEAD)
            high = min(len(self._ids), max(self._wanted) + AHEAD + 1)
            if high - low > len(self._wanted) + 4 * AHEAD:
                places: Iterable[int] = sorted(self._wanted)  # two places far apart: not what lies between
            else:
                places = range(low, high)
            ids += [id for place in places if (id := self.id_at(place)) and id not in self._lines]
        self._wanted.clear()
        self._stale.clear()
        ids = [id for id in dict.fromkeys(ids) if id not in self._asked]
        if not ids:
            return
        self._asked.update(ids)
        replica = self._session.replica

        def read() -> list[TicketLine]:
            with replica.read() as conn:
                return rows(conn, ids)

        self._session.bridge.read(read, then=lambda lines: self._take(ids, lines), owner=self)

    def _take(self, asked: Sequence[str], lines: Sequence[TicketLine]) -> None:
        self._asked.difference_update(asked)
        self._gone.update(set(asked) - {line.id for line in lines})
        touched: list[int] = []
        for line in lines:
            before = self._lines.pop(line.id, None)
            self._lines[line.id] = line
            quiet = line.id in self._quiet
            row = self._worded(line)
            cells = moved_cells(before, line) if before is not None and not quiet else frozenset()
            if cells:
                row = msgspec.structs.replace(row, flashed=cells)
                self._flash_over.start()
            self._rows[line.id] = row
            place = self._places.get(line.id)
            if place is not None:
                touched.append(place)
                if line.provisional:
                    self.provisional.emit(row.number)
        self._quiet.difference_update(asked)
        self._forget()
        self._repaint(touched)
        self.fetched.emit()

    def _forget(self) -> None:
        for id in list(self._lines)[: max(0, len(self._lines) - KEPT)]:
            del self._lines[id]
            self._rows.pop(id, None)

    def _end_flash(self) -> None:
        touched = []
        for id, row in list(self._rows.items()):
            if row.flashed:
                self._rows[id] = msgspec.structs.replace(row, flashed=frozenset())
                touched.append(self._places.get(id))
        self._repaint([place for place in touched if place is not None])

    def _repaint(self, places: Sequence[int]) -> None:
        if places and self._ids:
            last = len(Column) - 1
            self.dataChanged.emit(self.index(min(places), 0), self.index(max(places), last), [ROW_ROLE])


def _single_shot(owner: TicketModel, pause_ms: int, then: Callable[[], None]) -> QTimer:
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(pause_ms)
    timer.timeout.connect(then)
    return timer
