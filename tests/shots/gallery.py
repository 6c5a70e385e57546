"""Every part of the design system on one page, in both schemes and languages: python -m tests.shots.gallery OUT."""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from desktop.ui import theme
from desktop.ui.text import set_language, tr
from desktop.ui.theme.style import draw_ring
from desktop.ui.widgets.avatar import Avatar
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.bubble import Bubble
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.check_box import CheckBox, RadioButton
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.combo_box import ComboBox
from desktop.ui.widgets.count_badge import CountBadge
from desktop.ui.widgets.event_line import EventLine
from desktop.ui.widgets.field import Field
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.menu import Menu
from desktop.ui.widgets.painting import box
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.priority import PriorityMark
from desktop.ui.widgets.progress import Progress
from desktop.ui.widgets.skeleton import SkeletonRows
from desktop.ui.widgets.sla import SlaBadge
from desktop.ui.widgets.status import StatusLabel
from desktop.ui.widgets.suggestion import Suggestion
from desktop.ui.widgets.text_area import TextArea
from desktop.ui.widgets.text_field import TextField
from desktop.ui.widgets.ticket_row import Column
from desktop.ui.widgets.ticket_table import TicketTable
from desktop.ui.widgets.toast import Toasts
from tests.shots.panes import second_page
from tests.shots.samples import CLOCKS, NOW_AT, STATUSES, Rows, row_of, sample_rows
from tests.shots.words import words


class Swatch(QWidget):
    """One colour with its name."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token
        self.setFixedSize(60, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        box(QPainter(self), self.rect(), fill=self._token, line="line")


class Ringed(QWidget):
    """A button with the focus ring drawn, which in life is a frame of its own."""

    def __init__(self, button: Button) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(3, 3, 3, 3)
        column.addWidget(button)
        self.setFixedSize(button.sizeHint().width() + 6, button.height() + 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        draw_ring(QPainter(self), self.rect().toRectF(), 5)


def heading(text: str) -> Label:
    """A heading of the page."""
    return Label(text, kind="small_bold", tone="text3")


def colours() -> QGridLayout:
    """All tokens."""
    grid = QGridLayout()
    grid.setSpacing(4)
    names = list(theme.Tokens.__dataclass_fields__)
    for place, token in enumerate(names):
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(Swatch(token))
        column.addWidget(Label(token, kind="small", tone="text2"))
        grid.addLayout(column, place // 9, place % 9)
    return grid


def table() -> TicketTable:
    """The rows in their states."""
    made = TicketTable(lambda: NOW_AT)
    made.setModel(Rows(sample_rows()))
    made.horizontalHeader().setSortIndicator(Column.SLA, Qt.SortOrder.AscendingOrder)
    made.painting.hovered_row = 1
    made.selectRow(2)
    made.setFixedSize(760, 28 + 10 * 24 + 2)
    made.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    return made


def buttons() -> QGridLayout:
    """Kinds against states."""
    w = words()
    grid = QGridLayout()
    grid.setSpacing(8)
    kinds = (("primary", w["send"]), ("normal", w["transfer"]), ("quiet", w["cancel"]), ("danger", w["drop"]))
    for line, (kind, text) in enumerate(kinds):
        plain = Button(text, kind=kind)
        keyed = Button(text, kind=kind, icon="arrow-bend-up-right", shortcut="Ctrl+Enter")
        disabled = Button(text, kind=kind)
        disabled.refuse("-")
        small = Button(text, kind=kind, small=True, shortcut="Esc")
        for column, widget in enumerate((plain, keyed, Ringed(Button(text, kind=kind)), disabled, small)):
            grid.addWidget(widget, line, column, Qt.AlignmentFlag.AlignLeft)
    return grid


def fields() -> QGridLayout:
    """Inputs in their states."""
    w = words()
    grid = QGridLayout()
    grid.setSpacing(8)
    wrong = Field(w["phone"], TextField("1380000"), required=True, check=lambda: w["phone_error"])
    wrong.validate()
    read_only = TextField(w["read_only"])
    read_only.setReadOnly(True)
    suggested = TextField(w["store"], glyph="storefront")
    suggestion = Suggestion(suggested)
    suggestion.propose(w["store"], w["reason"])
    combo = ComboBox([("refund", w["refund"])])
    combo.set_value("refund")
    typed = ComboBox([("a", w["store"])], typed=True, placeholder=w["choose"])
    grid.addWidget(Field(w["phone"], TextField(placeholder=w["phone"])), 0, 0)
    grid.addWidget(Field(w["phone"], TextField("138 0000 2716", glyph="phone")), 0, 1)
    grid.addWidget(Field(w["phone"], read_only), 0, 2)
    grid.addWidget(wrong, 1, 0)
    grid.addWidget(Field(w["demand"], combo, required=True), 1, 1)
    grid.addWidget(Field(w["demand"], typed), 1, 2)
    grid.addWidget(suggested, 2, 0)
    grid.addWidget(suggestion, 2, 1, 1, 2)
    grid.addWidget(TextArea(w["long"], least=2), 3, 0, 1, 2)
    ticks = QVBoxLayout()
    ticked, chosen = CheckBox(w["yes"]), RadioButton(w["yes"])
    ticked.set_value(True)
    chosen.set_value(True)
    ticks.addLayout(row_of(ticked, CheckBox(w["no"])))
    ticks.addLayout(row_of(chosen, RadioButton(w["no"])))
    grid.addLayout(ticks, 3, 2)
    return grid


def badges(column: QVBoxLayout) -> None:
    """Clocks, statuses, priorities, people, chips, counts."""
    w = words()
    column.addLayout(row_of(*(SlaBadge(clock, NOW_AT) for clock in CLOCKS)))
    column.addLayout(row_of(*(StatusLabel(status) for status in STATUSES), gap=12))
    marks = [PriorityMark(priority) for priority in ("urgent", "high", "normal", "low")]
    people = [Avatar(w["me_name"], own=True), Avatar(w["other"]), Avatar(w["customer"], side=32)]
    counts = [CountBadge(17), CountBadge(3, look="accent"), CountBadge(2, look="late")]
    column.addLayout(row_of(*marks, *people, *counts, gap=12))
    chosen = Chip(w["tag"], choosable=True, large=True)
    chosen.setChecked(True)
    looks = [Chip(w["tag"], look=look) for look in ("plain", "ok", "late", "note", "muted")]
    suggested = Chip(tr("widget.suggested"), glyph="magic-wand", look="soon", large=True)
    filters = [Chip(w["tag"], removable=True, large=True), Chip(w["tag"], menu=True, large=True)]
    column.addLayout(row_of(*looks, chosen, suggested, *filters))


def bubbles(column: QVBoxLayout) -> None:
    """A conversation."""
    w = words()
    column.addWidget(EventLine(w["event"]))
    column.addWidget(Bubble("customer", w["ask"], author=w["customer"], when=w["ask_when"]))
    column.addWidget(Bubble("public", w["answer"], author=w["me_name"], when="14:02", own=True))
    note = Bubble("note", w["note"], author=w["other"], when="14:20")
    note.set_foot(w["unsent"])
    column.addWidget(note)


def left_side() -> QVBoxLayout:
    """Colours, rows, badges, bubbles."""
    left = QVBoxLayout()
    left.addWidget(heading("tokens"))
    left.addLayout(colours())
    left.addWidget(heading("rows"))
    left.addWidget(table())
    left.addWidget(heading("badges"))
    badges(left)
    left.addWidget(heading("bubbles"))
    bubbles(left)
    return left


def right_side() -> QVBoxLayout:
    """Buttons, inputs, banners, progress."""
    w = words()
    right = QVBoxLayout()
    right.addWidget(heading("buttons"))
    right.addLayout(buttons())
    right.addWidget(heading("inputs"))
    right.addLayout(fields())
    right.addWidget(heading("banners"))
    right.addWidget(Banner("info", w["editing"], action=w["look"]))
    right.addWidget(Banner("warning", w["offline"], glyph="cloud-slash"))
    right.addWidget(Banner("error", w["too_big"], action=w["pick"]))
    progress = Progress()
    progress.advance(w["exporting"], done=3200, total=12840)
    right.addWidget(progress)
    skeleton = SkeletonRows(delay_ms=0)
    skeleton.setFixedHeight(48)
    right.addWidget(skeleton)
    return right


def first_page() -> QWidget:
    """What the component sheet shows."""
    page = QWidget()
    ground(page, "surface")
    both = QHBoxLayout(page)
    both.setContentsMargins(24, 16, 24, 64)
    both.setSpacing(32)
    for side in (left_side(), right_side()):
        side.setSpacing(8)
        side.addStretch(1)
        both.addLayout(side, 1)
    page.resize(1366, 1080)
    toasts = Toasts(page, above=8)
    for _ in range(3):
        toasts.say("toast.resolved", undo=lambda: None)
    return page


def menu() -> QWidget:
    """A menu with a disabled action."""
    w = words()
    made = Menu()
    glyphs = ("hand", "arrow-bend-up-right", "arrow-u-up-left", "git-merge")
    for place, glyph in enumerate(glyphs):
        action = made.addAction(theme.icon(glyph), w[f"act{place}"])
        action.setShortcut("TFBM"[place])
        action.setEnabled(place < 3)
        if place == 0:
            made.setActiveAction(action)
    made.addSeparator()
    made.addAction(w["drop"])
    return made


def shoot(out: Path, language: str, scheme: theme.Scheme) -> None:
    """Write the pictures of one language in one scheme."""
    set_language(language)
    for name, make in (("components", first_page), ("panes", second_page), ("menu", menu)):
        page = make()
        page.show()
        QApplication.processEvents()
        page.grab().save(str(out / f"{name}-{scheme}-{language}.png"))
        page.deleteLater()
        QApplication.processEvents()


def main(arguments: list[str]) -> int:
    """Write every picture into the folder named on the command line."""
    out = Path(arguments[0] if arguments else "build/gallery")
    out.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    dress = theme.install(app)
    for scheme in theme.Scheme:
        dress.choose(scheme)
        for language in ("zh_CN", "en"):
            shoot(out, language, scheme)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
