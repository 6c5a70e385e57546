"""The only way to write: stages what one transaction changes and commits it with its feed rows (SYNC §1).

Order of the commit: rows with their tickets' new revisions, then the counter, the change rows and the
verdicts' seq, then COMMIT. The counter's row lock is held until the commit is visible, so `seq` is the order of
visibility.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from msgspec.structs import replace
from sqlalchemy import Connection

from domain.entities.base import Entity, Instant
from domain.entities.ticket import Changes, Entry, PersonalValue, Ticket
from sync_server.store import tables as t
from sync_server.store.direct import Given, ReplaceRows, Sql, Writer, WriteRows, pipelined, write_all
from sync_server.store.feed_writer import FeedRow, Head, write_feed
from sync_server.store.queries.tickets import ask_locked
from sync_server.store.rows import dump, entry_values, personal_values, ticket_values

FIRST_NUMBER = 100_001
_NEW_TICKETS, _TICKETS = WriteRows(t.ticket), ReplaceRows(t.ticket)
_ENTRIES, _REWRITTEN = WriteRows(t.entry), WriteRows(t.entry, conflict="replaced")
_PERSONAL = WriteRows(t.personal, conflict="replaced")
_CC = WriteRows(t.ticket_cc)
_NO_CC = Sql("DELETE FROM ticket_cc WHERE ticket = ? AND person IN ?")
_HEAD = Sql("SELECT epoch, seq, floor, compacted_to, keep_since FROM feed_head WHERE id = 1")
_BUMP = Sql("UPDATE counter SET value = value + ? WHERE name = ? RETURNING value")


class Nonces(Protocol):
    """Makes the random mark of each change row."""

    def nonce(self) -> str:
        """Eight random characters."""
        ...

    def mark(self) -> int:
        """A random number of MARK_BITS bits."""
        ...


class Feed(Entity):
    """The head of the change feed."""

    epoch: str
    seq: int
    floor: int
    compacted_to: int
    keep_since: Instant = 0


class ChangeRow(Entity, gc=False):
    """One row of the feed before it has its seq."""

    entity: str
    entity_id: str
    rev_from: int = 0
    rev_to: int = 0
    org_old: str = ""
    line_old: str = ""
    org_new: str = ""
    line_new: str = ""
    people: tuple[str, ...] = ()


def participants(ticket: Ticket | None) -> frozenset[str]:
    """Who takes part in a ticket: creator, assignee, cc."""
    if ticket is None:
        return frozenset()
    return frozenset(p for p in (ticket.creator, ticket.assignee, *ticket.cc) if p)


class UnitOfWork:
    """Everything one transaction reads under lock and writes."""

    def __init__(self, conn: Connection, *, nonces: Nonces, at: Instant) -> None:
        self.conn, self.at = conn, at
        self._nonces = nonces
        self._before: dict[str, Ticket] = {}
        self._after: dict[str, Ticket] = {}
        self._timeline: dict[str, list[Entry]] = {}
        self._personal: dict[str, dict[str, PersonalValue]] = {}
        self._new_entries: dict[str, list[Entry]] = {}
        self._new_personal: dict[str, dict[str, PersonalValue]] = {}
        self._staged: list[str] = []
        self._changes: list[ChangeRow] = []
        self._verdicts: list[dict[str, Any]] = []
        self._early: list[tuple[Sql, tuple[Any, ...]]] = []
        self._late: list[tuple[Writer, Given]] = []
        self.head: Head | None = None
        """The head of the feed after the commit."""

    def lock(self, ids: Iterable[str]) -> None:
        """Lock and load tickets with their children, in id order; call once, before deciding."""
        with pipelined(self.conn):
            locked = self.locking(ids)
        locked()

    def locking(self, ids: Iterable[str]) -> Callable[[], None]:
        """Ask for what `lock` does, as one part of a pipeline; the answer is taken when called."""
        wanted = set(ids) - self._timeline.keys()
        asked = ask_locked(self.conn, wanted)

        def take() -> None:
            tickets, timeline, personal = asked()
            self._before |= tickets
            for one in wanted:
                self._timeline[one] = timeline.get(one, [])
                self._personal[one] = personal.get(one, {})

        return take

    def lock_free(self, ids: Iterable[str]) -> frozenset[str]:
        """Lock and load further tickets of which nobody else holds any; returns those that are held here now.

        It never waits, so that two transactions that come to each other's tickets don't wait for each other.
        """
        wanted = frozenset(ids)
        tickets, timeline, personal = ask_locked(self.conn, wanted - self._timeline.keys(), waiting=False)()
        self._before |= tickets
        for one in tickets:
            self._timeline[one], self._personal[one] = timeline.get(one, []), personal.get(one, {})
        return frozenset(one for one in wanted if self.ticket(one) is not None)

    def savepoint(self) -> Callable[[], None]:
        """Remember what is staged; call the answer to return to it."""
        after, personal = dict(self._after), {id: dict(one) for id, one in self._new_personal.items()}
        entries = {id: list(one) for id, one in self._new_entries.items()}
        changes, late, early = len(self._changes), len(self._late), len(self._early)
        staged = len(self._staged)

        def back() -> None:
            self._staged += dict.fromkeys(self._staged[staged:])
            self._after, self._new_entries, self._new_personal = after, entries, personal
            del self._changes[changes:], self._late[late:], self._early[early:]

        return back

    def ticket(self, id: str) -> Ticket | None:
        """The ticket as it stands inside this transaction."""
        return self._after.get(id) or self._before.get(id)

    def before(self, id: str) -> Ticket | None:
        """The ticket as it was before this transaction."""
        return self._before.get(id)

    def new_entries(self, id: str) -> list[Entry]:
        """The timeline rows that this transaction appends."""
        return self._new_entries.get(id, [])

    def timeline(self, id: str) -> list[Entry]:
        """The ticket's timeline as it stands inside this transaction."""
        return self._timeline.get(id, []) + self._new_entries.get(id, [])

    def personal(self, id: str) -> Mapping[str, PersonalValue]:
        """The ticket's personal values as they stand inside this transaction."""
        return {**self._personal.get(id, {}), **self._new_personal.get(id, {})}

    def next_rev(self, id: str) -> int:
        """The revision the ticket has, or will have once this transaction is in."""
        before = self._before.get(id)
        return (before.rev if before else 0) + (1 if id in self._after else 0)

    def stage(self, changes: Changes) -> None:
        """Take what a decision does to a ticket; an empty decision raises no revision."""
        id = changes.ticket.id
        if changes.ticket == self.ticket(id) and not changes.entries and not changes.personal:
            return
        self._after[id] = changes.ticket
        self._staged.append(id)
        self._new_entries.setdefault(id, []).extend(changes.entries)
        self._new_personal.setdefault(id, {}).update({value.key: value for value in changes.personal})

    def changed(self) -> tuple[str, ...]:
        """The tickets that this transaction changes."""
        return tuple(self._after)

    def staged_after(self, count: int) -> Sequence[str]:
        """What was staged, or taken back, after the first `count` of them, in order; for who keeps sums over it."""
        return self._staged[count:]

    def created(self) -> tuple[str, ...]:
        """The tickets that this transaction creates."""
        return tuple(id for id in self._after if id not in self._before)

    def touch(self, row: ChangeRow) -> None:
        """Announce a change of something else than a ticket in the feed."""
        self._changes.append(row)

    def first(self, statement: Sql, *values: Any) -> None:
        """Run a statement with this transaction before its rows are written."""
        self._early.append((statement, values))

    def later(self, write: Writer, rows: Given) -> None:
        """Write rows with this transaction, before its counter is taken."""
        self._late.append((write, rows))

    def rewrite(self, entries: Iterable[Entry]) -> None:
        """Replace timeline rows that are there; their tickets have to be staged, for the new revision."""
        self.later(_REWRITTEN, [entry_values(one, rev=self.next_rev(one.ticket)) for one in entries])

    def restage(self, ticket: Ticket, entries: Iterable[Entry], personal: Iterable[PersonalValue]) -> None:
        """Put what this transaction is about to write of a changed ticket in another form."""
        self._after[ticket.id] = ticket
        self._new_entries[ticket.id] = list(entries)
        self._new_personal[ticket.id] = {value.key: value for value in personal}

    def new_personal(self, id: str) -> list[PersonalValue]:
        """The personal values that this transaction writes."""
        return list(self._new_personal.get(id, {}).values())

    def store_verdict(self, row: dict[str, Any]) -> None:
        """Keep a verdict with its effect; its seq is that of the transaction."""
        self._verdicts.append(row)

    def give_numbers(self) -> None:
        """Give each new ticket its official number, once."""
        fresh = [id for id in sorted(self.created()) if self._after[id].number is None]
        if fresh:
            high = bump(self.conn, "ticket_number", len(fresh))
            for offset, id in enumerate(fresh):
                number = str(FIRST_NUMBER + high - len(fresh) + offset)
                self._after[id] = replace(self._after[id], number=number)

    def commit(self) -> int:
        """Write everything, take the counter last, commit; returns the transaction's highest seq."""
        with pipelined(self.conn, commit=True):
            for statement, values in self._early:
                statement.run(self.conn, *values)
            write_all(self.conn, [*self._late, *self._written()])
            changes = [self._ticket_change(id) for id in self._after] + self._changes
            head = write_feed(
                self.conn, len(changes), lambda first: self._feed_rows(changes, first), self._verdicts
            )
        self.head = head()
        return self.head.seq

    def _feed_rows(self, changes: Sequence[ChangeRow], first: int) -> list[FeedRow]:
        return [
            FeedRow(
                seq=seq,
                nonce=self._nonces.nonce(),
                entity=row.entity,
                entity_id=row.entity_id,
                rev_from=row.rev_from,
                rev_to=row.rev_to,
                org_old=row.org_old,
                line_old=row.line_old,
                org_new=row.org_new,
                line_new=row.line_new,
                people=dump(row.people),
                at=self.at,
            )
            for seq, row in enumerate(changes, first)
        ]

    def _ticket_change(self, id: str) -> ChangeRow:
        before, after = self._before.get(id), self._after[id]
        moved = participants(before) ^ participants(after)
        return ChangeRow(
            entity="ticket",
            entity_id=id,
            rev_from=before.rev if before else 0,
            rev_to=self.next_rev(id),
            org_old=before.org if before else "",
            line_old=before.line if before else "",
            org_new=after.org,
            line_new=after.line,
            people=tuple(sorted(moved)),
        )

    def _written(self) -> list[tuple[Writer, Given]]:
        """The rows of tickets and their children, with their new revisions."""
        created: list[dict[str, Any]] = []
        updated: list[dict[str, Any]] = []
        entries: list[dict[str, Any]] = []
        personal: list[dict[str, Any]] = []
        for id, ticket in self._after.items():
            rev = self.next_rev(id)
            self._after[id] = ticket = replace(ticket, rev=rev)
            values = {**ticket_values(ticket), "mark": self._nonces.mark()}
            (updated if id in self._before else created).append(values)
            entries += [entry_values(e, rev=rev) for e in self._new_entries.get(id, [])]
            changed = self._new_personal.get(id, {}).values()
            personal += [personal_values(p, rev=rev) for p in changed]
        # Tickets that were there come last: the others go out in one statement.
        return [
            (_NEW_TICKETS, created),
            (_ENTRIES, entries),
            (_PERSONAL, personal),
            (_CC, self._followers()),
            (_TICKETS, updated),
        ]

    def _followers(self) -> list[dict[str, Any]]:
        """New rows of `ticket_cc`, which scope asks for; those who follow no longer are taken out."""
        come = []
        for id, ticket in self._after.items():
            before = set(self._before[id].cc) if id in self._before else set()
            after = set(ticket.cc)
            if gone := before - after:
                _NO_CC.run(self.conn, id, sorted(gone))
            come += [{"ticket": id, "person": p} for p in sorted(after - before)]
        return come


def bump(conn: Connection, name: str, by: int = 1) -> int:
    """Raise a counter under its row lock and return its new value."""
    return int(_BUMP.all(conn, by, name)[0][0])


def feed_head(conn: Connection) -> Feed:
    """The head of the feed as this transaction sees it."""
    ((epoch, seq, floor, compacted_to, keep_since),) = _HEAD.all(conn)
    return Feed(epoch=epoch, seq=seq, floor=floor, compacted_to=compacted_to, keep_since=keep_since)
