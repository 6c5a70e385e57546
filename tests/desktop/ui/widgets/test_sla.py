"""Badges and clocks that live: they change once a second and speak only when their state changes."""

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QStyle, QStyleOption
from pytestqt.qtbot import QtBot

from desktop.ui.countdown import Countdown, SlaState
from desktop.ui.widgets.clock_bar import ClockBar
from desktop.ui.widgets.sla import SlaBadge, paint_sla, sla_width

NOW_AT = 1_763_620_350_000


def test_badge_ticks_through_its_states(qtbot: QtBot) -> None:
    """Text follows the clock; what a screen reader hears changes with the state alone."""
    badge = SlaBadge(Countdown(due_at=NOW_AT + 1_202_000), NOW_AT)
    qtbot.addWidget(badge)
    running = badge.accessibleName()
    badge.tick(NOW_AT + 1_000)
    assert (badge.state, badge.text, badge.accessibleName()) == (SlaState.RUNNING, "00:20:01", running)
    badge.tick(NOW_AT + 2_000)
    assert (badge.state, badge.text, badge.accessibleName()) == (SlaState.SOON, "00:20:00", "剩 20 分钟")
    badge.tick(NOW_AT + 1_203_000)
    assert (badge.state, badge.text) == (SlaState.LATE, "超 00:00:01")
    badge.set_countdown(Countdown(met=True), NOW_AT)
    assert badge.text == "已达成"


def test_badge_fits_its_text(qtbot: QtBot) -> None:
    """Each state's figure has its room, bold or not."""
    widths = {state: sla_width(state, "00:18:42") for state in SlaState}
    assert widths[SlaState.SOON] > widths[SlaState.RUNNING]


def test_badge_stays_inside_a_narrow_cell() -> None:
    """In a column drawn too narrow the badge ends where the cell does."""
    picture = QPixmap(200, 24)
    option = QStyleOption()
    option.state = QStyle.StateFlag.State_Enabled
    painter = QPainter(picture)
    wide = paint_sla(painter, QRect(0, 0, 200, 24), SlaState.LATE, "超 01:12:08", option)
    narrow = paint_sla(painter, QRect(0, 0, 60, 24), SlaState.LATE, "超 01:12:08", option)
    painter.end()
    assert wide == sla_width(SlaState.LATE, "超 01:12:08")
    assert narrow == 60


def test_clock_bar_shows_the_share_used(qtbot: QtBot) -> None:
    """The bar is the used part of the target: full when late or met, empty before it begins."""
    bar = ClockBar("下次响应", waiting_text="未开始")
    qtbot.addWidget(bar)
    assert (bar.text, bar.share) == ("未开始", 0.0)
    bar.show_clock(Countdown(due_at=NOW_AT + 900_000), now_at=NOW_AT, target_s=3_600)
    assert (bar.text, bar.share) == ("00:15:00", 0.75)
    bar.tick(NOW_AT + 450_000)
    assert bar.share == 0.875
    bar.tick(NOW_AT + 960_000)
    assert (bar.text, bar.share) == ("超 00:01:00", 1.0)
    bar.show_clock(Countdown(met=True), now_at=NOW_AT, target_s=3_600, met_text="12 分钟")
    assert (bar.text, bar.share) == ("12 分钟", 1.0)
    bar.show_clock(None, now_at=NOW_AT, target_s=3_600)
    assert bar.text == "未开始"
