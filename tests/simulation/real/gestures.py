"""What people do in the real tier: bits of the plan become gestures through the desktop's own functions."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from desktop.commands import settle
from desktop.commands.runner import Gesture
from desktop.replica import sql
from domain.errors import RefusedError, UnavailableError
from domain.wire.commands import (
    AssignTicket,
    ChangeMembers,
    ChangeStatus,
    CreateTicket,
    EditTicket,
    Reply,
    TakeTicket,
    TransferTicket,
)
from domain.wire.intent import Intent
from tests.simulation.real import together
from tests.simulation.real.chain import LINES, PEOPLE, STORES
from tests.simulation.real.desktop import Desktop
from tests.simulation.real.stand_ins import START

Made = tuple[str, str]
"""Ticket and kind of what was done."""
STATUSES = ("open", "pending", "on_hold", "resolved", "closed", "open", "resolved", "pending")


def mark(number: int) -> str:
    """A word that stands in one text only, so that it can be found in the bytes of a file."""
    return f"zq{number}x"


def new_ticket(bits: int, word: str) -> CreateTicket:
    """What a new ticket says."""
    return CreateTicket(
        template="complaint",
        template_version=1,
        org=STORES[bits & 3],
        line=LINES[int(bits >> 2 & 7 == 0)],
        subject=f"Till {word}",
        description=f"It is broken {word}",
        channel="routed" if bits >> 5 & 3 == 0 else "desktop",
        cc=(PEOPLE[bits >> 7 & 1],) if bits >> 8 & 3 == 0 else (),
        personal={"phone": "13800138000"} if bits >> 10 & 1 else {},
        fields={"aisle": word} if bits >> 11 & 1 else {},
    )


def _edit(bits: int, word: str) -> EditTicket:
    values: dict[str, Any] = {}
    if bits & 1:
        values["subject"] = f"Subject {bits >> 6 & 3}"
    if bits & 2:
        values["priority"] = ("low", "normal", "high", "urgent")[bits >> 4 & 3]
    if bits & 4 or not values:
        values["fields.aisle"] = f"aisle {bits >> 6 & 3}"
    if bits & 8:
        values["personal.phone"] = f"1390013900{bits >> 6 & 3}"
    return EditTicket(values=values)


def _status(bits: int, word: str) -> ChangeStatus:
    to = STATUSES[bits & 7]
    if to == "on_hold":
        return ChangeStatus(to=to, reason=word, until=START + 10**9)
    return ChangeStatus(to=to)


def _members(bits: int, names: tuple[str, ...]) -> ChangeMembers:
    name = names[bits % len(names)]
    return ChangeMembers(remove=(name,)) if bits >> 4 & 1 else ChangeMembers(add=(name,))


_MAKERS: tuple[tuple[str, Callable[[int, str], Intent]], ...] = (
    ("reply", lambda bits, word: Reply(body=f"Answer {word}")),
    ("reply", lambda bits, word: Reply(body=f"Note {word}", internal=True)),
    ("reply", lambda bits, word: Reply(body=f"Answer {word}")),
    ("edit", _edit),
    ("edit", _edit),
    ("tag", lambda bits, word: _members(bits, ("a", "b", "c"))),
    ("cc", lambda bits, word: _members(bits, PEOPLE)),
    ("take", lambda bits, word: TakeTicket()),
    ("assign", lambda bits, word: AssignTicket(assignee=PEOPLE[bits % 3], note=word if bits & 8 else "")),
    ("transfer", lambda bits, word: TransferTicket(org=STORES[bits & 3], note=f"Go {word}")),
    ("transfer", lambda bits, word: TransferTicket(org=STORES[bits & 3], note=f"Go {word}")),
    ("status", _status),
    ("status", _status),
    ("reply", lambda bits, word: Reply(body=f"Note {word}", internal=True)),
    ("transfer", lambda bits, word: TransferTicket(line=LINES[bits & 1], note=f"Go {word}")),
    ("edit", _edit),
)


def intent_for(bits: int, word: str) -> tuple[str, Intent]:
    """A kind and content for something done to a ticket that is there."""
    kind, make = _MAKERS[bits & 15]
    return kind, make(bits >> 4, word)


def gesture(
    desktop: Desktop, bits: int, number: int, *, files: bool = False, joins: bool = False
) -> tuple[Made, tuple[str, ...]] | None:
    """Let the person do something; None where the program says that it may not be done."""
    with desktop.replica.read() as conn:
        tickets = sql.column(conn, "SELECT id FROM ticket ORDER BY id")
    word = mark(number)
    kind: str
    intent: Intent
    joined = together.choose(desktop, tickets, bits >> 3, word) if joins else None
    if joined is not None:
        ticket, kind, intent = joined
    elif not tickets or bits & 7 == 0:
        ticket, kind, intent = desktop.runner.new_id(), "create", new_ticket(bits >> 3, word)
    else:
        ticket = tickets[(bits >> 3) % len(tickets)]
        kind, intent = intent_for(bits >> 11, word)
    try:
        if files and isinstance(intent, Reply) and bits >> 40 & 1:
            intent = replace(intent, attachments=(desktop.lanes.attach(ticket, word),))
        changed = desktop.runner.run([Gesture(ticket=ticket, kind=kind, intent=intent)])
    except (RefusedError, UnavailableError) as error:
        if isinstance(error, UnavailableError) and error.code != "disk_full":
            raise
        return None
    return (ticket, kind), changed.commands


def attend(desktop: Desktop, bits: int) -> tuple[str, tuple[str, ...]] | None:
    """Let the person settle something that needs attention; says how, and which commands came of it."""
    with desktop.replica.read() as conn:
        open_items = sql.rows(
            conn, "SELECT num, kind, detail FROM attention WHERE settled_at IS NULL ORDER BY num"
        )
    if not open_items:
        return None
    num, kind, _ = open_items[bits % len(open_items)]
    try:
        if kind == "conflict":
            keys = ("assignee", "org", "subject", "priority", "fields.aisle", "personal.phone")
            choice: Any = "mine" if bits >> 8 & 1 else "theirs"
            return f"settles a conflict: {choice}", settle.settle_conflict(
                desktop.runner, num, dict.fromkeys(keys, choice)
            ).commands
        how = bits >> 8 & 3
        if how == 0:
            return "discards a refused command", settle.discard(desktop.runner, num).commands
        if how == 1:
            return "keeps a refused command as a note", settle.paste_as_note(desktop.runner, num).commands
        return "sends a refused command again", settle.resend(desktop.runner, num).commands
    except (RefusedError, UnavailableError) as error:
        if isinstance(error, UnavailableError) and error.code != "disk_full":
            raise
        return None
