"""The attachments of one message, side by side."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.replica.attachments import Held
from desktop.ui.attachments.box import Box
from desktop.ui.attachments.tile import WIDTH, Tile
from desktop.ui.form.wrap_layout import WrapLayout
from domain.wire.attachments import AttachmentRef


class ShownAttachments(QWidget):
    """Reads how they stand, and again whenever that moves."""

    complained = Signal(str)

    def __init__(
        self,
        box: Box,
        refs: Sequence[AttachmentRef],
        *,
        ticket: str,
        offline: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._box, self._ticket, self._offline = box, ticket, offline
        self.tiles = [Tile(box, ref, ticket=ticket) for ref in refs]
        row = WrapLayout(self, gap=8, line_gap=8)
        for tile in self.tiles:
            row.addWidget(tile)
            tile.complained.connect(self.complained)
        self.setMinimumWidth(min(WIDTH, WIDTH * len(self.tiles)))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        box.moved.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Ask how they stand."""
        if self._box.ticket == self._ticket:
            self._box.held(self._take, self)

    def _take(self, held: Mapping[str, Held]) -> None:
        for tile in self.tiles:
            tile.show_state(held.get(tile.ref.hash), offline=self._offline)
