"""Step 5: what happens to the ticket after it is sent, and who follows it."""

from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from desktop.ui.create.after import Outlook, Promise
from desktop.ui.create.cc import CcRow
from desktop.ui.create.step import Step
from desktop.ui.text import tr
from desktop.ui.theme import paint_icon
from desktop.ui.theme.tokens import ICON_SIZE_SMALL, RADIUS_CARD
from desktop.ui.times import moment
from desktop.ui.widgets.painting import box, fitted, width, write
from domain.entities.base import Instant

_HEIGHT, _ARROW = 46, 22


def target_words(promise: Promise) -> str:
    """20 分钟, 4 小时, 1 天."""
    return tr(f"create.span_{promise.unit}", count=promise.n)


class Road(QWidget):
    """Boxes with arrows between: routed by the server, then each deadline of the policy."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._boxes: list[tuple[str, str, str]] = []
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_outlook(self, outlook: Outlook, now_at: Instant) -> None:
        """Show what would become of the ticket."""
        self._boxes = [(tr("create.routed"), "users-three", tr("create.routed_how"))]
        for promise in outlook.promises:
            due = moment(promise.due_at, now_at, full=True) if promise.due_at is not None else ""
            told = (
                tr("create.due_before", span=target_words(promise), due=due) if due else target_words(promise)
            )
            self._boxes.append((tr(f"create.metric_{promise.metric}"), "timer", told))
        if not outlook.promises:
            self._boxes.append((tr("create.no_policy"), "timer", tr("create.no_policy_why")))
        self.setAccessibleName(" → ".join(f"{title}: {told}" for title, _, told in self._boxes))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(480, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        count = max(4, len(self._boxes))
        wide = (self.width() - _ARROW * (count - 1)) // count
        for place, (title, glyph, told) in enumerate(self._boxes):
            left = place * (wide + _ARROW)
            if place:
                at = QPointF(left - _ARROW + 4, (_HEIGHT - ICON_SIZE_SMALL) / 2)
                paint_icon(painter, at, "arrow-right", size=ICON_SIZE_SMALL, tone="text3")
            box(painter, QRect(left, 0, wide, _HEIGHT), fill="sunken", line="line", radius=RADIUS_CARD)
            upper, lower = QRect(left + 8, 4, wide - 16, 20), QRect(left + 8, 24, wide - 16, 18)
            write(painter, left + 8, upper, fitted(title, "body", wide - 16))
            paint_icon(painter, QPointF(left + 8, 26), glyph, size=ICON_SIZE_SMALL, tone="text2")
            room = wide - 16 - ICON_SIZE_SMALL - 4
            words = fitted(told, "small", room)
            write(painter, left + 8 + ICON_SIZE_SMALL + 4, lower, words, kind="small", tone="text2")
            if width(told, "small") > room:
                self.setToolTip(self.accessibleName())


class AfterStep(Step):
    """`edited` tells that somebody was put in cc or taken out."""

    edited = Signal()

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(number, tr("create.after"), parent)
        self._road = Road()
        self.cc = CcRow()
        self.body.addWidget(self._road)
        row = QHBoxLayout()
        row.addWidget(self.cc)
        self.body.addLayout(row)
        self.cc.edited.connect(self.edited)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_outlook(self, outlook: Outlook, now_at: Instant) -> None:
        """Show what would become of the ticket if it were sent now."""
        self._road.show_outlook(outlook, now_at)
        self.set_note(tr("create.by_policy", name=outlook.policy) if outlook.policy else "")
