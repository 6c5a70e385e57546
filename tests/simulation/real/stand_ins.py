"""What stands in for the world outside: one clock, one source of ids, and a crash that no handler may swallow."""

START = 1_795_000_000_000
STEP_MS = 20_000
"""How much time passes with each step of a story."""


class Crash(BaseException):
    """The process ends here; not an Exception, so that nobody catches it."""


class Time:
    """The true time, which only the story moves; each look at it takes a millisecond."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> int:
        """Milliseconds since the epoch: the server's clock."""
        self.at += 1
        return self.at

    def pass_by(self) -> None:
        """Let a step's time pass."""
        self.at += STEP_MS


class DesktopClock:
    """A desktop's clocks: the wall may be wrong, the steady one is not."""

    def __init__(self, time: Time) -> None:
        self._time = time
        self._off_ms = 0
        self.was_set = self.went_back = False
        """Whether the wall clock ever was set, or set back."""

    @property
    def off_ms(self) -> int:
        """By how much the wall clock is wrong."""
        return self._off_ms

    @off_ms.setter
    def off_ms(self, off_ms: int) -> None:
        self.was_set = self.was_set or off_ms != self._off_ms
        self.went_back = self.went_back or off_ms < self._off_ms
        self._off_ms = off_ms

    def now(self) -> int:
        """What the wall clock shows."""
        return self._time.now() + self._off_ms

    def monotonic(self) -> int:
        """Runs on with the true time."""
        return self._time.now() - START


class CountedIds:
    """Identifiers that sort in the order in which they were made, alike in every run."""

    def __init__(self) -> None:
        self._count = 0

    def new(self) -> str:
        """The next identifier."""
        self._count += 1
        return f"{self._count:032x}"

    def jump(self, to: int) -> None:
        """Go on from a higher number, past what a template holds."""
        self._count = max(self._count, to)

    def nonce(self) -> str:
        """The next mark of a change row."""
        self._count += 1
        return f"{self._count:08x}"

    def mark(self) -> int:
        """The next mark of a ticket's version."""
        self._count += 1
        return self._count
