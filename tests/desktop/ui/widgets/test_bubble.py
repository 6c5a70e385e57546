"""Messages grow with their text, at most 640 wide, and can be copied."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.text import set_language
from desktop.ui.widgets.bubble import Bubble
from desktop.ui.widgets.chip import Chip

LONG = "同批次商品已下架，请客户先不要食用。" * 40


def placed(qtbot: QtBot, bubble: Bubble, width: int) -> QFrame:
    """The box of a bubble in a column of a width."""
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(bubble)
    column.addStretch(1)
    window.resize(width, 900)
    window.show()
    qtbot.waitExposed(window)
    bubble.keeper = window  # type: ignore[attr-defined]  # the test keeps the bubble, the bubble its window
    return bubble._box


@pytest.mark.parametrize("width", [360, 720, 1200])
def test_long_text_wraps_and_is_whole(qtbot: QtBot, width: int) -> None:
    """No line is lost at any width, and no bubble is wider than 640."""
    bubble = Bubble("public", LONG, author="林晓雯", when="14:02")
    frame = placed(qtbot, bubble, width)
    assert frame.width() <= min(640, width)
    needed = bubble.text.heightForWidth(bubble.text.width())
    assert bubble.text.height() >= needed
    lines = needed / 22
    assert lines * bubble.text.width() >= bubble.text.fontMetrics().horizontalAdvance(LONG)


def test_short_text_makes_a_short_bubble_on_one_line(qtbot: QtBot) -> None:
    """A word does not stand in a wide box."""
    bubble = Bubble("customer", "退款多久到账？", author="陈女士", when="14:10")
    frame = placed(qtbot, bubble, 900)
    assert frame.width() < 160
    assert bubble.text.height() < 30


def test_sides(qtbot: QtBot) -> None:
    """The customer speaks from the left, we from the right."""
    customer = Bubble("customer", "好", author="陈女士", when="")
    note = Bubble("note", "好", author="郭婷", when="")
    left, right = placed(qtbot, customer, 900), placed(qtbot, note, 900)
    assert left.mapTo(left.window(), left.rect().center()).x() < 450
    assert right.mapTo(right.window(), right.rect().center()).x() > 450


def test_text_is_selectable_and_never_markup(qtbot: QtBot) -> None:
    """What a customer wrote is shown as written."""
    bubble = Bubble("customer", "<b>5 < 6</b>\n@林晓雯 https://example.com/a?b=1", author="陈女士", when="")
    qtbot.addWidget(bubble)
    assert bubble.text.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    bubble.text.setSelection(0, 11)
    assert "&lt;b&gt;" in bubble.text.text()
    assert '<a href="https://example.com/a?b=1"' in bubble.text.text()


def test_note_says_that_it_is_internal(qtbot: QtBot) -> None:
    """Its kind is a word, not only a colour, in either language; and is read out."""
    bubble = Bubble("note", "已下架", author="郭婷", when="14:20")
    qtbot.addWidget(bubble)
    chips = bubble.findChildren(Chip)
    assert [chip.text() for chip in chips] == ["内部备注"]
    assert bubble.accessibleName() == "内部备注 郭婷 14:20: 已下架"
    set_language("en")
    assert chips[0].text() == "Internal note"


def test_foot_comes_and_goes(qtbot: QtBot) -> None:
    """What is not sent yet says so until it is."""
    bubble = Bubble("note", "已下架", author="郭婷", when="14:20")
    frame = placed(qtbot, bubble, 600)
    before = frame.height()
    bubble.set_foot("存在本机，待发送")
    qtbot.waitUntil(lambda: frame.height() > before)
    bubble.set_foot("")
    qtbot.waitUntil(lambda: frame.height() == before)
