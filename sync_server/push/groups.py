"""Group commit: requests that wait for the database are judged and committed together (decision 0006).

Nobody waits for company. Who finds nobody at work leads: does theirs in a transaction. Those who come meanwhile
wait; the first of them leads next, and takes along, in the order in which they came, all that share neither
device nor command nor ticket. Only where a transaction stands still, waiting for a lock, another goes on beside it.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence

from sync_server.push.orders import Order, Outcome

MOST_ORDERS = 32
MOST_COMMANDS = 200
"""In one transaction; an order of more goes alone."""

PATIENCE_S = 0.1
"""Longer than a transaction takes that waits for nobody."""

Outcomes = Sequence[Outcome | BaseException]


class _Place:
    """One order in the queue."""

    def __init__(self, order: Order) -> None:
        self.order, self.touches = order, order.touches()
        self.came: Outcome | BaseException | None = None
        self.leads: list[_Place] = []
        self.turn = threading.Event()


class Groups:
    """Gives waiting orders to `take`, several at once; each caller gets the outcome of its own."""

    def __init__(self, take: Callable[[Sequence[Order]], Outcomes], *, most: int = 1) -> None:
        self._take, self._most = take, most
        self._mutex = threading.Lock()
        self._leading = 0
        self._waiting: deque[_Place] = deque()  # empty while nobody leads

    def outcome(self, order: Order) -> Outcome:
        """What became of the order, once it is committed; raises what its taking raised."""
        place = _Place(order)
        with self._mutex:
            if not self._leading:
                self._leading = 1
                place.leads = [place]
            else:
                self._waiting.append(place)
        if not place.leads:
            # Until it has its outcome, or is to lead.
            while not place.turn.wait(PATIENCE_S):
                self._go_beside()
        if place.leads:
            self._lead(place.leads)
        assert place.came is not None
        if isinstance(place.came, BaseException):
            raise place.came
        return place.came

    def _lead(self, group: Sequence[_Place]) -> None:
        try:
            came = self._take([place.order for place in group])
        except BaseException as error:  # noqa: BLE001  # the others must not wait for ever
            came = [error] * len(group)
        for place, one in zip(group, came, strict=True):
            place.came = one
        self._hand_over()
        for place in group[1:]:
            place.turn.set()

    def _hand_over(self) -> None:
        with self._mutex:
            if not self._send_off():
                self._leading -= 1

    def _go_beside(self) -> None:
        """Those who lead take long: one more may, if there is room."""
        with self._mutex:
            if self._leading < self._most and self._send_off():
                self._leading += 1

    def _send_off(self) -> bool:
        """Have those who wait longest go; false where nobody waits."""
        group = self._next()
        if group:
            group[0].leads = group
            group[0].turn.set()
        return bool(group)

    def _next(self) -> list[_Place]:
        """Take the first that waits, and those after it that have nothing in common with any before them."""
        group: list[_Place] = []
        left: deque[_Place] = deque()
        count, seen = 0, set[str]()
        for place in self._waiting:
            count += len(place.order.commands)
            fits = len(group) < MOST_ORDERS and count <= MOST_COMMANDS and seen.isdisjoint(place.touches)
            (group if fits or not group else left).append(place)
            seen |= place.touches
        self._waiting = left
        return group
