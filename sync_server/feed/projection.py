"""What of a ticket leaves the server for one viewer: rows by class of field, encoded once (SYNC §2, §3)."""

from collections.abc import Sequence
from typing import Any

import msgspec

from domain.entities.people import CLASS_BIT, SENSITIVE
from domain.rules.masking import masked
from sync_server.store.rows import ENTRY_COLUMNS, PERSONAL_COLUMNS, TICKET_COLUMNS, dump, load_mapping

Columns = Sequence[Any]

_FIELDS_AT = TICKET_COLUMNS.index("fields")
_JSON_AT = tuple(TICKET_COLUMNS.index(name) for name in ("cc", "tags", "fields"))
_E_CLASS, _E_DETAIL, _E_ERASED, _E_REV = (
    ENTRY_COLUMNS.index(n) for n in ("field_class", "detail", "erased", "rev")
)
_P_CLASS, _P_VALUE, _P_MASKED, _P_ERASED, _P_REV = (
    PERSONAL_COLUMNS.index(n) for n in ("field_class", "value", "masked", "erased", "rev")
)
_encode = msgspec.json.Encoder().encode
_raw = msgspec.Raw


def put(
    ticket: Columns,
    *,
    since: int,
    classes: int,
    hidden: frozenset[str],
    entries: Sequence[Columns],
    personal: Sequence[Columns],
) -> bytes:
    """Encode a Put for a viewer who may see these classes of fields, without the `hidden` form fields.

    `ticket` holds the columns of a ticket and its mark.
    """
    *row, mark = ticket
    if hidden and row[_FIELDS_AT] != "{}":
        told = {key: value for key, value in load_mapping(row[_FIELDS_AT]).items() if key not in hidden}
        row[_FIELDS_AT] = dump(told)
    for at in _JSON_AT:
        row[at] = _raw(row[at].encode())
    shown = [_entry(e) for e in entries if CLASS_BIT[e[_E_CLASS]] & classes]
    values = [_value(p, classes) for p in personal]
    return _encode((row, since, classes, shown, [value for value in values if value is not None], mark))


def _entry(columns: Columns) -> list[Any]:
    row = list(columns)
    row[_E_DETAIL] = _raw(row[_E_DETAIL].encode())
    row[_E_ERASED] = bool(row[_E_ERASED])
    return row


def _value(columns: Columns, classes: int) -> list[Any] | None:
    """A personal value: whole, masked where it is sensitive to this viewer, or not at all."""
    row = list(columns)
    row[_P_ERASED] = bool(row[_P_ERASED])
    row[_P_MASKED] = bool(row[_P_MASKED])
    bit = CLASS_BIT[row[_P_CLASS]]
    if bit & classes:
        return row
    if bit != SENSITIVE:
        return None
    row[_P_VALUE], row[_P_MASKED] = masked(row[_P_VALUE]), True
    return row
