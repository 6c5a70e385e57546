"""Start: from the process's first instant to a list that can be used, offline, with a full replica."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.bench.figures import Figures
from tests.bench.generator import PASSWORD
from tests.bench.limits import copy_s, seconds
from tests.bench.server import make_database, serving
from tests.processes import quiet_environment

LOGIN = "hq-one"
STARTS = 3


def run(folder: Path, tickets: int) -> Figures:
    """Sync a desktop fully, then start it again without a server; the median of three starts."""
    figures = Figures("start")
    database = make_database(folder, tickets)
    home = folder / "home"
    with serving(folder, database) as server:
        _desktop(home, server.address, "--until-synced")
        address = server.address
    started = sorted((_desktop(home, address) for _ in range(STARTS)), key=lambda one: one["usable_s"])
    middle = started[STARTS // 2]
    for name, value in middle.items():
        figures.add(name, value)
    figures.add("after_sign_in_s", middle["usable_s"] - middle["signed_on_s"])
    figures.add("limit_python_with_qt_s", seconds(_bare_qt))
    replica = max(home.rglob("*"), key=lambda file: file.stat().st_size if file.is_file() else 0)
    figures.add("replica_mb", replica.stat().st_size / 1e6)
    figures.add("limit_copy_replica_s", copy_s(replica, folder))
    return figures


def _desktop(home: Path, server: str, *more: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.started", "--home", str(home), "--server", server]
    environment = quiet_environment(home) | {"GONGDAN_PASSWORD": PASSWORD}
    done = subprocess.run(
        [*command, "--login", LOGIN, *more], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode or not done.stdout.strip():
        raise SystemExit(f"the desktop did not start:\n{done.stderr[-2000:]}")
    figures: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def _bare_qt() -> None:
    """A Python process that imports Qt and shows an empty window."""
    code = "from PySide6.QtWidgets import QApplication, QWidget as W; a = QApplication([]); w = W(); w.show()"
    subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, check=True
    )
