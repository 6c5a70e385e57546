"""Small parts of a ticket's head: its number, its actions as buttons."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from desktop.ui.actions import Actions
from desktop.ui.text import tr
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.label import Label

_GAP = 4


class NumberLabel(QWidget):
    """The number; 临 before one that is this machine's own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chip = Chip(tr("ticket.provisional"))
        self._number = Label(tone="text2", selectable=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._chip)
        row.addWidget(self._number)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_number(self, number: str, *, provisional: bool) -> None:
        """Show a number."""
        self._chip.setText(tr("ticket.provisional"))
        self._chip.setToolTip(tr("ticket.provisional_tip"))
        self._chip.setVisible(provisional)
        self._number.setText(number)


class ActionButton(Button):
    """A button that is an action: its words, icon, key, and why it is refused."""

    def __init__(self, actions: Actions, name: str, *, glyph: str, small: bool = False) -> None:
        super().__init__(icon=glyph, shortcut=actions.keys(name), small=small)
        self._actions, self.name = actions, name
        self.clicked.connect(lambda: actions.press(name))
        actions[name].changed.connect(self.follow)
        self.follow()

    def sizeHint(self) -> QSize:
        # Several stand side by side where room is short: 7 at each end, not 12.
        return QSize(self._parts_width() + 14, self.height())

    def follow(self) -> None:
        """Take words and refusal from the action."""
        words = self._actions.short(self.name)
        if words != self.text():
            self.setText(words)
            self.updateGeometry()
        self.refuse(self._actions.reason(self.name))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.follow()


class ActionRow(QWidget):
    """Actions at the left, the step that ends the work at the right, then ⋯; what has no room is in ⋯ alone."""

    def __init__(
        self, actions: Actions, *, left: Sequence[str], right: Sequence[str], packed: bool = False
    ) -> None:
        super().__init__()
        self._actions = actions
        self._left = [self._button(name) for name in left]
        self._right = [self._button(name) for name in right]
        self._wanted: set[str] = {*left, *right}
        self._more = Button(icon="dots-three")
        self._more.setFixedWidth(28)
        self._name_more()
        self._more.clicked.connect(self._open_more)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_GAP)
        if packed:
            row.addStretch(1)
        for button in self._left:
            row.addWidget(button)
        if not packed:
            row.addStretch(1)
        for button in self._right:
            row.addWidget(button)
        row.addWidget(self._more)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def _button(self, name: str) -> ActionButton:
        spec = self._actions.spec(name)
        return ActionButton(self._actions, name, glyph=spec.icon)

    def want(self, names: set[str]) -> None:
        """Which of them make sense now."""
        self._wanted = names
        self._fit()

    def button(self, name: str) -> QWidget:
        """What a pop-over of an action stands beside: its button, or ⋯."""
        for button in (*self._left, *self._right):
            if button.name == name and button.isVisible():
                return button
        return self._more

    def minimumSizeHint(self) -> QSize:
        return QSize(self._more.width(), self._more.height())

    def sizeHint(self) -> QSize:
        shown = [button for button in (*self._left, *self._right) if button.name in self._wanted]
        wide = sum(button.sizeHint().width() + _GAP for button in shown) + self._more.width()
        return QSize(wide, self._more.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.width() - self._more.width()
        # What ends the work stays longest, then the others from the left.
        for button in (*self._right, *self._left):
            room -= button.sizeHint().width() + _GAP if button.name in self._wanted else 0
            button.setVisible(button.name in self._wanted and room >= 0)

    def _name_more(self) -> None:
        self._more.setToolTip(tr("ticket.more"))
        self._more.setAccessibleName(tr("ticket.more"))

    def _open_more(self) -> None:
        menu = self._actions.ticket_menu(self._more)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        corner = self._more.mapToGlobal(QPoint(self._more.width(), self._more.height() + 4))
        menu.popup(corner - QPoint(menu.sizeHint().width(), 0))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._name_more()
            self._fit()


def wanted_actions(status: str, *, mine: bool, unassigned: bool) -> set[str]:
    """The actions that stand as buttons for a ticket as it is."""
    if status == "closed":
        return set()
    if status == "resolved":
        return {"reopen", "close_ticket"}
    wanted = {"assign", "transfer", "pause", "resolve", "remind"}
    return wanted | {"take"} if unassigned or not mine else wanted
