"""What stands beside the daily work: needs attention and the reports."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop.app import App
from desktop.ui.attention.page import AttentionPage
from desktop.ui.reports.card import ChartCard
from desktop.ui.reports.window import ReportWindow
from tests.demo import hands
from tests.demo.acts.looking import signed_in

REPORT_S = 60.0


class Beside:
    """Pages and windows that are opened when there is a reason."""

    def __init__(self, app: App) -> None:
        self._app = app

    def open_attention(self) -> int:
        """Press F8; returns how many things need attention."""
        hands.press("F8", self._window())
        page = hands.part(self._window(), AttentionPage)
        hands.until(page.card, "something to settle")
        hands.rest(200)
        return page.count()

    def settle(self, mine: bool) -> bool:
        """Keep one's own value (2) or the other's (1) everywhere in the card in front."""
        page = hands.part(self._window(), AttentionPage)
        before = page.count()
        hands.to_front(page)
        QTest.keyClick(page.list, Qt.Key.Key_2 if mine else Qt.Key.Key_1)
        hands.until(lambda: page.count() < before, "it is settled")
        return True

    def leave_attention(self) -> bool:
        """Back to the list with Esc."""
        page = hands.part(self._window(), AttentionPage)
        hands.press("Esc", page)
        hands.until(lambda: not hands.parts(self._window(), AttentionPage), "the list again")
        return True

    def open_report(self) -> dict[str, Any]:
        """Press F9 and wait for the figures; tells how many tickets were created and the charts that show."""
        hands.press("F9", self._window())
        window = hands.window(ReportWindow)
        found = hands.until(lambda: window.found, "the figures", within_s=REPORT_S)
        charts = hands.until(lambda: hands.parts(window, ChartCard), "the charts")
        hands.rest(400)
        return {"created": found.period.created, "resolved": found.period.resolved, "charts": len(charts)}

    def close_report(self) -> bool:
        """Close the window with Ctrl+W."""
        hands.press("Ctrl+W", hands.window(ReportWindow))
        hands.until(lambda: not hands.windows(ReportWindow), "the report closes")
        hands.to_front(self._window())
        return True

    def _window(self) -> QWidget:
        signed_in(self._app)
        assert self._app.window is not None
        return self._app.window
