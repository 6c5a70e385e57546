"""What is not sent yet, each command in words with its ticket and how long it waits; more than five are scrolled to."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from desktop.replica.queries.outbox import OutboxLine
from desktop.ui.kinds import kind_words
from desktop.ui.text import tr
from desktop.ui.theme import pixmap
from desktop.ui.theme.tokens import ICON_SIZE
from desktop.ui.tickets.rows import shown_number
from desktop.ui.times import MINUTE_S, duration, moment
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.polish import ground
from domain.entities.base import Instant

AT_ONCE, ROW = 5, 47
"""Lines in sight without scrolling, and the height of one."""
_GLYPHS = {
    "create": "plus-circle",
    "note": "lock-simple",
    "edit": "pencil-simple",
    "take": "hand",
    "assign": "user-plus",
    "transfer": "arrow-bend-up-right",
    "hand_back": "arrow-bend-up-right",
    "status": "circle-half",
    "cc": "at",
    "tag": "tag",
}


class OutboxList(QScrollArea):
    """Hidden while nothing waits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told: list[tuple[str, str, str, str, str]] = []
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("sync.unsent"))
        self.viewport().setAutoFillBackground(False)
        self.hide()

    def show_lines(self, lines: Sequence[OutboxLine], now_at: Instant) -> bool:
        """Show these; False where they are shown already."""
        told = [(*_words(line, now_at), "aside" if line.aside else "") for line in lines]
        if told == self._told:
            return False
        self._told = told
        place = self.verticalScrollBar().value()
        box = QWidget()
        ground(box, edge="top")
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 1, 0, 0)
        column.setSpacing(0)
        rows = [self._row(*one) for one in told]
        for row in rows:
            column.addWidget(row)
        column.addStretch(1)
        self.setWidget(box)
        self.setFixedHeight(1 + ROW * min(len(rows), AT_ONCE))
        self.verticalScrollBar().setValue(place)
        self.setVisible(bool(rows))
        return True

    def lines(self) -> list[str]:
        """What is told of each command, in one line of text."""
        return [" · ".join(part for part in one[1:4] if part) for one in self._told]

    def _row(self, glyph: str, said: str, about: str, wait: str, tone: str) -> QWidget:
        picture = QLabel()
        picture.setPixmap(pixmap(glyph, ICON_SIZE, "text2", self.devicePixelRatioF()))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Label(said, elide=True))
        words.addWidget(Label(about, kind="small", tone="text2", elide=True))
        row_box = QWidget()
        row_box.setFixedHeight(ROW)
        row_box.setAccessibleName(f"{said}, {about}, {wait}")
        ground(row_box, edge="bottom")
        row = QHBoxLayout(row_box)
        row.setContentsMargins(0, 4, 0, 5)
        row.setSpacing(8)
        row.addWidget(picture)
        row.addLayout(words, 1)
        row.addWidget(Label(wait, kind="small", tone="soon" if tone else "text2"))
        return row_box


def _words(line: OutboxLine, now_at: Instant) -> tuple[str, str, str, str]:
    """Icon, what was done, on which ticket and when, how it stands and since when."""
    given = line.command.set
    kind = "note" if line.kind == "reply" and given.get("internal") else line.kind
    said = str(given.get("body") or given.get("subject") or given.get("name") or line.subject)
    what = f"{kind_words(kind)} · {said}" if said else kind_words(kind)
    about = " · ".join(part for part in (shown_number(line.number), moment(line.made_at, now_at)) if part)
    stands = tr("sync.aside" if line.aside else "sync.sent" if line.state == "sent" else "sync.waiting")
    waited_s = (now_at - line.made_at) // 1000
    if waited_s >= MINUTE_S:
        stands = tr("sync.since", what=stands, time=duration(waited_s))
    return _GLYPHS.get(kind, "paper-plane-tilt"), what.replace("\n", " "), about, stands
