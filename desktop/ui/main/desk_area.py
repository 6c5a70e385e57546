"""The desk: worklists at the left, the list in the middle, the ticket right of it, below it, or not at all."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from desktop.settings import SettingsFile
from desktop.ui.tickets.pane import TicketPane
from desktop.ui.widgets.sidebar import Sidebar

RIGHT, BELOW, OFF = "right", "below", "off"
_PLACES = (RIGHT, BELOW, OFF)
FOLDED_BELOW, PANE_BELOW_UNDER, WIDE_FROM = 1280, 1120, 1800
_PANE_WIDTH, _PANE_WIDTH_WIDE, _PANE_HEIGHT = 384, 560, 320
_REST_MS = 400


class DeskArea(QWidget):
    """Remembers per list where the ticket stands and how much room it has."""

    def __init__(
        self, settings: SettingsFile, list_page: QWidget, pane: TicketPane, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._settings, self._list, self._pane = settings, list_page, pane
        self._key = ""
        self._place = str(settings.look("pane") or RIGHT)
        self._folded: bool | None = settings.look("sidebar_folded")
        self.sidebar = Sidebar()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(1)
        self._splitter.addWidget(list_page)
        self._splitter.addWidget(pane)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setStretchFactor(1, 0)
        self._splitter.splitterMoved.connect(self._on_moved)
        self.stack = QStackedWidget()
        self.stack.addWidget(self._splitter)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self.save)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self.sidebar)
        self._row.addWidget(self.stack, 1)

    # Which page.

    def show_list(self, key: str) -> None:
        """The list and its ticket, with the room they had in this list."""
        if self._rest.isActive():
            self.save()
        self._key = key
        self.stack.setCurrentWidget(self._splitter)
        self._divide()

    def show_page(self, page: QWidget) -> None:
        """Another page instead of the list."""
        if self.stack.indexOf(page) < 0:
            self.stack.addWidget(page)
        self.stack.setCurrentWidget(page)

    def drop_page(self, page: QWidget) -> None:
        """Take a page away for good."""
        self.stack.removeWidget(page)
        page.hide()
        page.deleteLater()

    def shows_list(self) -> bool:
        """Whether the list is in front."""
        return self.stack.currentWidget() is self._splitter

    # Where the ticket stands.

    def cycle_pane(self) -> str:
        """Right, below, off."""
        self._place = _PLACES[(_PLACES.index(self.place()) + 1) % len(_PLACES)]
        self._settings.remember("pane", self._place)
        self._divide()
        return self._place

    def place(self) -> str:
        """Where the ticket stands now; a narrow window puts it below."""
        if self._place == RIGHT and self.width() < PANE_BELOW_UNDER:
            return BELOW
        return self._place

    def toggle_sidebar(self) -> None:
        """Fold the sidebar to icons, or unfold it."""
        self._folded = not self.sidebar.folded
        self._settings.remember("sidebar_folded", self._folded)
        self._fold()

    def _fold(self) -> None:
        narrow = self.width() < FOLDED_BELOW
        folded = narrow if self._folded is None else self._folded
        self.sidebar.set_folded(folded, wide=self.width() >= WIDE_FROM)

    def _divide(self) -> None:
        place = self.place()
        self._pane.setVisible(place != OFF)
        upright = place == BELOW
        self._pane.set_wide(wide=upright)
        self._splitter.setOrientation(Qt.Orientation.Vertical if upright else Qt.Orientation.Horizontal)
        whole = self._splitter.height() if upright else self._splitter.width()
        if place == OFF or whole <= 0:
            return
        wide = self.width() >= WIDE_FROM
        default = _PANE_HEIGHT if upright else _PANE_WIDTH_WIDE if wide else _PANE_WIDTH
        kept = self._settings.look(self._look_key())
        pane = int(kept) if isinstance(kept, int) else default
        self._splitter.setSizes([max(1, whole - pane - 1), pane])

    def _look_key(self) -> str:
        size = "wide" if self.width() >= WIDE_FROM else "usual"
        return f"splitter.{self._key}.{self.place()}.{size}"

    def _on_moved(self, _place: int, _index: int) -> None:
        self._rest.start()

    def save(self) -> None:
        """Write down how the room is divided."""
        self._rest.stop()
        sizes = self._splitter.sizes()
        if self._key and self.place() != OFF and sizes[1] > 0:
            self._settings.remember(self._look_key(), sizes[1])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()
        self._row.activate()
        self._divide()


def stacked(*parts: QWidget) -> QWidget:
    """Parts above each other, without gaps; the tall ones share the height."""
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for part in parts:
        column.addWidget(part)
    return box
