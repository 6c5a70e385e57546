"""What one row of the ticket table shows, and the Qt role under which a model gives it."""

from collections.abc import Iterable
from enum import IntEnum, StrEnum

import msgspec
from PySide6.QtCore import Qt

from desktop.ui.countdown import Countdown, spoken
from desktop.ui.text import tr
from desktop.ui.widgets.priority import priority_text
from desktop.ui.widgets.status import status_text
from domain.entities.base import Instant


class Column(IntEnum):
    """The model's columns, in this order; the header may show them in another, or hide them."""

    MARK = 0
    NUMBER = 1
    SUBJECT = 2
    CUSTOMER = 3
    STORE = 4
    STATUS = 5
    PRIORITY = 6
    HANDLER = 7
    SLA = 8
    UPDATED = 9


# `model.data(index, ROW_ROLE)` gives the TicketRow of the index's row, for every column; None while it loads,
# a Heading where the row is one.
# `DisplayRole` is not asked by the delegate; give `row_sentence` under `AccessibleTextRole`.
ROW_ROLE = int(Qt.ItemDataRole.UserRole) + 1


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """Above the tickets of one group: what they have in common, how many they are, whether they show."""

    words: str
    count: int
    opened: bool = True


def heading_sentence(heading: Heading) -> str:
    """The heading as a screen reader says it."""
    state = tr("list.group_open" if heading.opened else "list.group_folded")
    return tr("list.heading", words=heading.words, count=heading.count, state=state)


def column_title(column: Column) -> str:
    """What a model answers as the header's text; the mark column has none."""
    return "" if column is Column.MARK else tr(f"column.{column.name.lower()}")


class Mark(StrEnum):
    """What the first column may say, the most important first."""

    UNSENT = "unsent"
    CONFLICT = "conflict"
    URGED = "urged"
    UNREAD = "unread"
    ATTACHMENT = "attachment"
    MESSAGE = "message"


def first_mark(marks: Iterable[Mark]) -> Mark | None:
    """The one mark to show, by rank."""
    present = set(marks)
    return next((mark for mark in Mark if mark in present), None)


class TicketRow(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket as the table shows it; texts are final, in the language in force."""

    id: str
    number: str  # 104795, or the provisional K3-07
    provisional: bool = False
    subject: str
    customer: str = ""
    store: str = ""
    status: str = "new"
    priority: str = "normal"
    handler: str = ""
    unassigned: bool = False  # the handler's text (待认领) is a hint
    countdown: Countdown | None = None  # the clock due next
    updated: str = ""
    mark: Mark | None = None
    unread: bool = False
    muted: bool = False  # done or paused: text2
    flashed: frozenset[Column] = frozenset()  # cells somebody else has just changed


def row_sentence(row: TicketRow, now_at: Instant) -> str:
    """The row as a screen reader says it: number, subject, store, status, priority, 剩 18 分钟."""
    parts = [row.number, row.subject, row.store, status_text(row.status), priority_text(row.priority)]
    if row.mark is not None:
        parts.insert(1, tr(f"mark.{row.mark}"))
    if row.countdown is not None:
        parts.append(spoken(*row.countdown.at(now_at)))
    return ", ".join(part for part in parts if part)
