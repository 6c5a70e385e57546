"""A desktop process of the start benchmark: runs the real program and says when its list could be used."""

import json
import os
import sys
import time
from argparse import ArgumentParser
from pathlib import Path

import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from desktop import logs
from desktop.app import App, Start
from desktop.paths import Places
from desktop.ui.widgets.ticket_row import ROW_ROLE
from desktop.ui.widgets.ticket_table import TicketTable

LOOK_MS = 5


class Watch:
    """Looks until the list holds rows, or until everything has come where that is waited for."""

    def __init__(self, app: App, application: QApplication, *, until_synced: bool) -> None:
        self._app, self._application, self._until_synced = app, application, until_synced
        self._process = psutil.Process()
        self._signed_on = 0.0
        self.seen = False
        self._timer = QTimer()
        self._timer.timeout.connect(self._look)
        self._timer.start(LOOK_MS)

    def _since_start(self) -> float:
        return time.time() - self._process.create_time()

    def _look(self) -> None:
        window, work = self._app.window, self._app.work
        if window is None or work is None:
            return
        self._signed_on = self._signed_on or self._since_start()
        if self._until_synced:
            state = work.worker.state
            if state.verified_at and state.progress is None:
                self._done()
            return
        table = window.findChild(TicketTable)
        model = table.model() if table is not None else None
        if model is not None and model.rowCount() and model.index(0, 0).data(ROW_ROLE) is not None:
            self._done()

    def _done(self) -> None:
        self._timer.stop()
        self.seen = True
        window = self._app.window
        if window is not None:
            window.grab()
        figures = {
            "signed_on_s": self._signed_on,
            "usable_s": self._since_start(),
            "memory_mb": self._process.memory_info().rss / 1e6,
        }
        print(json.dumps(figures), flush=True)
        self._application.quit()


def main() -> int:
    """Start, watch, quit."""
    parser = ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--login", required=True)
    parser.add_argument("--until-synced", action="store_true")
    given = parser.parse_args()
    places = Places(given.home)
    places.prepare()
    logs.start(places.logs)
    application = QApplication([])
    password = os.environ.pop("GONGDAN_PASSWORD", "")
    start = Start(home=given.home, server=given.server, login=given.login, password=password)
    app = App(application, start, keyring=lambda: None)
    watch = Watch(app, application, until_synced=given.until_synced)
    app.open()
    application.exec()
    app.close()
    logs.stop()
    return 0 if watch.seen else 1


if __name__ == "__main__":
    sys.exit(main())
