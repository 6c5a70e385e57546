"""When an automation looks at tickets, and on which of them it acts (RULES §4).

Its conditions are looked at in slots only. An episode is a run of slots in which they hold for a ticket; the
automation acts in the first of them. Slots that were missed are caught up once, as of now.
"""

from collections.abc import Collection, Iterable

from domain.entities.base import Entity, Instant
from domain.entities.rules import Automation

REST_MS = 60_000
"""So long after it was edited an automation rests: whoever edits it may not be done."""


class Run(Entity):
    """How far an automation has come: its newest slot, and whether every ticket was looked at in it."""

    slot_at: Instant
    done: bool
    after: str = ""  # the last ticket looked at


def slot_at(automation: Automation, now: Instant) -> Instant:
    """The slot that an instant is in: full hours of UTC, or whatever interval is set."""
    return now - now % (automation.every_s * 1000)


def is_due(automation: Automation, *, edited_at: Instant, run: Run | None, now: Instant) -> bool:
    """Whether tickets are to be looked at now: a new slot has begun, or the last one was cut short."""
    if not automation.active or now - edited_at < REST_MS:
        return False
    return run is None or not run.done or run.slot_at < slot_at(automation, now)


def begun(automation: Automation, run: Run | None, now: Instant) -> Run:
    """The run to go on with: one cut short goes on where it was, else that of the present slot begins."""
    if run is not None and not run.done:
        return run
    return Run(slot_at=slot_at(automation, now), done=False)


class Looked(Entity):
    """What becomes of the tickets of one batch: on which to act, which episodes begin and which end."""

    act: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()


def look(looked_at: Iterable[tuple[str, bool]], episodes: Collection[str]) -> Looked:
    """Tickets with whether the conditions hold, against the episodes that are open."""
    looked_at = list(looked_at)
    return Looked(
        act=tuple(id for id, held in looked_at if held and id not in episodes),
        ended=tuple(id for id, held in looked_at if not held and id in episodes),
    )
