"""The command line of the desktop: `gongdan`."""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from domain.errors import GongdanError

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from desktop.app import Start

RUNNING_ALREADY, FAILED = 0, 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the desktop and return its exit status; a second start for one home brings the first to the front."""
    # Deadlines come from the pinned zones, never from this machine's (DESIGN §3).
    os.environ["PYTHONTZPATH"] = ""
    given = _parser().parse_args(arguments)
    from PySide6.QtWidgets import QApplication

    from desktop import logs
    from desktop.paths import Places, home_folder
    from desktop.ui.single_instance import SingleInstance
    from resources import i18n

    home = Path(given.home).absolute() if given.home else home_folder()
    places = Places(home)
    try:
        places.prepare()
    except GongdanError as error:
        words = i18n.load(given.language or "zh_CN")
        sys.stderr.write(words[f"error.{error.code}"].format(**error.args_by_name) + "\n")
        return FAILED
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Gongdan")
    alone = SingleInstance(places.home)
    if not alone.take():
        words = i18n.load(given.language or "zh_CN")
        raised = alone.call_first()
        key = "sign_in.already_running" if raised else "sign_in.running_elsewhere"
        sys.stderr.write(words[key] + "\n")
        return RUNNING_ALREADY if raised else FAILED
    logs.start(places.logs)
    try:
        return _run(application, _start(given, home), alone)
    finally:
        alone.release()
        logs.stop()


def _run(application: "QApplication", start: "Start", alone: "object") -> int:
    from PySide6.QtCore import QTimer

    from desktop.app import App
    from desktop.credentials import system_keyring
    from desktop.ui.single_instance import SingleInstance

    assert isinstance(alone, SingleInstance)
    app = App(application, start, keyring=system_keyring)
    app.open()
    QTimer.singleShot(0, lambda: alone.listen(app.raise_window))
    try:
        return application.exec()
    finally:
        app.close()


def _start(given: Namespace, home: Path) -> "Start":
    from desktop.app import Start

    return Start(
        home=home,
        server=given.server or "",
        login=given.login or "",
        # For demonstrations and tests; taken away so that no program started from here inherits it.
        password=os.environ.pop("GONGDAN_PASSWORD", ""),
        language=given.language or "",
        scheme=given.scheme or "",
    )


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="gongdan", description="The desktop of Gongdan.")
    parser.add_argument("--server", metavar="URL", help="the server's address, for the sign-in window")
    parser.add_argument("--home", metavar="DIR", help="where this machine's files are kept (GONGDAN_HOME)")
    parser.add_argument("--login", metavar="NAME", help="the login, for the sign-in window")
    parser.add_argument("--language", choices=("zh_CN", "en"), help="the language of the windows")
    parser.add_argument("--scheme", choices=("light", "dark"), help="the colours; else the system's")
    return parser


if __name__ == "__main__":
    sys.exit(main())
