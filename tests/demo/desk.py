"""A desktop of the story, seen from outside: its process, and the requests that are sent to whoever sits before it."""

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.processes import quiet_environment

ANSWER_S = 60.0
END_S = 20.0
SCREEN = (1366, 768)


class DeskError(Exception):
    """The person before a desktop could not do what was asked."""


class Desk:
    """One desktop process with a home of its own; it may be killed and started again."""

    def __init__(
        self, name: str, folder: Path, *, server: str, language: str = "zh_CN", scheme: str = "light"
    ) -> None:
        self.name, self.home = name, folder / name
        self._server, self._language, self._scheme = server, language, scheme
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()
        self._pictures: Path | None = None
        self._taken: Callable[[Path], None] = lambda file: None
        self.home.mkdir(parents=True, exist_ok=True)

    def show_in(self, folder: Path, taken: Callable[[Path], None]) -> None:
        """Where pictures go, and whom to tell of each."""
        self._pictures, self._taken = folder, taken

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the program and wait until its first window is there."""
        command = [sys.executable, "-m", "tests.demo.actor", "--server", self._server]
        command += ["--language", self._language, "--scheme", self._scheme]
        self._answers = queue.Queue()
        with (self.home / "actor.log").open("a") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                env=quiet_environment(self.home) | self._environment(),
            )
        threading.Thread(
            target=_listen, args=(self._process, self._answers), name=f"desk-{self.name}", daemon=True
        ).start()
        self.ask("ready")

    def _environment(self) -> dict[str, str]:
        """The screen that the offscreen platform pretends to have, and the hour of where the stores are."""
        file = self.home / "screen.json"
        one = {
            "name": "screen",
            "x": 0,
            "y": 0,
            "width": SCREEN[0],
            "height": SCREEN[1],
            "logicalDpi": 96,
            "dpr": 1,
        }
        file.write_text(json.dumps({"screens": [one]}), encoding="utf-8")
        return {"QT_QPA_PLATFORM": f"offscreen:configfile={file}", "TZ": "Asia/Shanghai"}

    def ask(self, what: str, *, within_s: float = ANSWER_S, **given: Any) -> Any:
        """Have something done and return what was answered; DeskError if it could not be done."""
        process = self._process
        if process is None or process.stdin is None:
            raise DeskError(f"{self.name} is not running")
        try:
            process.stdin.write(json.dumps({"do": what, **given}, ensure_ascii=False) + "\n")
            process.stdin.flush()
            line = self._answers.get(timeout=within_s)
        except (OSError, queue.Empty):
            line = ""
        if not line:
            raise DeskError(
                f"{self.name} did not answer {what} within {within_s:.0f} s; see {self.home}/actor.log"
            )
        answer = json.loads(line)
        if "error" in answer:
            raise DeskError(f"{self.name}: {what}: {answer['error']}")
        return answer["value"]

    def picture(self, name: str, window: str = "") -> None:
        """Take a picture of what stands on the screen now."""
        if self._pictures is not None:
            file = self._pictures / f"{name}.png"
            self.ask("picture", file=str(file), window=window)
            self._taken(file)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._end()

    def _end(self) -> None:
        assert self._process is not None
        self._process.wait(END_S)
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()

    def quit(self) -> None:
        """End the program as a person would; killed if it does not end."""
        if not self.running or self._process is None:
            return
        try:
            self.ask("quit", within_s=END_S)
            self._end()
        except (DeskError, subprocess.TimeoutExpired):
            self.kill()
            raise


def _listen(process: "subprocess.Popen[str]", answers: "queue.Queue[str]") -> None:
    assert process.stdout is not None
    with process.stdout as lines:
        for line in lines:
            answers.put(line)
    answers.put("")
