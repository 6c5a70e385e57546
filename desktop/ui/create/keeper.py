"""Keeps the draft as it is typed: off the window's thread, at most a moment behind, flushed when the page goes."""

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.commands import local
from desktop.replica.changed import Changed
from desktop.ui.create.draft import KIND, Draft, body_of
from desktop.ui.session import Session
from domain.entities.base import Instant

REST_MS = 150
"""A keystroke is on disk this long after it at the latest, however fast somebody types."""


class _Claim(QObject):
    """Says which draft a page has open; stands among the bridge's children, where other pages see it."""

    draft = ""

    def end(self) -> None:
        """The page is gone, however it went."""
        self.draft = ""
        self.deleteLater()


class DraftKeeper(QObject):
    """`saved` tells when the draft was last written."""

    saved = Signal(object)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._waiting: Draft | None = None
        self._kept: Draft | None = None
        self._claim = _Claim(session.bridge)
        parent.destroyed.connect(self._claim.end)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REST_MS)
        self._timer.timeout.connect(self.flush)

    def begin(self, draft: Draft, *, kept: bool) -> None:
        """Start with a draft: one that is kept already, or a new one that is not until something is written."""
        self._waiting, self._kept = None, draft if kept else None
        self._claim.draft = draft.id

    @property
    def draft_id(self) -> str:
        """The draft that is kept; "" before the beginning and after the end."""
        return self._claim.draft

    def taken_elsewhere(self) -> frozenset[str]:
        """The drafts that other pages have open."""
        claims = self._session.bridge.findChildren(_Claim)
        return frozenset(one.draft for one in claims if one is not self._claim and one.draft)

    def release(self) -> None:
        """The draft may be taken up elsewhere."""
        self._claim.draft = ""

    def keep(self, draft: Draft) -> None:
        """Write the draft soon; one that says nothing yet is not written."""
        if draft != self._kept and (self._kept is not None or not draft.empty):
            self._waiting = draft
            if not self._timer.isActive():
                self._timer.start()

    def flush(self) -> None:
        """Write at once what waits."""
        self._timer.stop()
        draft, self._waiting = self._waiting, None
        if draft is None:
            return
        self._kept = draft
        now, replica = self._session.clock.now(), self._session.replica

        def write() -> Changed:
            return local.save_draft(replica, draft.id, kind=KIND, body=body_of(draft), at=now)

        self._session.bridge.act(write, owner=self, then=lambda _: self._told(draft.id, now))

    def forget(self) -> None:
        """Write nothing more; the draft was sent or dropped by someone else."""
        self._timer.stop()
        self._waiting = self._kept = None

    def drop(self) -> None:
        """Forget the draft, here and in the replica."""
        kept = self._kept
        self.forget()
        if kept is not None:
            replica = self._session.replica
            self._session.bridge.act(lambda: local.drop_draft(replica, kept.id))

    def _told(self, draft: str, at: Instant) -> None:
        if draft == self.draft_id:
            self.saved.emit(at)
