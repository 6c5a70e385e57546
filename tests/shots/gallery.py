"""Every part of the design system on one page, in both schemes and languages: python -m tests.shots.gallery OUT."""

import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from desktop.ui import theme
from desktop.ui.countdown import Countdown
from desktop.ui.text import set_language, tr
from desktop.ui.theme.style import draw_ring
from desktop.ui.widgets.avatar import Avatar
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.bubble import Bubble
from desktop.ui.widgets.button import Button, IconButton, LinkButton
from desktop.ui.widgets.check_box import CheckBox, RadioButton
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.clock_bar import ClockBar
from desktop.ui.widgets.combo_box import ComboBox
from desktop.ui.widgets.count_badge import CountBadge
from desktop.ui.widgets.empty_state import EmptyState
from desktop.ui.widgets.event_line import EventLine
from desktop.ui.widgets.field import Field
from desktop.ui.widgets.hops import Hop, HopList
from desktop.ui.widgets.key_cap import KeyCap
from desktop.ui.widgets.key_values import KeyValues
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.menu import Menu
from desktop.ui.widgets.painting import box
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.priority import PriorityMark
from desktop.ui.widgets.progress import Progress
from desktop.ui.widgets.reminder_card import ReminderCard, ReminderContent
from desktop.ui.widgets.search_box import SearchBox
from desktop.ui.widgets.section import Section
from desktop.ui.widgets.segmented import Segmented
from desktop.ui.widgets.sidebar import Sidebar, SidebarItem
from desktop.ui.widgets.skeleton import SkeletonRows
from desktop.ui.widgets.sla import SlaBadge
from desktop.ui.widgets.status import StatusLabel
from desktop.ui.widgets.status_bar import StatusBar, StatusPiece
from desktop.ui.widgets.suggestion import Suggestion
from desktop.ui.widgets.tab_bar import TabBar
from desktop.ui.widgets.text_area import TextArea
from desktop.ui.widgets.text_field import TextField
from desktop.ui.widgets.ticket_row import ROW_ROLE, Column, Mark, TicketRow, column_title
from desktop.ui.widgets.ticket_table import TicketTable
from desktop.ui.widgets.toast import Toasts
from tests.shots.words import words

NOW_AT = 1_763_620_318_000
STATUSES = ("new", "open", "pending", "on_hold", "resolved", "closed")


def left_s(seconds: int) -> Countdown:
    """A clock with this much left, or this much past."""
    return Countdown(due_at=NOW_AT + seconds * 1000)


CLOCKS = (
    left_s(13_280),
    left_s(1_122),
    left_s(-4_328),
    Countdown(frozen_s=7_800),
    Countdown(met=True),
    left_s(360_600),
)


class Rows(QAbstractTableModel):
    """A model of a few rows."""

    def __init__(self, rows: list[TicketRow]) -> None:
        super().__init__()
        self._rows = rows

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return len(self._rows)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return len(Column)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> object:
        return self._rows[index.row()] if role == ROW_ROLE else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> object:
        return column_title(Column(section)) if role == Qt.ItemDataRole.DisplayRole else None


def sample_rows() -> list[TicketRow]:
    """The rows of the component page."""
    w = words()
    store, name = w["store"], w["customer"]
    rest: dict[str, Any] = {"store": store, "customer": name, "handler": w["me"], "updated": "14:20", "status": "open"}
    late, soon = left_s(-4_328), left_s(1_122)
    return [
        TicketRow(id="1", number="104818", subject=w["s1"], countdown=left_s(6_033), **rest),
        TicketRow(id="2", number="104818", subject=w["s1"], countdown=left_s(6_033), **rest),
        TicketRow(id="3", number="104862", subject=w["s2"], priority="high", countdown=soon, **rest),
        TicketRow(id="4", number="104862", subject=w["s2"], priority="high", countdown=soon, **rest),
        TicketRow(
            id="5",
            number="104858",
            subject=w["s3"],
            unread=True,
            mark=Mark.UNREAD,
            priority="urgent",
            countdown=left_s(1_135),
            unassigned=True,
            **{**rest, "status": "new", "handler": w["nobody"]},
        ),
        TicketRow(
            id="6",
            number="K3-07",
            provisional=True,
            subject=w["s4"],
            mark=Mark.UNSENT,
            countdown=left_s(2_952),
            **rest,
        ),
        TicketRow(
            id="7", number="104847", subject=w["s5"], mark=Mark.CONFLICT, countdown=left_s(5_049), **rest
        ),
        TicketRow(
            id="8",
            number="104795",
            subject=w["s6"],
            mark=Mark.URGED,
            priority="urgent",
            countdown=late,
            **rest,
        ),
        TicketRow(
            id="9",
            number="104764",
            subject=w["s7"],
            muted=True,
            priority="low",
            mark=Mark.MESSAGE,
            countdown=Countdown(frozen_s=7_800),
            **{**rest, "status": "on_hold"},
        ),
        TicketRow(
            id="10",
            number="104640",
            subject=w["s8"],
            muted=True,
            priority="low",
            mark=Mark.ATTACHMENT,
            countdown=Countdown(met=True),
            flashed=frozenset({Column.STATUS}),
            **{**rest, "status": "resolved"},
        ),
    ]


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


def row_of(*widgets: QWidget, gap: int = 8) -> QHBoxLayout:
    """Widgets side by side, then nothing."""
    row = QHBoxLayout()
    row.setSpacing(gap)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row


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


def sidebar() -> Sidebar:
    """Worklists."""
    w = words()
    made = Sidebar()
    made.add_group("sidebar.mine")
    for key, glyph, count in (
        ("todo", "tray", 38),
        ("waiting", "arrow-bend-up-right", 4),
        ("done", "checks", 0),
    ):
        made.add(SidebarItem(key, w[f"list_{key}"], glyph))
        made.item(key).set_count(count)
    made.add(SidebarItem("soon", w["list_soon"], "hourglass-medium", tone="soon"))
    made.add(SidebarItem("late", w["list_late"], "warning-octagon", tone="late"))
    made.add(SidebarItem("attention", w["list_attention"], "warning", tone="late", loud=True), foot=True)
    made.set_counts({"soon": 6, "late": 2, "attention": 3})
    made.choose("todo")
    return made


def status_bar() -> StatusBar:
    """Synced, then offline."""
    w = words()
    bar = StatusBar()
    bar.add_left(StatusPiece(w["synced"], glyph="cloud-check", tone="ok"))
    offline = StatusPiece()
    offline.show_piece(w["offline_for"], glyph="cloud-slash", tone="soon", filled=True)
    bar.add_left(offline)
    bar.add_left(StatusPiece(w["unsent_0"], glyph="paper-plane-tilt"))
    bar.add_left(StatusPiece(w["attention_3"], glyph="warning", tone="late"))
    bar.add_right(StatusPiece(w["group"]))
    return bar


def side_pane(layout: QVBoxLayout) -> None:
    """Clocks, sections, hops."""
    w = words()
    clocks = QHBoxLayout()
    clocks.setSpacing(12)
    for caption, clock, met in (
        (w["first"], CLOCKS[4], w["met"]),
        (w["next"], CLOCKS[1], ""),
        (w["solve"], CLOCKS[0], ""),
    ):
        bar = ClockBar(caption)
        bar.show_clock(clock, now_at=NOW_AT, target_s=1_800 if clock is CLOCKS[1] else 28_800, met_text=met)
        clocks.addWidget(bar)
    waiting = ClockBar(w["next"], waiting_text=w["not_begun"])
    clocks.addWidget(waiting)
    layout.addLayout(clocks)
    tabs = TabBar()
    for text in w["tabs"].split("|"):
        tabs.addTab(text)
    layout.addWidget(tabs)
    layout.addWidget(Section(w["section_customer"], note=w["verified"], opened=False))
    section = Section(w["section_request"], note=w["fill_here"])
    section.body.addWidget(
        KeyValues([(w["category"], w["category_is"]), (w["amount"], "89.00"), (w["long_key"], w["long"])])
    )
    layout.addWidget(section)
    hops = [
        Hop(name=w["hop1"], who=w["customer"], time="13:50"),
        Hop(name=w["hop2"], who=w["other"], time="14:02", stay=w["stay"]),
        Hop(name=w["hop3"], who=w["me_name"], time="14:20", stay="12 / 30", state="here", stay_tone="soon"),
        Hop(name=w["hop4"], who=w["other"], stay=w["limit"], state="ahead"),
        Hop(name=w["hop5"], who=w["customer"], state="ahead"),
    ]
    layout.addWidget(HopList(hops))
    layout.addStretch(1)


def top_bar() -> QWidget:
    """Search, the primary button, small things."""
    w = words()
    search = SearchBox(w["search"], shortcut="Ctrl+K")
    search.setFixedWidth(380)
    parts = (
        search,
        Button(w["new_ticket"], kind="primary", icon="plus", shortcut="Ctrl+N"),
        IconButton("bell", w["reminders"], shortcut="F8"),
        Segmented([("work", w["work_time"]), ("all", w["all_time"])]),
        LinkButton(w["why"], glyph="question"),
        KeyCap("Ctrl+Enter"),
    )
    top = QWidget()
    ground(top, "bg", edge="bottom")
    top.setFixedHeight(40)
    bar = row_of(*parts)
    bar.setContentsMargins(12, 0, 12, 0)
    top.setLayout(bar)
    return top


def state_pane(page: QWidget) -> QVBoxLayout:
    """An empty list above a reminder."""
    w = words()
    steps = [Button(w["take"], icon="users-three"), Button(w["new_ticket"], icon="plus", shortcut="Ctrl+N")]
    empty = EmptyState("checks", w["empty"], w["empty_more"], steps=steps, tone="ok")
    empty.set_filters(w["filters"])
    card = ReminderCard(parent=page)
    card.setWindowFlags(Qt.WindowType.Widget)
    card.show_reminders([reminder(), reminder(), reminder()], now_at=NOW_AT)
    foot = QHBoxLayout()
    foot.addStretch(1)
    foot.addWidget(card)
    pane = QVBoxLayout()
    pane.addWidget(empty, 1)
    pane.addLayout(foot)
    return pane


def second_page() -> QWidget:
    """Bars, panes, states."""
    page = QWidget()
    ground(page, "surface")
    pane = QVBoxLayout()
    pane.setContentsMargins(16, 16, 16, 16)
    side_pane(pane)
    middle = QHBoxLayout()
    middle.setSpacing(0)
    middle.addWidget(sidebar())
    middle.addLayout(pane, 1)
    middle.addLayout(state_pane(page), 1)
    whole = QVBoxLayout(page)
    whole.setContentsMargins(0, 0, 0, 0)
    whole.setSpacing(0)
    whole.addWidget(top_bar())
    whole.addLayout(middle, 1)
    whole.addWidget(status_bar())
    page.resize(1366, 768)
    return page


def reminder() -> ReminderContent:
    """One that is soon late."""
    w = words()
    return ReminderContent(
        id="r",
        title=w["list_soon"],
        time="14:31",
        number="104862",
        priority="high",
        place=f"{w['store']} · {w['customer']}",
        subject=w["s2"],
        countdown=CLOCKS[1],
        note=w["due_note"],
    )


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
