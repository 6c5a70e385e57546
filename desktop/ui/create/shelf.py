"""The drafts beside the one on the page: how many, a list to go on with one, dropping one."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.commands import local
from desktop.replica.changed import Changed
from desktop.ui.create.draft import Draft
from desktop.ui.create.drafts import Kept, kept_drafts
from desktop.ui.create.drafts_list import DraftsList
from desktop.ui.create.keeper import DraftKeeper
from desktop.ui.session import Session


class DraftShelf(QObject):
    """`counted` tells how many there are; `chosen` the draft that the person goes on with."""

    counted = Signal(int)
    chosen = Signal(object)

    def __init__(self, session: Session, keeper: DraftKeeper, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._keeper = session, keeper
        self._kept: list[Kept] = []
        self._known = False
        session.bridge.changed.connect(self._on_changed)

    def put(self, kept: Sequence[Kept]) -> None:
        """Know these."""
        self._kept, self._known = list(kept), True
        self.count()

    def others(self) -> list[Kept]:
        """Those that no page has open."""
        taken = {self._keeper.draft_id, *self._keeper.taken_elsewhere()}
        return [one for one in self._kept if one.draft.id not in taken]

    def count(self) -> None:
        """Tell how many there are now."""
        self.counted.emit(len(self.others()))

    def open_list(self, anchor: QWidget) -> None:
        """Show them beside a button."""
        chooser = DraftsList(self.others(), self._session.clock.now(), anchor)
        chooser.chosen.connect(self._choose)
        chooser.dropped.connect(self._drop)
        chooser.open()

    def _choose(self, id: str) -> None:
        found = next((one.draft for one in self.others() if one.draft.id == id), None)
        if isinstance(found, Draft):
            self.chosen.emit(found)

    def _drop(self, id: str) -> None:
        replica = self._session.replica
        self._session.bridge.act(lambda: local.drop_draft(replica, id))

    def _on_changed(self, moved: Changed) -> None:
        if self._known and "drafts" in moved.kinds:
            replica = self._session.replica
            self._session.bridge.read(lambda: kept_drafts(replica), then=self.put, owner=self)
