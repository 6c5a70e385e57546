"""Where a reply or a note is written: one line until it is wanted, then a box; the draft is kept per ticket."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.ui.attachments.bar import AttachmentBar
from desktop.ui.attachments.box import Box
from desktop.ui.text import tr
from desktop.ui.text_modules import filling
from desktop.ui.theme import colour, paint_icon
from desktop.ui.theme.tokens import ICON_SIZE, RADIUS_CONTROL
from desktop.ui.tickets.writing_tabs import WritingTabs
from desktop.ui.widgets.button import Button, native
from desktop.ui.widgets.field import ErrorLine
from desktop.ui.widgets.key_cap import KeyCap
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import box, fitted, write
from desktop.ui.widgets.text_area import TextArea
from desktop.ui.widgets.toast import keep_clear
from domain.wire.attachments import AttachmentRef

DRAFT_REST_MS = 400
_LINE_HEIGHT = 34
_FOOT_MARGINS = (
    12 + 8 + 4 * 8 + 24
)  # at the sides, between the parts, and the least of the line about the draft


class Line(QWidget):
    """The folded composer: 回复陈女士… R | 内部备注 N; a click unfolds it."""

    reply_wanted = Signal()
    note_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hint = ""
        self._allowed = True
        self._reply_cap, self._note_cap = KeyCap("R", parent=self), KeyCap("N", parent=self)
        self.setFixedHeight(_LINE_HEIGHT)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self._reply_cap)
        self._note = Label(tr("bubble.note"), tone="text2")
        self._note.setContentsMargins(17 + ICON_SIZE + 4, 0, 0, 0)
        row.addWidget(self._note)
        row.addWidget(self._note_cap)

    def set_hint(self, hint: str, *, allowed: bool) -> None:
        """Say to whom; where replying is not allowed only a note is offered."""
        self._hint, self._allowed = hint, allowed
        self._note.setText(tr("bubble.note"))
        self._reply_cap.setVisible(allowed)
        self.setAccessibleName(hint)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        beyond = event.position().x() >= self._note.x()
        (self.note_wanted if beyond or not self._allowed else self.reply_wanted).emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box(painter, self.rect(), fill="surface", line="line_strong", radius=RADIUS_CONTROL)
        room = self._reply_cap.x() - 20
        write(painter, 12, self.rect(), fitted(self._hint, "body", room), tone="text3")
        left = self._note.x()
        painter.fillRect(left + 4, 8, 1, self.height() - 16, colour("line"))
        top = (self.height() - ICON_SIZE) // 2
        paint_icon(painter, QPointF(left + 13, top), "lock-simple", tone="text2")


class _Frame(QWidget):
    """The unfolded composer's border: accent for a reply, note for a note; 2 px while it has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.internal = False
        self.focused = False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fill = "note_soft" if self.internal else "surface"
        tone = "note" if self.internal else "accent"
        box(painter, self.rect(), fill=fill, line=tone if self.focused else "line_strong", radius=6)
        if self.focused:
            box(painter, self.rect().adjusted(1, 1, -1, -1), line=tone, radius=5)


class Composer(QWidget):
    """`sent` carries body, internal, and whether to wait for the customer; `draft_changed` body and internal."""

    sent = Signal(str, bool, bool)
    draft_changed = Signal(str, bool)
    modules_wanted = Signal()
    macros_wanted = Signal()
    left = Signal()

    def __init__(self, box: Box, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        keep_clear(self)
        self.files = AttachmentBar(box)
        self._line, self._frame = Line(), _Frame()
        self._tabs = WritingTabs()
        self._text = TextArea(least=3, most=9)
        self._text.setAcceptDrops(False)  # what is dropped is attached, its path is not written
        self.setAcceptDrops(True)
        self._text.setStyleSheet("border: 0; background: transparent; padding: 0;")
        self._note = Label(kind="small", tone="text3", elide=True)
        self._note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._error = ErrorLine()
        self.modules = Button(kind="quiet", icon="text-aa", shortcut="Ctrl+/", small=True)
        self.macros = Button(kind="quiet", icon="lightning", shortcut="Ctrl+M", small=True)
        self.attach = Button(kind="quiet", icon="paperclip", small=True)
        self._send = Button(kind="primary", shortcut="Ctrl+Enter")
        self._customer, self._may_reply = "", True
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(DRAFT_REST_MS)
        self._arrange()
        self._connect()
        self.fold()
        self._write_words()

    def _arrange(self) -> None:
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.attach)
        foot.addWidget(self.modules)
        foot.addWidget(self.macros)
        foot.addWidget(self._note, 1)
        foot.addWidget(self._send)
        inside = QVBoxLayout(self._frame)
        inside.setContentsMargins(12, 4, 8, 8)
        inside.setSpacing(4)
        inside.addWidget(self._tabs)
        inside.addWidget(self._text)
        inside.addWidget(self.files)
        inside.addLayout(foot)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._error)
        column.addWidget(self._line)
        column.addWidget(self._frame)

    def _connect(self) -> None:
        self._line.reply_wanted.connect(lambda: self.write(internal=False))
        self._line.note_wanted.connect(lambda: self.write(internal=True))
        self._tabs.changed.connect(self._set_internal)
        self._text.edited.connect(self._on_edited)
        self._text.installEventFilter(self)
        filling.mark_open(self._text)
        self._send.clicked.connect(self._on_send_clicked)
        self.modules.clicked.connect(self.modules_wanted)
        self.macros.clicked.connect(self.macros_wanted)
        self.attach.clicked.connect(self.files.choose)
        self.files.edited.connect(self._on_files)
        self._rest.timeout.connect(self._tell_draft)

    # What it is about.

    def set_target(self, customer: str, *, may_reply: bool = True, offline: bool = False) -> None:
        """To whom a reply goes; a ticket without a requester, or a closed one, takes notes alone."""
        self._customer, self._may_reply = customer, may_reply
        key = "composer.reply_offline" if offline else "composer.reply"
        who = customer or tr("composer.requester")
        hint = tr(key, who=who) if may_reply else tr("composer.note_only")
        self._line.set_hint(hint, allowed=may_reply)
        self._tabs.allow_reply(may_reply)
        if not may_reply:
            self._set_internal(True)

    def show_draft(self, body: str, *, internal: bool, files: Sequence[AttachmentRef] = ()) -> None:
        """Put back what was written and attached; unfolds where there is something."""
        self._text.set_value(body)
        self.files.set_refs(files)
        self._set_internal(internal or not self._may_reply)
        self._note.setText(tr("composer.draft_kept") if self._written() else "")
        if self._written():
            self._unfold()
        else:
            self.fold()

    @property
    def internal(self) -> bool:
        """Whether a note is being written."""
        return self._frame.internal

    def body(self) -> str:
        """What is written."""
        return self._text.value()

    def _written(self) -> bool:
        return bool(self.body() or self.files.refs())

    def is_open(self) -> bool:
        """Whether it is unfolded."""
        return not self._frame.isHidden()

    # What is done with it.

    def write(self, *, internal: bool) -> None:
        """Unfold and put the cursor in it."""
        self._set_internal(internal or not self._may_reply)
        self._unfold()
        self._text.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def insert(self, text: str) -> None:
        """Put a prepared text where the cursor is, and choose what is left to fill in."""
        self._unfold()
        filling.insert(self._text, text)

    def send(self, *, wait: bool = False) -> None:
        """Hand over what is written; an empty one says so."""
        if not self._written():
            self.complain(tr("composer.empty"))
            return
        self._rest.stop()
        self.sent.emit(self.body(), self.internal, wait)

    def _on_send_clicked(self) -> None:
        self.send()

    def complain(self, sentence: str) -> None:
        """Say what is wrong; what is written stays. "" takes it back."""
        self._error.set_text(sentence)

    def done(self) -> None:
        """It was taken: empty and fold."""
        self._text.set_value("")
        self.files.set_refs(())
        self._note.setText("")
        self.complain("")
        self.fold()

    def flush(self) -> None:
        """Tell the draft at once, as before another ticket is shown."""
        if self._rest.isActive():
            self._rest.stop()
            self._tell_draft()

    def fold(self) -> None:
        """Back to one line."""
        self._frame.hide()
        self._line.show()

    def _unfold(self) -> None:
        self._line.hide()
        self._frame.show()

    def _set_internal(self, internal: bool) -> None:
        self._frame.internal = internal
        self._tabs.set_internal(internal)
        self._send.set_kind("note" if internal else "primary")
        self._write_words()
        self._frame.update()

    def _on_edited(self) -> None:
        self.complain("")
        self._note.setText("")
        self._rest.start()

    def _on_files(self) -> None:
        self._unfold()
        self.complain("")
        self._tell_draft()

    def _tell_draft(self) -> None:
        self._rest.stop()
        self.draft_changed.emit(self._text.toPlainText(), self.internal)
        self._note.setText(tr("composer.draft_kept") if self._written() else "")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.files.welcome(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self._unfold()
        self.files.dropped(event)

    def _leave(self) -> None:
        self.flush()
        if not self._written():
            self.fold()
        self.left.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._frame.focused = event.type() == QEvent.Type.FocusIn
            self._frame.update()
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if self._meant_here(event):
                event.accept()
                return True
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._press(event)
        return super().eventFilter(watched, event)

    def _meant_here(self, event: QKeyEvent) -> bool:
        """Keys that mean something else outside: while writing they are the composer's."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        ours = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_J, Qt.Key.Key_Slash, Qt.Key.Key_M)
        return event.key() == Qt.Key.Key_Escape or (control and event.key() in ours)

    def _press(self, event: QKeyEvent) -> bool:
        if event.matches(QKeySequence.StandardKey.Paste):
            return self.files.take(QGuiApplication.clipboard().mimeData())
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        elif control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.send(wait=shift)
        elif control and event.key() == Qt.Key.Key_J:
            self._set_internal(not self.internal or not self._may_reply)
            self._rest.start()
        elif control and event.key() == Qt.Key.Key_Slash:
            self.modules_wanted.emit()
        elif control and event.key() == Qt.Key.Key_M:
            self.macros_wanted.emit()
        else:
            return False
        return True

    def _write_words(self) -> None:
        internal = self.internal
        self._send.setText(tr("composer.save_note" if internal else "composer.send"))
        self._text.setPlaceholderText(tr("composer.note_hint" if internal else "composer.reply_hint"))
        self._text.setAccessibleName(tr("bubble.note" if internal else "bubble.public"))
        self.modules.setText(tr("composer.modules"))
        self.macros.setText(tr("action.macro.short"))
        self.attach.setText(tr("composer.attach"))
        self.attach.setToolTip(tr("composer.attach_tip"))
        self.modules.setToolTip(f"{tr('composer.modules')} ({native('Ctrl+/')})")
        self.macros.setToolTip(f"{tr('action.macro')} ({native('Ctrl+M')})")
        self._tabs.write_words()
        self._fit_foot()

    def _fit_foot(self) -> None:
        """Where the buttons would not all fit, shortcuts stand in tooltips alone, then the least used words."""
        keys = {self.modules: "Ctrl+/", self.macros: "Ctrl+M"}
        words = {self.attach: tr("composer.attach"), self.macros: tr("action.macro.short")}
        for button, key in keys.items():
            button.set_shortcut(key)
        for button, text in words.items():
            button.setText(text)
            button.setAccessibleName(text)
        for button in keys:
            if self._too_wide():
                button.set_shortcut("")
        for button in words:
            if self._too_wide():
                button.setText("")
                button.updateGeometry()

    def _too_wide(self) -> bool:
        buttons = (self.attach, self.modules, self.macros, self._send)
        return sum(button.sizeHint().width() for button in buttons) + _FOOT_MARGINS > self.width()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_foot()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._write_words()
            self.set_target(self._customer, may_reply=self._may_reply)
