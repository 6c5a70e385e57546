"""The report window in both languages, schemes and sizes: python -m tests.shots.report_shots OUT."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["TZ"] = "Asia/Shanghai"  # where the invented chain is

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.sync.reports import Reports
from desktop.sync.state import SyncState
from desktop.ui import theme
from desktop.ui.reports.content import CHARTS, Drill
from desktop.ui.reports.window import ReportWindow
from desktop.ui.text import set_language
from domain.errors import UnavailableError
from tests.desktop.ui.reports.invented import InventedServer
from tests.desktop.ui.world import World

SIZES = ((1366, 768), (1920, 1080), (1024, 768))
WAIT_S = 10


class Page:
    """A report window over invented figures."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder, person="caijing", unit="HQ", head_office=True)
        now = self.world.clock.now()
        self.world.sync.state = SyncState(connection="online", verified_at=now - 2000)
        self.server = InventedServer(now)
        session = replace(self.world.session, reports=Reports(self.server, self.world.replica))
        self.window = ReportWindow(session)

    def wait_until(self, there: Callable[[], bool]) -> None:
        """Until something is so."""
        end = time.monotonic() + WAIT_S
        while not there() and time.monotonic() < end:
            QTest.qWait(20)
        QTest.qWait(100)

    def shoot(self, file: Path) -> None:
        """Write a picture of it."""
        QApplication.processEvents()
        self.window.grab().save(str(file))

    def close(self) -> None:
        """Close window and replica."""
        self.window.close()
        self.window.deleteLater()
        self.world.stop()
        QApplication.processEvents()


def shoot(out: Path, name: str) -> None:
    """Every picture of one language in one scheme."""
    with tempfile.TemporaryDirectory() as folder:
        page = Page(Path(folder))
        for width, height in SIZES:
            page.window.resize(width, height)
            page.window.show()
            page.wait_until(lambda: page.window.found is not None)
            page.shoot(out / f"reports-{width}-{name}.png")
        page.window.resize(*SIZES[0])
        QTest.qWait(50)
        _states(page, out, name)
        page.close()


def _states(page: Page, out: Path, name: str) -> None:
    _charts(page, out / f"reports-tables-{name}.png")
    window, cards = page.window, page.window.board.cards
    content = cards["targets"].content
    assert content is not None
    window.open_behind(Drill(measure="breached", key="resolution", name=content.rows[-1].label))
    QTest.qWait(300)
    page.shoot(out / f"reports-behind-{name}.png")
    QTest.keyClick(window.board.behind.table, Qt.Key.Key_Escape)
    window.export(out / f"reports-{name}.pdf")
    window.export(out / f"reports-{name}.xlsx")
    QTest.qWait(300)
    page.shoot(out / f"reports-exported-{name}.png")
    page.server.trouble = UnavailableError("server_unreachable")
    page.world.sync.state = SyncState(connection="offline")
    page.world.bridge.announce_state(page.world.sync.state)
    page.world.clock.at += 7_200_000
    window.ask()
    page.wait_until(window.board.banner.isVisible)
    page.shoot(out / f"reports-offline-{name}.png")
    for chip, kind in ((window.filters.period, "period"), (window.filters.chips["unit"], "unit")):
        chip.click()
        QTest.qWait(100)
        opened = QApplication.activePopupWidget()
        assert opened is not None
        opened.grab().save(str(out / f"reports-{kind}-{name}.png"))
        opened.close()


def _charts(page: Page, file: Path) -> None:
    """Some as tables, one with a mark pointed at by keys."""
    cards = page.window.board.cards
    plot = cards["trend"].plot
    assert plot is not None
    page.window.activateWindow()
    plot.setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(4):
        QTest.keyClick(plot, Qt.Key.Key_Left)
    tabled = [cards[chart] for chart in CHARTS if chart in ("targets", "categories", "units")]
    for card in tabled:
        card.show_table(True)
    page.shoot(file)
    for card in tabled:
        card.show_table(False)


def main(arguments: list[str]) -> int:
    """Write every picture into the folder named on the command line."""
    out = Path(arguments[0] if arguments else "build/reports")
    out.mkdir(parents=True, exist_ok=True)
    time.tzset()
    app = QApplication([])
    dress = theme.install(app)
    for scheme in theme.Scheme:
        dress.choose(scheme)
        for language in ("zh_CN", "en"):
            set_language(language)
            shoot(out, f"{scheme}-{language}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
