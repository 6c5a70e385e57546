"""A refusal: why, what the person wrote, and what can be done with it; only discarding asks first."""

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from desktop.ui.attention.card import Card
from desktop.ui.attention.concerns import Concern
from desktop.ui.attention.resend import ResendForm
from desktop.ui.attention.wording import done_words, own_words, reason_of
from desktop.ui.directory import Directory
from desktop.ui.text import tr
from desktop.ui.theme import colour
from desktop.ui.theme.tokens import PANE_PADDING
from desktop.ui.times import moment
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.label import Label
from domain.entities.base import Instant
from domain.wire.commands import Command

_MUTE = frozenset({"take", "cc", "tag"})
"""Commands in which nobody writes anything."""


class _Quote(QWidget):
    """Somebody's own words, with a line at the left."""

    def __init__(self, words: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(11, 2, 0, 2)
        column.addWidget(Label(words, wrap=True, selectable=True))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(int(QPointF(0, 0).x()), 0, 2, self.height(), colour("line"))


class RefusalCard(Card):
    """`resent` carries what was edited; `noted` and `discarded` the item's number."""

    resent = Signal(int, dict)
    noted = Signal(int)
    discarded = Signal(int)
    copied = Signal()

    def __init__(
        self, concern: Concern, names: Directory, *, now_at: Instant, parent: QWidget | None = None
    ) -> None:
        command = concern.item.command
        done, at = done_words(command, concern.template, names), moment(command.at, now_at)
        told = tr(f"attention.told_{_kind(concern)}", when=at, what=done)
        super().__init__(concern, glyph=_glyph(concern), tone=_tone(concern), told=told, parent=parent)
        self._names, self._now_at = names, now_at
        self._words = own_words(concern, names)
        self._form: ResendForm | None = None
        self._shown = QWidget()
        self._arrange_reason()
        self.body.addWidget(self._shown)
        self._make_acts(command)
        self._rest()

    def _arrange_reason(self) -> None:
        grid = QGridLayout(self._shown)
        grid.setContentsMargins(PANE_PADDING, 12, PANE_PADDING, 12)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        top = Qt.AlignmentFlag.AlignTop
        reason = QVBoxLayout()
        reason.setSpacing(4)
        for sentence in reason_of(self.concern):
            reason.addWidget(Label(sentence, wrap=True))
        code = tr("attention.code", code=self.concern.item.code)
        reason.addWidget(Label(code, kind="small", tone="text3", selectable=True))
        reason.addStretch(1)
        grid.addWidget(Label(tr("attention.reason"), kind="small", tone="text2"), 0, 0)
        grid.addLayout(reason, 1, 0)
        if self._words:
            grid.addWidget(Label(tr("attention.own_words"), kind="small", tone="text2"), 0, 1)
            grid.addWidget(_Quote(self._words), 1, 1, top)

    def _make_acts(self, command: Command) -> None:
        self._edit = Button(tr("attention.edit"), icon="pencil-simple")
        self._note = Button(tr("attention.to_note"), icon="lock-simple")
        self._copy = Button(tr("attention.copy"), kind="quiet", icon="copy")
        self._discard = Button(tr("attention.discard"), kind="danger", icon="trash")
        self._sure = Label(tr("attention.sure"), tone="late", elide=True)
        self._keep = Button(tr("attention.keep"))
        self._really = Button(tr("attention.discard"), kind="danger", icon="trash")
        self._cancel = Button(tr("widget.cancel"), shortcut="Esc")
        self._send = Button(tr("attention.resend"), kind="primary", shortcut="Ctrl+Enter")
        self._kept_away: dict[QWidget, bool] = {
            self._note: not self._words or command.kind in _MUTE or not self.concern.item.held,
            self._copy: not self._words,
        }
        self.acts.addWidget(self._edit)
        for part in (self._note, self._cancel):
            self.acts.addWidget(part)
        self.acts.addWidget(self._sure, 1)
        self.acts.addStretch(0)
        for part in (self._copy, self._discard, self._keep, self._really, self._send):
            self.acts.addWidget(part)
        num = self.concern.item.num
        self._edit.clicked.connect(self.edit)
        self._note.clicked.connect(lambda: self.noted.emit(num))
        self._copy.clicked.connect(self.copy)
        self._discard.clicked.connect(self.ask)
        self._keep.clicked.connect(self._rest)
        self._really.clicked.connect(lambda: self.discarded.emit(num))
        self._cancel.clicked.connect(self._rest)
        self._send.clicked.connect(self.send)

    # The three ways the foot may look.

    def _show(self, *parts: QWidget) -> None:
        every = (self._edit, self._note, self._copy, self._discard)
        for part in (*every, self._sure, self._keep, self._really, self._cancel, self._send):
            part.setVisible(part in parts and not self._kept_away.get(part, False))

    def _rest(self) -> None:
        if self._form is not None:
            self._form.hide()
            self._form.deleteLater()
            self._form = None
        self._shown.show()
        self._show(self._edit, self._note, self._copy, self._discard)

    def edit(self) -> None:
        """Open the content for editing, in place."""
        if self._form is None:
            self._form = ResendForm(self.concern, self._names, now_at=self._now_at)
            self.body.addWidget(self._form)
        self._form.show()
        self._form.focus_first()
        self._show(self._cancel, self._send)

    def send(self) -> None:
        """Send it anew as it was edited; what is wrong is marked instead."""
        if self._form is None:
            self.resent.emit(self.concern.item.num, {})
        elif self._form.validate():
            self.resent.emit(self.concern.item.num, self._form.edited())

    def ask(self) -> None:
        """Ask before discarding: it cannot be undone."""
        self._show(self._sure, self._keep, self._really)
        self._keep.setFocus(Qt.FocusReason.TabFocusReason)

    def copy(self) -> None:
        """Put the person's words on the clipboard."""
        QGuiApplication.clipboard().setText(self._words)
        self.copied.emit()

    @property
    def form(self) -> ResendForm | None:
        """The content while it is edited."""
        return self._form

    def set_front(self, front: bool) -> None:
        super().set_front(front)
        for button, keys in ((self._edit, "E"), (self._note, "N"), (self._discard, "Del")):
            button.set_shortcut(keys if front else "")

    def press(self, key: str) -> bool:
        if key == "Esc":
            if self._sure.isHidden() and self._form is None:
                return False
            self._rest()
            return True
        acts = {"E": self._edit, "N": self._note, "Del": self._discard, "Ctrl+C": self._copy}
        if key == "Ctrl+Enter" and self._form is not None:
            self.send()
            return True
        button = acts.get(key)
        if button is None or button.isHidden():
            return False
        button.click()
        return True


def _kind(concern: Concern) -> str:
    return concern.item.kind if concern.item.kind in ("blocked", "out_of_scope") else "rejected"


def _glyph(concern: Concern) -> str:
    return "link-break" if concern.item.kind == "blocked" else "prohibit"


def _tone(concern: Concern) -> str:
    return "soon" if concern.item.kind == "blocked" else "late"
