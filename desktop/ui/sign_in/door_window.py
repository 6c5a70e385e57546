"""The page before a replica past its lease: why it is closed, what opens it, and the way to write a new ticket."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.sync.signed_on import Locked
from desktop.ui.bridge import Bridge
from desktop.ui.sentences import error_words
from desktop.ui.sign_in.card import CardWindow
from desktop.ui.text import tr
from desktop.ui.times import duration, stamp
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.field import Field
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.text_field import TextField
from domain.errors import GongdanError


class DoorWindow(CardWindow):
    """`unlock` runs off the window's thread; `unlocked` carries what it returned.

    `again` asks for the password once more, which asks the server; `create_wanted` for a new ticket.
    """

    unlocked = Signal(object)
    again = Signal()
    create_wanted = Signal()

    def __init__(
        self,
        locked: Locked,
        unlock: Callable[[str], object],
        bridge: Bridge,
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(glyph="lock-key", tone="soon", parent=parent)
        self._locked, self._unlock, self._bridge = locked, unlock, bridge
        self._working, self._last = False, ""
        self._why, self._online = Label(wrap=True), Label(wrap=True)
        self.online = Button(kind="primary", icon="arrows-clockwise")
        self._phone, self._challenge = Label(wrap=True), Label(kind="h1", selectable=True)
        self.code = Field(tr("door.code"), TextField(glyph="phone"))
        self.open = Button()
        self._about_new, self._sealed = Label(wrap=True), Label(wrap=True, tone="text2")
        self.new = Button(icon="plus")
        self._put_together()
        self.online.clicked.connect(self.again)
        self.open.clicked.connect(self.send)
        self.code.editor.returnPressed.connect(self.send)
        self.new.clicked.connect(self.create_wanted)
        self.write_words()

    def _put_together(self) -> None:
        for part in (self._why, self._online, self.online, self._phone, self._challenge):
            self.column.addWidget(part)
            if part is self.online:
                self.column.addSpacing(8)
        self.column.addWidget(self.code)
        self.column.addWidget(self.open)
        self.column.addSpacing(8)
        for part in (self._about_new, self.new, self._sealed):
            self.column.addWidget(part)

    def send(self) -> None:
        """Try the code that was typed."""
        if self._working:
            return
        code = self.code.value().strip()
        if not code:
            self._complain(tr("sign_in.missing"))
            return
        self._working = True
        self.open.setEnabled(False)
        self._bridge.read(lambda: self._unlock(code), then=self._opened, failed=self._refused, owner=self)

    def _opened(self, signed_on: object) -> None:
        self._rest()
        self.unlocked.emit(signed_on)

    def _refused(self, error: GongdanError) -> None:
        self._rest()
        self._complain(error_words(error))

    def _rest(self) -> None:
        self._working = False
        self.open.setEnabled(True)

    def _complain(self, words: str) -> None:
        self.code.set_error(words)
        self.code.focus_editor()
        self._fit()

    def tell_written(self, number: str) -> None:
        """A new ticket was sealed under this number."""
        self._last = number
        self.write_words()

    def words(self) -> str:
        """All that it says."""
        parts = (
            self._title,
            self._why,
            self._online,
            self._phone,
            self._challenge,
            self._about_new,
            self._sealed,
        )
        return "\n".join(part.text() for part in parts)

    def write_words(self) -> None:
        """Write everything in the language in force."""
        locked, box = self._locked, self._locked.box
        past_s = max(0, locked.lease.now() - locked.lease.until_at) // 1000
        self._why.setText(
            tr("door.why", until=stamp(locked.lease.until_at)[:16], time=duration(past_s))
            if locked.lease.until_at > 1
            else tr("door.why_unknown")
        )
        self._online.setText(tr("door.online"))
        self.online.setText(tr("door.again"))
        self._phone.setText(tr("door.phone"))
        self._challenge.setText(locked.challenge)
        self.code.set_label(tr("door.code"))
        self.open.setText(tr("door.open"))
        self._about_new.setText(tr("door.new" if box.ready else "door.no_forms"))
        self.new.setText(tr("door.create"))
        self.new.setEnabled(box.ready)
        waiting = box.count()
        told = tr("door.sealed", count=waiting) if waiting else ""
        last = tr("door.written", number=self._last) if self._last else ""
        self._sealed.setText(" ".join(one for one in (last, told) if one))
        self._sealed.setVisible(bool(waiting))
        self._fit()

    def _fit(self) -> None:
        self.write(tr("door.title", name=self._locked.person.name))
