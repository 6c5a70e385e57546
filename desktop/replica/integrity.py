"""The check of this replica against the server: total, then groups, then tickets, then repair (SYNC §6).

How far a check is stands in the replica, so that it goes on after the program was killed. Differing and missing
tickets are fetched; what the server does not list is asked for by id and purged only on its word. Once a day the own
files that are still held are offered again.

No sum tells of children: once the totals fit, those of a class that their ticket's access does not show go at once.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from msgspec.structs import replace
from sqlalchemy import Connection

from desktop.replica import attachments, digest, meta, purge, sql
from desktop.replica.changed import Changed, Moves
from desktop.replica.digest import Place, Share
from desktop.replica.engine import drop_copies_after
from domain.entities.base import Entity, Instant
from domain.wire.integrity import (
    MOST_GROUPS,
    DigestAnswer,
    DigestRequest,
    GroupShare,
    TicketShare,
)
from domain.wire.sync import Digest, PullAnswer

Why = Literal["daily", "scope", "unclean", "upgrade", "asked", "reconcile"]
Stage = Literal["total", "groups", "tickets"]

DAY_MS = 86_400_000
MOST_REPAIRS = 3
"""Repairs in a day beyond which somebody has to look into it."""
MOST_ROUNDS = 4
"""Times a check begins anew before it gives up until the next one."""
_EXPECTED: tuple[Why, ...] = ("upgrade", "reconcile")
"""After these differences are nobody's fault."""

_CHECK, _RESULT, _REPAIRS, _OFFERED = "check", "checked", "repairs", "files_offered_at"


class Check(Entity):
    """A check under way."""

    why: Why
    stage: Stage = "total"
    round: int = 0  # how often the totals differed
    told: Digest | None = None  # the server's totals, to be compared with those here
    told_at: str = ""  # the cursor they hold for
    after: str = ""  # how far the pages of this stage are
    groups: tuple[tuple[str, str], ...] = ()  # those that differ, still to be listed
    suspects: tuple[
        TicketShare, ...
    ] = ()  # what the server said of tickets that differ; revision 0: not listed
    as_of: int = 0  # of the suspects: judged when the feed was read that far
    repaired: int = 0
    expected: bool = False  # that something differs, and nobody's fault


class Checked(Entity):
    """How the last check ended."""

    at: Instant = 0  # the server's time; 0: never
    why: Why = "daily"
    well: bool = True
    repaired: int = 0


class Repairs(Entity):
    """How often something had to be repaired on one day."""

    day: int = 0
    count: int = 0


def current(conn: Connection) -> Check | None:
    """The check under way, if there is one."""
    return meta.struct(conn, _CHECK, Check)


def last(conn: Connection) -> Checked:
    """How the last check ended."""
    return meta.struct(conn, _RESULT, Checked) or Checked()


def repairs(conn: Connection, now: Instant) -> int:
    """How often something had to be repaired today."""
    kept = meta.struct(conn, _REPAIRS, Repairs) or Repairs()
    return kept.count if kept.day == now // DAY_MS else 0


def alarmed(conn: Connection, now: Instant) -> bool:
    """Whether somebody has to look into this replica: repaired too often, or beyond repair."""
    return repairs(conn, now) > MOST_REPAIRS or not last(conn).well


def is_felt(check: Check) -> bool:
    """Whether a check is more than a sum that comes with the next page."""
    return check.why == "asked" or check.stage != "total" or check.round > 0


def begin(conn: Connection, why: Why) -> None:
    """Have the replica checked; one that is under way goes on, but what is asked for or must be begins anew."""
    before = current(conn)
    if why in ("asked", "reconcile") or before is None:
        # A person who asks for it meanwhile does not make its differences a fault.
        _keep(conn, Check(why=why, expected=why in _EXPECTED or (before is not None and before.expected)))


def begin_if_due(conn: Connection, now: Instant) -> None:
    """Have the replica checked once a day."""
    if current(conn) is None and now - last(conn).at >= DAY_MS:
        begin(conn, "daily")


def at_rest(conn: Connection) -> bool:
    """Whether everything that is asked for has come: only then two sums can be compared."""
    asked = "SELECT EXISTS (SELECT 1 FROM backfill WHERE done = 0) OR EXISTS (SELECT 1 FROM wanted)"
    return not sql.value(conn, asked)


def wants_digest(conn: Connection) -> bool:
    """Whether the next pull should bring the server's digest."""
    check = current(conn)
    return check is not None and check.stage == "total" and check.told is None and at_rest(conn)


def catches_up(conn: Connection) -> bool:
    """Whether everything has come but the totals by which an expired cursor is caught up."""
    check = current(conn)
    return check is not None and check.why == "reconcile" and wants_digest(conn)


def question(conn: Connection) -> tuple[Literal["groups", "tickets"], tuple[Place, ...], str] | None:
    """What to ask next: the level, the groups whose tickets are listed, and after what; None for nothing."""
    check = current(conn)
    if check is None or check.stage == "total" or check.suspects:
        return None
    return check.stage, check.groups[:MOST_GROUPS] if check.stage == "tickets" else (), check.after


def has_totals(conn: Connection) -> bool:
    """Whether the server's totals are here to be compared."""
    check = current(conn)
    return check is not None and check.told is not None


def waits_for_feed(conn: Connection) -> bool:
    """Whether a pull should be made now to bring the check forward; the first one of a day has time."""
    check = current(conn)
    if check is None or not (check.suspects or wants_digest(conn)):
        return False
    return is_felt(check)


def after_pull(conn: Connection, answer: PullAnswer) -> None:
    """Judge suspects now that the feed was read on, and keep the server's totals where the page carries them."""
    check = current(conn)
    if check is None:
        return
    if check.suspects:
        check = _judge(conn, check, answer.server_time)
    if answer.digest is not None and check.stage == "total" and at_rest(conn):
        _keep(conn, replace(check, told=answer.digest, told_at=answer.to_cursor))


class Summed(NamedTuple):
    """What is here to be compared with the server's totals."""

    here: tuple[int, int]
    unshown: Sequence[tuple[str, int]] = ()  # tickets with children that their access does not show


def totals(conn: Connection) -> tuple[Check, Summed | None] | None:
    """A check that has the server's totals, and those here: a long read, so not for a transaction that writes.

    None instead of the totals where the feed was read on meanwhile.
    """
    check = current(conn)
    if check is None or check.told is None:
        return None
    if check.told_at != meta.cursor(conn) or not at_rest(conn):
        return check, None
    here = digest.whole(conn, check.told.keep_since)
    if here != (check.told.count, check.told.total) or not last(conn).at:
        # Until the sums agree access is not sure, and what was just filled has had no other.
        return check, Summed(here)
    return check, Summed(here, digest.unshown(conn))


def compare(conn: Connection, compared: Check, summed: Summed | None, at: Instant) -> Changed:
    """End the check where the totals fit, else look by group; or ask for them once more."""
    told, moves = compared.told, Moves()
    moves.kind("sync")
    if told is None or current(conn) != compared:
        return moves.changed()
    check = replace(compared, told=None, told_at="")
    if summed is None or compared.told_at != meta.cursor(conn):
        _keep(conn, check)
    elif summed.here == (told.count, told.total):
        _end(conn, _narrowed(conn, check, summed.unshown, at, moves), at, well=True)
    elif check.round >= MOST_ROUNDS:
        _end(conn, check, at, well=False)
    else:
        _keep(conn, replace(check, stage="groups", round=check.round + 1, after="", groups=()))
    return moves.changed()


def _narrowed(
    conn: Connection, check: Check, unshown: Sequence[tuple[str, int]], at: Instant, moves: Moves
) -> Check:
    """Drop children that nobody may see here, and have their tickets fetched whole: their rows were wrong once."""
    for id, access in unshown:
        purge.narrow(conn, id, access, moves)
    purge.want(conn, [id for id, _ in unshown])
    if unshown and not check.repaired and not check.expected:
        _count(conn, at)
    return replace(check, repaired=check.repaired + len(unshown))


def take(conn: Connection, asked: DigestRequest, answer: DigestAnswer, at: Instant) -> bool:
    """Take in one page of groups or tickets; False where it is thrown away and asked for again."""
    check = current(conn)
    if check is None or (check.stage, check.after) != (asked.level, asked.after):
        return False
    if answer.scope_version != meta.get(conn, "scope_version") or answer.epoch != meta.epoch(conn):
        return False
    if answer.as_of < meta.cursor_seq(conn):
        return False
    if asked.level == "groups":
        _keep(conn, _with_groups(conn, check, answer))
    else:
        check = _with_tickets(conn, check, asked, answer)
        _keep(conn, check)
        _judge(conn, check, at)
    return True


def _with_groups(conn: Connection, check: Check, answer: DigestAnswer) -> Check:
    """Note the groups of one page that differ, those among them that only one side has."""
    there = {(one.unit, one.line): (one.count, one.total) for one in answer.groups}
    here = {
        place: sums
        for place, sums in digest.groups(conn, answer.keep_since).items()
        if check.after < _key(place) and (answer.done or _key(place) <= answer.next)
    }
    differing = [place for place in sorted(here.keys() | there.keys()) if here.get(place) != there.get(place)]
    found = (*check.groups, *differing)
    if not answer.done:
        return replace(check, groups=found, after=answer.next)
    # Nothing differs any more: what was compared has moved meanwhile.
    return replace(check, stage="tickets" if found else "total", groups=found, after="")


def _key(place: Place) -> str:
    return "\t".join(place)


def _with_tickets(conn: Connection, check: Check, asked: DigestRequest, answer: DigestAnswer) -> Check:
    """Note the tickets of one page that differ or are missing, and those held that are not on it."""
    here = digest.named(conn, [one.id for one in answer.tickets])
    suspects = [one for one in answer.tickets if not _same(here.get(one.id), one)]
    listed = {one.id for one in answer.tickets}
    places = frozenset(asked.groups)
    upto = "" if answer.done else answer.next
    held = digest.between(conn, places, asked.after, upto, answer.keep_since)
    suspects += [TicketShare(id=id, rev=0, share=0) for id in held if id not in listed]
    check = replace(check, suspects=tuple(suspects), as_of=answer.as_of, after=answer.next)
    if not answer.done:
        return check
    rest = check.groups[MOST_GROUPS:]
    return replace(check, groups=rest, after="", stage="tickets" if rest else "total")


def _same(held: Share | None, told: TicketShare) -> bool:
    return held is not None and (held.rev, held.share) == (told.rev, told.share)


def _judge(conn: Connection, check: Check, at: Instant) -> Check:
    """Want what still differs, once the feed was read as far as the suspects are told of; keeps the check."""
    if check.suspects and meta.cursor_seq(conn) < check.as_of:
        return check
    here = digest.named(conn, [one.id for one in check.suspects])
    wanted = [one.id for one in check.suspects if _differs(here.get(one.id), one)]
    purge.want(conn, wanted)
    if wanted and not check.repaired and not check.expected:
        _count(conn, at)
    check = replace(check, suspects=(), as_of=0, repaired=check.repaired + len(wanted))
    _keep(conn, check)
    return check


def _differs(held: Share | None, told: TicketShare) -> bool:
    """Whether a ticket is not as the server said, nor newer; one that it did not list is to be asked about."""
    if not told.rev:
        return held is not None
    return held is None or (held.rev <= told.rev and not _same(held, told))


def _count(conn: Connection, at: Instant) -> None:
    meta.put_struct(conn, _REPAIRS, Repairs(day=at // DAY_MS, count=repairs(conn, at) + 1))


def _end(conn: Connection, check: Check, at: Instant, *, well: bool) -> None:
    meta.put_struct(conn, _RESULT, Checked(at=at, why=check.why, well=well, repaired=check.repaired))
    meta.put(conn, _CHECK, "")
    if well:
        drop_copies_after(conn, at)
    if check.why == "asked" or at - meta.number(conn, _OFFERED) >= DAY_MS:
        # No sum tells of bytes: those that a disk or a silent step back took are missed by asking alone.
        meta.put(conn, _OFFERED, at)
        attachments.offer_again(conn)


def _keep(conn: Connection, check: Check) -> None:
    meta.put_struct(conn, _CHECK, check)


def held_groups(conn: Connection) -> Sequence[GroupShare]:
    """What is held now by unit and line, for a support bundle."""
    found = sorted(digest.groups(conn, meta.number(conn, "keep_since")).items())
    return [
        GroupShare(unit=unit, line=line, count=count, total=total) for (unit, line), (count, total) in found
    ]
