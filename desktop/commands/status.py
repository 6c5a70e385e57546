"""Steps along the lifecycle (RULES §1)."""

from collections.abc import Mapping, Sequence
from typing import Any

from desktop.commands.runner import Gesture, Runner
from desktop.replica.changed import Changed
from domain.entities.base import Instant
from domain.wire.commands import ChangeStatus


def _move(runner: Runner, tickets: Sequence[str], step: ChangeStatus) -> Changed:
    return runner.run([Gesture(ticket=ticket, kind="status", intent=step) for ticket in tickets])


def pause(runner: Runner, tickets: Sequence[str], *, reason: str, until: Instant) -> Changed:
    """Put tickets on hold, for a reason and until a moment."""
    return _move(runner, tickets, ChangeStatus(to="on_hold", reason=reason, until=until))


def await_customer(runner: Runner, tickets: Sequence[str]) -> Changed:
    """Wait for the customer's answer."""
    return _move(runner, tickets, ChangeStatus(to="pending"))


def resume(runner: Runner, tickets: Sequence[str]) -> Changed:
    """Go on with tickets that waited or were on hold."""
    return _move(runner, tickets, ChangeStatus(to="open"))


def resolve(
    runner: Runner,
    tickets: Sequence[str],
    *,
    fields: Mapping[str, Any] | None = None,
    category: str | None = None,
) -> Changed:
    """Resolve tickets with the closure form filled in."""
    return _move(runner, tickets, ChangeStatus(to="resolved", fields=dict(fields or {}), category=category))


def close(runner: Runner, tickets: Sequence[str]) -> Changed:
    """Close resolved tickets for good."""
    return _move(runner, tickets, ChangeStatus(to="closed"))


def reopen(runner: Runner, tickets: Sequence[str]) -> Changed:
    """Take up resolved tickets again."""
    return _move(runner, tickets, ChangeStatus(to="open"))
