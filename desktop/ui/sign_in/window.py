"""Signing in: server, login, password, language; what is wrong stands where it is put right."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from desktop.settings import SettingsFile
from desktop.sync.asked import Asked
from desktop.ui.bridge import Bridge
from desktop.ui.sentences import error_words
from desktop.ui.text import set_language, tr
from desktop.ui.theme import pixmap
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.field import ErrorLine, Field
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.segmented import Segmented
from desktop.ui.widgets.text_field import TextField
from domain.errors import GongdanError

WIDTH, CARD_WIDTH, LEAST_HEIGHT = 440, 360, 520
LANGUAGE_NAMES = (("zh_CN", "\u4e2d\u6587"), ("en", "English"))
"""Each in its own language, so that it is found whichever is in force."""

_AT_SERVER = frozenset(
    {
        "bad_address",
        "insecure_address",
        "no_replica_here",
        "server_needed",
        "server_unreachable",
        "not_our_server",
        "certificate_refused",
        "protocol_too_new",
    }
)
_AT_PASSWORD = frozenset({"wrong_password", "locked_out", "password_missing"})
_PASSWORD_CHANGED = "replica_locked_away"

SignIn = Callable[[Asked], object]


class SignInWindow(QWidget):
    """Asks who it is. `signed_on` carries what `sign_in` returned; `sign_in` runs off the window's thread.

    With `fixed` (server, login) the person signs in again: only the password is asked for.
    """

    signed_on = Signal(object)
    closed = Signal()

    def __init__(
        self,
        sign_in: SignIn,
        bridge: Bridge,
        settings: SettingsFile,
        *,
        fixed: tuple[str, str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._sign_in, self._bridge, self._settings = sign_in, bridge, settings
        self._fixed, self._working = fixed, False
        self._make_parts()
        ground(self, "bg")
        self._lay_out()
        self._fill()
        self._write_words()

    def _make_parts(self) -> None:
        self._logo = QLabel()
        self._title = Label(kind="h1")
        self._about = Label(kind="body", tone="text2", wrap=True)
        self.server = Field(tr("sign_in.server"), TextField(glyph="desktop-tower"))
        self.login = Field(tr("sign_in.login"), TextField(glyph="user"))
        self.password = Field(tr("sign_in.password"), _password_field())
        self.old_password = Field(tr("sign_in.old_password"), _password_field("clock-counter-clockwise"))
        self.error = ErrorLine()
        self.submit = Button(kind="primary", shortcut="Enter")
        self.submit.clicked.connect(self.send)
        self._hint = Label(kind="small", tone="text2", wrap=True)
        self._languages = Segmented(LANGUAGE_NAMES, value=self._settings.current.language)
        self._languages.changed.connect(self._choose_language)

    def _lay_out(self) -> None:
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._logo)
        head.addWidget(self._title)
        head.addStretch(1)
        foot.addWidget(self._languages)
        foot.addStretch(1)
        self._card = QWidget()
        ground(self._card, "surface", edge="card")
        column = QVBoxLayout(self._card)
        column.setContentsMargins(24, 20, 24, 24)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._about)
        for part in (self.server, self.login, self.password, self.old_password, self.error):
            column.addWidget(part)
        column.addSpacing(4)
        column.addWidget(self.submit)
        column.addWidget(self._hint)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 24, 0, 16)
        outer.addStretch(1)
        outer.addWidget(self._card, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(1)
        outer.addLayout(foot)
        foot.setContentsMargins(40, 16, 40, 0)
        self.setMinimumSize(WIDTH, LEAST_HEIGHT)

    def _fill(self) -> None:
        now = self._settings.current
        server, login = self._fixed or (now.server, now.login)
        self.server.set_value(server)
        self.login.set_value(login)
        self.old_password.hide()
        for field in (self.server, self.login):
            field.editor.setReadOnly(self._fixed is not None)

    def showEvent(self, event: QShowEvent) -> None:
        """Put the cursor where the first thing is missing."""
        super().showEvent(event)
        empty = [field for field in (self.server, self.login, self.password) if not field.value()]
        (empty or [self.password])[0].focus_editor()

    # What the person does.

    def send(self) -> None:
        """Sign in with what stands in the fields, or show what is missing."""
        if self._working or not self._complete():
            return
        asked = Asked(
            server=self.server.value(),
            login=self.login.value(),
            password=self.password.editor.text(),
            old_password=self.old_password.editor.text(),
        )
        self._set_working(True)
        self._bridge.read(
            lambda: self._sign_in(asked), then=self._succeeded, failed=self.show_error, owner=self
        )

    def _complete(self) -> bool:
        self._clear()
        missing = [
            field for field in (self.server, self.login, self.password) if not field.editor.text().strip()
        ]
        for field in missing:
            field.set_error(tr("sign_in.missing"))
        if missing:
            missing[0].focus_editor()
        self._fit()
        return not missing

    def _succeeded(self, signed_on: object) -> None:
        self._set_working(False)
        for field in (self.password, self.old_password):
            field.editor.clear()
        if self._fixed is None:
            self._settings.change(server=self.server.value(), login=self.login.value())
        self.signed_on.emit(signed_on)

    def show_error(self, error: GongdanError) -> None:
        """Say what went wrong where it can be put right."""
        self._set_working(False)
        self._clear()
        words = error_words(error)
        if error.code in _AT_SERVER:
            self._complain(self.server, words)
        elif error.code in _AT_PASSWORD:
            self._complain(self.password, words)
            self.password.editor.selectAll()
        elif error.code == _PASSWORD_CHANGED:
            self.old_password.show()
            self._complain(self.old_password, words)
        else:
            self.error.set_text(words)
        self._fit()

    def show_message(self, code: str) -> None:
        """Say why somebody finds themselves here: the code of an error that ended their session."""
        self.error.set_text(error_words(GongdanError(code)))
        self._fit()

    def _complain(self, field: Field, words: str) -> None:
        field.set_error(words)
        field.focus_editor()

    def _clear(self) -> None:
        self.error.set_text("")
        for field in (self.server, self.login, self.password, self.old_password):
            field.clear_error()

    def _set_working(self, working: bool) -> None:
        self._working = working
        self.submit.setEnabled(not working)
        self._write_submit()

    def _choose_language(self, language: object) -> None:
        self._settings.change(language=str(language))
        set_language(str(language))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter signs in from any field."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.send()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell the program that nobody signs in here any more."""
        super().closeEvent(event)
        self.closed.emit()

    # Words and looks.

    def _fit(self) -> None:
        """Give the card the height its words take: a wrapped line asks for more only once its width is known."""
        column = self._card.layout()
        if column is None:
            return
        for part in self._card.findChildren(QWidget):
            part.updateGeometry()
        column.invalidate()
        self._card.setFixedSize(CARD_WIDTH, column.totalHeightForWidth(CARD_WIDTH))
        self.setMinimumHeight(max(LEAST_HEIGHT, self._card.height() + 120))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language and the scheme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._write_words()
        elif event.type() == QEvent.Type.PaletteChange:
            self._draw_logo()

    def _draw_logo(self) -> None:
        self._logo.setPixmap(pixmap("ticket", 20, "accent", self.devicePixelRatioF()))

    def _write_words(self) -> None:
        self._draw_logo()
        again = self._fixed is not None
        self.setWindowTitle(tr("sign_in.window"))
        self._title.setText(tr("sign_in.again" if again else "sign_in.title"))
        self._about.setText(tr("sign_in.about_again" if again else "sign_in.about"))
        self.server.set_label(tr("sign_in.server"))
        self.server.editor.setPlaceholderText("https://")
        self.login.set_label(tr("sign_in.login"))
        self.password.set_label(tr("sign_in.password"))
        self.old_password.set_label(tr("sign_in.old_password"))
        self._hint.setText(tr("sign_in.hint"))
        self._clear()
        self._write_submit()
        self._fit()

    def _write_submit(self) -> None:
        self.submit.setText(tr("sign_in.working" if self._working else "sign_in.submit"))
        self.submit.updateGeometry()


def _password_field(glyph: str = "lock-key") -> TextField:
    field = TextField(glyph=glyph)
    field.setEchoMode(QLineEdit.EchoMode.Password)
    return field
