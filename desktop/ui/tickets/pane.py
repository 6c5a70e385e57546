"""The ticket beside the list: head, actions, tabs, composer; hints while nothing is chosen."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QStackedLayout, QVBoxLayout, QWidget

from desktop.ui.actions import Actions
from desktop.ui.directory import Directory
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.tickets.desk import TicketDesk
from desktop.ui.tickets.gestures import Gestures
from desktop.ui.tickets.heads import PaneHead
from desktop.ui.tickets.parts import ActionRow, wanted_actions
from desktop.ui.tickets.source import Shown
from desktop.ui.widgets.key_cap import KeyCap
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.polish import ground

_ABOVE_WIDTH, _ANY_WIDTH = 400, 16_777_215
_HINTS = (("↑ ↓", "move"), ("Enter", "open"), ("T", "take"), ("Ctrl+K", "search"), ("F1", "shortcuts"))


class NothingChosen(QWidget):
    """What the keys do, while there is no ticket to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ground(self, "sunken")
        self._labels: list[tuple[Label, str]] = []
        self._title = Label(tone="text2")
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(12)
        grid.addWidget(self._title, 0, 0, 1, 2)
        for line, (keys, name) in enumerate(_HINTS):
            label = Label(tone="text2")
            self._labels.append((label, name))
            grid.addWidget(KeyCap(keys, least=64), line + 1, 0)
            grid.addWidget(label, line + 1, 1)
        column = QVBoxLayout(self)
        column.addStretch(2)
        column.addWidget(inside, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self._write_words()

    def _write_words(self) -> None:
        self._title.setText(tr("ticket.nothing_chosen"))
        for label, name in self._labels:
            label.setText(tr(f"action.{name}"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._write_words()


class TicketPane(QWidget):
    """384 wide at the least; `loaded` once a ticket shows."""

    loaded = Signal(object)
    opened = Signal(str)
    left = Signal()

    def __init__(
        self,
        session: Session,
        directory: Directory,
        actions: Actions,
        gestures: Gestures,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        ground(self, "surface")
        self._session = session
        self.setMinimumWidth(320)
        self.head = PaneHead()
        self.row = ActionRow(
            actions,
            left=("take", "transfer", "assign", "pause"),
            right=("reopen", "close_ticket", "resolve"),
        )
        self.desk = TicketDesk(session, directory, gestures)
        self._nothing = NothingChosen()
        self._ticket = QWidget()
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(self._ticket)
        self._arrange()
        self.head.remind_wanted.connect(lambda: actions.press("remind"))
        self.head.apart_wanted.connect(lambda: actions.press("open_apart"))
        self.head.why_wanted.connect(lambda: actions.press("why"))
        self.desk.bars.urge_wanted.connect(lambda: actions.press("urge"))
        self.desk.body.links.wanted.connect(lambda: actions.press("link"))
        self.desk.composer.macros_wanted.connect(lambda: actions.press("macro"))
        self.desk.loaded.connect(self._on_loaded)
        self.desk.gone.connect(self._on_gone)
        self.desk.opened.connect(self.opened)
        self.desk.left.connect(self.left)

    def _arrange(self) -> None:
        self._above = QWidget()
        column = QVBoxLayout(self._above)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self._actions_box())
        self._rest = QWidget()
        column.addWidget(self._rest, 1)
        self._both = QBoxLayout(QBoxLayout.Direction.TopToBottom, self._ticket)
        self._both.setContentsMargins(0, 0, 0, 0)
        self._both.setSpacing(0)
        self._both.addWidget(self._above)
        self._both.addWidget(self.desk, 1)
        self.set_wide(wide=False)

    def _actions_box(self) -> QWidget:
        box = QWidget()
        ground(box, edge="top")
        column = QVBoxLayout(box)
        column.setContentsMargins(16, 11, 16, 8)
        column.addWidget(self.row)
        return box

    def set_wide(self, *, wide: bool) -> None:
        """Below the list there is width but no height: what is above stands at the left."""
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        self._both.setDirection(direction)
        self._rest.setVisible(wide)
        self._above.setMinimumWidth(_ABOVE_WIDTH if wide else 0)
        self._above.setMaximumWidth(_ABOVE_WIDTH if wide else _ANY_WIDTH)
        ground(self._above, edge="right" if wide else "")

    def show_ticket(self, id: str) -> None:
        """Show a ticket; "" for none."""
        self.desk.show_ticket(id)
        if not id:
            self._stack.setCurrentWidget(self._nothing)

    @property
    def shown(self) -> Shown | None:
        """The ticket shown, once it is read."""
        return self.desk.shown

    def _on_loaded(self, shown: Shown) -> None:
        self.head.show_ticket(shown)
        held = shown.page.ticket
        self.row.want(
            wanted_actions(held.status, mine=held.assignee == shown.me, unassigned=held.assignee is None)
        )
        self._stack.setCurrentWidget(self._ticket)
        self.loaded.emit(shown)

    def _on_gone(self) -> None:
        self._stack.setCurrentWidget(self._nothing)

    def anchor(self, name: str) -> QWidget:
        """What a pop-over of an action stands beside."""
        if name == "why":
            return self.head.why
        if name == "remind":
            return self.head.remind
        if name == "macro" and self.desk.composer.macros.isVisible():
            return self.desk.composer.macros
        return self.row.button(name)

    def tick(self) -> None:
        """Once a second."""
        if self.isVisible():
            self.head.tick(self._session.server_time.now())
