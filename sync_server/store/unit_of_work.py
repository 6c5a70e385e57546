"""The only way to write: stages what one transaction changes and commits it with its feed rows (SYNC §1).

Order of the commit: rows with their tickets' new revisions, then the counter, the change rows and the
verdicts' seq, then COMMIT. The counter's row lock is held until the commit is visible, so `seq` is the order of
visibility.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from domain.entities.base import Entity, Instant
from domain.entities.ticket import Changes, Entry, PersonalValue, Ticket
from sync_server.store import tables as t
from sync_server.store.queries.tickets import entries_of, lock_tickets, personal_of_tickets
from sync_server.store.rows import dump, entry_values, personal_values, ticket_values
from sync_server.store.upsert import upsert

FIRST_NUMBER = 100_001
CHANNEL = "gongdan_feed"
"""What PostgreSQL's listeners of the feed listen to."""


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


class ChangeRow(Entity):
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
        self._changes: list[ChangeRow] = []
        self._verdicts: list[dict[str, Any]] = []
        self._late: list[tuple[Any, list[dict[str, Any]]]] = []

    def lock(self, ids: Iterable[str]) -> None:
        """Lock and load tickets with their children, in id order; call once, before deciding."""
        wanted = set(ids) - self._timeline.keys()
        self._before |= lock_tickets(self.conn, wanted)
        timeline, personal = entries_of(self.conn, wanted), personal_of_tickets(self.conn, wanted)
        for one in wanted:
            self._timeline[one] = timeline.get(one, [])
            self._personal[one] = personal.get(one, {})

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
        self._new_entries.setdefault(id, []).extend(changes.entries)
        self._new_personal.setdefault(id, {}).update({value.key: value for value in changes.personal})

    def changed(self) -> tuple[str, ...]:
        """The tickets that this transaction changes."""
        return tuple(self._after)

    def created(self) -> tuple[str, ...]:
        """The tickets that this transaction creates."""
        return tuple(id for id in self._after if id not in self._before)

    def touch(self, row: ChangeRow) -> None:
        """Announce a change of something else than a ticket in the feed."""
        self._changes.append(row)

    def later(self, statement: Any, rows: list[dict[str, Any]]) -> None:
        """Write rows with this transaction, before its counter is taken."""
        self._late.append((statement, rows))

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
                self._after[id] = msgspec.structs.replace(self._after[id], number=number)

    def commit(self) -> int:
        """Write everything, take the counter last, commit; returns the transaction's highest seq."""
        self._write_tickets()
        for statement, rows in self._late:
            if rows:
                self.conn.execute(statement, rows)
        changes = [self._ticket_change(id) for id in self._after] + self._changes
        head = self._take_counter(len(changes))
        if changes:
            first = head - len(changes) + 1
            rows = [self._change_values(first + i, row) for i, row in enumerate(changes)]
            self.conn.execute(insert(t.change), rows)
        if self._verdicts:
            self.conn.execute(insert(t.verdict), [{**row, "seq": head} for row in self._verdicts])
        self.conn.commit()
        return head

    def _take_counter(self, count: int) -> int:
        if not count:
            return int(self.conn.execute(select(t.feed_head.c.seq)).scalar_one())
        taken = update(t.feed_head).where(t.feed_head.c.id == 1).values(seq=t.feed_head.c.seq + count)
        seq = [t.feed_head.c.seq]
        if self.conn.dialect.name == "postgresql":
            # Other processes hear of it once the commit is visible; costs no round trip of its own.
            return int(self.conn.execute(taken.returning(*seq, func.pg_notify(CHANNEL, ""))).one()[0])
        return int(self.conn.execute(taken.returning(*seq)).scalar_one())

    def _change_values(self, seq: int, row: ChangeRow) -> dict[str, Any]:
        values = msgspec.structs.asdict(row)
        return {
            **values,
            "people": dump(row.people),
            "seq": seq,
            "nonce": self._nonces.nonce(),
            "at": self.at,
        }

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

    def _write_tickets(self) -> None:
        created, updated, entries, personal = [], [], [], []
        for id, ticket in self._after.items():
            rev = self.next_rev(id)
            self._after[id] = ticket = msgspec.structs.replace(ticket, rev=rev)
            values = {**ticket_values(ticket), "mark": self._nonces.mark()}
            if id in self._before:
                updated.append({f"v_{key}": value for key, value in values.items()})
            else:
                created.append(values)
            entries += [
                entry_values(msgspec.structs.replace(e, rev=rev)) for e in self._new_entries.get(id, [])
            ]
            changed = self._new_personal.get(id, {}).values()
            personal += [personal_values(msgspec.structs.replace(p, rev=rev)) for p in changed]
        if created:
            self.conn.execute(insert(t.ticket), created)
        if updated:
            columns: dict[str, Any] = {c.name: bindparam(f"v_{c.name}") for c in t.ticket.c if c.name != "id"}
            self.conn.execute(
                update(t.ticket).where(t.ticket.c.id == bindparam("v_id")).values(columns), updated
            )
        if entries:
            self.conn.execute(insert(t.entry), entries)
        if personal:
            self.conn.execute(upsert(self.conn, t.personal), personal)
        self._write_cc()

    def _write_cc(self) -> None:
        """Keep the rows that scope asks for equal to the tickets' cc."""
        gone, come = [], []
        for id, ticket in self._after.items():
            before = set(self._before[id].cc) if id in self._before else set()
            gone += [{"v_ticket": id, "v_person": p} for p in before - set(ticket.cc)]
            come += [{"ticket": id, "person": p} for p in set(ticket.cc) - before]
        if gone:
            c = t.ticket_cc.c
            condition = (c.ticket == bindparam("v_ticket")) & (c.person == bindparam("v_person"))
            self.conn.execute(delete(t.ticket_cc).where(condition), gone)
        if come:
            self.conn.execute(insert(t.ticket_cc), come)


def bump(conn: Connection, name: str, by: int = 1) -> int:
    """Raise a counter under its row lock and return its new value."""
    raised = update(t.counter).where(t.counter.c.name == name).values(value=t.counter.c.value + by)
    return int(conn.execute(raised.returning(t.counter.c.value)).scalar_one())


def feed_head(conn: Connection) -> Feed:
    """The head of the feed as this transaction sees it."""
    row = conn.execute(select(t.feed_head)).one()
    return Feed(
        epoch=row.epoch,
        seq=row.seq,
        floor=row.floor,
        compacted_to=row.compacted_to,
        keep_since=row.keep_since,
    )
