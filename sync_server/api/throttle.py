"""So many requests in a minute for each caller: looking customers up one by one is not reading them all."""

import math
import threading
from collections.abc import Callable

from domain.errors import UnavailableError

MOST_CALLERS = 10_000


class Throttle:
    """A bucket of requests for each caller, filled again evenly; this process's own."""

    def __init__(self, *, per_minute: int, now_s: Callable[[], float]) -> None:
        self._most, self._now_s = float(per_minute), now_s
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, caller: str, count: int = 1) -> None:
        """Count requests of a caller; raise UnavailableError (``too_many``) where the bucket is empty."""
        now = self._now_s()
        with self._lock:
            left, at = self._left.pop(caller, (self._most, now))
            left = min(self._most, left + (now - at) * self._most / 60)
            if left < count:
                self._left[caller] = (left, now)
                wait_s = math.ceil((count - left) * 60 / self._most)
                raise UnavailableError("too_many", retry_after_s=wait_s)
            self._left[caller] = (left - count, now)
            if len(self._left) > MOST_CALLERS:
                del self._left[next(iter(self._left))]  # who has not been here for longest
