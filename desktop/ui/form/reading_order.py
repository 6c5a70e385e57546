"""Tab in reading order, however late a widget joined its window: as the layouts run, not as widgets were made."""

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QScrollArea, QWidget


def step(*roots: QWidget, focused: QWidget | None, forward: bool) -> bool:
    """Move the focus to the next or previous widget below the roots; False where there is none."""
    stops = [stop for root in roots for stop in _stops(root)]
    if not stops:
        return False
    before_first = -1 if forward else 0
    here = next((place for place, stop in enumerate(stops) if stop is focused), before_first)
    target = (here + (1 if forward else -1)) % len(stops)
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    stops[target].window().setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
    stops[target].setFocus(reason)
    return True


def _stops(widget: QWidget) -> Iterator[QWidget]:
    # One that just joined a layout counts as hidden until the next round of events: only what was told to hide is.
    told = widget.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)
    if (widget.isHidden() and told) or not widget.isEnabled():
        return
    if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None:
        yield widget
    if isinstance(widget, QScrollArea):
        inside = widget.widget()
        if inside is not None:
            yield from _stops(inside)
        return
    layout = widget.layout()
    if layout is not None:
        yield from _in(layout)


def _in(layout: QLayout) -> Iterator[QWidget]:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if item is None:
            continue
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            yield from _stops(widget)
        elif inner is not None:
            yield from _in(inner)
