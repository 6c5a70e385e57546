"""Finding the one command on which whole batches fail while pulls succeed (SYNC §4)."""

from collections.abc import Sequence

from domain.wire.protocol import MAX_BATCH_COMMANDS

TRIES_ALONE = 2
"""How often a command has to fail alone, with the server otherwise well, before it is set aside."""


class Suspicion:
    """Halves the batch until the culprit is alone; kept in memory, since a restart may begin the search anew."""

    def __init__(self) -> None:
        self.limit = MAX_BATCH_COMMANDS
        self.in_doubt: tuple[str, ...] = ()
        self._suspects: set[str] = set()
        self._alone = 0

    def doubt(self, ids: Sequence[str]) -> None:
        """A batch failed; whether the batch or the server is to blame, the next pull tells."""
        self.in_doubt = tuple(ids)

    def acquit(self) -> None:
        """The server was in trouble: no command is to blame."""
        self.in_doubt = ()

    def judge(self) -> str:
        """The server is well, so the batch is to blame: halve it; returns the culprit if it was alone."""
        ids, self.in_doubt = self.in_doubt, ()
        if not ids:
            return ""
        self._suspects.update(ids)
        if len(ids) > 1:
            self.limit = len(ids) // 2
            self._alone = 0
            return ""
        self._alone += 1
        return ids[0] if self._alone >= TRIES_ALONE else ""

    def clear(self, ids: Sequence[str]) -> None:
        """These got through, or were set aside; when no suspect is left, batches are as large as before."""
        self._suspects.difference_update(ids)
        self._alone = 0
        if not self._suspects:
            self.limit = MAX_BATCH_COMMANDS
