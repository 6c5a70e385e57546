"""One running program for each home folder; a second start brings the first one's window to the front."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QLockFile

LOCK_FILE = "running.lock"
WAIT_MS = 1_000


class SingleInstance:
    """Holds the home's lock; answers and makes the call of a second start."""

    def __init__(self, home: Path) -> None:
        self._lock = QLockFile(str(home / LOCK_FILE))
        # A lock is only stale when its process is gone, however long ago it was taken.
        self._lock.setStaleLockTime(0)
        self._name = f"gongdan-{hashlib.sha256(str(home).encode()).hexdigest()[:16]}"
        self._server: object = None

    def take(self) -> bool:
        """Take the lock; False where another program of this home runs."""
        return self._lock.tryLock(100)

    def release(self) -> None:
        """Let the next one start."""
        self._lock.unlock()

    def call_first(self) -> bool:
        """Ask the one that runs to come to the front; False where it doesn't answer."""
        from PySide6.QtNetwork import QLocalSocket

        call = QLocalSocket()
        call.connectToServer(self._name)
        if not call.waitForConnected(WAIT_MS):
            return False
        call.write(b"raise")
        sent = call.waitForBytesWritten(WAIT_MS)
        call.disconnectFromServer()
        return sent

    def listen(self, called: Callable[[], None]) -> None:
        """From now on, call a function when a second start asks for the window."""
        from PySide6.QtNetwork import QLocalServer

        server = QLocalServer()
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        # What a program that was killed left behind; the lock says that none runs now.
        QLocalServer.removeServer(self._name)

        def answer() -> None:
            server.nextPendingConnection().disconnected.connect(called)

        server.newConnection.connect(answer)
        server.listen(self._name)
        self._server = server
