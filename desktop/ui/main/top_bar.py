"""The bar above the lists: menus, search, new ticket, notices, the person."""

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenuBar, QWidget

from desktop.ui.actions import MENUS, Actions, person_menu
from desktop.ui.text import tr
from desktop.ui.theme.tokens import BAR_HEIGHT
from desktop.ui.widgets.avatar import Avatar
from desktop.ui.widgets.button import Button, IconButton
from desktop.ui.widgets.count_badge import CountBadge
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.search_box import SearchBox

_SEARCH_WIDTH, _SEARCH_LEAST = 380, 200
_BELL_OVERLAP = 10


class PersonButton(Avatar):
    """The avatar of who is signed in; clicking opens the menu of the person."""

    clicked = Signal()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit()


class TopBar(QWidget):
    """40 high; `bell_clicked` for what has no action of its own."""

    bell_clicked = Signal()

    def __init__(self, actions: Actions, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ground(self, "bg", edge="bottom")
        self.setFixedHeight(BAR_HEIGHT)
        self._actions = actions
        self.menu_bar = QMenuBar()
        self.menu_bar.setNativeMenuBar(False)
        for menu in MENUS:
            self.menu_bar.addMenu(actions.menu(menu, self))
        self.search = SearchBox(tr("main.search"), shortcut=actions.keys("search"), parent=self)
        self.new = Button(kind="primary", icon="plus", shortcut=actions.keys("new"))
        self.new.clicked.connect(lambda: actions.press("new"))
        self.bell = IconButton("bell", tr("main.notices"))
        self.bell.clicked.connect(self.bell_clicked)
        self.person = PersonButton(name, own=True)
        self.person.clicked.connect(self._open_person_menu)
        self._badge = CountBadge(look="accent", parent=self)
        self._badge.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._arrange()
        self._write_words()

    def _arrange(self) -> None:
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 12, 1)
        row.setSpacing(12)
        row.addWidget(self.menu_bar, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        row.addWidget(self.new)
        row.addWidget(self.bell)
        row.addWidget(self.person)

    def set_notices(self, count: int) -> None:
        """How many notices nobody has looked at."""
        self._badge.set_count(count)
        self._place()

    def _open_person_menu(self) -> None:
        menu = person_menu(self._actions, self.person)
        corner = self.person.mapToGlobal(QPoint(self.person.width(), self.person.height() + 4))
        menu.popup(corner - QPoint(menu.sizeHint().width(), 0))

    def _write_words(self) -> None:
        self.new.setText(tr("action.new"))
        self.bell.set_name(tr("main.notices"))
        self.search.setPlaceholderText(tr("main.search"))
        self.search.setAccessibleName(tr("main.search"))

    def _place(self) -> None:
        """The search box stands in the middle of the window as far as its neighbours let it."""
        left = self.menu_bar.geometry().right() + 16
        right = self.new.geometry().left() - 16
        wide = max(_SEARCH_LEAST, min(_SEARCH_WIDTH, right - left))
        start = min(max(left, (self.width() - wide) // 2 + 66), right - wide)
        self.search.setGeometry(start, (BAR_HEIGHT - 1 - 28) // 2, wide, 28)
        corner = self.bell.geometry().topRight() + QPoint(-_BELL_OVERLAP - 4, -4)
        self._badge.move(corner)
        self._badge.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._row.activate()
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._write_words()
            self._row.activate()
            self._place()
