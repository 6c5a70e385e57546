"""Sets the properties the style sheet reads, and makes a widget notice."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def restyle(widget: QWidget, **properties: str) -> None:
    """Set style properties (`kind`, `state`, `tone` …); polishes again only where one changed."""
    if all(widget.property(name) == value for name, value in properties.items()):
        return
    for name, value in properties.items():
        widget.setProperty(name, value)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()


def ground(widget: QWidget, token: str = "", *, edge: str = "") -> None:
    """Give a pane a ground (of `tokens.GROUNDS`) and a line: top, right, bottom, left, card or popup."""
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    restyle(widget, ground=token, edge=edge)
