"""Real processes for the demo, the benchmarks and the end-to-end tests: a server, and the line that leads to it."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil

START_S = 60
COMMAND_S = 300
CHUNK = 65_536


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def to_its_end(command: Sequence[str], *, limit_s: float) -> "subprocess.CompletedProcess[str]":
    """Run a program to its end; past the limit it and all it started are ended, and where it stood is told.

    Raises TimeoutExpired with what it printed, the stacks of its threads among it.
    """
    environment = {**os.environ, "PYTHONFAULTHANDLER": "1"}
    # Into files: a grandchild that outlives it would hold a pipe open, and nobody could read to its end.
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            command, stdout=out, stderr=errors, text=True, env=environment, start_new_session=True
        )
        try:
            status = process.wait(limit_s)
        except subprocess.TimeoutExpired as late:
            process.send_signal(signal.SIGABRT)  # prints the stacks
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            late.add_note(f"{_read(out)}\n{_read(errors)}")
            raise
        finally:
            _end_group(process)
        return subprocess.CompletedProcess(command, status, _read(out), _read(errors))


def _read(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


def _end_group(process: "subprocess.Popen[str]") -> None:
    """End whatever a process has left running in its session."""
    if os.name == "posix":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait(30)


def gongdan_server(*arguments: str, folder: Path, database: str, quiet: bool = False) -> str:
    """Run one `gongdan-server` command to its end and return what it printed; raise SystemExit if it failed."""
    command = [sys.executable, "-m", "sync_server", *arguments, "--database", database, "--home", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=COMMAND_S)
    if done.returncode and not quiet:
        raise SystemExit(
            f"gongdan-server {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}"
        )
    return done.stdout


class Server:
    """One `gongdan-server serve` process on a fixed port; may be killed and started again."""

    def __init__(self, folder: Path, database: str) -> None:
        self._folder, self._database = folder, database
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it and wait until it says its address."""
        command = [sys.executable, "-m", "sync_server", "serve", "--port", str(self.port)]
        command += ["--database", self._database, "--home", str(self._folder)]
        with (self._folder / "server.log").open("a") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self._process.stdout is not None
        # One that says nothing is ended, so that reading its first line comes to an end too.
        ending = threading.Timer(START_S, self._process.kill)
        ending.start()
        try:
            if self._process.stdout.readline().startswith("http"):
                return
        finally:
            ending.cancel()
        raise SystemExit(f"the server did not start; see {self._folder / 'server.log'}")

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)
            self._close_pipe()

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
        self._close_pipe()

    def _close_pipe(self) -> None:
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()

    def cpu_s(self) -> float:
        """Processor seconds used so far, user and system."""
        used = self._running().cpu_times()
        return float(used.user + used.system)

    def memory_mb(self) -> float:
        """Resident memory now."""
        return float(self._running().memory_info().rss / 1e6)

    def _running(self) -> psutil.Process:
        assert self._process is not None
        return psutil.Process(self._process.pid)


class Line:
    """A TCP line to a server that can be cut and mended, and that notices a push going through."""

    def __init__(self, target_port: int) -> None:
        self._target = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._up = True
        self._on_push: Callable[[], None] | None = None
        self._sockets: set[socket.socket] = set()
        self._guard = threading.Lock()
        threading.Thread(target=self._accept, name="line", daemon=True).start()

    def cut(self) -> None:
        """Break every connection and refuse new ones."""
        self._up = False
        with self._guard:
            broken, self._sockets = self._sockets, set()
        for one in broken:
            _close(one)

    def mend(self) -> None:
        """Let connections through again."""
        self._up = True

    def at_next_push(self, act: Callable[[], None]) -> None:
        """Call once, as soon as the next push has been handed to the server and before its answer."""
        self._on_push = act

    def close(self) -> None:
        """End the line."""
        self.cut()
        _close(self._listener)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self._up:
                _close(near)
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._target), timeout=5)
                far.settimeout(None)
            except OSError:
                _close(near)
                continue
            with self._guard:
                self._sockets |= {near, far}
            threading.Thread(target=self._carry, args=(near, far, True), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, False), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, outward: bool) -> None:
        try:
            while piece := source.recv(CHUNK):
                target.sendall(piece)
                act = self._on_push
                if outward and act is not None and b"POST /v1/sync/push" in piece:
                    self._on_push = None
                    act()
        except OSError:
            pass
        finally:
            _close(source)
            _close(target)
            with self._guard:
                self._sockets -= {source, target}


def _close(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


def quiet_environment(home: Path) -> dict[str, str]:
    """The environment of a desktop process without a screen, with a home of its own."""
    return {**os.environ, "QT_QPA_PLATFORM": "offscreen", "GONGDAN_HOME": str(home), "PYTHONTZPATH": ""}
