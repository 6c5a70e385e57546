"""The first sync on this machine: what has come, what is coming; one may begin as soon as the own tickets are here."""

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.sync.state import Progress
from desktop.ui.text import tr
from desktop.ui.theme import colour, paint_icon
from desktop.ui.times import figure
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import box, width, write
from desktop.ui.widgets.polish import ground

PHASES = ("config", "mine", "open", "rest")
_WIDTH, _LINE, _LINE_NOW = 560, 45, 57


class _PhaseLine(QWidget):
    """One part: done, under way with a bar, or to come."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self._state, self._right, self._share = name, "ahead", "", 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_LINE)

    def show_state(self, state: str, right: str, share: float) -> None:
        """`state` is done, now or ahead; `right` the figures."""
        self._state, self._right, self._share = state, right, share
        self.setFixedHeight(_LINE_NOW if state == "now" else _LINE)
        self.setAccessibleName(f"{tr(f'first_sync.{self.name}')} {right}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH - 64, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(QRect(0, 0, self.width(), 1), colour("line"))
        line = QRect(0, 0, self.width(), _LINE)
        glyph, tone = {
            "done": ("check-circle-fill", "ok"),
            "now": ("arrows-clockwise", "accent"),
            "ahead": ("circle-dashed", "line_strong"),
        }[self._state]
        paint_icon(painter, QPointF(1, (self.height() - 18) // 2), glyph, size=18, tone=tone)
        kind = "body_bold" if self._state == "now" else "body"
        ink = "text2" if self._state == "ahead" else "text"
        write(painter, 32, line, tr(f"first_sync.{self.name}"), kind=kind, tone=ink)
        left = self.width() - width(self._right, "small")
        write(painter, left, line, self._right, kind="small", tone="text2")
        if self._state == "now":
            bar = QRect(32, _LINE_NOW - 16, self.width() - 32, 4)
            box(painter, bar, fill="hover", radius=2)
            bar.setWidth(max(4, round(bar.width() * self._share)))
            box(painter, bar, fill="accent_fill", radius=2)


class FirstSync(QWidget):
    """A card in the middle; `begun` when the person goes to work meanwhile."""

    begun = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ground(self, "bg")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._progress: Progress | None = None
        self._mine = 0
        self._title = Label(kind="h1")
        self._words = Label(tone="text2", wrap=True)
        self._lines = [_PhaseLine(name) for name in PHASES]
        self._begin = Button(kind="primary", icon="tray", shortcut="Enter")
        self._begin.clicked.connect(self.begun)
        self._locked = Label(kind="small", tone="text2")
        self._arrange()
        self._write_words()

    def _arrange(self) -> None:
        card = QWidget()
        ground(card, "surface", edge="card")
        card.setFixedWidth(_WIDTH)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(32, 24, 32, 24)
        inside.setSpacing(0)
        inside.addWidget(self._title)
        inside.addWidget(self._words)
        inside.addSpacing(16)
        for line in self._lines:
            inside.addWidget(line)
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 16, 0, 0)
        foot.addWidget(self._begin)
        foot.addStretch(1)
        foot.addWidget(self._locked)
        inside.addLayout(foot)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(card)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.addStretch(2)
        column.addLayout(row)
        column.addStretch(3)

    def show_progress(self, progress: Progress, *, mine: int) -> None:
        """How far it is; `mine` counts the person's own open tickets that are here."""
        self._progress, self._mine = progress, mine
        at = PHASES.index(progress.phase)
        for place, line in enumerate(self._lines):
            state = "done" if place < at else "now" if place == at else "ahead"
            line.show_state(state, self._figures(line.name, state, progress), self._share(progress))
        self._begin.setVisible(at >= PHASES.index("open"))
        self._write_words()

    def _share(self, progress: Progress) -> float:
        return progress.ranges_done / max(1, progress.ranges)

    def _figures(self, name: str, state: str, progress: Progress) -> str:
        if state == "done":
            return tr("first_sync.mine_ready", count=self._mine) if name == "mine" else tr("first_sync.here")
        if state == "ahead":
            return tr("first_sync.waiting")
        return tr("first_sync.tickets", count=figure(progress.tickets))

    def keys_wanted(self) -> bool:
        """Whether Enter begins."""
        return self._begin.isVisible()

    def _write_words(self) -> None:
        ready = self._progress is not None and self._progress.phase in ("open", "rest")
        self._title.setText(tr("first_sync.title"))
        self.setAccessibleName(tr("first_sync.title"))
        key = "first_sync.preparing"
        if ready:
            key = "first_sync.ready" if self._mine else "first_sync.ready_none"
        self._words.setText(tr(key, count=self._mine))
        self._begin.setText(tr("first_sync.begin"))
        self._begin.updateGeometry()
        self._locked.setText(tr("first_sync.encrypted"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._write_words()
            if self._progress is not None:
                self.show_progress(self._progress, mine=self._mine)
