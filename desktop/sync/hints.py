"""Pokes against what was read already: a hint of nothing new is no reason to pull (SYNC §3)."""


class Hints:
    """What pokes have told; heads are places in the feed, 0 where a hint tells none."""

    def __init__(self) -> None:
        self._read_to = self._heard = 0
        self._unsure = False

    def take(self, head: int) -> bool:
        """Note a hint; False where the feed was read that far."""
        if 0 < head <= self._read_to:
            return False
        self._heard = max(self._heard, head)
        self._unsure |= not head
        return True

    def pulling(self) -> None:
        """A pull begins: it will tell of what hints without a head were about."""
        self._unsure = False

    def pulled(self, head: int) -> bool:
        """The feed was read to its end, which was this (0: not to its end); whether to pull again at once.

        A page may have been read ahead, before the hint came: then one more pull is made, and no second one, since
        a server that was restored may never come to the head that was heard.
        """
        self._read_to = head
        again = self._unsure or self._heard > head
        if head:
            self._heard = 0
        return again
