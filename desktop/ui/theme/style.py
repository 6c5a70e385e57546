"""The focus ring: 2 px of accent, 1 px outside a button, and only after Tab."""

import shiboken6
from PySide6.QtCore import QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFocusFrame,
    QProxyStyle,
    QStyle,
    QStyleHintReturn,
    QStyleOption,
    QWidget,
)

from desktop.ui.theme.scheme import colour
from desktop.ui.theme.tokens import FOCUS_WIDTH, RADIUS_CONTROL

GAP = 1


class RingStyle(QProxyStyle):
    """Draws the ring; set on the ring alone, so that no other widget pays for a style in Python."""

    def __init__(self) -> None:
        super().__init__("Fusion")

    def pixelMetric(
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        if metric in (QStyle.PixelMetric.PM_FocusFrameHMargin, QStyle.PixelMetric.PM_FocusFrameVMargin):
            return GAP + FOCUS_WIDTH
        return super().pixelMetric(metric, option, widget)

    def styleHint(
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        returnData: QStyleHintReturn | None = None,
    ) -> int:
        if hint is QStyle.StyleHint.SH_FocusFrame_Mask:
            return 0  # the default mask would cut the rounded corners
        return super().styleHint(hint, option, widget, returnData)

    def drawControl(
        self,
        element: QStyle.ControlElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        if element is QStyle.ControlElement.CE_FocusFrame:
            draw_ring(painter, QRectF(option.rect), RADIUS_CONTROL + GAP)
            return
        super().drawControl(element, option, painter, widget)


def draw_ring(painter: QPainter, rect: QRectF, radius: float) -> None:
    """Paint the ring just inside `rect`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour("accent"), FOCUS_WIDTH))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = FOCUS_WIDTH / 2
    painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius + half, radius + half)
    painter.restore()


class FocusRing(QObject):
    """Moves the ring to whichever button the keyboard reaches; a mouse click shows none."""

    def __init__(self, app: QApplication) -> None:
        earlier = [one for one in app.children() if isinstance(one, FocusRing)]
        super().__init__(app)
        self._app, self._style = app, RingStyle()
        self._frame: QFocusFrame | None = None
        # An application that is dressed anew keeps one ring.
        for ring in earlier:
            ring.retire()
        app.focusChanged.connect(self._on_focus_changed)

    def retire(self) -> None:
        """Follow the focus no more."""
        self._app.focusChanged.disconnect(self._on_focus_changed)
        if self._frame is not None and shiboken6.isValid(self._frame):
            self._frame.deleteLater()
        self.deleteLater()

    def _on_focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and is_keyboard_button(new):
            self.surround(new)
        elif self._frame is not None and shiboken6.isValid(self._frame):
            self._frame.setWidget(None)  # type: ignore[arg-type]

    def surround(self, widget: QWidget) -> None:
        """Put the ring around a widget."""
        if self._frame is None or not shiboken6.isValid(self._frame):
            # The frame is a child of the window it was last in, and dies with it.
            self._frame = QFocusFrame()
            self._frame.setStyle(self._style)
        self._frame.setWidget(widget)


def is_keyboard_button(widget: QWidget) -> bool:
    """Whether this is a button that got the focus by Tab; Qt keeps that on the window."""
    by_keyboard = widget.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
    return by_keyboard and isinstance(widget, QAbstractButton)
