"""The digest in the model: both ends sum what they hold, and find out where they differ (SYNC §6)."""

from tests.simulation.model import returning
from tests.simulation.model.messages import LISTED, Digest, ListedAnswer, Token
from tests.simulation.model.replica import Replica
from tests.simulation.model.rules import CLASSES, MARK, Row, access, in_window
from tests.simulation.model.store import Store


def _sum(held: list[tuple[Row, int]]) -> Digest:
    return len(held), sum(row[MARK] + (classes << 32) for row, classes in held)


def _seen(store: Store, person: int) -> dict[int, tuple[Row, int]]:
    found = {}
    for tid, row in store.rows.items():
        classes = access(person, row, store.scopes[person]) & CLASSES
        if classes and in_window(row, store.keep_since):
            found[tid] = (row, classes)
    return found


def of_server(store: Store, person: int) -> Digest:
    """What a person's replica ought to sum to now."""
    return _sum(list(_seen(store, person).values()))


def of_replica(replica: Replica) -> Digest:
    """What a replica sums to."""
    held = [(row, classes) for row, _, classes in replica.base.values() if in_window(row, replica.keep_since)]
    return _sum(held)


def listed(store: Store, person: int) -> ListedAnswer:
    """Every ticket of a person with what it adds: what bisecting comes to in the end."""
    rows = tuple((tid, row[MARK], classes) for tid, (row, classes) in _seen(store, person).items())
    return LISTED, store.token(), store.version(person), rows, store.keep_since


def compare(replica: Replica, told: Digest, at: Token) -> None:
    """Whether what is here is what ought to be here at a cursor; else find out where it differs."""
    if replica.wanted or replica.fills or replica.old_epoch or replica.suspect:
        return
    if at[1] < replica.ahead and replica.safe.digest_not_behind:
        return  # a page that was held up: some tickets came after it
    replica.verify = False
    if replica.safe.files_checked:
        for sha in replica.blobs & replica.kept.keys():
            replica.uploads.setdefault(sha, 0)
    differs = of_replica(replica) != told
    replica.compared = differs
    if differs and replica.safe.digest_repairs:
        replica.suspect = True


def reconcile(replica: Replica, answer: ListedAnswer) -> None:
    """Ask again for every ticket that differs; nothing is deleted before the server says that it is gone."""
    _, as_of, version, rows, keep_since = answer
    if as_of != replica.cursor or version != replica.version:
        return
    replica.suspect = False
    replica.keep_since = max(replica.keep_since, keep_since)
    there = {tid: (mark, classes) for tid, mark, classes in rows}
    for tid, (row, _, classes) in replica.base.items():
        if there.pop(tid, None) != (row[MARK], classes):
            replica.old_epoch.add(tid)
            replica.wanted.add(tid)
    replica.wanted.update(there)
    returning.forget_unlisted(replica)
