"""Group commit: requests that wait for the database are judged and committed together (decision 0006).

Nobody waits for company. Whoever finds a free place leads: takes, in the order in which they came, all that wait and
share neither device nor command nor ticket, and does them in one transaction. Those who come meanwhile wait, and
the first of them leads next.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence

from sync_server.push.orders import Order, Outcome

MOST_ORDERS = 16
MOST_COMMANDS = 200
"""In one transaction; an order of more goes alone."""

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

    def __init__(self, take: Callable[[Sequence[Order]], Outcomes], *, leaders: int) -> None:
        self._take, self._free = take, leaders
        self._mutex = threading.Lock()
        self._waiting: deque[_Place] = deque()  # empty while a place is free

    def outcome(self, order: Order) -> Outcome:
        """What became of the order, once it is committed; raises what its taking raised."""
        place = _Place(order)
        with self._mutex:
            if self._free:
                self._free -= 1
                place.leads = [place]
            else:
                self._waiting.append(place)
        if not place.leads:
            place.turn.wait()  # until it has its outcome, or is to lead
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
            following = self._next()
            self._free += not following
        if following:
            following[0].leads = following
            following[0].turn.set()

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
