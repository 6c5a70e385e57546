"""Head and foot of the page: the draft's state and the time on the page; what is missing, and the way out."""

from PySide6.QtCore import QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from desktop.ui.text import tr
from desktop.ui.theme import font, paint_icon
from desktop.ui.theme.tokens import ICON_SIZE_SMALL
from desktop.ui.widgets.button import Button, IconButton
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.menu import Menu
from desktop.ui.widgets.painting import fitted, write
from desktop.ui.widgets.painting import width as text_width
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.priority import PriorityMark, priority_text
from desktop.ui.widgets.toast import keep_clear
from domain.entities.ticket import PRIORITIES

HEAD_HEIGHT, FOOT_HEIGHT = 48, 52


class Told(QWidget):
    """An icon and a line of small text; without text it takes no room."""

    def __init__(self, glyph: str, *, tone: str = "text2", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._glyph, self._tone, self._text = glyph, tone, ""
        self.setFixedHeight(20)

    def set_text(self, text: str, *, glyph: str = "", tone: str = "") -> None:
        """Say something else."""
        self._text, self._glyph, self._tone = text, glyph or self._glyph, tone or self._tone
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        """What it says."""
        return self._text

    def sizeHint(self) -> QSize:
        return QSize(ICON_SIZE_SMALL + 4 + text_width(self._text, "small") if self._text else 0, 20)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._text:
            painter = QPainter(self)
            tone = "ok" if self._glyph == "check" else self._tone
            paint_icon(painter, QPointF(0, 3), self._glyph, size=ICON_SIZE_SMALL, tone=tone)
            write(painter, ICON_SIZE_SMALL + 4, self.rect(), self._text, kind="small", tone=self._tone)


class HeadBar(QWidget):
    """`closed` when × is clicked; `drafts_wanted`, `modules_wanted` and `duplicates_wanted` for the buttons."""

    closed = Signal()
    drafts_wanted = Signal()
    modules_wanted = Signal()
    duplicates_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ground(self, "surface", edge="bottom")
        self.setFixedHeight(HEAD_HEIGHT)
        self.saved, self.timer = Told("check"), Told("timer")
        self.drafts = Button(kind="quiet", icon="note-pencil", small=True)
        self.duplicates = Button(kind="normal", icon="copy", small=True)
        self.modules = Button(tr("create.modules"), icon="text-aa", shortcut="Ctrl+/", small=True)
        close = IconButton("x", tr("widget.close"), shortcut="Esc")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 12, 1)
        row.setSpacing(12)
        self._follows = Label("", kind="small", tone="text2")
        row.addWidget(Label(tr("create.title"), kind="h1"))
        row.addWidget(self._follows)
        row.addWidget(self.saved)
        row.addStretch(1)
        for part in (self.duplicates, self.modules, self.drafts, self.timer, close):
            row.addWidget(part)
        close.clicked.connect(self.closed)
        self.drafts.clicked.connect(self.drafts_wanted)
        self.modules.clicked.connect(self.modules_wanted)
        self.duplicates.clicked.connect(self.duplicates_wanted)
        self.set_follows("")
        self.set_drafts(0)
        self.set_folded(False, duplicates=0)

    def set_follows(self, number: str) -> None:
        """Say which closed ticket this one takes up again; nothing where it is none."""
        self._follows.setText(tr("create.follows", number=number) if number else "")
        self._follows.setVisible(bool(number))

    def set_drafts(self, count: int) -> None:
        """How many other drafts there are."""
        self.drafts.setText(tr("create.drafts", count=count))
        self.drafts.updateGeometry()
        self.drafts.setVisible(count > 0)

    def set_folded(self, folded: bool, *, duplicates: int) -> None:
        """Where the help has no room of its own, buttons lead to it."""
        self.modules.setVisible(folded)
        self.duplicates.setVisible(folded and duplicates > 0)
        self.duplicates.setText(tr("create.duplicates", count=duplicates))
        self.duplicates.updateGeometry()


class Missing(QAbstractButton):
    """还差 2 项：确认门店、是否食用; a click leads to the first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(font("small"))
        self.setFixedHeight(28)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._late = False

    def show_missing(self, names: list[str], *, late: bool) -> None:
        """Name what is missing; in the colour of errors once submitting was tried."""
        self._late = late
        text = tr("create.missing", count=len(names), names=tr("form.comma").join(names)) if names else ""
        self.setText(text or tr("create.complete"))
        self.setToolTip(text)
        self.setEnabled(bool(names))
        self.setAccessibleName(self.text())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(20 + text_width(self.text(), "small"), 28)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        glyph, tone = (
            ("warning-circle", "late" if self._late else "text2") if self.isEnabled() else ("check", "ok")
        )
        paint_icon(painter, QPointF(0, 7), glyph, size=ICON_SIZE_SMALL, tone=tone)
        shown = fitted(self.text(), "small", self.width() - 18)
        write(painter, 18, self.rect(), shown, kind="small", tone=tone if self.isEnabled() else "text2")
        if self.hasFocus() or (self.underMouse() and self.isEnabled()):
            painter.drawLine(18, 21, 18 + text_width(shown, "small"), 21)


class PriorityButton(QAbstractButton):
    """The priority with a caret; a click opens the four."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = PriorityMark(kind="small", parent=self)
        self._mark.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(28)
        self.setToolTip(tr("create.priority_change"))
        self.clicked.connect(self._offer)
        self.show_priority("normal")

    def show_priority(self, priority: str) -> None:
        """Show another priority."""
        self._mark.set_priority(priority)
        self.setAccessibleName(f"{tr('create.priority_change')}: {priority_text(priority)}")
        self._mark.setGeometry(4, 4, self._mark.sizeHint().width(), 20)
        self.updateGeometry()
        self.update()

    def _offer(self) -> None:
        menu = Menu(parent=self)
        for priority in PRIORITIES:
            menu.addAction(priority_text(priority)).triggered.connect(
                lambda _=False, priority=priority: self.chosen.emit(priority)
            )
        menu.popup(self.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def sizeHint(self) -> QSize:
        return QSize(4 + self._mark.sizeHint().width() + 4 + 12 + 4, 28)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_icon(painter, QPointF(self.width() - 16, 8), "caret-down", size=12, tone="text3")


class FootBar(QWidget):
    """What is missing at the left, what happens in the middle, cancel and submit at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ground(self, "sunken", edge="top")
        keep_clear(self)
        self.setFixedHeight(FOOT_HEIGHT)
        self.missing = Missing()
        self.priority = PriorityButton()
        self.promise = Label(kind="small", tone="text2")
        self.cancel = Button(tr("widget.cancel"), shortcut="Esc")
        self.submit = Button(tr("create.submit"), kind="primary", shortcut="Ctrl+Enter")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 1, 16, 0)
        row.setSpacing(8)
        row.addWidget(self.missing)
        row.addStretch(1)
        for part in (self.priority, self.promise, self.cancel, self.submit):
            row.addWidget(part)
