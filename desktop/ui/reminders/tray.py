"""The tray icon with its count and menu, where the system has a tray; closing the window leaves the program in it."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from desktop.reminders import tomorrow_at
from desktop.replica.queries.worklists import worklist_counts
from desktop.settings import Settings
from desktop.ui.reminders.quiet import HOUR_MS, be_quiet, end_quiet, is_quiet
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.theme import colour, draw_icon, icon, sized
from desktop.ui.theme.tokens import LIGHT
from desktop.ui.times import moment
from desktop.ui.widgets.menu import Menu

SIZES = (16, 22, 24, 32, 48)
Act = Callable[[], object]
_WORKLISTS = (("todo", "tray"), ("soon", "hourglass-medium"))


def tray_icon(count: int) -> QIcon:
    """The program's mark, with a count in its corner."""
    made = QIcon()
    for side in SIZES:
        made.addPixmap(_picture(side, count))
    return made


def _picture(side: int, count: int) -> QPixmap:
    picture = QPixmap(QSize(side, side))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour("accent_fill"))
    painter.drawRoundedRect(QRectF(0, 0, side, side), side / 5, side / 5)
    inset = side / 6
    draw_icon(
        painter, QRectF(inset, inset, side - 2 * inset, side - 2 * inset), "ticket", colour("on_accent")
    )
    if count:
        _paint_count(painter, side, count)
    painter.end()
    return picture


def _paint_count(painter: QPainter, side: int, count: int) -> None:
    across = side * 0.62
    place = QRectF(side - across, side - across, across, across)
    # The light scheme's on any panel: trays are dark here and light there, whatever our own scheme.
    painter.setBrush(QColor(LIGHT.late))
    painter.drawEllipse(place)
    used = QFont(sized(max(7, int(across * 0.72)), bold=True))
    painter.setFont(used)
    painter.setPen(QColor(LIGHT.on_late))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(count) if count < 10 else "9+")


class Tray(QObject):
    """Shows itself only where there is a tray and the person wants it; every entry of the menu is a signal."""

    window_wanted = Signal()
    new_wanted = Signal()
    list_wanted = Signal(str)
    attention_wanted = Signal()
    reminders_wanted = Signal()
    sync_wanted = Signal()
    settings_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window, self._count = session, window, 0
        self.menu = Menu(parent=window)
        self.menu.aboutToShow.connect(self.fill_menu)
        self._icon: QSystemTrayIcon | None = None
        window.installEventFilter(self)
        self._unlisten = session.settings.listen(self._on_settings)
        window.destroyed.connect(self._leave)
        self._on_settings(session.settings.current)

    def _leave(self) -> None:
        self._unlisten()

    @property
    def shown(self) -> bool:
        """Whether there is an icon in a tray."""
        return self._icon is not None

    def _on_settings(self, now: Settings) -> None:
        wanted = now.tray and QSystemTrayIcon.isSystemTrayAvailable()
        if wanted and self._icon is None:
            self._icon = QSystemTrayIcon(self)
            self._icon.setContextMenu(self.menu)
            self._icon.activated.connect(self._on_activated)
            self.set_count(self._count)
            self._icon.show()
        elif not wanted and self._icon is not None:
            self._icon.hide()
            self._icon.deleteLater()
            self._icon = None
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setQuitOnLastWindowClosed(self._icon is None)

    def set_count(self, count: int) -> None:
        """How many reminders are open."""
        self._count = count
        if self._icon is not None:
            self._icon.setIcon(tray_icon(count))
            self._icon.setToolTip(tr("tray.tip_count", count=count) if count else tr("main.title"))

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self.show_window()
            if self._count:
                self.reminders_wanted.emit()

    def show_window(self) -> None:
        """Bring the main window back."""
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()
        self.window_wanted.emit()

    # The menu.

    def fill_menu(self) -> None:
        """Write the menu as things stand now."""
        self.menu.clear()
        self._add("app-window", "tray.window", self.show_window)
        self._add("plus", "tray.new", self._with_window(self.new_wanted), keys="Ctrl+N")
        self.menu.addSeparator()
        with self._session.replica.read() as conn:
            counts = worklist_counts(conn, self._session.person.id, self._session.server_time.now())
        for key, glyph in _WORKLISTS:
            told = str(counts.get(key) or "")
            self._add(glyph, f"tray.{key}", partial(self._show_list, key), keys=told)
        attention = self._session.sync.state.attention
        wanted = self._with_window(self.attention_wanted)
        self._add("warning", "tray.attention", wanted, keys=str(attention or ""))
        if self._count:
            self._add("bell-ringing", "tray.reminders", self.reminders_wanted.emit, keys=str(self._count))
        self.menu.addSeparator()
        self._add_quiet()
        self._add("arrows-clockwise", "tray.sync", self.sync_wanted.emit, keys="F5")
        self._add("gear-six", "tray.settings", self._with_window(self.settings_wanted))
        self.menu.addSeparator()
        self._add("power", "tray.quit", self.quit_wanted.emit)

    def _add_quiet(self) -> None:
        settings, now = self._session.settings, self._session.clock.now()
        if is_quiet(settings.current, now):
            until = settings.current.quiet_until
            timed = not settings.current.do_not_disturb
            told = tr("tray.loud_until", when=moment(until, now)) if timed else tr("tray.loud")
            self._add("bell", told, lambda: end_quiet(settings))
            return
        self._add("bell-slash", "tray.quiet_hour", lambda: be_quiet(settings, now + HOUR_MS))
        self._add("bell-slash", "tray.quiet_day", lambda: be_quiet(settings, tomorrow_at(now)))

    def _add(self, glyph: str, words: str, act: Act, *, keys: str = "") -> None:
        text = tr(words) if words.startswith("tray.") else words
        action = self.menu.addAction(icon(glyph), f"{text}\t{keys}" if keys else text)
        action.triggered.connect(lambda _=False: act())

    def _with_window(self, signal: SignalInstance) -> Act:
        def act() -> None:
            self.show_window()
            signal.emit()

        return act

    def _show_list(self, key: str) -> None:
        self.show_window()
        self.list_wanted.emit(key)

    # The window.

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Close and watched is self._window:
            # By the person's hand; what the program itself closes goes.
            if event.spontaneous() and self._icon is not None:
                event.ignore()
                self._window.hide()
                return True
        elif event.type() == QEvent.Type.LanguageChange:
            self.set_count(self._count)
        return super().eventFilter(watched, event)
