"""Mapping files for event logs: which column says what, and what another system's words mean here."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from domain.entities.base import Entity
from domain.entities.ticket import PRIORITIES, STATUSES
from domain.errors import InvalidInputError
from domain.rules.zones import zone

ANY = "*"
"""Stands for every word that is not named; without it such a word makes the row a bad one."""


class Words(Entity, forbid_unknown_fields=True):
    """A column, and what its words mean; a word that means nothing here changes nothing."""

    column: str
    values: Mapping[str, str] = {}

    def meaning(self, word: str) -> str | None:
        """What a word means; None where the mapping does not know it."""
        return self.values.get(word, self.values.get(ANY))


class Field(Entity, forbid_unknown_fields=True):
    """A column whose last value is kept with the ticket, under the name it has in the mapping."""

    column: str
    kind: Literal["text", "number", "bool"] = "text"


class HistoryMapping(Entity, forbid_unknown_fields=True):
    """How the rows of an event log become tickets with their timelines."""

    case: str  # the column that names the matter
    order: tuple[str, ...]  # rows of a matter are sorted by these, then as they stand in the file
    at: str
    activity: str = ""
    by: str = ""
    subject: str = ""
    timezone: str = "Asia/Shanghai"
    created_at: str = ""  # without it the first row's time
    resolved_at: str = ""  # without it the last time it became resolved
    closed_at: str = ""
    requester: Literal["customer", "colleague", ""] = "customer"
    status: Words | None = None
    priority: Words | None = None
    fields: Mapping[str, Field] = {}

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column it names."""
        plain = (self.case, *self.order, self.at, self.activity, self.by, self.subject)
        more = (self.created_at, self.resolved_at, self.closed_at)
        words = (one.column for one in (self.status, self.priority) if one)
        return tuple(
            dict.fromkeys(c for c in (*plain, *more, *words, *(f.column for f in self.fields.values())) if c)
        )


def read_mapping(path: Path) -> HistoryMapping:
    """Read a mapping file; raise InvalidInputError that names the file and what is wrong with it."""
    try:
        found: HistoryMapping = msgspec.json.decode(path.read_bytes(), type=HistoryMapping)
    except FileNotFoundError:
        raise InvalidInputError("file_missing", file=str(path)) from None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _wrong(path, str(error)) from None
    zone(found.timezone)
    for words, known in ((found.status, STATUSES), (found.priority, PRIORITIES)):
        unknown = sorted(set(words.values.values()) - {*known, ""}) if words else []
        if unknown:
            raise _wrong(path, f"{', '.join(unknown)}: {', '.join(known)}")
    return found


def _wrong(path: Path, reason: Any) -> InvalidInputError:
    return InvalidInputError("history_mapping", file=path.name, reason=reason)
