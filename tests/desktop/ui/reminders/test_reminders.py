"""Reminders on a real replica: shown once, put off, surviving a restart, quiet when asked."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.replica.due import Due
from desktop.replica.queries import notices, reminders
from desktop.ui.reminders.desk import ReminderDesk
from desktop.ui.reminders.inbox import Inbox
from desktop.ui.reminders.quiet import be_quiet, end_quiet, is_quiet
from desktop.ui.reminders.remind_me import RemindMe, usual
from desktop.ui.reminders.snooze_at import SnoozeAt
from desktop.ui.reminders.tray import tray_icon
from desktop.ui.reminders.words import notice_words
from desktop.ui.text import set_language, tr
from desktop.ui.times import beginning, local
from domain.wire.sync import ConfigRow, Notice
from tests.desktop.ui.world import World

MINUTE = 60_000


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The desktop; stopped at the end."""
    made = World(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    """A main window, with something in it that pop-overs stand beside."""
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(1366, 768)
    QPushButton("anchor", made)
    made.show()
    return made


def _anchor(window: QWidget) -> QWidget:
    return window.findChildren(QPushButton)[0]


def _desk(world: World, window: QWidget) -> ReminderDesk:
    return ReminderDesk(world.session, window)


def _due(world: World, qtbot: QtBot, desk: ReminderDesk, *, after: int) -> None:
    """Let time pass and wait for what falls due."""
    world.clock.at += after
    with qtbot.waitSignal(world.bridge.reminder, timeout=5000):
        world.reminders.check()


def test_own_reminder_is_shown_once(world: World, window: QWidget, qtbot: QtBot) -> None:
    """It pops up at its time with its words, and not again; it asks not to be activated."""
    ticket = world.ticket("草莓发霉")
    desk = _desk(world, window)
    world.reminders.remind(ticket, due_at=world.clock.at + 10 * MINUTE, words="问国贸店")
    _due(world, qtbot, desk, after=10 * MINUTE)
    assert desk.card.isVisible()
    shown = desk.card.current()
    assert (shown.title, shown.subject, shown.note) == ("你的提醒", "草莓发霉", "问国贸店")
    # The platform of the tests activates every window; real ones go by this.
    assert desk.card.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    with qtbot.assertNotEmitted(world.bridge.reminder, wait=200):
        world.reminders.check()


def test_snoozed_with_one_key_comes_back_once(world: World, window: QWidget, qtbot: QtBot) -> None:
    """1 puts it off by ten minutes: gone now, back then, once."""
    ticket = world.ticket("草莓发霉")
    desk = _desk(world, window)
    world.reminders.remind(ticket, due_at=world.clock.at + MINUTE)
    _due(world, qtbot, desk, after=MINUTE)
    with qtbot.waitSignal(world.bridge.changed):
        QTest.keyClick(desk.card, Qt.Key.Key_1)
    assert not desk.card.isVisible()
    world.clock.at += 9 * MINUTE
    with qtbot.assertNotEmitted(world.bridge.reminder, wait=200):
        world.reminders.check()
    _due(world, qtbot, desk, after=MINUTE)
    assert desk.card.isVisible()
    with qtbot.assertNotEmitted(world.bridge.reminder, wait=200):
        world.reminders.check()


def test_restart_keeps_a_reminder(world: World, window: QWidget, qtbot: QtBot) -> None:
    """One that fell due while the program was closed is told at the next start; a done one never again."""
    ticket = world.ticket("草莓发霉")
    world.reminders.remind(ticket, due_at=world.clock.at + MINUTE)
    world.clock.at += 5 * MINUTE
    world.restart()
    desk = _desk(world, window)
    _due(world, qtbot, desk, after=0)
    with qtbot.waitSignal(world.bridge.changed):
        desk.card.done.emit(desk.card.current().id)
    world.restart()
    with qtbot.assertNotEmitted(world.bridge.reminder, wait=200):
        world.reminders.check()


def test_open_leads_to_the_ticket(world: World, window: QWidget, qtbot: QtBot) -> None:
    """Opening tells the ticket and is done with the reminder."""
    ticket = world.ticket("草莓发霉")
    desk = _desk(world, window)
    world.reminders.remind(ticket, due_at=world.clock.at + MINUTE)
    _due(world, qtbot, desk, after=MINUTE)
    with qtbot.waitSignal(desk.ticket_opened) as told:
        QTest.keyClick(desk.card, Qt.Key.Key_Return)
    assert told.args == [ticket]
    qtbot.waitUntil(lambda: world.reminders.open() == [])


def test_several_share_one_card(world: World, window: QWidget, qtbot: QtBot) -> None:
    """Two at a time stand in one pop-up; closing it leaves both open for the tray."""
    desk = _desk(world, window)
    for subject in ("草莓发霉", "价签不符"):
        world.reminders.remind(world.ticket(subject), due_at=world.clock.at + MINUTE)
    _due(world, qtbot, desk, after=MINUTE)
    qtbot.waitUntil(lambda: len(world.reminders.open()) == 2)
    QTest.keyClick(desk.card, Qt.Key.Key_Escape)
    assert not desk.card.isVisible()
    assert len(world.reminders.open()) == 2
    desk.show_open()
    assert desk.card.isVisible()


def test_do_not_disturb_holds_back(world: World, window: QWidget, qtbot: QtBot) -> None:
    """While it is quiet nothing pops up; once it ends, what fell due is shown."""
    ticket = world.ticket("草莓发霉")
    desk = _desk(world, window)
    be_quiet(world.session.settings, world.clock.at + 60 * MINUTE)
    world.reminders.remind(ticket, due_at=world.clock.at + MINUTE)
    _due(world, qtbot, desk, after=MINUTE)
    assert not desk.card.isVisible()
    assert desk.waiting() == 1
    end_quiet(world.session.settings)
    assert desk.card.isVisible()
    assert desk.waiting() == 0


def test_quiet_ends_at_its_moment(world: World, window: QWidget, qtbot: QtBot) -> None:
    """Quiet until a moment ends by itself."""
    ticket = world.ticket("草莓发霉")
    desk = _desk(world, window)
    be_quiet(world.session.settings, world.clock.at + 10 * MINUTE)
    world.reminders.remind(ticket, due_at=world.clock.at + MINUTE)
    _due(world, qtbot, desk, after=MINUTE)
    world.clock.at += 10 * MINUTE
    qtbot.waitUntil(desk.card.isVisible)


def test_a_kind_comes_the_way_that_was_chosen(world: World, window: QWidget, qtbot: QtBot) -> None:
    """A silent kind is only counted, however loud the others are; another comes with its sound."""
    desk, rung = _desk(world, window), []
    desk.sound = lambda: rung.append(1)
    world.session.settings.change(notices={"own": "silent"})
    due = Due(id="d1", ticket=world.ticket("草莓发霉"), kind="own", at=world.clock.at)
    desk.bring(due)
    assert not desk.card.isVisible()
    assert not rung
    world.session.settings.change(notices={"own": "sound"})
    desk.bring(due)
    assert desk.card.isVisible()
    assert rung == [1]


def test_quiet_hours_go_past_midnight(world: World) -> None:
    """From the first minute to the last, every day; hours that are none keep nobody quiet."""
    settings = world.session.settings
    settings.change(quiet_from="14:32", quiet_to="8:00")
    now = beginning(local(world.clock.at).date()) + (14 * 60 + 32) * MINUTE
    assert [is_quiet(settings.current, now + minutes * MINUTE) for minutes in (-1, 0, 17 * 60, 18 * 60)] == [
        False, True, True, False,
    ]  # fmt: skip
    settings.change(quiet_from="14:00", quiet_to="15:00")
    assert [is_quiet(settings.current, now + minutes * MINUTE) for minutes in (-60, 0, 28)] == [
        False,
        True,
        False,
    ]
    settings.change(quiet_from="25:00", quiet_to="15:00")
    assert not is_quiet(settings.current, now)


def test_remind_me_with_a_digit(world: World, window: QWidget, qtbot: QtBot) -> None:
    """1 sets a reminder in ten minutes; it stands in the list of the next pop-over and can be dropped."""
    ticket = world.ticket("草莓发霉")
    popover = RemindMe(world.session, _anchor(window), ticket)
    popover.open()
    with qtbot.waitSignal(world.bridge.changed):
        QTest.keyClick(popover, Qt.Key.Key_1)
    with world.replica.read() as conn:
        (one,) = reminders.waiting(conn)
    assert (one.ticket, one.due_at) == (ticket, world.clock.at + 10 * MINUTE)


def test_remind_me_at_a_written_moment(world: World, window: QWidget, qtbot: QtBot) -> None:
    """A written moment and words are kept; one that is past is refused in place."""
    ticket = world.ticket("草莓发霉")
    popover = RemindMe(world.session, _anchor(window), ticket)
    popover.open()
    popover.when.set_value(world.clock.at - MINUTE)
    popover.take.click()
    assert popover.isVisible()
    popover.when.set_value(world.clock.at + 90 * MINUTE)
    popover.words.setText("催国贸店")
    with qtbot.waitSignal(world.bridge.changed):
        popover.take.click()
    with world.replica.read() as conn:
        (one,) = reminders.waiting(conn)
    assert (one.due_at // MINUTE, one.words) == ((world.clock.at + 90 * MINUTE) // MINUTE, "催国贸店")


def test_usual_moments_are_ahead(world: World) -> None:
    """Only moments to come are offered, the next first, none twice."""
    for hour in range(48):
        now = world.clock.at + hour * 60 * MINUTE
        moments = [at for _, at in usual(now)]
        assert moments == sorted(set(moments))
        assert moments[0] > now


def test_snooze_at_a_moment(world: World, window: QWidget, qtbot: QtBot) -> None:
    """指定 asks for the moment and puts the reminder off until then."""
    popover = SnoozeAt(_anchor(window), now_at=world.clock.at)
    popover.open()
    popover.when.set_value(world.clock.at + 30 * MINUTE)
    with qtbot.waitSignal(popover.chosen) as told:
        popover.take.click()
    assert told.args is not None
    assert told.args[0] == world.clock.at + 30 * MINUTE


def _notices(world: World) -> tuple[str, str]:
    first, second = world.ticket("草莓发霉"), world.ticket("价签不符")
    now = world.clock.at
    world.notices(
        Notice(id="n1", ticket=first, kind="message", at=now - MINUTE),
        Notice(id="n2", ticket=second, kind="assigned", at=now - 2 * MINUTE),
    )
    return first, second


def _unseen(world: World) -> int:
    with world.replica.read() as conn:
        return notices.unseen_count(conn)


def test_inbox_opens_and_marks(world: World, window: QWidget, qtbot: QtBot) -> None:
    """Newest first; Enter opens the ticket and marks that notice alone as seen."""
    first, _ = _notices(world)
    inbox = Inbox(world.session, _anchor(window))
    qtbot.addWidget(inbox)
    inbox.open()
    assert inbox.unseen() == 2
    with qtbot.waitSignal(inbox.ticket_opened) as told:
        QTest.keyClick(inbox, Qt.Key.Key_Return)
    assert told.args == [first]
    qtbot.waitUntil(lambda: _unseen(world) == 1)


def test_inbox_all_seen(world: World, window: QWidget, qtbot: QtBot) -> None:
    """One click marks everything as seen; their reminders are done, too."""
    _notices(world)
    world.reminders.check()
    assert len(world.reminders.open()) == 2
    inbox = Inbox(world.session, _anchor(window))
    qtbot.addWidget(inbox)
    inbox.open()
    inbox.all_seen.click()
    qtbot.waitUntil(lambda: inbox.unseen() == 0)
    qtbot.waitUntil(lambda: world.reminders.open() == [])


def test_tray_menu(world: World, window: QWidget, qtbot: QtBot) -> None:
    """The menu offers window, new ticket, lists, quiet and quit, and says when quiet ends."""
    desk = _desk(world, window)
    desk.tray.fill_menu()
    words = [action.text().partition("\t")[0] for action in desk.tray.menu.actions() if action.text()]
    assert words[:2] == ["显示主窗口", "新建工单"]
    assert {"免打扰 1 小时", "免打扰到明天 9:00", "退出"} <= set(words)
    be_quiet(world.session.settings, world.clock.at + 60 * MINUTE)
    desk.tray.fill_menu()
    assert any(action.text().startswith("结束免打扰（到 ") for action in desk.tray.menu.actions())
    with qtbot.waitSignal(desk.tray.quit_wanted):
        desk.tray.menu.actions()[-1].trigger()


def test_tray_icon_counts(world: World) -> None:
    """The icon is another picture with a count on it."""
    plain, counted = tray_icon(0), tray_icon(3)
    assert plain.pixmap(24, 24).toImage() != counted.pixmap(24, 24).toImage()


def test_without_a_tray_closing_closes(world: World, window: QWidget) -> None:
    """Where there is no tray (as here) the window closes as any other."""
    desk = _desk(world, window)
    assert not desk.tray.shown
    QApplication.sendEvent(window, QEvent(QEvent.Type.LanguageChange))
    assert window.close()
    assert not window.isVisible()


def test_an_administrators_words_stand_in_the_inbox(world: World, window: QWidget) -> None:
    """A notice of a template is shown in the person's language, filled in from the ticket that is held here."""
    texts = {
        "zh": {"subject": "{store}请看 {number}", "body": "{reason}"},
        "en": {"body": "{number}: {reason}"},
    }
    body = msgspec.json.encode({"id": "look", "texts": texts})
    row = ConfigRow(kind="notice_template", id="look", version=1, deleted=False, body=msgspec.Raw(body))
    id = world.ticket("收银机无法打印小票")
    world.configure(row)
    detail = {"reason": "急", "number": "old"}
    world.notices(
        Notice(id="n1", ticket=id, kind="look", at=world.clock.now(), detail=detail),
        Notice(id="n2", ticket="gone", kind="look", at=world.clock.now() - 1, detail=detail),
        Notice(id="n3", ticket=id, kind="of_no_words", at=world.clock.now() - 2),
    )
    with world.replica.read() as conn:
        held, gone, unknown = notices.notices(conn)
    assert notice_words(held) == f"{held.store}请看 {held.number}"
    assert held.store
    assert notice_words(gone) == "请看 old"
    assert notice_words(unknown) == tr("notice.kind_other")
    set_language("en")
    try:
        assert notice_words(held) == f"{held.number}: 急"
    finally:
        set_language("zh_CN")
