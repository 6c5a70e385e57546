"""Tickets merged and split on the model server: children move, and leave a tombstone where they stood (SYNC §3)."""

from tests.simulation.model.rules import (
    CLOSED,
    CLOSED_AT,
    INTO,
    MOVED,
    NOBODY,
    NUMBER,
    REV,
    SEE,
    STATUS,
    UPDATED,
    Row,
    put,
)
from tests.simulation.model.store import Store, Tx


def target(store: Store, tid: int) -> int:
    """Where what comes for a ticket belongs: the end of its chain of mergers."""
    row = store.rows.get(tid)
    while row is not None and row[INTO] and store.safe.merge_takes_later:
        tid = row[INTO]
        row = store.rows.get(tid)
    return tid


def merge(store: Store, tid: int, into: int, eid: int, now: int) -> bool:
    """Close a ticket in favour of another; whether that could be done."""
    into = target(store, into)
    if into == tid or tid not in store.rows or into not in store.rows or store.rows[tid][INTO]:
        return False
    store.wait_for({tid, into})
    tx = Tx(NOBODY, 0, (0, 0))
    row, other = store.rows[tid], store.rows[into]
    tx.rows[tid] = _next(row, now, (STATUS, CLOSED), (CLOSED_AT, now), (INTO, into))
    tx.rows[into] = _next(other, now)
    tx.entries[into] = {eid: (other[REV] + 1, SEE, 0, now)}
    store.commit(tx)
    return True


def split(store: Store, tid: int, new: int, eids: list[int], now: int) -> None:
    """Move children to a new ticket."""
    store.wait_for({tid})
    tx = Tx(NOBODY, 0, (0, 0))
    row, entries = store.rows[tid], store.entries[tid]
    moved = {eid: entries[eid] for eid in eids if not entries[eid][2]}
    tx.given = 1
    fresh = put(row, (NUMBER, store.number + 1), (INTO, 0), (STATUS, 0), (CLOSED_AT, 0), (UPDATED, now))
    tx.rows[tid] = _next(row, now)
    tx.rows[new] = put(fresh, (REV, 1))
    tx.entries[new] = {eid: (1, *entry[1:]) for eid, entry in moved.items()}
    rev = row[REV] + 1
    tombstones = {eid: (rev, entry[1], MOVED, entry[3]) for eid, entry in moved.items()}
    if not store.safe.move_leaves_tombstone:
        store.entries[tid] = {eid: entry for eid, entry in entries.items() if eid not in moved}
        tombstones = {}
    tx.entries[tid] = tombstones
    store.commit(tx)


def _next(row: Row, now: int, *values: tuple[int, int]) -> Row:
    return put(row, (REV, row[REV] + 1), (UPDATED, max(now, row[UPDATED])), *values)
