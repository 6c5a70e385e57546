"""A server's committed state put away, to be put back later as an older past."""

from tests.simulation.model.store import Store

_COPIED = (
    "rows", "entries", "seqs", "changes", "nonces", "verdicts", "pushed", "grants", "grants_version", "parent",
    "scopes", "parts", "blobs", "notices",
)  # fmt: skip
_PLAIN = ("floor", "epoch", "head", "compacted_to", "reserved", "number", "tree_version")


class Backup:
    """What a store held at one moment. The nonce isn't part of it: it is random, so it never repeats."""

    def __init__(self, store: Store) -> None:
        self._state = {name: getattr(store, name).copy() for name in _COPIED}
        self._state |= {name: getattr(store, name) for name in _PLAIN}

    def restore(self, store: Store) -> int:
        """Put the server back to that moment; what the operator keeps apart from the database stays."""
        store.slow.clear()
        for name in _COPIED:
            setattr(store, name, self._state[name].copy())
        for name in _PLAIN:
            setattr(store, name, self._state[name])
        store.returned.clear()
        store.recovering = False
        return store.head
