"""Sidebar, status bar, search box, sections, empty and loading panes."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from desktop.ui.text import set_language
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.empty_state import EmptyState
from desktop.ui.widgets.hops import Hop, HopList
from desktop.ui.widgets.key_values import KeyValues
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.search_box import SearchBox
from desktop.ui.widgets.section import Section
from desktop.ui.widgets.segmented import Segmented
from desktop.ui.widgets.sidebar import Sidebar, SidebarItem
from desktop.ui.widgets.skeleton import SkeletonRows
from desktop.ui.widgets.status_bar import StatusPiece
from desktop.ui.widgets.tab_bar import TabBar


@pytest.fixture
def sidebar(qtbot: QtBot) -> Sidebar:
    """Two worklists and one item at the foot."""
    made = Sidebar()
    qtbot.addWidget(made)
    made.add_group("sidebar.mine")
    made.add(SidebarItem("attention", "需要处理", "warning", loud=True), foot=True)
    made.add(SidebarItem("todo", "待办", "tray"))
    made.add(SidebarItem("done", "已办", "checks"))
    made.show()
    return made


def test_sidebar_tells_what_is_chosen(sidebar: Sidebar, qtbot: QtBot) -> None:
    """A click tells its key; choosing by program is silent; one is chosen at a time."""
    with qtbot.waitSignal(sidebar.chosen) as told:
        sidebar.item("done").click()
    assert told.args == ["done"]
    with qtbot.assertNotEmitted(sidebar.chosen):
        sidebar.choose("attention")
    chosen = [item.key for item in sidebar.findChildren(SidebarItem) if item.isChecked()]
    assert chosen == ["attention"]


def test_sidebar_counts_and_order(sidebar: Sidebar) -> None:
    """Counts are read out with their worklist; the foot stays below what is added later."""
    sidebar.set_counts({"todo": 38, "gone": 1})
    assert sidebar.item("todo").accessibleName() == "待办 38"
    assert sidebar.keys() == ["todo", "done", "attention"]
    sidebar.remove("todo")
    sidebar.add(SidebarItem("view", "退款待审批", "funnel-simple"))
    assert sidebar.keys() == ["done", "view", "attention"]


def test_sidebar_folds(sidebar: Sidebar) -> None:
    """Folded it is 48 wide, and its titles are gone; names stay in tooltips."""
    sidebar.set_folded(True)
    assert sidebar.width() == 48
    assert sidebar.item("todo").toolTip() == "待办"
    sidebar.set_folded(False, wide=True)
    assert sidebar.width() == 216


def test_sidebar_speaks_the_language(sidebar: Sidebar) -> None:
    """Group titles change with the language."""
    set_language("en")
    assert "Mine" in [label.text() for label in sidebar.findChildren(Label)]


def test_search_waits_for_rest_and_not_for_enter(qtbot: QtBot) -> None:
    """A search goes out when typing rests, at once on Enter; Esc empties, then leaves."""
    box = SearchBox("搜索工单", shortcut="Ctrl+K")
    qtbot.addWidget(box)
    box.show()
    with qtbot.waitSignal(box.searched) as told:
        qtbot.keyClicks(box, "gmd")
    assert told.args == ["gmd"]
    with qtbot.waitSignal(box.searched, timeout=50):
        qtbot.keyClick(box, Qt.Key.Key_Return)
    with qtbot.waitSignal(box.searched) as told:
        qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert told.args == [""]
    with qtbot.waitSignal(box.left):
        qtbot.keyClick(box, Qt.Key.Key_Escape)


def test_section_opens_and_closes(qtbot: QtBot) -> None:
    """A closed section hides its content and tells so."""
    section = Section("客户信息", note="已核实", opened=False)
    qtbot.addWidget(section)
    inside = Label("x")
    section.body.addWidget(inside)
    section.show()
    assert not inside.isVisible()
    with qtbot.waitSignal(section.toggled):
        section.set_open(True)
    assert inside.isVisible()


def test_empty_state_offers_at_most_three_steps(qtbot: QtBot) -> None:
    """Steps can be replaced; a fourth is refused; filters show only where there are some."""
    first, second = Button("看待转"), Button("新建工单")
    empty = EmptyState("checks", "待办都处理完了", steps=[first])
    qtbot.addWidget(empty)
    empty.show()
    clear = next(button for button in empty.findChildren(QPushButton) if button.text() == "清除筛选")
    assert not clear.isVisible()
    empty.set_filters("筛选“未解决”生效中。")
    assert clear.isVisible()
    empty.show_state("tray", "没有工单", steps=[second])
    qtbot.waitUntil(second.isVisible)
    with pytest.raises(ValueError, match="3"):
        empty.show_state("tray", "", steps=[Button("x") for _ in range(4)])


def test_skeleton_waits_before_it_draws(qtbot: QtBot) -> None:
    """What loads at once flickers nothing."""
    rows = SkeletonRows(delay_ms=20)
    qtbot.addWidget(rows)
    rows.show()
    assert not rows.drawn
    qtbot.waitUntil(lambda: rows.drawn)
    rows.hide()
    assert not rows.drawn


def test_banner_has_one_action(qtbot: QtBot) -> None:
    """Its action can be taken away with the message."""
    banner = Banner("error", "附件超过 20 MB，没有加上。", action="选择文件")
    qtbot.addWidget(banner)
    action = banner.findChildren(QPushButton)[0]
    with qtbot.waitSignal(banner.acted):
        action.click()
    banner.show_message("info", "吴磊正在编辑这张工单")
    assert action.isHidden()
    assert banner.accessibleName() == "吴磊正在编辑这张工单"


def test_status_piece_changes(qtbot: QtBot) -> None:
    """Offline is a filled piece with its words, not a colour alone."""
    piece = StatusPiece("已同步", glyph="cloud-check", tone="ok")
    qtbot.addWidget(piece)
    piece.show_piece("离线 34 分钟", glyph="cloud-slash", tone="soon", filled=True)
    assert (piece.text(), piece.tone, piece.accessibleName()) == ("离线 34 分钟", "soon", "离线 34 分钟")


def test_segmented_moves_with_arrows(qtbot: QtBot) -> None:
    """A choice tells of itself once, and not at its ends."""
    choice = Segmented([("work", "工作时间"), ("all", "自然时间")])
    qtbot.addWidget(choice)
    with qtbot.waitSignal(choice.changed) as told:
        qtbot.keyClick(choice, Qt.Key.Key_Right)
    assert told.args == ["all"]
    with qtbot.assertNotEmitted(choice.changed):
        qtbot.keyClick(choice, Qt.Key.Key_Right)


def test_tabs_do_not_move_when_chosen(qtbot: QtBot) -> None:
    """Bold is wider; the room for it is there from the start."""
    tabs = TabBar()
    qtbot.addWidget(tabs)
    for text in ("沟通 5", "进度", "客户与订单"):
        tabs.addTab(text)
    tabs.show()
    before = [tabs.tabRect(place) for place in range(3)]
    tabs.setCurrentIndex(2)
    assert [tabs.tabRect(place) for place in range(3)] == before


def test_tabs_that_would_not_fit_come_closer_and_hidden_ones_leave_no_trace(qtbot: QtBot) -> None:
    """English words in a narrow pane all stay in sight without arrows; a hidden tab is not painted."""
    tabs = TabBar()
    qtbot.addWidget(tabs)
    for text in ("Messages 12", "Flow", "Progress 24", "Form", "Customer", "Links 2"):
        tabs.addTab(text)
    tabs.resize(352, 32)
    tabs.show()
    assert tabs.tabRect(5).right() < 352
    assert not [arrow for arrow in tabs.findChildren(QToolButton) if arrow.isVisible()]
    tabs.setTabVisible(1, False)
    tabs.setTabText(1, "")
    without = tabs.grab().toImage()
    tabs.setTabText(1, "Flow")
    assert tabs.grab().toImage() == without


def test_key_values_replace_their_rows(qtbot: QtBot) -> None:
    """Other rows leave nothing of the old ones; long values take more lines."""
    shown = KeyValues([("分类", "生鲜"), ("金额", "89.00")])
    qtbot.addWidget(shown)
    shown.set_rows([("描述", "客户反映开箱见三颗发霉。" * 10)])
    shown.resize(300, 200)
    texts = [label.text() for label in shown.findChildren(Label) if label.parent() is shown]
    assert [text[:4] for text in texts] == ["描述", "客户反映"]
    assert shown.heightForWidth(300) > 60


def test_hops_are_read_in_order(qtbot: QtBot) -> None:
    """The way of a ticket is told to a screen reader stop by stop."""
    hops = HopList([Hop(name="派单", who="规则", time="13:50"), Hop(name="核实", who="郭婷", state="here")])
    qtbot.addWidget(hops)
    assert hops.accessibleName().index("派单") < hops.accessibleName().index("核实")
    assert hops.height() == 88
