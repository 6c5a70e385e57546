"""What of a ticket leaves the server for one viewer: rows by class of field, encoded once (SYNC §2, §3)."""

from collections.abc import Sequence
from typing import Any

import msgspec

from domain.entities.people import ALL_CLASSES, CLASS_BIT, ORDINARY, SENSITIVE
from domain.rules.masking import masked
from sync_server.access.viewer import Viewer
from sync_server.store.rows import (
    ENTRY_COLUMNS,
    PERSONAL_COLUMNS,
    TICKET_COLUMNS,
    TICKET_JSON,
    dump,
    load_mapping,
    load_names,
)

Columns = Sequence[Any]

_AT = {name: at for at, name in enumerate(TICKET_COLUMNS)}
_FIELDS_AT, _CC_AT = _AT["fields"], _AT["cc"]
_JSON_AT = tuple(_AT[name] for name in TICKET_JSON)
_ORG_AT, _LINE_AT, _ASSIGNEE_AT, _CREATOR_AT = (_AT[n] for n in ("org", "line", "assignee", "creator"))
_TEMPLATE_AT, _TEMPLATE_VERSION_AT = _AT["template"], _AT["template_version"]
_E_CLASS, _E_DETAIL, _E_ERASED, _E_REV = (
    ENTRY_COLUMNS.index(n) for n in ("field_class", "detail", "erased", "rev")
)
_P_CLASS, _P_VALUE, _P_MASKED, _P_ERASED, _P_REV = (
    PERSONAL_COLUMNS.index(n) for n in ("field_class", "value", "masked", "erased", "rev")
)
_encode = msgspec.json.Encoder().encode
_raw = msgspec.Raw
_EMPTY = {text: _raw(text.encode()) for text in ("[]", "{}")}
"""What most JSON columns hold."""


def shown_classes(viewer: Viewer, ticket: Columns) -> int:
    """The classes of fields that a viewer may see of a ticket; 0 where it is out of sight.

    Equal to the classes of `viewer.access` for the ticket of these columns, without making one.
    """
    person = viewer.person
    if ticket[_ASSIGNEE_AT] == person:
        return ALL_CLASSES
    classes = viewer.covers(ticket[_ORG_AT], ticket[_LINE_AT])
    cc = ticket[_CC_AT]
    if ticket[_CREATOR_AT] == person or (cc != "[]" and person in load_names(cc)):
        classes |= ORDINARY
    return classes


def shown_put(
    viewer: Viewer,
    ticket: Columns,
    entries: Sequence[Columns],
    personal: Sequence[Columns],
    *,
    since: int,
    classes: int,
) -> bytes:
    """Encode a Put of a ticket that the viewer may see in these classes."""
    hidden = viewer.hidden_fields(ticket[_TEMPLATE_AT], ticket[_TEMPLATE_VERSION_AT], classes)
    return put(ticket, since=since, classes=classes, hidden=hidden, entries=entries, personal=personal)


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
    row = list(ticket)
    mark = row.pop()
    if hidden and row[_FIELDS_AT] != "{}":
        told = {key: value for key, value in load_mapping(row[_FIELDS_AT]).items() if key not in hidden}
        row[_FIELDS_AT] = dump(told)
    for at in _JSON_AT:
        text = row[at]
        if text is not None:
            row[at] = _EMPTY.get(text) or _raw(text.encode())
    shown = [_entry(e) for e in entries if CLASS_BIT[e[_E_CLASS]] & classes]
    values = [_value(p, classes) for p in personal]
    return _encode((row, since, classes, shown, [value for value in values if value is not None], mark))


def _entry(columns: Columns) -> list[Any]:
    row = list(columns)
    text = row[_E_DETAIL]
    row[_E_DETAIL] = _EMPTY.get(text) or _raw(text.encode())
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
