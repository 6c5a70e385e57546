"""Headings in a list whose tickets stand together: what each group is, how many it holds, folded or not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from desktop.replica.queries.groups import UNDATED, GroupCount
from desktop.settings import SettingsFile
from desktop.ui.directory import Directory
from desktop.ui.text import tr
from desktop.ui.tickets.model import HEAD, TicketModel
from desktop.ui.times import DAY_S, day, local
from desktop.ui.widgets.priority import priority_text
from desktop.ui.widgets.status import status_text
from desktop.ui.widgets.ticket_row import Heading
from domain.entities.base import Instant

_LATE, _TODAY, _TOMORROW = "0", "1", "2"


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list as it was read: the ids in order, where each stands, and which groups they make ("": none)."""

    ids: list[str]
    places: dict[str, int]
    group: str = ""
    groups: Sequence[GroupCount] = ()
    days: Sequence[Instant] = ()


NOTHING = Listing(ids=[], places={})


class Sections:
    """Puts a listing into the model with a heading above each group; which are folded is remembered per list."""

    def __init__(self, model: TicketModel, directory: Directory, settings: SettingsFile) -> None:
        self._model, self._directory, self._settings = model, directory, settings
        self._key = ""
        self.listing = NOTHING

    def show_list(self, key: str) -> None:
        """Another list is to come."""
        self._key, self.listing = key, NOTHING

    def put(self, listing: Listing) -> None:
        """Have the model show it."""
        self.listing = listing
        counts = listing.groups
        if not listing.group or sum(one.count for one in counts) != len(listing.ids):
            self._model.show_ids(listing.ids, listing.places)
            return
        folded = self._folded()
        shown: list[str] = []
        headings: dict[str, Heading] = {}
        begin = 0
        for one in counts:
            mark, opened = f"{HEAD}{one.key}", f"{listing.group}.{one.key}" not in folded
            headings[mark] = Heading(words=self._words(one.key), count=one.count, opened=opened)
            shown.append(mark)
            if opened:
                shown += listing.ids[begin : begin + one.count]
            begin += one.count
        self._model.show_ids(shown, {id: place for place, id in enumerate(shown)}, headings)

    def fold(self, row: int, *, opened: bool | None = None) -> bool:
        """Fold or open the group of a heading, the other way round without `opened`; False where nothing changes."""
        mark = self._model.mark_at(row)
        heading = self._model.heading_at(row)
        if heading is None or heading.opened == opened:
            return False
        key = f"{self.listing.group}.{mark.removeprefix(HEAD)}"
        folded = self._folded()
        kept = folded - {key} if not heading.opened else folded | {key}
        self._settings.remember(f"folded.{self._key}", sorted(kept))
        return True

    def heading_above(self, row: int) -> int | None:
        """The row of the heading that a row stands under."""
        return next((at for at in range(row, -1, -1) if self._model.heading_at(at) is not None), None)

    def position(self, id: str) -> tuple[int, int]:
        """A ticket's place counted from 1, headings left out, and how many there are."""
        place = self.listing.places.get(id)
        return 0 if place is None else place + 1, len(self.listing.ids)

    def _folded(self) -> frozenset[str]:
        return frozenset(self._settings.look(f"folded.{self._key}") or ())

    def _words(self, key: str) -> str:
        known: Mapping[str, Callable[[str], str]] = {
            "status": status_text,
            "priority": priority_text,
            "store": lambda id: self._directory.unit(id) or id,
            "handler": lambda id: (self._directory.person(id) or id) if id else tr("ticket.nobody"),
            "due_day": self._day,
        }
        return known[self.listing.group](key)

    def _day(self, key: str) -> str:
        days = self.listing.days
        if key in (_LATE, _TODAY, _TOMORROW):
            return tr({_LATE: "list.due.late", _TODAY: "list.due.today", _TOMORROW: "list.due.tomorrow"}[key])
        if key == str(UNDATED):
            return tr("list.due.none")
        if int(key) > len(days):
            return tr("list.due.later")
        noon = days[int(key) - 2] + DAY_S * 500  # the middle of a day that began at the midnight before
        return f"{tr(f'time.weekday.{local(noon).weekday()}')} {day(noon, days[0])}"
