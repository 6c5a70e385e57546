"""Whether the table is at rest: rows hold still while somebody works in it."""

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QAbstractItemView

REST_MS = 2_000
_STIRS = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseMove,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.Wheel,
        QEvent.Type.FocusIn,
        QEvent.Type.Enter,
    }
)


class Resting(QObject):
    """`rested` once nothing has stirred for two seconds; at once where nobody is in the table."""

    rested = Signal()

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._view = view
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self.rested)
        view.installEventFilter(self)
        view.viewport().installEventFilter(self)

    def held(self) -> bool:
        """Whether rows have to hold still now."""
        return self._rest.isActive() and (self._view.hasFocus() or self._view.underMouse())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _STIRS:
            self._rest.start()
        elif event.type() in (QEvent.Type.Leave, QEvent.Type.FocusOut) and not self._view.hasFocus():
            self._rest.stop()
            self.rested.emit()
        return super().eventFilter(watched, event)
