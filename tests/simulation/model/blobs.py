"""Files in the model: their bytes go apart from the texts that name them, in chunks, by the hash of all (SYNC §7)."""

from typing import Any

from tests.simulation.model.messages import BYTES, STORED
from tests.simulation.model.replica import Replica
from tests.simulation.model.rules import CLASSES, FILE, access
from tests.simulation.model.store import Store


def chunks(sha: int) -> int:
    """How many chunks a file has."""
    return 1 + sha % 3


def take_chunk(store: Store, request: tuple[Any, ...]) -> tuple[Any, ...]:
    """Store one chunk; when all are there their hash is compared before the file counts as whole."""
    _, _, sha, chunk, intact, _ = request
    if sha * 4 in store.erased or sha in store.blobs:
        return STORED, sha, -1, store.epoch
    parts = store.parts.setdefault(sha, {})
    parts[chunk] = intact
    if len(parts) < chunks(sha):
        return STORED, sha, next(n for n in range(chunks(sha)) if n not in parts), store.epoch
    del store.parts[sha]
    whole = all(parts.values())
    if not whole and store.safe.blob_verified:
        return STORED, sha, 0, store.epoch
    store.blobs[sha] = whole
    return STORED, sha, -1, store.epoch


def give(store: Store, person: int, sha: int) -> tuple[Any, ...]:
    """The bytes of a file, to whom a ticket shows it."""
    there = sha in store.blobs and (visible(store, person, sha) or not store.safe.blob_by_reference)
    return BYTES, sha, there, store.epoch


def visible(store: Store, person: int, sha: int) -> bool:
    """Whether some ticket in sight refers to a file."""
    for tid, entries in store.entries.items():
        entry = entries.get(sha * 4)
        if (
            entry
            and not entry[2]
            and access(person, store.rows[tid], store.scopes[person]) & CLASSES & entry[1]
        ):
            return True
    return False


def referenced(replica: Replica) -> set[int]:
    """The files that the tickets held here refer to."""
    found: set[int] = set()
    for held in replica.base.values():
        found.update(eid >> 2 for eid, entry in held[1].items() if entry[1] & FILE and not entry[2])
    return found


def purge(replica: Replica) -> None:
    """Forget the files that nothing here refers to any more, but what still has to be sent."""
    if replica.blobs and replica.safe.blobs_purged:
        keep = (
            referenced(replica) | replica.uploads.keys() | replica.pending.keys() | replica.attention.keys()
        )
        keep |= replica.acked.keys()
        replica.blobs &= keep
