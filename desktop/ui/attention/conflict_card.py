"""A conflict: for each value the server's and one's own side by side, and the choice between them."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from desktop.commands.settle import Choice
from desktop.ui.attention.card import Card
from desktop.ui.attention.choice_card import ChoiceCard, MarkedText, value_widget
from desktop.ui.attention.concerns import Concern, Difference
from desktop.ui.attention.emphasis import pieces
from desktop.ui.attention.wording import LONG, key_label, words_of_value
from desktop.ui.directory import Directory
from desktop.ui.text import tr
from desktop.ui.theme.tokens import CARD_GAP, PANE_PADDING
from desktop.ui.times import moment
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.polish import ground
from domain.entities.base import Instant

STACK_BELOW = 560


class _Pair(QWidget):
    """One key: its name, and the two values; narrow, they stand below each other."""

    def __init__(self, label: str, note: str, theirs: ChoiceCard, mine: ChoiceCard, *, first: bool) -> None:
        super().__init__()
        ground(self, edge="" if first else "top")
        self.theirs, self.mine = theirs, mine
        self._group = QButtonGroup(self)
        self._group.addButton(theirs)
        self._group.addButton(mine)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Label(label, kind="body_bold"))
        head.addWidget(Label(note, kind="small", tone="text2"))
        head.addStretch(1)
        self._values = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._values.setSpacing(CARD_GAP)
        self._values.addWidget(theirs, 1)
        self._values.addWidget(mine, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(PANE_PADDING, 12, PANE_PADDING, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addLayout(self._values)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < STACK_BELOW
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._values.direction() != way:
            self._values.setDirection(way)


class ConflictCard(Card):
    """`settled` tells the choice for each key."""

    settled = Signal(int, dict)

    def __init__(
        self, concern: Concern, names: Directory, *, now_at: Instant, parent: QWidget | None = None
    ) -> None:
        told = _told(concern, names)
        super().__init__(concern, glyph="git-diff", tone="soon", told=told, parent=parent)
        self._names, self._now_at = names, now_at
        self._pairs: dict[str, _Pair] = {}
        for difference in concern.differences:
            self._add(difference)
        self._result = Label(kind="small", tone="text2", elide=True)
        self._all_theirs = Button(tr("attention.all_theirs"))
        self._all_mine = Button(tr("attention.all_mine"))
        self._save = Button(tr("attention.save_choice"), kind="primary")
        self.acts.addWidget(self._result, 1)
        for button in (self._all_theirs, self._all_mine, self._save):
            self.acts.addWidget(button)
        self._all_theirs.clicked.connect(lambda: self.settle_all("theirs"))
        self._all_mine.clicked.connect(lambda: self.settle_all("mine"))
        self._save.clicked.connect(self.save)
        self._tell_result()

    def _add(self, difference: Difference) -> None:
        names, label = self._names, key_label(difference.key, self.concern.template)
        left, right = (
            words_of_value(difference, value, names) for value in (difference.theirs, difference.mine)
        )
        long = max(len(left), len(right)) >= LONG and isinstance(difference.mine, str)
        if long:
            first, second = pieces(left, right)
            values: list[QWidget] = [MarkedText(first), MarkedText(second)]
        else:
            values = [
                value_widget(difference.key, difference.theirs, left),
                value_widget(difference.key, difference.mine, right),
            ]
        since = moment(difference.at, self._now_at) if difference.at else ""
        who = " · ".join(part for part in (names.person(difference.person), since) if part)
        own = tr("attention.you_at", when=moment(self.concern.item.command.at, self._now_at))
        theirs = ChoiceCard(tr("attention.theirs"), who, values[0])
        mine = ChoiceCard(tr("attention.mine"), own, values[1])
        theirs.setChecked(True)
        pair = _Pair(label, tr("attention.marked") if long else "", theirs, mine, first=not self._pairs)
        mine.toggled.connect(lambda _: self._tell_result())
        self._pairs[difference.key] = pair
        self.body.addWidget(pair)

    def choice_cards(self) -> list[ChoiceCard]:
        """The values side by side: the server's, then the person's, key by key."""
        return [card for pair in self._pairs.values() for card in (pair.theirs, pair.mine)]

    def choices(self) -> dict[str, Choice]:
        """What is chosen for each key."""
        return {key: "mine" if pair.mine.isChecked() else "theirs" for key, pair in self._pairs.items()}

    def choose(self, key: str, choice: Choice) -> None:
        """Choose for one key."""
        pair = self._pairs[key]
        (pair.mine if choice == "mine" else pair.theirs).setChecked(True)

    def settle_all(self, choice: Choice) -> None:
        """The same for every key, and save."""
        for key in self._pairs:
            self.choose(key, choice)
        self.save()

    def save(self) -> None:
        """End the conflict as chosen."""
        self.settled.emit(self.concern.item.num, self.choices())

    def set_front(self, front: bool) -> None:
        super().set_front(front)
        for button, keys in ((self._all_theirs, "1"), (self._all_mine, "2"), (self._save, "Ctrl+Enter")):
            button.set_shortcut(keys if front else "")

    def press(self, key: str) -> bool:
        if key in ("1", "2"):
            self.settle_all("theirs" if key == "1" else "mine")
        elif key == "Ctrl+Enter":
            self.save()
        else:
            return False
        return True

    def _tell_result(self) -> None:
        parts = []
        for difference in self.concern.differences:
            label = key_label(difference.key, self.concern.template)
            mine = self._pairs[difference.key].mine.isChecked()
            value = words_of_value(difference, difference.mine if mine else difference.theirs, self._names)
            which = "mine" if mine else "theirs"
            long = len(value) >= LONG
            key = f"attention.result_{which}" if long else f"attention.result_{which}_value"
            parts.append(tr(key, label=label, value=value))
        self._result.setText(tr("attention.result", parts=tr("attention.result_comma").join(parts)))


def _told(concern: Concern, names: Directory) -> str:
    people = {names.person(one.person) for one in concern.differences if one.person}
    who = tr("form.comma").join(sorted(people)) or tr("attention.somebody_else")
    return tr("attention.conflict_told", who=who, count=len(concern.differences))
