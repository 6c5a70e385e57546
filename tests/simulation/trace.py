"""The trace of a story: a SHA-256 over every message and every commit, in order."""

import hashlib


class Trace:
    """Grows with the story; the same seed must lead to the same one, in any process."""

    __slots__ = ("_hash",)

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def note(self, *what: object) -> None:
        """Add something that happened; it must be plain values, or its text would hold an address."""
        self._hash.update(repr(what).encode())

    def raw(self, message: bytes) -> None:
        """Add a message as it crosses the line."""
        self._hash.update(len(message).to_bytes(4, "big") + message)

    def bits(self) -> int:
        """A number that depends on all that happened so far, to choose by."""
        return int.from_bytes(self._hash.digest()[:4], "big")

    def text(self) -> str:
        """The trace so far."""
        return self._hash.hexdigest()
