"""What is shown of a ticket with unsent commands: the server's copy, and the commands replayed over it (SYNC §5)."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Connection

from desktop.replica import outbox, rows, search, sql
from desktop.replica.changed import Moves
from desktop.replica.engine import truncate_after
from desktop.replica.facts import FactSource
from desktop.replica.outbox import Unsent
from desktop.replica.rows import Base
from domain.entities.ticket import Changes, Entry, PersonalValue, Ticket
from domain.errors import InvalidInputError
from domain.rules.decide import decide
from domain.rules.facts import Refused, Unknown
from domain.rules.parts import parts
from domain.rules.ticket_clocks import with_deadlines
from domain.wire.commands import Command


class Shown:
    """A ticket while commands are replayed over it."""

    def __init__(self, base: Base) -> None:
        self.ticket = base.ticket
        self.personal = {value.key: value for value in base.personal}
        self.entries: list[Entry] = []

    def take(self, changes: Changes) -> None:
        """Take in what one command does; local rows have revision 0."""
        self.ticket = changes.ticket
        self.entries += changes.entries
        self.personal.update({value.key: value for value in changes.personal})


def keep_base(conn: Connection, id: str) -> None:
    """Keep the server's copy of a ticket before its first unsent command; nothing where there is no ticket."""
    if sql.value(conn, "SELECT 1 FROM base WHERE ticket = ?", (id,)) is not None:
        return
    found = sql.row(conn, "SELECT rev, access, mark FROM ticket WHERE id = ?", (id,))
    if found is not None:
        rev, access, mark = found
        ticket, personal = rows.load_ticket(conn, id), tuple(rows.load_personal(conn, id))
        base = Base(rev=rev, access=access, ticket=ticket, personal=personal, mark=mark)
        rows.save_base(conn, id, base)


def rebuild(conn: Connection, facts: FactSource, ids: Iterable[str], moves: Moves) -> None:
    """Show each ticket as its base with what is unsent replayed; the base goes when nothing is left."""
    given = sorted(set(ids))
    copies = outbox.split_off(conn, given) if len(given) > 1 else []
    # What was split off shows copies of its source's rows: after that.
    for id in sorted(set(given) - set(copies)) + [id for id in copies if id in given]:
        base = rows.load_base(conn, id)
        if base is None:
            continue
        unsent = outbox.unsent(conn, id)
        settled = [one for one in unsent if one.state == "acked" and one.rev <= base.rev]
        outbox.finish(conn, [one.command.id for one in settled])
        rest = [one for one in unsent if one not in settled]
        shown = replay(conn, facts, base, rest)
        _write(conn, facts, id, base, shown, keep=bool(rest), moves=moves)


def replay(conn: Connection, facts: FactSource, base: Base, unsent: Sequence[Unsent]) -> Shown:
    """The base with acknowledged commands, then unsent ones, in order; what no longer fits is passed over."""
    shown = Shown(base)
    for one in unsent:
        outcome = _replayed(facts, one, shown)
        if outcome != one.doubt:
            outbox.doubt(conn, one.command.id, outcome)
        if one.number and shown.ticket is not None and not shown.ticket.number:
            shown.ticket = msgspec.structs.replace(shown.ticket, number=one.number)
    return shown


def _replayed(facts: FactSource, one: Unsent, shown: Shown) -> str:
    """Replay one command; return why it could not be shown, or nothing."""
    command = without_conflicts(one)
    if command is None:
        return ""
    try:
        known = facts.facts(
            command, shown.ticket, shown.personal.values(), optimistic=True, replayed=shown.entries
        )
    except InvalidInputError as error:
        return error.code
    decision = decide(known, command)
    if isinstance(decision, Refused):
        return decision.code
    if isinstance(decision, Unknown):
        return f"unknown:{decision.what}"
    shown.take(decision)
    return ""


def without_conflicts(one: Unsent) -> Command | None:
    """A command as the server took it: where it met a conflict the server's value stands (decision 0001)."""
    if one.status != "conflict":
        return one.command
    command = one.command
    if command.kind == "edit":
        values = {key: value for key, value in command.set["values"].items() if key not in one.conflicts}
        return msgspec.structs.replace(command, set={"values": values}) if values else None
    note = str(command.set.get("note") or "")
    if not note.strip():
        return None
    return msgspec.structs.replace(command, kind="reply", set={"body": note, "internal": True})


def _write(
    conn: Connection, facts: FactSource, id: str, base: Base, shown: Shown, *, keep: bool, moves: Moves
) -> None:
    sql.run(conn, "DELETE FROM entry WHERE ticket = ? AND rev = 0", (id,))
    sql.run(conn, "DELETE FROM personal WHERE ticket = ?", (id,))
    if not keep:
        sql.run(conn, "DELETE FROM base WHERE ticket = ?", (id,))
    if shown.ticket is None:
        search.remove(conn, [id])
        removed = sql.run(conn, "DELETE FROM ticket WHERE id = ?", (id,))
        if removed:
            # It may have shown copies of another ticket, of whose erasure nobody tells this one.
            truncate_after(conn)
        moves.ticket(id, removed=bool(removed))
        return
    held = sql.value(conn, "SELECT 1 FROM ticket WHERE id = ?", (id,)) is not None
    sql.run_many(conn, rows.PUT_LOCAL_ENTRY, map(rows.entry_row, shown.entries))
    sql.run_many(conn, rows.PUT_PERSONAL, map(msgspec.structs.astuple, _values(shown)))
    timeline = rows.load_entries(conn, id)
    ticket = derived(shown.ticket, timeline, facts) if keep else shown.ticket
    access = base.access if base.ticket is not None else facts.reach.access(ticket).classes
    my = parts(ticket, facts.person, timeline)
    sql.run(conn, rows.PUT_TICKET, rows.ticket_row(ticket, mark=base.mark, access=access, my=my))
    moves.ticket(id, inserted=not held)


def _values(shown: Shown) -> list[PersonalValue]:
    return [shown.personal[key] for key in sorted(shown.personal)]


def derived(ticket: Ticket, timeline: Sequence[Entry], facts: FactSource) -> Ticket:
    """The ticket with its deadlines by the rules and configuration at hand; the server's are kept without any."""
    configuration = facts.configuration
    if not configuration.policies:
        return ticket
    # As of its last event, not of now: what is shown of the same rows is always the same.
    now = max((entry.at for entry in timeline), default=ticket.updated_at)
    return with_deadlines(ticket, timeline, configuration, facts.org_path(ticket.org), now)[0]
