"""`import tickets`: matters with their replies as timelines, through the same door as everybody's commands."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from domain.entities.base import Entity, Instant
from domain.entities.configuration import Configuration
from domain.entities.forms import Template
from domain.errors import InvalidInputError, RefusedError
from domain.rules.zones import zone
from domain.wire.commands import ChangeStatus, Command, CreateTicket, Reply, payload
from domain.wire.sync import Verdict
from sync_server.operations.imports.columns import Columns, Outcome, RowProblem, read_rows
from sync_server.operations.imports.sheet import open_sheet
from sync_server.operations.imports.ticket_rows import TicketReader, TicketRow, derived_id
from sync_server.operations.tools import Tools
from sync_server.store.imported import imported_keys, remember

DAY_MS = 86_400_000
SLICE_COMMANDS = 450
"""Commands in one transaction: below the 500 rows that a bulk job may hold locks for."""


class Target(Entity):
    """What every imported ticket is given."""

    template: Template
    line: str
    source: str
    now: Instant
    close_after_ms: int  # as the closing job would have done


def import_tickets(
    tools: Tools,
    path: Path,
    *,
    template: str,
    line: str,
    unit_from: str,
    place: str,
    source: str,
    mapping: Mapping[str, str],
    dry_run: bool = False,
) -> Outcome:
    """Import what can be read and report the rest; keys imported before from the same source are left alone.

    Raises InvalidInputError: `no_template`, `unknown_template`, `unknown_line`, `no_stores`, `unknown_unit_code`.
    """
    zone(place)
    sheet = open_sheet(path)
    columns = Columns("tickets", sheet, mapping, ("key", "created_at", "description"))
    with tools.store.read() as conn:
        configuration, tree = tools.configurations.current(conn), tools.trees.current(conn)
    now, chosen = tools.clock.now(), chosen_template(configuration, template)
    target = Target(
        template=chosen,
        line=chosen_line(configuration, line or chosen.line),
        source=source or path.name,
        now=now,
        close_after_ms=tools.settings.close_after_days * DAY_MS,
    )
    problems: list[RowProblem] = []
    reader = TicketReader(columns, tree, configuration, place=place, unit_from=unit_from, now=now)
    rows = read_rows(sheet, columns, reader.row, problems)
    with tools.store.read() as conn:
        known = imported_keys(conn, target.source, (row.key for _, row in rows))
    fresh = [(number, row) for number, row in rows if row.key not in known]
    importer = _Importer(tools, target, problems)
    if not dry_run:
        for part in _slices(fresh):
            importer.take(part)
    counts = {
        "tickets": len(fresh) if dry_run else importer.created,
        "replies": sum(1 for _, row in fresh if row.reply) if dry_run else importer.replied,
        "known": len(known),
    }
    found = tuple(sorted(problems, key=lambda one: one.line))
    return Outcome(counts=counts, problems=found, unread=columns.unread)


def chosen_template(configuration: Configuration, wanted: str) -> Template:
    """The newest version of the wanted template, or of the first one."""
    newest: dict[str, Template] = {}
    for one in sorted(configuration.templates.values(), key=lambda one: one.version):
        newest[one.id] = one
    if not newest:
        raise RefusedError("no_template")
    if wanted and wanted not in newest:
        raise InvalidInputError("unknown_template", id=wanted, version=0)
    return newest[wanted] if wanted else min(newest.values(), key=lambda one: (one.position, one.id))


def chosen_line(configuration: Configuration, wanted: str) -> str:
    """The wanted business line, or the first one."""
    if wanted and wanted not in configuration.lines:
        raise InvalidInputError("unknown_line", id=wanted)
    return wanted or min(configuration.lines, default="")


def _slices(rows: Sequence[tuple[int, TicketRow]]) -> Iterator[list[tuple[int, TicketRow]]]:
    """Parts of at most so many commands; the commands of one ticket stay together."""
    part: list[tuple[int, TicketRow]] = []
    size = 0
    for row in rows:
        commands = 4 if row[1].reply else 1
        if size + commands > SLICE_COMMANDS:
            yield part
            part, size = [], 0
        part.append(row)
        size += commands
    if part:
        yield part


class _Importer:
    """Sends rows as system commands and notes what became of them."""

    def __init__(self, tools: Tools, target: Target, problems: list[RowProblem]) -> None:
        self._tools, self._target, self._problems = tools, target, problems
        self.created = self.replied = 0

    def take(self, rows: Sequence[tuple[int, TicketRow]]) -> None:
        """Submit one slice in one transaction and remember its keys."""
        commands = [command for _, row in rows for command in commands_of(row, self._target)]
        verdicts = {verdict.id: verdict for verdict in self._tools.pusher.submit(commands, quiet=True)}
        kept: dict[str, str] = {}
        for line, row in rows:
            refused = self._refused(row, verdicts)
            if refused is not None:
                args = {**refused.message, "refusal": refused.code}
                self._problems.append(RowProblem(line=line, column="", code="row_refused", args=args))
                continue
            kept[row.key] = ticket_id(row, self._target)
            self.created += 1
            self.replied += 1 if row.reply else 0
        with self._tools.store.write() as conn:
            remember(conn, self._target.source, kept)
            conn.commit()

    def _refused(self, row: TicketRow, verdicts: Mapping[str, Verdict]) -> Verdict | None:
        for command in commands_of(row, self._target):
            verdict = verdicts[command.id]
            if verdict.status not in ("applied", "merged"):
                return verdict
        return None


def ticket_id(row: TicketRow, target: Target) -> str:
    """The same id for the same row of the same source, sorting by when the matter began."""
    return derived_id(row.created_at, 0, target.source, row.key, "ticket")


def commands_of(row: TicketRow, target: Target) -> list[Command]:
    """A ticket's creation and, where it was answered, its reply, resolution and closing at their own times.

    Their ids are derived from the row, so that a run that was cut short and comes again doubles nothing.
    """
    ticket = ticket_id(row, target)
    commands: list[Command] = []

    def add(kind: str, at: int, intent: CreateTicket | Reply | ChangeStatus) -> None:
        # Rows of one instant are read in the order of their ids.
        id = derived_id(at, len(commands), target.source, row.key)
        commands.append(Command(id=id, ticket_id=ticket, kind=kind, set=payload(intent), at=at))

    personal = {key: value for key, value in (("name", row.customer), ("phone", row.phone)) if value}
    create = CreateTicket(
        template=target.template.id,
        template_version=target.template.version,
        org=row.unit,
        line=target.line,
        subject=row.subject,
        description=row.description,
        priority=row.priority or None,
        category=row.category or None,
        channel="import",
        personal=personal,
    )
    add("create", row.created_at, create)
    if row.reply and row.replied_at is not None:
        add("reply", row.replied_at, Reply(body=row.reply))
        add("status", row.replied_at, ChangeStatus(to="resolved"))
        closed_at = row.replied_at + target.close_after_ms
        if target.close_after_ms and closed_at < target.now:
            add("status", closed_at, ChangeStatus(to="closed", reason="automatic"))
    return commands
