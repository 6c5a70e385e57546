"""The report window: figures, tables, drilling down by mouse and keys, offline, narrowed."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.ui import theme
from desktop.ui.form.directory import Found
from desktop.ui.reports.content import CHARTS, texts
from desktop.ui.reports.pickers import Picker
from desktop.ui.reports.plot import Plot
from desktop.ui.reports.table import ContentTable
from desktop.ui.text import set_language
from domain.errors import RefusedError, UnavailableError
from domain.wire.reports import Backlog, Figures, Overview
from tests.desktop.ui.reports.conftest import Page
from tests.desktop.ui.reports.invented import overview


def _plot(page: Page, name: str) -> Plot:
    plot = page.window.board.cards[next(one for one in CHARTS if one == name)].plot
    assert plot is not None
    return plot


def _table(page: Page, name: str) -> ContentTable:
    table = page.window.board.cards[next(one for one in CHARTS if one == name)].table
    assert table is not None
    return table


def _behind(page: Page, qtbot: QtBot) -> None:
    qtbot.waitUntil(page.window.board.behind.table.isVisible)


def test_figures_are_spoken_with_their_change(page: Page) -> None:
    """A screen reader hears figure, arrow, change and whether it is good."""
    names = [cell.accessibleName() for cell in page.window.board.figures.cells]
    assert names[2] == "首次响应（中位）, 14 分钟, ↓ 2 分钟 变快 · 90%：52 分钟"
    assert names[4].endswith("变差")


def test_every_table_equals_its_chart(page: Page) -> None:
    """What the table says is what the chart is drawn from, cell by cell."""
    for name in CHARTS:
        card = page.window.board.cards[name]
        card.toggle.click()
        assert card.tabled
        assert card.content is not None
        model = _table(page, name).model()
        shown = [
            [model.index(row, column).data() for column in range(model.columnCount())]
            for row in range(model.rowCount())
        ]
        assert shown == texts(card.content.rows)
        drawn = {(spot.row, spot.column) for spot in _plot(page, name).spots}
        assert {row for row, _ in drawn} == set(range(len(card.content.rows)))
        card.toggle.click()
        assert not card.tabled


def test_keys_point_at_marks_and_say_them(page: Page) -> None:
    """Tab shows the last day, arrows move, and the description follows for screen readers."""
    plot = _plot(page, "trend")
    page.window.activateWindow()
    plot.setFocus(Qt.FocusReason.TabFocusReason)
    last = len(plot.content.rows) - 1
    assert plot.chosen() == (last, 0)
    QTest.keyClick(plot, Qt.Key.Key_Left)
    QTest.keyClick(plot, Qt.Key.Key_Down)
    assert plot.chosen() == (last - 1, 1)
    assert plot.accessibleDescription() == plot.content.spoken(last - 1, 1)


def test_enter_on_a_day_opens_its_tickets(page: Page, qtbot: QtBot) -> None:
    """The list asks for that day alone; Enter opens a ticket, Esc goes back to the chart."""
    plot = _plot(page, "trend")
    plot.choose(3, 1)
    QTest.keyClick(plot, Qt.Key.Key_Return)
    _behind(page, qtbot)
    day = page.window.found.days[3].day.isoformat() if page.window.found else ""
    assert f"from={day}&to={day}" in page.server.asked[-1]
    assert "measure=created&key=" in page.server.asked[-1]
    table = page.window.board.behind.table
    with qtbot.waitSignal(page.window.ticket_opened) as opened:
        QTest.keyClick(table, Qt.Key.Key_Return)
    assert opened.args == [f"{0:032x}"]
    QTest.keyClick(table, Qt.Key.Key_Escape)
    assert not page.window.board.is_behind


def test_click_on_a_bar_opens_its_tickets(page: Page, qtbot: QtBot) -> None:
    """A click anywhere in a row counts for the row."""
    plot = _plot(page, "units")
    spot = plot.spots[1]
    QTest.mouseClick(
        plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(plot.width() - 10, round(spot.at.y()))
    )
    _behind(page, qtbot)
    assert "measure=unit&key=Yuhua" in page.server.asked[-1]


def test_enter_in_a_table_drills_as_the_chart_does(page: Page, qtbot: QtBot) -> None:
    """Each figure of the table leads to what lies behind it."""
    page.window.board.cards["targets"].show_table(True)
    table = _table(page, "targets")
    table.setCurrentIndex(table.model().index(0, 2))
    QTest.keyClick(table, Qt.Key.Key_Return)
    _behind(page, qtbot)
    assert "measure=met&key=first_response" in page.server.asked[-1]


def test_offline_the_last_figures_stay_with_their_time(
    page: Page, open_page: Callable[[], Page], qtbot: QtBot
) -> None:
    """After a restart without network the figures are those of before, and the banner says of when."""
    shown = [cell.accessibleName() for cell in page.window.board.figures.cells]
    page.window.close()
    page.world.clock.at += 3 * 3_600_000
    again = open_page()
    again.server.trouble = UnavailableError("server_unreachable")
    again.window.show()
    qtbot.waitUntil(again.window.board.banner.isVisible)
    assert [cell.accessibleName() for cell in again.window.board.figures.cells] == shown
    assert again.window.board.banner.text().startswith("连不上服务器，这是")
    assert "10-22 至 11-20" in again.window.board.banner.text()
    again.server.trouble = None
    again.window.board.banner.acted.emit()
    qtbot.waitUntil(lambda: not again.window.board.banner.isVisible())


def test_next_day_offline_shows_yesterdays_period(
    page: Page, open_page: Callable[[], Page], qtbot: QtBot
) -> None:
    """A preset moves with the day; the last figures of its length are shown with the days they are of."""
    page.window.close()
    page.world.clock.at += 24 * 3_600_000
    again = open_page()
    again.server.trouble = UnavailableError("timeout")
    again.window.show()
    qtbot.waitUntil(again.window.board.banner.isVisible)
    assert "10-22 至 11-20" in again.window.board.banner.text()
    assert again.window.filters.question().last.isoformat() == "2026-11-21"


def test_never_fetched_and_unreachable_says_so(open_page: Callable[[], Page], qtbot: QtBot) -> None:
    """Without figures there is a sentence and a way to try again, not an empty chart."""
    page = open_page()
    page.server.trouble = UnavailableError("server_unreachable")
    page.window.show()
    qtbot.waitUntil(lambda: page.window.board.is_empty)
    page.server.trouble = None
    page.window.board.retried.emit()
    qtbot.waitUntil(lambda: page.window.found is not None)
    assert not page.window.board.is_empty


def test_refusal_is_no_outage(page: Page, qtbot: QtBot) -> None:
    """Where the server says no, old figures are not passed off as an answer."""
    page.server.trouble = RefusedError("not_allowed")
    page.window.ask()
    qtbot.waitUntil(lambda: page.window.board.is_empty)
    assert page.window.found is None


def test_narrowing_asks_anew(page: Page, qtbot: QtBot) -> None:
    """A unit, a category and a period go into the question; clearing takes all but the period out."""
    filters = page.window.filters
    filters.narrow("unit", Found(id="HZ", name="杭州市"))
    filters.narrow("category", Found(id="food", name="生鲜"))
    qtbot.waitUntil(lambda: "unit=HZ&category=food" in page.server.asked[-1])
    assert filters.words()[1:] == [("分类", "生鲜"), ("单位", "杭州市")]
    filters.clear_filters()
    qtbot.waitUntil(lambda: "unit" not in page.server.asked[-1])


def test_units_are_found_by_initials(page: Page, qtbot: QtBot) -> None:
    """Typing initials and Enter chooses a unit."""
    page.window.filters.chips["unit"].click()
    picker = page.window.filters.opened
    assert isinstance(picker, Picker)
    QTest.keyClicks(picker.search, "zjs")
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    assert page.window.filters.words()[1] == ("单位", "浙江省")


def test_an_empty_period_says_what_to_do(page: Page, qtbot: QtBot) -> None:
    """Nothing in the period is a sentence with the next step."""
    asked = page.window.filters.question()
    page.server.answer = Overview(
        asked=asked, as_of=page.server.as_of, days=(), now=Backlog(), period=Figures(), before=Figures()
    )
    page.window.ask()
    qtbot.waitUntil(lambda: page.window.board.is_empty)


def test_language_and_scheme_change_at_once(page: Page, dress: theme.Theme) -> None:
    """Words and colours follow without asking the server."""
    asked = len(page.server.asked)
    set_language("en")
    dress.choose(theme.Scheme.DARK)
    assert page.window.windowTitle() == "Reports"
    assert _plot(page, "trend").content.question == "Is the backlog growing?"
    assert page.window.board.cards["ages"].toggle.accessibleName() == "Show the table"
    assert len(page.server.asked) == asked


def test_calendar_time_redraws_durations(page: Page) -> None:
    """The switch changes durations and nothing else."""
    page.window.filters.time.set_value("calendar")
    page.window.filters.timed.emit()
    cells = page.window.board.figures.cells
    assert cells[3].accessibleName().startswith("解决用时（中位）, 7.7 小时")
    assert cells[0].accessibleName().startswith("新建, 26,927 张")


def test_narrow_windows_have_two_columns(page: Page, qtbot: QtBot) -> None:
    """Below 1200 the cards stand in two columns and none is cut off."""
    page.window.resize(1024, 768)
    cards = list(page.window.board.cards.values())
    qtbot.waitUntil(lambda: cards[2].y() > cards[0].y())
    assert cards[0].y() == cards[1].y()


def test_a_later_answer_to_an_earlier_question_is_dropped(page: Page) -> None:
    """Whoever changes the filters twice never sees the first answer last."""
    old = page.window.filters.question()
    page.window.filters.narrow("line", Found(id="retail", name="门店"))
    before = page.window.found
    page.window._on_found(old, overview(old, 1))
    assert page.window.found is before


def test_windows_come_and_go(open_page: Callable[..., Page], qtbot: QtBot) -> None:
    """Closing while figures are being fetched, or drawn, leaves nothing behind that is called later."""
    for n in range(4):
        page = open_page(kept=False)
        page.window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        page.window.show()
        if n % 2:
            shown = page.window
            qtbot.waitUntil(lambda shown=shown: shown.found is not None)  # type: ignore[misc]
        with qtbot.waitSignal(page.window.destroyed):
            page.window.close()
        qtbot.wait(20)
