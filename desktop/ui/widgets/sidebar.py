"""The sidebar: worklists with their counts, folding to icons where the window is narrow."""

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from desktop.ui.text import tr
from desktop.ui.theme import paint_icon
from desktop.ui.theme.tokens import ICON_SIZE, ITEM_HEIGHT
from desktop.ui.widgets.count_badge import count_text, count_width, paint_count
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import box, fitted, width, write
from desktop.ui.widgets.polish import ground

WIDTH, WIDTH_WIDE, WIDTH_FOLDED = 184, 216, 48
_ICON_LEFT, _TEXT_LEFT = 8, 32
_STEPS: dict[int, int] = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class SidebarItem(QAbstractButton):
    """Icon, label, count. `loud` shows the count in a late badge; `tone` colours the icon alone."""

    def __init__(
        self,
        key: str,
        label: str,
        glyph: str,
        *,
        tone: str = "text",
        loud: bool = False,
        shortcut: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.key = key
        self._glyph, self._tone, self._loud, self._shortcut = glyph, tone, loud, shortcut
        self._count: int | None = 0
        self.folded = False
        self.setText(label)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(ITEM_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._speak()

    def set_count(self, count: int | None) -> None:
        """Show a count; 0 shows none, None is not known yet (…)."""
        if count != self._count:
            self._count = count
            self._speak()
            self.update()

    def count(self) -> int | None:
        """The count shown."""
        return self._count

    def set_label(self, label: str) -> None:
        """Change the words."""
        self.setText(label)
        self._speak()

    def _speak(self) -> None:
        self.setAccessibleName(f"{self.text()} {self._count}" if self._count else self.text())
        keys = f" ({self._shortcut})" if self._shortcut else ""
        self.setToolTip(f"{self.text()}{keys}")

    def sizeHint(self) -> QSize:
        return QSize(WIDTH_FOLDED - 16 if self.folded else _TEXT_LEFT + width(self.text()) + 40, ITEM_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(32, ITEM_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        chosen = self.isChecked()
        if chosen or self.underMouse():
            box(painter, self.rect(), fill="accent_soft" if chosen else "hover")
        left = (self.width() - ICON_SIZE) // 2 if self.folded else _ICON_LEFT
        top = (self.height() - ICON_SIZE) // 2
        tone = "accent" if chosen and self._tone == "text" else self._tone
        paint_icon(painter, QPointF(left, top), self._glyph, tone=tone)
        if not self.folded:
            taken = self._paint_count(painter)
            kind, ink = ("body_bold", "accent") if chosen else ("body", "text")
            room = self.width() - _TEXT_LEFT - taken - 8
            if width(self.text(), kind) > room:
                kind = "body"  # the ground says that it is chosen; its last letters say what
            shown = fitted(self.text(), kind, room)
            write(painter, _TEXT_LEFT, self.rect(), shown, kind=kind, tone=ink)

    def _paint_count(self, painter: QPainter) -> int:
        """Paint the count at the right; returns the width it takes."""
        line = QRect(0, 0, self.width() - 8, self.height())
        if self._count == 0:
            return 0
        if self._loud and self._count is not None:
            paint_count(painter, line, self._count, "late")
            return count_width(self._count)
        text = "…" if self._count is None else count_text(self._count)
        kind, ink = ("small_bold", "accent") if self.isChecked() else ("small", "text2")
        write(painter, line.right() + 1 - width(text, kind), line, text, kind=kind, tone=ink)
        return width(text, kind) + 8


class Sidebar(QWidget):
    """Groups of items, then at the foot those added with `foot`; `chosen` tells the key of the item."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ground(self, "bg", edge="right")
        self._items: dict[str, SidebarItem] = {}
        self._titles: list[tuple[Label, str]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 8, 9, 8)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self._foot_at = 0
        self.set_folded(False)

    def add_group(self, title_key: str) -> None:
        """Begin a group; its title is the text of a key."""
        title = Label(tr(title_key), kind="small", tone="text2")
        title.setFixedHeight(ITEM_HEIGHT)
        title.setContentsMargins(8, 0, 0, 0)
        self._titles.append((title, title_key))
        self._column.insertWidget(self._foot_at, title)
        self._foot_at += 1

    def add(self, item: SidebarItem, *, foot: bool = False) -> None:
        """Add an item to the last group, or at the foot."""
        self._items[item.key] = item
        item.folded = self.folded
        if foot:
            self._column.addWidget(item)
        else:
            self._column.insertWidget(self._foot_at, item)
            self._foot_at += 1
        item.clicked.connect(lambda: self.chosen.emit(item.key))

    def remove(self, key: str) -> None:
        """Take an item away, as when a saved view is deleted."""
        item = self._items.pop(key)
        self._foot_at -= 1 if self._column.indexOf(item) < self._foot_at else 0
        self._column.removeWidget(item)
        item.hide()  # at once: two in one place are drawn over each other until the next round of events
        item.deleteLater()

    def item(self, key: str) -> SidebarItem:
        """The item of a key; KeyError for one that is not there."""
        return self._items[key]

    def keys(self) -> list[str]:
        """The keys from above to below."""
        return sorted(self._items, key=lambda key: self._column.indexOf(self._items[key]))

    def choose(self, key: str) -> None:
        """Mark an item as the one shown; `chosen` stays silent."""
        self._items[key].setChecked(True)

    def set_counts(self, counts: dict[str, int]) -> None:
        """Show counts by key; keys that are not here are passed over."""
        for key, count in counts.items():
            if key in self._items:
                self._items[key].set_count(count)

    def set_folded(self, folded: bool, *, wide: bool = False) -> None:
        """Fold to 48 of icons, or unfold to 184 (216 when `wide`)."""
        self.folded = folded
        self.setFixedWidth(WIDTH_FOLDED if folded else WIDTH_WIDE if wide else WIDTH)
        for title, _ in self._titles:
            title.setVisible(not folded)
        for item in self._items.values():
            item.folded = folded
            item.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(event.key())
        focused = self.focusWidget()
        if step is None or not isinstance(focused, SidebarItem):
            super().keyPressEvent(event)
            return
        keys = self.keys()
        place = min(max(keys.index(focused.key) + step, 0), len(keys) - 1)
        self._items[keys[place]].setFocus(Qt.FocusReason.TabFocusReason)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            for title, key in self._titles:
                title.setText(tr(key))
