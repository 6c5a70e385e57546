"""Making a ticket, without a network and mostly without a mouse."""

from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.replica import rows
from desktop.replica.queries import drafts
from desktop.replica.queries.outbox import unsent
from desktop.ui.create.category_chooser import CategoryChooser
from desktop.ui.create.page import CreatePage
from desktop.ui.text import set_language
from desktop.ui.widgets.text_area import TextArea
from desktop.ui.widgets.toast import Toast
from domain.entities.ticket import Entry, PersonalValue, Ticket
from tests.desktop.ui.create.conftest import Opener
from tests.desktop.ui.keys import focused, press, tab_to, write
from tests.desktop.ui.names import nameless
from tests.desktop.ui.world import World


def _made(world: World, id: str) -> tuple[Ticket, dict[str, PersonalValue], list[Entry]]:
    with world.replica.read() as conn:
        ticket = rows.load_ticket(conn, id)
        assert ticket is not None
        personal = {value.key: value for value in rows.load_personal(conn, id)}
        return ticket, personal, rows.load_entries(conn, id)


def _fill(page: CreatePage) -> None:
    """Everything a complaint needs but the store's confirmation."""
    sheet = page.sheet
    press(Qt.Key.Key_1)
    write("13912345678")
    tab_to(sheet.category.chips()[0])
    press(Qt.Key.Key_Space)
    tab_to(sheet.matter.description.editor)
    write("草莓礼盒开箱见三颗发霉。要求致歉")
    assert sheet.matter.form is not None
    tab_to(sheet.matter.form.field("demand").editor)
    while focused().value() != "apology":  # type: ignore[attr-defined]  # a ComboBox
        press(Qt.Key.Key_Down)


def test_a_ticket_offline_by_keyboard_alone(world: World, open_page: Opener, qtbot: QtBot) -> None:
    """Digit, phone, category, store confirmed by Alt+Y, description, form, Ctrl+Enter: the ticket is in the outbox."""
    page = open_page()
    draft = page.draft_id
    _fill(page)
    press(Qt.Key.Key_Y, alt=True)
    with qtbot.waitSignals([page.submitted, page.closed], timeout=5000) as told:
        press(Qt.Key.Key_Return, ctrl=True)
    assert told.signal_triggered
    ticket, personal, entries = _made(world, draft)
    assert ticket.provisional == "临-K3-0001"
    assert (ticket.org, ticket.line, ticket.category) == ("HZ001", "retail", "spoiled")
    assert ticket.subject == "草莓礼盒开箱见三颗发霉"
    assert ticket.fields == {"demand": "apology"}
    assert personal["phone"].value == "13912345678"
    assert entries[0].detail["suggested"] == "unit"
    with world.replica.read() as conn:
        assert [one.kind for one in unsent(conn)] == ["create"]
        assert drafts.drafts(conn) == []
    assert world.sync.woken == 1
    assert page.findChildren(Toast)[0].label.text() == "已提交 临-K3-0001，联网后自动发送"


def test_errors_are_shown_and_jumped_to(world: World, open_page: Opener, qtbot: QtBot) -> None:
    """Ctrl+Enter on an unfinished page marks every gap, names them and leads to the first; nothing is sent."""
    page = open_page()
    press(Qt.Key.Key_1)
    write("1391234")
    press(Qt.Key.Key_Return, ctrl=True)
    sheet = page.sheet
    assert sheet.customer.phone.error() == "手机号要 11 位，现在 7 位"
    assert focused() is sheet.customer.phone.editor
    assert "还差 5 项：手机号、分类、确认门店、问题描述、客户诉求" in sheet.foot.missing.text()
    write("5678")
    assert sheet.customer.phone.error() == ""
    press(Qt.Key.Key_Return, ctrl=True)
    assert focused() is sheet.category.chips()[0]
    press(Qt.Key.Key_Space)
    press(Qt.Key.Key_Return, ctrl=True)
    assert focused().accessibleName() or focused().text() == "确认"  # type: ignore[attr-defined]  # a Button
    press(Qt.Key.Key_Space)
    assert sheet.store.done
    press(Qt.Key.Key_Return, ctrl=True)
    assert focused() is sheet.matter.description.editor
    with world.replica.read() as conn:
        assert unsent(conn) == []


def _draft_kept(world: World) -> bool:
    with world.replica.read() as conn:
        return any("三颗发霉。要求致歉" in one.body and "apology" in one.body for one in drafts.drafts(conn))


def test_draft_comes_back_after_a_crash(world: World, open_page: Opener, qtbot: QtBot) -> None:
    """A page destroyed without closing loses nothing: the next program shows it as it was, and says so."""
    page = open_page(crashes=True)
    draft = page.draft_id
    _fill(page)
    qtbot.waitUntil(lambda: _draft_kept(world))
    page.sheet.edited.disconnect()
    page.deleteLater()
    qtbot.waitUntil(lambda: not _valid(page))
    world.restart()
    again = open_page()
    assert again.draft_id == draft
    assert again.sheet.customer.phone.value() == "13912345678"
    assert again.sheet.category.value() == "spoiled"
    assert again.sheet.matter.description.value() == "草莓礼盒开箱见三颗发霉。要求致歉"
    assert again.sheet.form_values() == {"demand": "apology"}
    assert not again.sheet.store.settled
    assert again.sheet.banner.isVisible()
    assert again.sheet.banner.text().startswith("已恢复上次没提交的草稿")


def _valid(page: Any) -> bool:
    import shiboken6

    return shiboken6.isValid(page)


def test_left_draft_waits_in_the_list(world: World, open_page: Opener, qtbot: QtBot) -> None:
    """Esc keeps what was written; the next page starts empty and offers the draft."""
    page = open_page()
    draft = page.draft_id
    press(Qt.Key.Key_1)
    write("13912345678")
    with qtbot.waitSignal(page.closed):
        press(Qt.Key.Key_Escape)
    page.hide()
    fresh = open_page()
    assert fresh.draft_id != draft
    qtbot.waitUntil(lambda: fresh.sheet.head.drafts.text() == "草稿 1")
    third = open_page(draft=draft)
    assert third.sheet.customer.phone.value() == "13912345678"


def test_empty_page_leaves_nothing(world: World, open_page: Opener, qtbot: QtBot) -> None:
    """A page closed without a word keeps no draft."""
    page = open_page()
    with qtbot.waitSignal(page.closed):
        press(Qt.Key.Key_Escape)
    qtbot.wait(200)
    with world.replica.read() as conn:
        assert drafts.drafts(conn) == []


def test_sent_draft_is_not_offered_again(world: World, open_page: Opener) -> None:
    """A draft whose ticket exists was sent, even if the program ended before the draft was dropped."""
    from desktop.commands import local
    from desktop.ui.create.draft import KIND, Draft, body_of

    ticket = world.ticket("草莓发霉")
    body = body_of(Draft(id=ticket, phone="13912345678"))
    local.save_draft(world.replica, ticket, kind=KIND, body=body, at=world.clock.now())
    page = open_page()
    assert page.draft_id != ticket
    assert page.sheet.customer.phone.value() == ""


def test_known_customer_and_possible_duplicate(world: World, open_page: Opener, qtbot: QtBot) -> None:
    """The phone number brings the customer's name and open ticket; the description can be added to that one."""
    ticket = world.ticket("草莓礼盒开箱发霉")
    page = open_page()
    press(Qt.Key.Key_1)
    write("13800002716")
    help = page.sheet.help
    qtbot.waitUntil(lambda: help.duplicates.count() == 1)
    assert page.sheet.customer.name.value() == "陈女士"
    tab_to(page.sheet.matter.description.editor)
    write("还有两颗压坏了")
    with qtbot.waitSignal(page.ticket_opened) as told:
        help.duplicates.added.emit(ticket)
    assert told.args == [ticket]
    *_, entries = _made(world, ticket)
    assert [(row.kind, row.body) for row in entries][-1] == ("note", "还有两颗压坏了")
    qtbot.waitUntil(lambda: not _any_draft(world))


def _any_draft(world: World) -> bool:
    with world.replica.read() as conn:
        return bool(drafts.drafts(conn))


def test_not_a_duplicate(world: World, open_page: Opener, qtbot: QtBot) -> None:
    """A ticket that the person called another matter is not offered again on this page."""
    ticket = world.ticket("草莓礼盒开箱发霉")
    page = open_page()
    press(Qt.Key.Key_1)
    write("13800002716")
    qtbot.waitUntil(lambda: page.sheet.help.duplicates.count() == 1)
    page.sheet.help.duplicates.dismissed.emit(ticket)
    assert page.sheet.help.duplicates.count() == 0


def test_text_module_by_keyboard(world: World, open_page: Opener) -> None:
    """Ctrl+/ leads to the modules, Enter inserts the best; what is known is filled, the first gap is selected."""
    page = open_page()
    press(Qt.Key.Key_1)
    tab_to(page.sheet.matter.description.editor)
    write("开箱")
    press(Qt.Key.Key_A, ctrl=True)
    press(Qt.Key.Key_Slash, ctrl=True)
    assert page.sheet.help.modules.shown()[0] == "生鲜变质 · 描述"
    press(Qt.Key.Key_Return)
    area = page.sheet.matter.description.editor
    assert isinstance(area, TextArea)
    assert area.hasFocus()
    assert "在 望潮路店 购买的" in area.toPlainText()
    assert area.textCursor().selectedText() == "{购买日期}"


def test_category_by_initials(world: World, open_page: Opener, qtbot: QtBot) -> None:
    """The whole tree is searched by pinyin initials and chosen with Enter."""
    page = open_page()
    page.sheet.category.open_chooser()
    qtbot.waitUntil(lambda: focused() is not page.sheet.left)
    write("jqbf")
    press(Qt.Key.Key_Return)
    assert page.sheet.category.value() == "price_tag"
    page.sheet.category.open_chooser()
    write("hwf")
    press(Qt.Key.Key_Escape)
    assert page.sheet.category.value() == "price_tag"


def test_deadlines_before_sending(world: World, open_page: Opener, qtbot: QtBot) -> None:
    """The page tells the policy that will match and how soon somebody answers, by the rules at hand."""
    page = open_page()
    press(Qt.Key.Key_1)
    qtbot.waitUntil(lambda: page.sheet.foot.promise.text() == "提交后 30 分钟内首次响应")
    page.sheet.foot.priority.chosen.emit("urgent")
    qtbot.waitUntil(lambda: page.sheet.foot.promise.text() == "提交后 10 分钟内首次响应")
    assert page.sheet.draft().priority == "urgent"


def test_form_follows_the_scenario(world: World, open_page: Opener) -> None:
    """Another scenario brings its own form; what two of them share stays as it was written."""
    page = open_page()
    press(Qt.Key.Key_1)
    write("13912345678")
    page.sheet.left.take_focus()
    press(Qt.Key.Key_9)
    form = page.sheet.matter.form
    assert form is not None
    assert "asset" in form.shown_keys()
    assert page.sheet.customer.phone.value() == "13912345678"
    assert page.sheet.line() == "internal"


def test_narrow_windows(world: World, open_page: Opener) -> None:
    """Below 1200 the help opens from buttons, below 1000 the scenarios are a list box."""
    page = open_page(width=1100)
    assert not page.sheet.help.isVisible()
    assert page.sheet.head.modules.isVisible()
    press(Qt.Key.Key_Slash, ctrl=True)
    assert page.sheet.help.isVisible()
    page.resize(960, 700)
    assert not page.sheet.left.list.isVisible()


def test_time_on_the_page(world: World, open_page: Opener) -> None:
    """The time in front is measured, a machine's sleep is not."""
    page = open_page()
    for _ in range(3):
        world.clock.at += 2_000
        seconds = page.page_seconds
    assert seconds == 6
    world.clock.at += 3_600_000
    assert page.page_seconds == 6


def test_language_switched_while_writing(world: World, open_page: Opener) -> None:
    """Another language writes the page anew and keeps every word of the person's."""
    page = open_page()
    draft = page.draft_id
    _fill(page)
    set_language("en")
    assert page.draft_id == draft
    assert page.sheet.foot.submit.text() == "Submit"
    assert page.sheet.matter.description.value() == "草莓礼盒开箱见三颗发霉。要求致歉"
    assert page.sheet.form_values() == {"demand": "apology"}


def test_whatever_takes_the_keyboard_has_a_name(open_page: Opener) -> None:
    """The steps, the help beside them and the categories."""
    page = open_page()
    found = nameless()
    page.sheet.category.open_chooser()
    found |= nameless()
    chooser = page.sheet.category.findChild(CategoryChooser)
    assert chooser is not None
    chooser.close()
    assert not found
