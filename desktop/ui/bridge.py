"""The one place where workers meet Qt: work leaves the window's thread, results and news come back to it."""

import itertools
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import shiboken6
import structlog
from PySide6.QtCore import QObject, Qt, Signal

from desktop.replica.changed import Changed
from desktop.sync.state import SyncState
from domain.errors import GongdanError

T = TypeVar("T")

READERS = 3
log = structlog.get_logger("bridge")

Then = Callable[[Any], None]
Failed = Callable[[GongdanError], None]


class _Task:
    """Work under way, who asked for it, and what to call with its outcome."""

    def __init__(self, owner: QObject | None, then: Then | None, failed: Failed | None) -> None:
        self.owner, self.then, self.failed = owner, then, failed
        self.cancelled = False

    def alive(self) -> bool:
        """Whether somebody still waits for the outcome."""
        return not self.cancelled and (self.owner is None or shiboken6.isValid(self.owner))


class Bridge(QObject):
    """Runs work off the window's thread and emits, on the window's thread, what has moved.

    `changed` carries a Changed, `sync_state` a SyncState, `reminder` a desktop.reminders.Due, `refused` a
    GongdanError that nobody else took, `bug` any other exception.
    """

    changed = Signal(object)
    sync_state = Signal(object)
    reminder = Signal(object)
    refused = Signal(object)
    bug = Signal(object)
    _arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Only this object is called across threads: what else listens is called on the window's thread, directly,
        # so that nothing can be on its way to somebody who is gone.
        self._inbox: deque[Callable[[], None]] = deque()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._numbers = itertools.count(1)
        self._tasks: dict[int, _Task] = {}
        self._closed = False
        self._arrived.connect(self._open_inbox, Qt.ConnectionType.QueuedConnection)

    def read(
        self,
        work: Callable[[], T],
        *,
        then: Callable[[T], None],
        owner: QObject | None = None,
        failed: Failed | None = None,
    ) -> Callable[[], None]:
        """Do a long read in the pool, then call `then` with its result on the window's thread.

        Nothing is called once `owner` is gone or what is returned (cancel) was called. Errors of ours go to
        `failed`; others are bugs.
        """
        return self._start(self._readers, work, _Task(owner, then, failed))

    def act(
        self,
        gesture: Callable[[], Changed],
        *,
        owner: QObject | None = None,
        then: Callable[[Changed], None] | None = None,
        failed: Failed | None = None,
    ) -> Callable[[], None]:
        """Do a gesture's write behind those before it; `changed` is emitted, then `then` is called."""

        def work() -> Changed:
            moved = gesture()
            self.announce(moved)
            return moved

        return self._start(self._writer, work, _Task(owner, then, failed))

    def announce(self, moved: Changed) -> None:
        """Tell the screens what has moved; from any thread."""
        if moved:
            self._send(lambda: self.changed.emit(moved))

    def announce_state(self, state: SyncState) -> None:
        """Tell the screens how sync stands; from any thread."""
        self._send(lambda: self.sync_state.emit(state))

    def announce_reminder(self, due: object) -> None:
        """Tell the screens of a reminder that is due; from any thread."""
        self._send(lambda: self.reminder.emit(due))

    def announce_bug(self, error: BaseException) -> None:
        """Tell that something went wrong in the program itself; from any thread."""
        self._send(lambda: self.bug.emit(error))

    def close(self) -> None:
        """Take no more work, let writes under way finish, drop what nobody waits for."""
        self._closed = True
        self._tasks.clear()
        self._writer.shutdown(wait=True)
        self._readers.shutdown(wait=True, cancel_futures=True)
        self._inbox.clear()

    def _send(self, message: Callable[[], None]) -> None:
        """From any thread: have something said on the window's thread."""
        if not self._closed:
            self._inbox.append(message)
            self._arrived.emit()

    def _open_inbox(self) -> None:
        """On the window's thread: say what has arrived, in its order."""
        while self._inbox and not self._closed:
            self._inbox.popleft()()

    def _start(self, pool: ThreadPoolExecutor, work: Callable[[], T], task: _Task) -> Callable[[], None]:
        if self._closed:
            return lambda: None
        number = next(self._numbers)
        self._tasks[number] = task
        pool.submit(work).add_done_callback(lambda future: self._report(number, future))

        def cancel() -> None:
            task.cancelled = True

        return cancel

    def _report(self, number: int, future: "Future[Any]") -> None:
        """On the worker's thread: send the outcome over."""
        if future.cancelled():
            return
        error = future.exception()
        self._send(lambda: self._finished(number, None if error else future.result(), error))

    def _finished(self, number: int, result: object, error: BaseException | None) -> None:
        """On the window's thread: hand the outcome to who asked, if they are still there."""
        task = self._tasks.pop(number, None)
        if task is None:
            return
        if error is None:
            if task.alive() and task.then is not None:
                task.then(result)
        elif isinstance(error, GongdanError):
            if task.failed is None:
                self.refused.emit(error)
            elif task.alive():
                task.failed(error)
        else:
            log.error("bug", kind=type(error).__name__, exc_info=error)
            self.bug.emit(error)
