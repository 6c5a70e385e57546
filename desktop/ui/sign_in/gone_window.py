"""What is shown where this device was revoked: that the key is gone, and what became of the work."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.ui.sign_in.card import CardWindow
from desktop.ui.text import tr
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.label import Label


class GoneWindow(CardWindow):
    """`left` changes could not be sent; `kept`: they stay readable here. `another` asks for the next person."""

    another = Signal()

    def __init__(
        self, *, name: str, left: int, stolen: bool, kept: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(glyph="prohibit", tone="late", parent=parent)
        self._name, self._left, self._stolen, self._kept = name, left, stolen, kept
        self._what = Label(wrap=True)
        self._work = Label(wrap=True)
        self._next = Label(wrap=True, tone="text2")
        self.submit = Button(kind="normal")
        self.submit.clicked.connect(self.another)
        for part in (self._what, self._work, self._next):
            self.column.addWidget(part)
        self.column.addSpacing(4)
        self.column.addWidget(self.submit)
        self.write_words()

    def words(self) -> str:
        """All that it says."""
        return "\n".join(one.text() for one in (self._title, self._what, self._work, self._next))

    def write_words(self) -> None:
        """Write everything in the language in force."""
        self._what.setText(tr("gone.stolen" if self._stolen else "gone.what", name=self._name))
        if self._kept:
            work = tr("gone.kept", count=self._left)
        elif self._stolen:
            work = tr("gone.not_taken")
        else:
            work = tr("gone.left" if self._left else "gone.sent", count=self._left)
        self._work.setText(work)
        self._next.setText(tr("gone.next"))
        self.submit.setText(tr("gone.another"))
        self.write(tr("gone.title"))
