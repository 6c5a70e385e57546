"""Rows of a file of matters: times in order, texts within their limits, a unit for each."""

import hashlib
import re
from typing import NamedTuple

from domain.entities.base import Instant
from domain.entities.configuration import Configuration
from domain.entities.ticket import PRIORITIES
from domain.errors import InvalidInputError, RefusedError
from domain.rules.decide_create import MAX_BODY, MAX_SUBJECT
from domain.rules.forms import PHONE
from sync_server.operations.imports.columns import Columns, Refuse
from sync_server.operations.imports.sheet import SheetRow
from sync_server.store.organisation import Tree

COLUMN, SPREAD = "column", "spread"
SUBJECT_FROM_TEXT = 40
AHEAD_MS = 24 * 3600 * 1000
"""A time later than this from now is no matter of clocks any more."""


class TicketRow(NamedTuple):
    """One matter as a file gives it; a reply has its time."""

    key: str
    unit: str
    subject: str
    created_at: Instant
    description: str
    customer: str
    phone: str
    reply: str
    replied_at: Instant | None
    category: str
    priority: str


def derived_id(at: Instant, order: int, *parts: str) -> str:
    """An identifier made of a time and words instead of chance, in the form of a UUIDv7; sorts by time and order."""
    digest = hashlib.sha256("\x00".join(parts).encode()).hexdigest()
    return f"{max(at, 0):012x}7{order:03x}{'89ab'[int(digest[0], 16) % 4]}{digest[1:16]}"


class TicketReader:
    """Reads rows one by one and notices keys that come twice."""

    def __init__(
        self,
        columns: Columns,
        tree: Tree,
        configuration: Configuration,
        *,
        place: str,
        unit_from: str,
        now: Instant,
    ) -> None:
        self._columns, self._configuration = columns, configuration
        self._place, self._now = place, now
        self._by_code = {unit.code: unit.id for unit in tree.units.values() if unit.code}
        self._stores = sorted(id for id, unit in tree.units.items() if unit.kind == "store")
        self._unit_from = self._checked(unit_from)
        self._seen: set[str] = set()

    def _checked(self, unit_from: str) -> str:
        if unit_from == SPREAD and not self._stores:
            raise RefusedError("no_stores")
        if unit_from not in (COLUMN, SPREAD) and unit_from not in self._by_code:
            raise InvalidInputError("unknown_unit_code", unit=unit_from)
        return unit_from

    def row(self, row: SheetRow) -> TicketRow:
        """The matter of one row."""
        columns = self._columns
        key = columns.text(row, "key", required=True)
        if key in self._seen:
            raise Refuse("key", "cell_twice", value=key[:60])
        created_at = self._time(row, "created_at")
        if created_at is None:
            raise Refuse("created_at", "cell_empty")
        reply, replied_at = self._reply(row, created_at)
        description = self._text(row, "description", MAX_BODY, required=True)
        found = TicketRow(
            key=key,
            unit=self._unit(row, key),
            subject=self._text(row, "subject", MAX_SUBJECT) or _beginning(description),
            created_at=created_at,
            description=description,
            customer=self._text(row, "customer", 200),
            phone=self._phone(row),
            reply=reply,
            replied_at=replied_at,
            category=self._category(row),
            priority=self._priority(row),
        )
        self._seen.add(key)
        return found

    def _reply(self, row: SheetRow, created_at: Instant) -> tuple[str, Instant | None]:
        reply = self._text(row, "reply", MAX_BODY)
        if not reply:
            return "", None
        replied_at = self._time(row, "replied_at")
        if replied_at is None:
            raise Refuse("replied_at", "cell_empty")
        if replied_at < created_at:
            raise Refuse(
                "replied_at", "cell_before_created", value=self._columns.text(row, "replied_at")[:60]
            )
        return reply, replied_at

    def _time(self, row: SheetRow, field: str) -> Instant | None:
        at = self._columns.instant(row, field, self._place)
        if at is not None and not 0 <= at <= self._now + AHEAD_MS:
            raise Refuse(field, "cell_time_range", value=self._columns.text(row, field)[:60])
        return at

    def _text(self, row: SheetRow, field: str, limit: int, *, required: bool = False) -> str:
        text = self._columns.text(row, field, required=required)
        if len(text) > limit:
            raise Refuse(field, "cell_too_long", limit=limit, length=len(text))
        return text

    def _unit(self, row: SheetRow, key: str) -> str:
        if self._unit_from == SPREAD:
            place = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8])
            return self._stores[place % len(self._stores)]
        if self._unit_from != COLUMN:
            return self._by_code[self._unit_from]
        code = self._columns.text(row, "unit", required=True)
        if code not in self._by_code:
            raise Refuse("unit", "cell_unknown_unit", value=code[:60])
        return self._by_code[code]

    def _phone(self, row: SheetRow) -> str:
        phone = self._columns.text(row, "phone")
        if phone and not PHONE.fullmatch(re.sub(r"[\s\-]", "", phone)):
            raise Refuse("phone", "cell_phone")
        return phone

    def _category(self, row: SheetRow) -> str:
        category = self._columns.text(row, "category")
        if category and category not in self._configuration.categories:
            raise Refuse("category", "cell_unknown_category", value=category[:60])
        return category

    def _priority(self, row: SheetRow) -> str:
        priority = self._columns.text(row, "priority")
        if priority and priority not in PRIORITIES:
            raise Refuse("priority", "cell_unknown_option", value=priority[:60], known=", ".join(PRIORITIES))
        return priority


def _beginning(text: str) -> str:
    """The first words of a text, where no subject was given."""
    line = " ".join(text.split())
    return line if len(line) <= SUBJECT_FROM_TEXT else line[:SUBJECT_FROM_TEXT] + "…"
