"""The page of the gallery with bars, panes and states."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from desktop.ui.widgets.button import Button, IconButton, LinkButton
from desktop.ui.widgets.clock_bar import ClockBar
from desktop.ui.widgets.empty_state import EmptyState
from desktop.ui.widgets.hops import Hop, HopList
from desktop.ui.widgets.key_cap import KeyCap
from desktop.ui.widgets.key_values import KeyValues
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.reminder_card import ReminderCard, ReminderContent
from desktop.ui.widgets.search_box import SearchBox
from desktop.ui.widgets.section import Section
from desktop.ui.widgets.segmented import Segmented
from desktop.ui.widgets.sidebar import Sidebar, SidebarItem
from desktop.ui.widgets.status_bar import StatusBar, StatusPiece
from desktop.ui.widgets.tab_bar import TabBar
from tests.shots.samples import CLOCKS, NOW_AT, row_of
from tests.shots.words import words


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
