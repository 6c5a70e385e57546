"""The person before one desktop: starts the real program and does with its windows what JSON lines on stdin ask.

Each line `{"do": NAME, …}` is answered by one line `{"value": …}` or `{"error": …}` when it is done or has failed.
"""

import json
import os
import sys
import threading
import traceback
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from desktop import logs
from desktop.app import App, Start
from desktop.paths import Places, home_folder
from desktop.ui.single_instance import SingleInstance
from tests.demo.acts import all_acts
from tests.demo.hands import NotHeld


class Ears(QObject):
    """Brings each line from stdin to the window's thread; None when nobody speaks any more."""

    heard = Signal(object)

    def listen(self) -> None:
        """Begin to read, on a thread that ends with the process."""
        threading.Thread(target=self._read, name="ears", daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            self.heard.emit(json.loads(line))
        self.heard.emit(None)


class Actor:
    """Does what is asked, one thing after another, on the window's thread."""

    def __init__(self, application: QApplication, app: App) -> None:
        self._application = application
        self._acts: dict[str, Callable[..., Any]] = all_acts(app) | {"quit": self._quit}
        self._leaving = False

    def hear(self, asked: dict[str, Any] | None) -> None:
        """Do one thing and answer."""
        if asked is None:
            self._application.quit()
            return
        given = dict(asked)
        try:
            answer = {"value": self._acts[given.pop("do")](**given)}
        except NotHeld as reason:
            answer = {"error": str(reason)}
        except Exception as error:  # noqa: BLE001 the story has to hear of it, whatever it is
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer, ensure_ascii=False), flush=True)
        if self._leaving:
            self._application.quit()

    def _quit(self) -> None:
        self._leaving = True


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program until it is told to quit."""
    os.environ["PYTHONTZPATH"] = ""
    parser = ArgumentParser(prog="tests.demo.actor")
    for name in ("server", "language", "scheme"):
        parser.add_argument(f"--{name}", default="")
    given = parser.parse_args(arguments)
    home = home_folder()
    places = Places(home)
    places.prepare()
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    alone = SingleInstance(places.home)
    if not alone.take():
        raise SystemExit("another desktop runs in this home")
    logs.start(places.logs)
    start = Start(home=home, server=given.server, language=given.language, scheme=given.scheme)
    # The machine's own keyring is none of the story's business: the password alone wraps the key.
    app = App(application, start, keyring=lambda: None)
    ears, actor = Ears(), Actor(application, app)
    ears.heard.connect(actor.hear, Qt.ConnectionType.QueuedConnection)
    try:
        app.open()
        ears.listen()
        return application.exec()
    finally:
        app.close()
        alone.release()
        logs.stop()


if __name__ == "__main__":
    sys.exit(main())
