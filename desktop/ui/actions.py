"""Every action of the windows in one place: its icon, keys and menu; its words are `action.<name>`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from desktop.ui.text import has_text, tr
from desktop.ui.theme import icon
from desktop.ui.widgets.button import native
from desktop.ui.widgets.menu import Menu

MENUS = ("ticket", "edit", "view", "reports", "tools", "help")
WORKLIST_KEYS = 9


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One action: `menu` is where it stands (empty: nowhere), `group` what it stands beside there."""

    name: str
    icon: str = ""
    keys: tuple[str, ...] = ()
    menu: str = ""
    group: int = 0
    where: str = "everywhere"  # the heading it has among the shortcuts: everywhere, list, ticket, composer
    shown_only: bool = False  # its keys belong to a widget; here they are only told


EVERYWHERE = (
    Spec(name="new", icon="plus", keys=("Ctrl+N",), menu="ticket"),
    Spec(name="search", icon="magnifying-glass", keys=("Ctrl+K",), menu="edit", group=2),
    Spec(name="undo", icon="arrow-u-up-left", keys=("Ctrl+Z",), menu="edit"),
    Spec(name="sync_now", icon="arrows-clockwise", keys=("F5",), menu="tools"),
    Spec(name="sync_panel", icon="cloud-check", menu="tools"),
    Spec(name="next_problem", icon="warning", keys=("F8",), menu="tools", group=1),
    Spec(name="reports", icon="chart-line", keys=("F9",), menu="reports"),
    Spec(name="next_pane", keys=("F6",), menu="view", group=2),
    Spec(name="previous_pane", keys=("Shift+F6",), menu="view", group=2),
    Spec(name="sidebar", icon="list", keys=("Ctrl+B",), menu="view", group=1),
    Spec(name="pane", icon="columns", keys=("Ctrl+\\",), menu="view", group=1),
    Spec(name="new_view", icon="funnel-simple", menu="view"),
    Spec(name="full_screen", icon="arrows-out", keys=("F11",), menu="view", group=1),
    Spec(name="settings", icon="gear-six", keys=("Ctrl+,",), menu="tools", group=2),
    Spec(name="sign_out", icon="sign-out", menu="tools", group=3),
    Spec(name="shortcuts", icon="keyboard", keys=("F1",), menu="help"),
    Spec(name="close_window", keys=("Ctrl+W",), menu="ticket", group=6),
)
LIST = (
    Spec(name="open", keys=("Enter",), menu="ticket", group=1, where="list", shown_only=True),
    Spec(name="open_apart", keys=("Ctrl+Enter",), menu="ticket", group=1, where="list", shown_only=True),
    Spec(name="filter", icon="funnel-simple", keys=("/",), menu="edit", group=2, where="list"),
    Spec(name="copy", icon="copy", keys=("Ctrl+C",), menu="edit", group=1, where="list"),
    Spec(name="select_all", keys=("Ctrl+A",), menu="edit", group=1, where="list", shown_only=True),
    Spec(name="move", keys=("J", "K"), where="list", shown_only=True),
    Spec(name="tick", keys=("Space",), where="list", shown_only=True),
    Spec(name="extend", keys=("Shift+↑", "Shift+↓"), where="list", shown_only=True),
)
TICKET = (
    Spec(name="take", icon="hand", keys=("T",), menu="ticket", group=2, where="ticket"),
    Spec(name="assign", icon="user-plus", keys=("A",), menu="ticket", group=2, where="ticket"),
    Spec(name="transfer", icon="arrow-bend-up-right", keys=("F",), menu="ticket", group=2, where="ticket"),
    Spec(name="hand_back", icon="arrow-bend-up-left", keys=("B",), menu="ticket", group=2, where="ticket"),
    Spec(name="urge", icon="megaphone-simple", keys=("U",), menu="ticket", group=2, where="ticket"),
    Spec(name="cc", icon="at", keys=("C",), menu="ticket", group=2, where="ticket"),
    Spec(name="pause", icon="pause", keys=("P",), menu="ticket", group=3, where="ticket"),
    Spec(name="await_customer", icon="chat-circle-dots", menu="ticket", group=3, where="ticket"),
    Spec(name="resolve", icon="check", keys=("E",), menu="ticket", group=3, where="ticket"),
    Spec(name="close_ticket", icon="check-circle", menu="ticket", group=3, where="ticket"),
    Spec(name="reopen", icon="arrow-counter-clockwise", keys=("O",), menu="ticket", group=3, where="ticket"),
    Spec(name="category", icon="tree-structure", keys=("G",), menu="ticket", group=4, where="ticket"),
    Spec(name="priority", icon="flag", keys=("I",), menu="ticket", group=4, where="ticket"),
    Spec(name="task_date", icon="calendar-blank", menu="ticket", group=4, where="ticket"),
    Spec(name="remind", icon="bell-z", keys=("S",), menu="ticket", group=4, where="ticket"),
    Spec(name="why", icon="question", keys=("W",), menu="ticket", group=4, where="ticket"),
    Spec(name="explain", icon="info", keys=("Shift+W",), menu="ticket", group=4, where="ticket"),
    Spec(name="macro", icon="lightning", keys=("X",), menu="ticket", group=4, where="ticket"),
    Spec(name="merge", icon="git-merge", keys=("M",), menu="ticket", group=5, where="ticket"),
    Spec(name="unmerge", icon="arrow-u-up-left", menu="ticket", group=5, where="ticket"),
    Spec(name="split", icon="git-fork", menu="ticket", group=5, where="ticket"),
    Spec(name="link", icon="link", keys=("L",), menu="ticket", group=5, where="ticket"),
    Spec(name="follow_up", icon="arrow-bend-double-up-left", menu="ticket", group=5, where="ticket"),
    Spec(name="reply", icon="chat-circle-text", keys=("R",), menu="edit", group=3, where="ticket"),
    Spec(name="note", icon="lock-simple", keys=("N",), menu="edit", group=3, where="ticket"),
    Spec(name="flow", keys=("V",), menu="view", group=2, where="ticket"),
    Spec(name="next_tab", keys=("Ctrl+Tab",), menu="view", group=2, where="ticket"),
    Spec(name="previous_ticket", keys=("[",), menu="view", group=3, where="ticket"),
    Spec(name="next_ticket", keys=("]",), menu="view", group=3, where="ticket"),
    Spec(name="back", keys=("Esc",), where="ticket", shown_only=True),
)
COMPOSER = (
    Spec(name="send", keys=("Ctrl+Enter",), where="composer", shown_only=True),
    Spec(name="send_and_wait", keys=("Ctrl+Shift+Enter",), where="composer", shown_only=True),
    Spec(name="swap_note", keys=("Ctrl+J",), where="composer", shown_only=True),
    Spec(name="text_modules", keys=("Ctrl+/",), where="composer", shown_only=True),
    Spec(name="composer_macro", keys=("Ctrl+M",), where="composer", shown_only=True),
    Spec(name="leave", keys=("Esc",), where="composer", shown_only=True),
)
ALL = EVERYWHERE + LIST + TICKET + COMPOSER
ON_TICKETS = tuple(
    spec.name
    for spec in TICKET
    if spec.icon and spec.name not in ("reply", "note", "why", "explain", "remind")
)
"""Actions that change tickets; several may be chosen at once."""


class Actions(QObject):
    """The actions of one window. A refused one says why in its tooltip, and when its key is pressed."""

    refused = Signal(str)

    def __init__(self, window: QWidget, specs: Iterable[Spec] = ALL) -> None:
        super().__init__(window)
        self._window = window
        self._specs = {spec.name: spec for spec in specs}
        self._reasons: dict[str, str] = {}
        self._called: dict[str, str] = {}  # what an action is called now, where that is not its name
        self._actions = {name: self._make(spec) for name, spec in self._specs.items()}
        self._menus: list[tuple[Menu, str]] = []
        window.installEventFilter(self)

    def _make(self, spec: Spec) -> QAction:
        action = QAction(self)
        if spec.icon:
            action.setIcon(icon(spec.icon))
        self._word(action, spec)
        for keys in () if spec.shown_only else spec.keys:
            shortcut = QShortcut(QKeySequence(keys), self._window)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(lambda name=spec.name: self.press(name))
        return action

    def _word(self, action: QAction, spec: Spec) -> None:
        words = tr(f"action.{self._called.get(spec.name, spec.name)}")
        # Behind the tab a menu shows keys without binding them: refused actions answer to their key, too.
        keys = f"\t{native(spec.keys[0])}" if spec.keys else ""
        action.setText(words.replace("&", "&&") + keys)
        action.setToolTip(words)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __contains__(self, name: object) -> bool:
        return name in self._actions

    def spec(self, name: str) -> Spec:
        """What was written down of an action."""
        return self._specs[name]

    def keys(self, name: str) -> str:
        """The first key of an action, as a button shows it; "" without one."""
        spec = self._specs[name]
        return spec.keys[0] if spec.keys else ""

    def connect_to(self, name: str, handler: Callable[[], object]) -> None:
        """Have a function called when the action is chosen or its key is pressed."""
        self._actions[name].triggered.connect(lambda _=False: handler())

    def press(self, name: str) -> None:
        """As if its key was pressed: do it, or say why not."""
        reason = self._reasons.get(name)
        if reason is not None:
            self.refused.emit(reason)
        elif self._actions[name].isEnabled():
            self._actions[name].trigger()

    def refuse(self, name: str, reason: str | None) -> None:
        """Disable an action for a reason, or allow it again with None."""
        action = self._actions[name]
        action.setEnabled(reason is None)
        if reason is None:
            self._reasons.pop(name, None)
            action.setToolTip(tr(f"action.{self._called.get(name, name)}"))
        else:
            self._reasons[name] = reason
            action.setToolTip(reason)

    def call(self, name: str, other: str, glyph: str) -> None:
        """Show an action under other words: on a ticket on hold, 挂起 is 恢复."""
        if self._called.get(name, name) != other:
            self._called[name] = other
            self._actions[name].setIcon(icon(glyph))
            self._word(self._actions[name], self._specs[name])

    def short(self, name: str) -> str:
        """The words of an action on a button."""
        key = f"action.{self._called.get(name, name)}.short"
        return tr(key) if has_text(key) else tr(key.removesuffix(".short"))

    def reason(self, name: str) -> str | None:
        """Why an action is refused; None where it is not."""
        return self._reasons.get(name)

    def menu(self, name: str, parent: QWidget) -> Menu:
        """The menu of that name: its actions in their groups."""
        menu = Menu(tr(f"menu.{name}"), parent)
        self._menus.append((menu, name))
        group = None
        for spec in sorted(
            (spec for spec in self._specs.values() if spec.menu == name), key=lambda spec: spec.group
        ):
            if group is not None and spec.group != group:
                menu.addSeparator()
            group = spec.group
            menu.addAction(self._actions[spec.name])
        return menu

    def ticket_menu(self, parent: QWidget) -> Menu:
        """What may be done to the tickets chosen, for the menu key and the right mouse button."""
        menu = Menu(parent=parent)
        group = None
        for spec in TICKET:
            if spec.menu != "ticket" or spec.name not in self._actions:
                continue
            if group is not None and spec.group != group:
                menu.addSeparator()
            group = spec.group
            menu.addAction(self._actions[spec.name])
        return menu

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LanguageChange:
            for name, action in self._actions.items():
                self._word(action, self._specs[name])
            for menu, name in self._menus:
                menu.setTitle(tr(f"menu.{name}"))
        return super().eventFilter(watched, event)


def add_worklist_keys(window: QWidget, choose: Callable[[int], object]) -> None:
    """Ctrl+1 to Ctrl+9 choose a worklist by its place, counted from 0."""
    for place in range(WORKLIST_KEYS):
        shortcut = QShortcut(QKeySequence(Qt.Modifier.CTRL | Qt.Key(Qt.Key.Key_1 + place)), window)
        shortcut.activated.connect(lambda place=place: choose(place))


def person_menu(actions: Actions, parent: QWidget) -> Menu:
    """What belongs to the person: settings and signing out."""
    menu = Menu(parent=parent)
    for name in ("settings", "shortcuts"):
        menu.addAction(actions[name])
    menu.addSeparator()
    menu.addAction(actions["sign_out"])
    return menu
