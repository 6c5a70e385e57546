"""`import tickets --history`: event logs of other systems become tickets with their timelines."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from domain.entities.base import Instant
from domain.entities.sla import SOLVED
from domain.errors import InvalidInputError
from domain.rules.decide_create import MAX_SUBJECT
from domain.wire.commands import Command, payload
from domain.wire.history_commands import HistoryRow, ImportHistory
from sync_server.operations.imports.columns import Outcome, Refuse, RowProblem, moment_of, read_rows
from sync_server.operations.imports.history_mapping import HistoryMapping, Words, read_mapping
from sync_server.operations.imports.sheet import SheetRow, open_sheet
from sync_server.operations.imports.ticket_rows import derived_id
from sync_server.operations.imports.tickets import chosen_line, chosen_template
from sync_server.operations.tools import Tools
from sync_server.store.imported import imported_keys, remember
from sync_server.store.organisation import Tree

SLICE = 400
"""Tickets in one transaction: below the 500 rows that a bulk job may hold locks for."""


class Happened(NamedTuple):
    """One good row of the log."""

    case: str
    order: tuple[Any, ...]
    row: HistoryRow
    values: Mapping[str, Any]  # of the whole matter, as this row has them
    created_at: Instant | None
    resolved_at: Instant | None
    closed_at: Instant | None
    subject: str


def import_histories(
    tools: Tools,
    path: Path,
    mapping_file: Path,
    *,
    template: str,
    line: str,
    unit: str,
    source: str,
    dry_run: bool = False,
) -> Outcome:
    """Import the matters of an event log; those imported before from the same source are left alone.

    A matter with a bad row is left out whole: half a past would measure wrong. Raises InvalidInputError.
    """
    mapping, sheet = read_mapping(mapping_file), open_sheet(path)
    for column in mapping.columns:
        if column not in sheet.headings:
            raise InvalidInputError("map_unknown_column", column=column, known=", ".join(sheet.headings))
    with tools.store.read() as conn:
        configuration, tree = tools.configurations.current(conn), tools.trees.current(conn)
    form = chosen_template(configuration, template)
    base = {
        "template": form.id,
        "template_version": form.version,
        "org": _unit(tree, unit),
        "line": chosen_line(configuration, line or form.line),
        "requester": mapping.requester,
    }
    problems: list[RowProblem] = []
    reader = _Reader(mapping)
    rows = read_rows(sheet, reader, reader.row, problems)
    matters: dict[str, list[Happened]] = defaultdict(list)
    for _, row in rows:
        matters[row.case].append(row)
    whole = {case: found for case, found in matters.items() if case not in reader.broken}
    source = source or path.name
    with tools.store.read() as conn:
        known = imported_keys(conn, source, whole)
    fresh = [(case, found) for case, found in whole.items() if case not in known]
    created = len(fresh)
    if not dry_run:
        created = sum(_take(tools, source, mapping, base, part) for part in _slices(fresh))
    counts = {
        "tickets": created,
        "events": sum(len(found) for _, found in fresh),
        "known": len(known),
        "broken": len(matters.keys() & reader.broken),
    }
    return Outcome(counts=counts, problems=tuple(problems))


def _unit(tree: Tree, code: str) -> str:
    """The unit of that code, or the whole chain."""
    found = [
        id for id, one in tree.units.items() if code in (one.code, one.id) or (not code and not one.parent)
    ]
    if not found:
        raise InvalidInputError("unknown_unit_code", unit=code)
    return found[0]


class _Reader:
    """Reads rows by the mapping; remembers matters that have a bad one."""

    def __init__(self, mapping: HistoryMapping) -> None:
        self._mapping = mapping
        self.broken: set[str] = set()

    def heading(self, field: str) -> str:
        """The heading of a column: it is its own name here."""
        return field

    def row(self, row: SheetRow) -> Happened:
        """What one row tells; raise Refuse where it can't be read."""
        case = _text(row, self._mapping.case)
        if not case:
            raise Refuse(self._mapping.case, "cell_empty")
        try:
            return self._happened(case, row)
        except Refuse:
            self.broken.add(case)
            raise

    def _happened(self, case: str, row: SheetRow) -> Happened:
        mapping = self._mapping
        at = self._instant(row, mapping.at)
        if at is None:
            raise Refuse(mapping.at, "cell_empty")
        said = HistoryRow(
            at=at,
            activity=_text(row, mapping.activity),
            by=_text(row, mapping.by),
            status=_meaning(row, mapping.status),
            priority=_meaning(row, mapping.priority),
        )
        return Happened(
            case=case,
            order=tuple(_sortable(_text(row, column)) for column in mapping.order),
            row=said,
            values={name: _value(row, one.column, one.kind) for name, one in mapping.fields.items()},
            created_at=self._instant(row, mapping.created_at),
            resolved_at=self._instant(row, mapping.resolved_at),
            closed_at=self._instant(row, mapping.closed_at),
            subject=_text(row, mapping.subject)[:MAX_SUBJECT] or case[:MAX_SUBJECT],
        )

    def _instant(self, row: SheetRow, column: str) -> Instant | None:
        text = _text(row, column)
        if not text:
            return None
        at = moment_of(text, self._mapping.timezone)
        if at is None:
            raise Refuse(column, "cell_not_time", value=text[:60])
        return at


def _text(row: SheetRow, column: str) -> str:
    value = row.values.get(column) if column else None
    return "" if value is None else str(value).strip()


def _sortable(text: str) -> tuple[int, float, str]:
    """Numbers by their size, before texts by theirs."""
    try:
        return 0, float(text), ""
    except ValueError:
        return 1, 0.0, text


def _meaning(row: SheetRow, words: Words | None) -> str:
    if words is None:
        return ""
    word = _text(row, words.column)
    found = words.meaning(word)
    if found is None:
        raise Refuse(words.column, "cell_unknown_option", value=word[:60], known=", ".join(words.values))
    return found


def _value(row: SheetRow, column: str, kind: str) -> Any:
    text = _text(row, column)
    if kind == "bool":
        if text.lower() not in ("true", "false", "1", "0", "yes", "no", ""):
            raise Refuse(column, "cell_not_flag", value=text[:60])
        return text.lower() in ("true", "1", "yes")
    if kind == "number":
        try:
            return float(text) if "." in text else int(text or 0)
        except ValueError:
            raise Refuse(column, "cell_not_number", value=text[:60], least="", most="") from None
    return text


def _slices(matters: Sequence[tuple[str, list[Happened]]]) -> Iterator[Sequence[tuple[str, list[Happened]]]]:
    for begin in range(0, len(matters), SLICE):
        yield matters[begin : begin + SLICE]


def _take(
    tools: Tools,
    source: str,
    mapping: HistoryMapping,
    base: Mapping[str, Any],
    matters: Sequence[tuple[str, list[Happened]]],
) -> int:
    """Submit one slice in one transaction and remember its keys; returns how many tickets there are of it.

    Ids are derived from source and matter, so that a run that was cut short and comes again doubles nothing.
    """
    commands = {case: _command(source, case, found, mapping, base) for case, found in matters}
    verdicts = {one.id: one for one in tools.pusher.submit(list(commands.values()), quiet=True)}
    done = {case: one.ticket_id for case, one in commands.items() if verdicts[one.id].status == "applied"}
    with tools.store.write() as conn:
        remember(conn, source, done)
        conn.commit()
    return len(done)


def _command(
    source: str, case: str, found: list[Happened], mapping: HistoryMapping, base: Mapping[str, Any]
) -> Command:
    ordered = sorted(found, key=lambda one: one.order)
    last = ordered[-1]
    created_at = last.created_at if last.created_at is not None else ordered[0].row.at
    rows = tuple(_in_time(ordered, created_at))
    intent = ImportHistory(
        **base,
        subject=last.subject,
        rows=rows,
        created_at=created_at,
        resolved_at=last.resolved_at if mapping.resolved_at else _last(rows, "resolved"),
        closed_at=last.closed_at if mapping.closed_at else _last(rows, "closed"),
        fields=dict(last.values),
    )
    ticket = derived_id(created_at, 0, source, case, "ticket")
    id = derived_id(created_at, 1, source, case)
    return Command(id=id, ticket_id=ticket, kind="history", set=payload(intent), at=created_at)


def _last(rows: Sequence[HistoryRow], status: str) -> Instant | None:
    """When a matter became so for the last time, where it has not gone on since."""
    at = None
    for row in rows:
        if row.status == status:
            at = row.at
        elif row.status and row.status not in SOLVED:
            at = None
    return at


def _in_time(ordered: Sequence[Happened], created_at: Instant) -> Iterator[HistoryRow]:
    """The rows; one that its own log has out of order happened when the one before it did."""
    at = created_at
    for one in ordered:
        at = max(at, one.row.at)
        yield HistoryRow(
            at=at, activity=one.row.activity, by=one.row.by, status=one.row.status, priority=one.row.priority
        )
