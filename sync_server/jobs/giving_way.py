"""Long work beside people who wait for answers: it stands back while they are answered, up to a share of its time."""

import time
from collections.abc import Callable

SHARE = 4
"""Waits at most so many times as long as it worked: what would take ten seconds is done in fifty at the latest."""
LOOK_S = 0.005


class GivingWay:
    """Called between the steps of long work; returns once nobody else is at work, or its patience is at an end."""

    def __init__(
        self,
        others: Callable[[], bool],
        *,
        now: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`others` tells whether anybody else is at work; `now` tells seconds from any moment on."""
        self._others, self._now, self._sleep = others, now, sleep
        self._worked_from = now()

    def __call__(self) -> None:
        """Wait while others are at work."""
        start = self._now()
        until = start + SHARE * (start - self._worked_from)
        while self._others() and self._now() < until:
            self._sleep(LOOK_S)
        self._worked_from = self._now()
