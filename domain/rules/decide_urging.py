"""Deciding urges: by whoever waits for a ticket, and by the ladder itself (RULES §8)."""

from collections.abc import Iterable

import msgspec

from domain.entities.ticket import Changes, Entry, Ticket
from domain.entities.urging import HANDLER, UrgeState
from domain.rules.decide_create import MAX_SUBJECT
from domain.rules.facts import Facts, Refusal, Rows, held
from domain.rules.urging import DAY_MS, URGED_IN, above, answers, due_at, next_at, urged, urging_for
from domain.wire.commands import Command
from domain.wire.intent import Intent
from domain.wire.together_commands import Urge


def urge(facts: Facts, command: Command, intent: Intent) -> Changes:
    """Tell whoever the ladder has come to; the level rises with time alone, the count with every urge.

    A rule that urges gives its name as the reason; without one it is the ladder that goes on.
    """
    assert isinstance(intent, Urge)
    ticket = held(facts)
    if facts.actor.person is None and (ticket.status not in URGED_IN or not intent.reason):
        return _by_itself(facts, command, ticket)
    if facts.actor.person is not None and not facts.optimistic:
        _check(facts, intent, ticket)
    standing = ticket.urged
    level = standing.level if standing is not None else HANDLER
    until = standing.next_at if standing is not None else next_at(ticket, facts.at, facts.configuration)
    if standing is not None and until is not None and until <= facts.at:
        level = above(level, facts.superiors)
        until = _until(facts, ticket, level)
    return _told(facts, command, ticket, level=level, until=until, reason=intent.reason)


def _by_itself(facts: Facts, command: Command, ticket: Ticket) -> Changes:
    """The next level, if it is due still; a worker that comes late finds the ticket as it is now."""
    due = due_at(ticket, facts.timeline, facts.configuration)
    if due is None or due > facts.at:
        return Changes(ticket=ticket)
    level = above(ticket.urged.level if ticket.urged is not None else HANDLER, facts.superiors)
    return _told(facts, command, ticket, level=level, until=_until(facts, ticket, level), reason="")


def _until(facts: Facts, ticket: Ticket, level: int) -> int | None:
    """When the level after this is due; never after the last."""
    if above(level, facts.superiors) == level:
        return None
    return next_at(ticket, facts.at, facts.configuration)


def _told(
    facts: Facts, command: Command, ticket: Ticket, *, level: int, until: int | None, reason: str
) -> Changes:
    count = (ticket.urged.count if ticket.urged is not None else 0) + 1
    rows = Rows(facts, command)
    detail = {
        "level": level,
        "count": count,
        "to": list(urged(ticket, level, facts.superiors)),
        "next_at": until,
    }
    rows.add("urged", body=reason.strip() or None, detail=detail)
    state = UrgeState(level=level, count=count, last_at=facts.at, next_at=until, by=facts.actor.person)
    return Changes(ticket=msgspec.structs.replace(ticket, urged=state), entries=tuple(rows.entries))


def _check(facts: Facts, intent: Urge, ticket: Ticket) -> None:
    """Refuse an urge that nobody could answer, without a reason, too soon, or once too often."""
    number = ticket.number or ticket.provisional or ""
    if ticket.status in ("resolved", "closed"):
        raise Refusal("ticket_" + ticket.status, number=number)
    if ticket.status not in URGED_IN:
        raise Refusal("urge_paused", number=number)
    if not intent.reason.strip():
        raise Refusal("reason_missing")
    if len(intent.reason) > MAX_SUBJECT:
        raise Refusal("text_too_long", limit=MAX_SUBJECT, length=len(intent.reason))
    urging = urging_for(facts.configuration, ticket.line)
    mine = own_urges(facts.timeline, facts.actor.person or "")
    wait_ms = cooldown_left_ms(mine, urging.cooldown_s, facts.at)
    if wait_ms > 0:
        raise Refusal("urge_cooldown", minutes=-(-wait_ms // 60_000))
    today = sum(1 for row in mine if row.at > facts.at - DAY_MS)
    if urging.daily_cap and today >= urging.daily_cap:
        raise Refusal("urge_cap", limit=urging.daily_cap)


def own_urges(timeline: Iterable[Entry], person: str) -> list[Entry]:
    """The urges of one person among the rows of a timeline, oldest first."""
    rows = [row for row in timeline if row.kind == "urged" and row.person == person]
    return sorted(rows, key=lambda row: row.at)


def cooldown_left_ms(mine: list[Entry], cooldown_s: int, now: int) -> int:
    """How long a person has to wait until they may urge again; not positive: no longer."""
    return mine[-1].at + cooldown_s * 1000 - now if mine else 0


def answered(before: Ticket | None, changes: Changes) -> Changes:
    """An act of handling answers whatever was urged, and the ladder begins anew with the next."""
    ticket = changes.ticket
    if ticket.urged is None or before is None:
        return changes
    if any(answers(before, row) or answers(ticket, row) for row in changes.entries):
        return msgspec.structs.replace(changes, ticket=msgspec.structs.replace(ticket, urged=None))
    return changes
