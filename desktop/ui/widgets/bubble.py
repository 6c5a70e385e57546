"""One message: the customer's at the left, public replies at the right, internal notes there and dashed."""

import re
from html import escape

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QDesktopServices, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from desktop.ui.text import tr
from desktop.ui.theme import font, metrics, tokens
from desktop.ui.theme.tokens import BUBBLE_WIDTH, RADIUS_CARD, TYPE
from desktop.ui.widgets.avatar import Avatar
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import box

# ground, line, dashed
_LOOKS = {
    "customer": ("sunken", "line", False),
    "public": ("accent_soft", "accent_line", False),
    "note": ("note_soft", "note_line", True),
}
_PADDING, _FAR_SIDE = 12, 24
_LIVELY = re.compile(r"(https?://[^\s<>\"，。；）]+)|(@[\w\u4e00-\u9fff·]+)")


def _lively(body: str) -> str:
    """The body as HTML on lines of 22: addresses become links, @names take the accent."""
    accent = tokens().accent
    parts: list[str] = []
    end = 0
    for found in _LIVELY.finditer(body):
        parts.append(escape(body[end : found.start()]))
        words = escape(found.group())
        if found.group(1):
            parts.append(f'<a href="{words}" style="color:{accent}">{words}</a>')
        else:
            parts.append(f'<span style="color:{accent}">{words}</span>')
        end = found.end()
    parts.append(escape(body[end:]))
    lines = "".join(parts).replace("\n", "<br>")
    return f'<p style="margin:0;line-height:{TYPE["reading"].line}px;white-space:pre-wrap">{lines}</p>'


class BubbleText(QLabel):
    """Selectable text that asks for its natural width and grows downwards when it gets less."""

    def __init__(self, body: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._body = body
        self.setFont(font("reading"))
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.linkActivated.connect(QDesktopServices.openUrl)
        policy = QSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setText(_lively(body))

    def natural_width(self) -> int:
        """The width at which no line breaks, at most that of a bubble."""
        lines = self._body.split("\n")
        widest = max((metrics("reading").horizontalAdvance(line) for line in lines), default=0)
        # One pixel more than measured: rich text rounds each run up.
        return min(widest + 2, BUBBLE_WIDTH - 2 * _PADDING - 2)

    def sizeHint(self) -> QSize:
        wide = self.natural_width()
        return QSize(wide, self.heightForWidth(wide))

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.natural_width(), 120), TYPE["reading"].line)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.setText(_lively(self._body))


class _Box(QFrame):
    """The ground behind the text."""

    def __init__(self, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = _LOOKS[kind]
        self.setMaximumWidth(BUBBLE_WIDTH)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(_PADDING + 1, 8, _PADDING + 1, 8)
        self.column.setSpacing(8)

    def paintEvent(self, event: QPaintEvent) -> None:
        fill, line, dashed = self._look
        box(QPainter(self), self.rect(), fill=fill, line=line, radius=RADIUS_CARD, dashed=dashed)


class Bubble(QWidget):
    """`kind` is customer, public or note; `when` is what stands beside the author (微信 · 14:10).

    `add` puts a widget (attachments) below the text, `set_foot` a line on how it stands (待发送).
    """

    def __init__(
        self,
        kind: str,
        body: str,
        *,
        author: str,
        when: str,
        own: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._kind = kind
        self._box = _Box(kind)
        self.text = BubbleText(body)
        self._box.column.addWidget(self.text)
        if not body:
            self.text.hide()
        self._foot: QWidget | None = None
        self._tag = self._make_tag()
        self._arrange(self._make_head(author, when), Avatar(author, own=own))
        self.setAccessibleName(f"{self._tag.text() if self._tag else ''} {author} {when}: {body}".strip())

    def _arrange(self, head: QHBoxLayout, avatar: Avatar) -> None:
        """Put the avatar on the speaker's side and let the box end before the other."""
        line, row, column = QHBoxLayout(), QHBoxLayout(self), QVBoxLayout()
        line.addWidget(self._box)
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addLayout(column, 1)
        if self._kind == "customer":
            line.addStretch(1)
            row.insertWidget(0, avatar, 0, Qt.AlignmentFlag.AlignTop)
            row.addSpacing(_FAR_SIDE)
        else:
            line.insertStretch(0, 1)
            row.insertSpacing(0, _FAR_SIDE)
            row.addWidget(avatar, 0, Qt.AlignmentFlag.AlignTop)

    def _make_tag(self) -> Chip | None:
        if self._kind == "customer":
            return None
        if self._kind == "note":
            return Chip(tr("bubble.note"), glyph="lock-simple", look="note")
        return Chip(tr("bubble.public"), look="muted")

    def _make_head(self, author: str, when: str) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(6)
        name, told = Label(author, kind="small_bold"), Label(when, kind="small", tone="text2")
        if self._kind == "customer":
            for part in (name, told):
                head.addWidget(part)
            head.addStretch(1)
            return head
        head.addStretch(1)
        for shown in (self._tag, told, name):
            if shown is not None:
                head.addWidget(shown)
        return head

    def add(self, widget: QWidget) -> None:
        """Put a widget below the text, inside the bubble."""
        self._box.column.addWidget(widget)

    def set_foot(self, text: str, *, tone: str = "soon") -> None:
        """Say below the text how the message stands; "" takes it away."""
        if self._foot is not None:
            self._foot.deleteLater()
            self._foot = None
        if text:
            self._foot = Label(text, kind="small", tone=tone)
            self._box.column.addWidget(self._foot)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange and self._tag is not None:
            self._tag.setText(tr(f"bubble.{self._kind}"))
            self._tag.updateGeometry()
