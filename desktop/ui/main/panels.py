"""What comes up over the desk: sync panel, shortcuts, settings, notices; and the pages of other rooms in it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from desktop.sync.state import SyncState
from desktop.ui.main.desk_area import DeskArea
from desktop.ui.main.first_sync import FirstSync
from desktop.ui.main.settings_panel import SettingsPanel
from desktop.ui.main.shortcuts import Shortcuts
from desktop.ui.main.sync_panel import SyncPanel
from desktop.ui.session import Session
from desktop.ui.widgets.popover import Popover

if TYPE_CHECKING:
    from desktop.ui.attention.page import AttentionPage

_EARLY = frozenset({"config", "mine"})


class Panels(QObject):
    """Opens them, one pop-over at a time; `attention_left` and `ticket_wanted` are the window's to answer."""

    def __init__(
        self,
        session: Session,
        area: DeskArea,
        *,
        ticket_wanted: Callable[[str], object],
        back_to_list: Callable[[], object],
        say: Callable[[str], object],
    ) -> None:
        super().__init__(area)
        self._session, self._area = session, area
        self._ticket_wanted, self._back_to_list, self._say = ticket_wanted, back_to_list, say
        self._popover: Popover | None = None
        self._attention: AttentionPage | None = None
        self._first: FirstSync | None = None
        self._begun = False
        self.mine = 0
        session.bridge.sync_state.connect(self.follow)

    @property
    def popover(self) -> Popover | None:
        """What is open now."""
        return self._popover

    def _open(self, popover: Popover) -> None:
        if self._popover is not None:
            self._popover.close()
        self._popover = popover
        popover.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        popover.closed.connect(self._forget)
        popover.open()

    def _forget(self) -> None:
        self._popover = None

    def open_sync(self, anchor: QWidget) -> None:
        """How sync stands, in full."""
        self._open(SyncPanel(self._session, anchor, self._say))

    def open_shortcuts(self, anchor: QWidget) -> None:
        """Every key."""
        self._open(Shortcuts(anchor))

    def open_settings(self, anchor: QWidget) -> None:
        """What may be set on this machine."""
        self._open(SettingsPanel(self._session.settings, anchor))

    def open_notices(self, anchor: QWidget) -> None:
        """What the server told."""
        from desktop.ui.reminders.inbox import Inbox

        inbox = Inbox(self._session, anchor)
        inbox.ticket_opened.connect(self._ticket_wanted)
        self._open(inbox)

    # Pages beside the sidebar.

    def open_attention(self) -> None:
        """Conflicts and refusals, in place of the list."""
        if self._attention is None:
            from desktop.ui.attention.page import AttentionPage

            page = AttentionPage(self._session)
            page.closed.connect(self._back_to_list)
            page.ticket_opened.connect(self._ticket_wanted)
            self._attention = page
        if self._area.stack.currentWidget() is self._attention:
            self._attention.next_problem()
        else:
            self._area.show_page(self._attention)
            self._attention.setFocus()

    def follow(self, state: SyncState) -> None:
        """Show the first sync until the person's own tickets are here, or until they go to work."""
        progress = state.progress
        if progress is None:
            if self._first is not None:
                self._leave_first()
            return
        if self._first is None and not self._begun and progress.phase in _EARLY:
            self._first = FirstSync()
            self._first.begun.connect(self._leave_first)
            self._area.show_page(self._first)
            self._first.setFocus()
        if self._first is not None:
            self._first.show_progress(progress, mine=self.mine)

    def count_mine(self, count: int) -> None:
        """How many tickets are here to be worked on."""
        self.mine = count
        self.follow(self._session.sync.state)

    def enter(self) -> bool:
        """Enter begins the work while the first sync is in front; False where it is not."""
        if self._first is None or not self._first.keys_wanted():
            return False
        self._leave_first()
        return True

    def _leave_first(self) -> None:
        first, self._first = self._first, None
        self._begun = True
        if first is not None:
            self._area.drop_page(first)
            self._back_to_list()
