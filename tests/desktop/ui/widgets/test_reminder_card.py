"""The reminder pop-up: several share one, keys act on the one in front."""

import pytest
from PySide6.QtCore import QRect, Qt
from pytestqt.qtbot import QtBot

from desktop.ui.countdown import Countdown
from desktop.ui.text import set_language
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.reminder_card import ReminderCard, ReminderContent

NOW_AT = 1_763_620_350_000


def content(reminder_id: str) -> ReminderContent:
    """A reminder of a ticket."""
    due = Countdown(due_at=NOW_AT + 1_122_000)
    return ReminderContent(
        id=reminder_id, title="即将超时", time="14:31", number="104862", subject="草莓礼盒", countdown=due
    )


@pytest.fixture
def card(qtbot: QtBot) -> ReminderCard:
    """A card with three reminders."""
    made = ReminderCard()
    qtbot.addWidget(made)
    made.show_reminders([content("a"), content("b"), content("c")], now_at=NOW_AT)
    return made


@pytest.mark.parametrize(
    ("key", "snooze"),
    [(Qt.Key.Key_1, "minutes"), (Qt.Key.Key_2, "hour"), (Qt.Key.Key_3, "tomorrow")],
)
def test_digits_snooze(card: ReminderCard, qtbot: QtBot, key: Qt.Key, snooze: str) -> None:
    """1 to 3 put the reminder in front off."""
    with qtbot.waitSignal(card.snoozed) as told:
        qtbot.keyClick(card, key)
    assert told.args == ["a", snooze]


def test_keys_open_reply_and_close(card: ReminderCard, qtbot: QtBot) -> None:
    """Each act of the card has its key."""
    with qtbot.waitSignal(card.opened):
        qtbot.keyClick(card, Qt.Key.Key_Return)
    with qtbot.waitSignal(card.replied):
        qtbot.keyClick(card, Qt.Key.Key_R)
    with qtbot.waitSignal(card.closed):
        qtbot.keyClick(card, Qt.Key.Key_Escape)


def test_paging_keeps_its_place(card: ReminderCard, qtbot: QtBot) -> None:
    """The one in front stays in front when another is done or comes."""
    qtbot.keyClick(card, Qt.Key.Key_Right)
    assert card.current().id == "b"
    card.show_reminders([content("b"), content("c"), content("d")], now_at=NOW_AT)
    assert card.current().id == "b"
    qtbot.keyClick(card, Qt.Key.Key_Right)
    card.show_reminders([content("b")], now_at=NOW_AT)
    assert card.current().id == "b"
    qtbot.keyClick(card, Qt.Key.Key_Right)
    assert card.current().id == "b"


def test_it_stands_in_the_corner_without_taking_the_focus(card: ReminderCard) -> None:
    """Someone who types is not interrupted."""
    area = QRect(0, 0, 1366, 728)
    card.show_at(area)
    assert area.contains(card.geometry())
    assert card.width() == 376
    assert card.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)


def test_none_left_closes_it(card: ReminderCard) -> None:
    """An empty card is no card."""
    card.show()
    card.show_reminders([], now_at=NOW_AT)
    assert not card.isVisible()


def test_it_speaks_english(card: ReminderCard) -> None:
    """Its buttons follow the language."""
    set_language("en")
    assert {"Open", "Reply", "Done"} <= {button.text() for button in card.findChildren(Button)}
