"""From a file's headings to the fields of an import, and from cells to values."""

import difflib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from domain.entities.base import Entity, Instant
from domain.errors import InvalidInputError
from domain.rules.zones import zone
from resources.imports import headings
from sync_server.operations.imports.sheet import Sheet, SheetRow

T = TypeVar("T")

_MOMENTS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y%m%d",
)
NEAR = 0.75
"""From this likeness on (difflib's ratio) a heading that nobody knows is taken for a misspelt one."""
_YES = frozenset({"true", "yes", "y", "1"})
_NO = frozenset({"false", "no", "n", "0", ""})


class RowProblem(Entity):
    """What is wrong with one row: its line, the heading of its cell, a code and the sentence's arguments."""

    line: int
    column: str
    code: str
    args: dict[str, Any] = {}


class Refuse(Exception):
    """Raised for a cell that can't be used; the row is reported and left out."""

    def __init__(self, field: str, code: str, /, **args: Any) -> None:
        self.field, self.code, self.args_by_name = field, code, args
        super().__init__(code)


class Columns:
    """Which heading holds which field; what is given as FIELD= is held by none.

    Raises InvalidInputError: `map_unknown_field`, `map_unknown_column`, `column_missing`, and `column_misspelt` for a
    heading that reads almost like one of a field that would stay empty.
    """

    def __init__(self, noun: str, sheet: Sheet, given: Mapping[str, str], required: Sequence[str]) -> None:
        known = headings(noun)
        for field, heading in given.items():
            if field not in known:
                raise InvalidInputError("map_unknown_field", field=field, known=", ".join(sorted(known)))
            if heading and heading not in sheet.headings:
                raise InvalidInputError("map_unknown_column", column=heading, known=", ".join(sheet.headings))
        present = {_plain(heading): heading for heading in reversed(sheet.headings)}
        likely = {
            field: next((present[_plain(h)] for h in names if _plain(h) in present), "")
            for field, names in known.items()
        }
        self._heading = {field: given.get(field, likely[field]) for field in known}
        for field in required:
            if not self._heading[field]:
                raise InvalidInputError(
                    "column_missing",
                    field=field,
                    known=", ".join(known[field]),
                    found=", ".join(sheet.headings),
                )

        held = {*self._heading.values(), ""}
        self.unread = tuple(dict.fromkeys(heading for heading in sheet.headings if heading not in held))
        free = {field: known[field] for field in known if not self._heading[field] and field not in given}
        _check_spelling(self.unread, free)

    def heading(self, field: str) -> str:
        """The heading of a field, for reports."""
        return self._heading.get(field, "") or field

    def has(self, field: str) -> bool:
        """Whether a column holds a field."""
        return bool(self._heading[field])

    def text(self, row: SheetRow, field: str, *, required: bool = False) -> str:
        """A cell as trimmed text."""
        value = row.values.get(self._heading[field]) if self._heading[field] else None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        text = "" if value is None else str(value).strip()
        if required and not text:
            raise Refuse(field, "cell_empty")
        return text

    def number(self, row: SheetRow, field: str, *, least: float, most: float) -> float | None:
        """A cell as a number within bounds; none where it is empty."""
        text = self.text(row, field)
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not least <= number <= most:
            raise Refuse(field, "cell_not_number", value=text[:60], least=least, most=most)
        return number

    def day(self, row: SheetRow, field: str) -> date:
        """A cell as a date."""
        value = row.values.get(self._heading[field])
        if isinstance(value, datetime):
            return value.date()
        text = self.text(row, field, required=True)
        moment = _moment(text)
        if moment is None:
            raise Refuse(field, "cell_not_date", value=text[:60])
        return moment.date()

    def flag(self, row: SheetRow, field: str) -> bool:
        """A cell as yes or no."""
        text = self.text(row, field).lower()
        if text not in _YES | _NO:
            raise Refuse(field, "cell_not_flag", value=text[:60])
        return text in _YES

    def instant(self, row: SheetRow, field: str, place: str) -> Instant | None:
        """A cell as an instant; a time without a zone is read in the given one. None where it is empty."""
        value = row.values.get(self._heading[field]) if self._heading[field] else None
        text = self.text(row, field)
        if not text:
            return None
        at = _instant(value, place) if isinstance(value, datetime) else moment_of(text, place)
        if at is None:
            raise Refuse(field, "cell_not_time", value=text[:60])
        return at


def _plain(heading: str) -> str:
    """A heading as it is compared: case, blanks, hyphens and underscores tell nothing."""
    return re.sub(r"[\s_\-]+", "", heading).casefold()


def _check_spelling(unread: Sequence[str], free: Mapping[str, Sequence[str]]) -> None:
    """Refuse a heading that almost is one of a field without a column."""
    names = {_plain(name): (field, name) for field, called in free.items() for name in called}
    for heading in unread:
        for close in difflib.get_close_matches(_plain(heading), names, n=1, cutoff=NEAR):
            field, name = names[close]
            raise InvalidInputError("column_misspelt", column=heading, nearest=name, field=field)


def moment_of(text: str, place: str) -> Instant | None:
    """A written time as an instant, in the given zone where it names none; None where it is none."""
    moment = _moment(text)
    return None if moment is None else _instant(moment, place)


def _instant(moment: datetime, place: str) -> Instant:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone(place))
    return round(moment.timestamp() * 1000)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in _MOMENTS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the caller gives it its zone
        except ValueError:
            continue
    return None


class Outcome(Entity):
    """What an import came to."""

    counts: dict[str, int] = {}
    problems: tuple[RowProblem, ...] = ()
    remarks: tuple[RowProblem, ...] = ()  # about rows that were taken
    unread: tuple[str, ...] = ()  # headings that mean nothing here


class Headed(Protocol):
    """Knows which heading a field has in the file, for reports."""

    def heading(self, field: str) -> str:
        """The heading of a field."""
        ...


def read_rows(
    sheet: Sheet, columns: Headed, read: Callable[[SheetRow], T], problems: list[RowProblem]
) -> list[tuple[int, T]]:
    """Every row that can be read, with its line; the others become problems."""
    found: list[tuple[int, T]] = []
    for row in sheet.rows:
        if row.problem:
            problems.append(
                RowProblem(line=row.line, column="", code=row.problem, args={"detail": row.detail})
            )
            continue
        try:
            found.append((row.line, read(row)))
        except Refuse as refused:
            problems.append(
                RowProblem(
                    line=row.line,
                    column=columns.heading(refused.field),
                    code=refused.code,
                    args=refused.args_by_name,
                )
            )
    return found
