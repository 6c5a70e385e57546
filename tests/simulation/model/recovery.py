"""The model server after it went back: a new epoch, work that returns, and what is not to happen twice (SYNC §6)."""

from tests.simulation.model.messages import Token
from tests.simulation.model.push import take_returned
from tests.simulation.model.replica import Held
from tests.simulation.model.rules import ERASED
from tests.simulation.model.store import Store

JUMP = 1000
"""More numbers than may have been given since any backup."""


def open_window(store: Store, since: int) -> None:
    """Begin a new epoch, whose past ends with `since`; what was to go out waits for the operator."""
    store.epoch = max(store.restores, default=store.epoch) + 1 if store.restores else store.epoch + 1
    store.restores[store.epoch] = since
    if store.safe.number_jump:
        # The same backup may be restored twice: how often is known apart from it.
        store.number += JUMP * (len(store.restores) if store.safe.number_jumps_further else 1)
    store.recovering = True
    store.stale_notices = set(store.notices)
    if store.safe.erasure_ledger:
        _erase_again(store)


def _erase_again(store: Store) -> None:
    for tid, entries in list(store.entries.items()):
        for eid, entry in list(entries.items()):
            if eid in store.erased and not entry[2]:
                store.system(tid, store.rows[tid], {eid: (0, entry[1], ERASED, entry[3])})
                store.blobs.pop(eid >> 2, None)


def close_window(store: Store, now: int) -> None:
    """Apply what returned, in the order it once had, and let new notices go out."""
    store.commit_slow()
    waiting = store.returned
    order = sorted(waiting, key=lambda cid: (waiting[cid][3], cid))
    if not store.safe.returned_in_order:
        order.sort(key=lambda cid: (waiting[cid][2], cid))
    store.recovering = False
    for cid in order:
        command, person, device, _, number = waiting[cid]
        store.commit(take_returned(store, person, device, command, number, now=now))
    waiting.clear()
    if store.safe.notices_held:
        store.notices = [cid for cid in store.notices if cid not in store.stale_notices]


def restored_to(store: Store, told: Token) -> int:
    """The seq up to which what a client of an earlier epoch was told still holds."""
    return min((since for epoch, since in store.restores.items() if epoch > told[0]), default=0)


def send_notices(store: Store) -> list[int]:
    """Let out what waits to be told to people outside; nothing while the window is open."""
    if store.recovering and store.safe.notices_held:
        return []
    sent, store.notices = store.notices, []
    return sent


def salvage(store: Store, tid: int, held: Held) -> None:
    """Put a ticket that only a replica has by for review, without what was erased."""
    row, entries, _ = held
    kept = {
        eid: entry if eid not in store.erased else (*entry[:2], ERASED, entry[3])
        for eid, entry in entries.items()
    }
    store.salvaged[tid] = (row, kept)
