"""The composition root: settings → sign-in → replica → runner → sync → reminders → main window."""

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import structlog
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from desktop import logs
from desktop.clock import SystemClock
from desktop.credentials import SecretStore
from desktop.paths import Places
from desktop.settings import SettingsFile
from desktop.sync.state import SyncState
from desktop.ui import theme
from desktop.ui.apart import Apart
from desktop.ui.bridge import Bridge
from desktop.ui.collecting import Collector
from desktop.ui.text import DEFAULT_LANGUAGE, set_language
from desktop.ui.theme import Scheme
from desktop.ui.times import duration
from domain.errors import GongdanError
from resources import i18n

if TYPE_CHECKING:
    from desktop.sync.asked import Asked
    from desktop.sync.sign_in import SignInDesk
    from desktop.sync.signed_on import Locked, SignedOn
    from desktop.ui.crash import CrashWindow
    from desktop.ui.sign_in.window import SignInWindow
    from desktop.ui.single_instance import SingleInstance
    from desktop.ui.work import Work

log = structlog.get_logger("app")


@dataclass(frozen=True, kw_only=True)
class Start:
    """What the command line asks for; a password given here signs in without asking."""

    home: Path
    server: str = ""
    login: str = ""
    password: str = ""
    language: str = ""
    scheme: str = ""


_NEEDED_NEXT = (
    "argon2.low_level",
    "cryptography.hazmat.primitives.ciphers.aead",
    "desktop.commands.runner",
    "desktop.sync.engine",
    "desktop.sync.sign_in",
)


def _load_ahead() -> None:
    """While the password is typed, load what signing in will need."""
    for name in _NEEDED_NEXT:
        import_module(name)


class App(QObject):
    """The program from its start to its end: at any moment the sign-in window or one person's main window."""

    def __init__(
        self,
        application: QApplication,
        start: Start,
        *,
        keyring: Callable[[], SecretStore | None],
        look: theme.Theme | None = None,
    ) -> None:
        super().__init__()
        self._collector = Collector(self)
        self._application, self._start, self._keyring = application, start, keyring
        self._places = Places(start.home)
        self._places.prepare()
        self.settings = SettingsFile(self._places.home)
        given = {
            "server": start.server,
            "login": start.login,
            "language": start.language,
            "scheme": start.scheme,
        }
        asked = {name: value for name, value in given.items() if value}
        if asked:
            self.settings.change(**asked)
        set_language(self.settings.current.language)
        chosen = self.settings.current.scheme
        self.theme = look or theme.install(application)
        self.theme.choose(Scheme(chosen) if chosen else None)
        self.settings.listen(self._settings_changed)
        self._door = Bridge(self)
        self._desk: SignInDesk | None = None
        self.sign_in_window: SignInWindow | None = None
        self.window: QWidget | None = None
        self.work: Work | None = None
        self._crash: CrashWindow | None = None
        self._again: SignInWindow | None = None
        self.apart = Apart(self.settings, self._door, unlock=self._unlock, parent=self)
        self.apart.entered.connect(self._signed_on)
        self.apart.sign_in_wanted.connect(self.show_sign_in)
        self.apart.left.connect(self._left_apart)
        self._watch_for_bugs()

    # Signing in.

    def open(self) -> None:
        """Show the sign-in window, or sign in at once where a password was given."""
        self.show_sign_in()
        if self._start.password and self.sign_in_window is not None:
            self.sign_in_window.password.editor.setText(self._start.password)
            self.sign_in_window.send()

    def show_sign_in(self, why: str = "") -> None:
        """Show the sign-in window; `why` is the code of what ended the session before."""
        from desktop.ui.sign_in.window import SignInWindow

        window = self.sign_in_window = SignInWindow(self._sign_in, self._door, self.settings)
        window.signed_on.connect(self._signed_on)
        window.closed.connect(self._sign_in_closed)
        window.show()
        if why:
            window.show_message(why)
        self._door.read(_load_ahead, then=lambda _: None)

    def _sign_in(self, asked: "Asked") -> "SignedOn | Locked":
        """On a worker's thread."""
        from desktop.sync.signed_on import LeaseEndedError

        try:
            return self._sign_in_desk().sign_in(asked)
        except LeaseEndedError as ended:
            return ended.locked

    def _sign_in_desk(self) -> "SignInDesk":
        from desktop.sync.sign_in import SignInDesk

        if self._desk is None:
            self._desk = SignInDesk(self._places, keyring=self._keyring(), clock=SystemClock())
        return self._desk

    def _signed_on(self, signed_on: "SignedOn | Locked") -> None:
        from desktop.sync.signed_on import Locked
        from desktop.ui.main_window import MainWindow
        from desktop.ui.work import Work

        if isinstance(signed_on, Locked):
            self.apart.show_door(signed_on)
            self._dismiss_sign_in()
            return
        self.work = Work(signed_on, self.settings, self.sign_out)
        self.work.bridge.sync_state.connect(self._synced)
        self.work.bridge.bug.connect(self.show_bug)
        self.work.lease_watch.near.connect(self._tell_lease)
        self.work.lease_watch.ended.connect(self._shut_door)
        window = self.window = MainWindow(self.work.session)
        window.show()
        self._dismiss_sign_in()
        for code, values in signed_on.hints:
            log.info("hint", code=code, **values)
            window.show_hint(f"hint.{code}", values)
        # The network comes after the first picture.
        QTimer.singleShot(0, self.work.start)

    def _dismiss_sign_in(self) -> None:
        window, self.sign_in_window = self.sign_in_window, None
        if window is not None:
            window.closed.disconnect(self._sign_in_closed)
            window.close()
            window.deleteLater()

    def _sign_in_closed(self) -> None:
        if self.work is None:
            self._application.quit()

    # While somebody works.

    def _synced(self, state: SyncState) -> None:
        if state.paused in ("device_revoked", "device_stolen"):
            self._lock_away(state)
        elif state.paused == "sign_in_needed":
            self._ask_again()

    def _lock_away(self, state: SyncState) -> None:
        """This device was revoked: what it had was brought, unless it was stolen; now its key goes."""
        if self.work is None:
            return
        signed_on, stolen = self.work.signed_on, state.paused == "device_stolen"
        left = state.unsent + state.attention + self.work.files_left
        kept = bool(left) and not stolen and not signed_on.key_kept
        self.apart.show_gone(name=signed_on.person.name, left=left, stolen=stolen, kept=kept)
        self._end_work()
        self._sign_in_desk().lock_away(
            signed_on.server, signed_on.person.id, stolen=stolen, unsent=bool(left)
        )

    def _tell_lease(self, left_s: int) -> None:
        from desktop.ui.main_window import MainWindow

        if isinstance(self.window, MainWindow):
            self.window.show_hint("hint.lease_ends", {"time": duration(left_s)})

    def _shut_door(self) -> None:
        """The lease ended while somebody worked: the replica closes, and the door is shown."""
        if self.work is not None:
            self.apart.show_door(self._sign_in_desk().lock(self.work.signed_on))
            self._end_work()

    def _unlock(self, locked: "Locked", code: str) -> "SignedOn":
        """On a worker's thread."""
        return self._sign_in_desk().unlock(locked, code)

    def _left_apart(self) -> None:
        """The page that stood for the program was closed: so is the program."""
        if self.work is None and self.sign_in_window is None:
            self._application.quit()

    def _ask_again(self) -> None:
        """Ask for the password beside the work, which goes on offline."""
        from desktop.ui.sign_in.window import SignInWindow

        if self._again is not None or self.work is None:
            return
        signed_on = self.work.signed_on
        fixed = (signed_on.server, signed_on.person.login)
        window = self._again = SignInWindow(
            lambda asked: self._sign_in_desk().renew(signed_on, asked), self._door, self.settings, fixed=fixed
        )
        window.signed_on.connect(self._renewed)
        window.show()

    def _renewed(self) -> None:
        window, self._again = self._again, None
        if window is not None:
            window.close()
            window.deleteLater()
        if self.work is not None:
            self.work.worker.resume()

    def sign_out(self, why: str = "") -> None:
        """End the session and ask who comes next; what is unsent stays on this machine, encrypted."""
        # First, since the program ends with its last window.
        self.show_sign_in(why)
        self._end_work()

    def _end_work(self) -> None:
        work, self.work = self.work, None
        window, self.window = self.window, None
        again, self._again = self._again, None
        for one in (again, window):
            if one is not None:
                one.close()
                one.deleteLater()
        if work is not None:
            work.stop()

    def raise_window(self) -> None:
        """Bring the program to the front: it was started a second time."""
        window = self.window or self.apart.page or self.sign_in_window
        if window is not None:
            window.showNormal() if window.isMinimized() else window.show()
            window.raise_()
            window.activateWindow()

    def close(self) -> None:
        """End the program."""
        self._end_work()
        self._dismiss_sign_in()
        self.apart.close()
        self._door.close()
        self._collector.stop()
        sys.excepthook, threading.excepthook = self._hooks

    # Mistakes of our own.

    def _watch_for_bugs(self) -> None:
        self._door.bug.connect(self.show_bug)
        self._hooks = sys.excepthook, threading.excepthook

        def on_window_thread(
            kind: type[BaseException], error: BaseException, trace: TracebackType | None
        ) -> None:
            if isinstance(error, KeyboardInterrupt):
                self._application.quit()
                return
            log.error("bug", kind=kind.__name__, exc_info=error)
            self.show_bug(error)

        def on_other_thread(given: threading.ExceptHookArgs) -> None:
            if given.exc_value is not None:
                log.error("bug", kind=given.exc_type.__name__, exc_info=given.exc_value)
                self._door.announce_bug(given.exc_value)

        sys.excepthook = on_window_thread
        threading.excepthook = on_other_thread

    def show_bug(self, error: BaseException) -> None:
        """Show that something went wrong in the program itself; a refusal nobody took is only logged."""
        if isinstance(error, GongdanError):
            log.warning("unhandled", code=error.code)
            return
        from desktop.ui.crash import CrashWindow

        if self._crash is None:
            self._crash = CrashWindow()
            self._crash.quit_asked.connect(self._application.quit)
        self._crash.add(logs.places(error))

    def _settings_changed(self, now: object) -> None:
        current = self.settings.current
        set_language(current.language)
        wanted = Scheme(current.scheme) if current.scheme else None
        if self.theme.choice != wanted:
            self.theme.choose(wanted)


RAISED, FAILED = 0, 1


def run(start: Start) -> int:
    """Run the program for one home and return its exit status."""
    from desktop.ui.single_instance import SingleInstance

    places = Places(start.home)
    words = i18n.load(start.language or DEFAULT_LANGUAGE)
    try:
        places.prepare()
    except GongdanError as error:
        sys.stderr.write(words[f"error.{error.code}"].format(**error.args_by_name) + "\n")
        return FAILED
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Gongdan")
    alone = SingleInstance(places.home)
    if not alone.take():
        raised = alone.call_first()
        sys.stderr.write(words["sign_in.already_running" if raised else "sign_in.running_elsewhere"] + "\n")
        return RAISED if raised else FAILED
    logs.start(places.logs)
    try:
        return _run_alone(application, start, alone)
    finally:
        alone.release()
        logs.stop()


def _run_alone(application: QApplication, start: Start, alone: "SingleInstance") -> int:
    from desktop.credentials import system_keyring

    app = App(application, start, keyring=system_keyring)
    app.open()
    QTimer.singleShot(0, lambda: alone.listen(app.raise_window))
    try:
        return application.exec()
    finally:
        app.close()
