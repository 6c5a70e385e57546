"""Fields show what is wrong when left or submitted, and forget it while typing."""

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.widgets.check_box import CheckBox
from desktop.ui.widgets.combo_box import ComboBox
from desktop.ui.widgets.field import Field
from desktop.ui.widgets.suggestion import Suggestion
from desktop.ui.widgets.text_area import TextArea
from desktop.ui.widgets.text_field import TextField

TOO_SHORT = "手机号要 11 位，现在 7 位"


class Form(QWidget):
    """A phone field above another, so that it can be left."""

    def __init__(self) -> None:
        super().__init__()
        self.editor = TextField()
        self.field = Field("手机号", self.editor, required=True, check=self._check)
        self.other = TextField()
        column = QVBoxLayout(self)
        column.addWidget(self.field)
        column.addWidget(self.other)

    def _check(self) -> str | None:
        return TOO_SHORT if len(self.editor.value()) == 7 else None


@pytest.fixture
def form(qtbot: QtBot) -> Form:
    """The form, showing and active."""
    made = Form()
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.editor.setFocus()
    return made


def test_error_shows_on_leaving_and_clears_while_typing(form: Form, qtbot: QtBot) -> None:
    """Nobody is corrected in the middle of a number, nor scolded while putting it right."""
    qtbot.keyClicks(form.editor, "1380000")
    assert form.field.error() == ""
    qtbot.keyClick(form.editor, Qt.Key.Key_Tab)
    assert form.field.error() == TOO_SHORT
    assert form.editor.property("state") == "error"
    assert form.editor.accessibleDescription() == TOO_SHORT
    form.editor.setFocus()
    qtbot.keyClicks(form.editor, "2")
    assert form.field.error() == ""
    assert form.editor.property("state") == ""


def test_submit_checks_and_jumps_to_the_first_error(form: Form, qtbot: QtBot) -> None:
    """Submit is never disabled: it validates and leads there."""
    form.field.set_value("1380000")
    form.other.setFocus()
    assert form.field.validate() is False
    form.field.focus_editor()
    assert form.editor.hasFocus()
    form.field.set_value("13800002716")
    assert form.field.error() == ""
    assert form.field.validate() is True


def test_label_is_the_editors_name(form: Form) -> None:
    """A screen reader hears the label and that it must be filled."""
    assert form.editor.accessibleName() == "手机号, 必填"
    form.field.set_label("电话")
    assert form.editor.accessibleName() == "电话, 必填"


def test_editors_tell_only_of_a_persons_changes(qtbot: QtBot) -> None:
    """A draft that is restored must not look like typing."""
    heard: list[str] = []
    line, area, box, tick = TextField(), TextArea(), ComboBox([("a", "甲"), ("b", "乙")]), CheckBox("是")
    for editor in (line, area, box, tick):
        qtbot.addWidget(editor)
        editor.edited.connect(partial(heard.append, type(editor).__name__))
    line.set_value("x")
    area.set_value("y")
    box.set_value("b")
    tick.set_value(True)
    assert heard == []
    assert [editor.value() for editor in (line, area, box, tick)] == ["x", "y", "b", True]
    qtbot.keyClicks(line, "z")
    qtbot.keyClicks(area, "z")
    tick.click()
    assert heard == ["TextField", "TextArea", "CheckBox"]


def test_combo_box_keeps_its_value_through_new_options(qtbot: QtBot) -> None:
    """A list that is loaded again does not empty the field; a value that is gone does."""
    box = ComboBox([("a", "甲"), ("b", "乙")], placeholder="请选择")
    qtbot.addWidget(box)
    assert box.value() is None
    box.set_value("b")
    box.set_options([("c", "丙"), ("b", "乙")])
    assert box.value() == "b"
    box.set_options([("c", "丙")])
    assert box.value() is None


def test_text_area_grows_with_its_text(qtbot: QtBot) -> None:
    """Text is never behind a scroll bar until the area is at its highest."""
    window, area = QWidget(), TextArea(least=2, most=5)
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.addWidget(area)
    column.addStretch(1)
    window.resize(300, 300)
    window.show()
    heights = []
    for lines in (1, 2, 3, 5, 9):
        area.set_value("\n".join(["字"] * lines))
        QApplication.processEvents()
        heights.append(area.height())
        assert area.verticalScrollBar().isVisible() == (lines > 5)
    assert heights[0] == heights[1] < heights[2] < heights[3] == heights[4]


def test_suggestion_blocks_until_confirmed_or_typed_over(qtbot: QtBot) -> None:
    """A value the system fills in is nobody's until a person says so."""
    editor = TextField()
    suggestion = Suggestion(editor)
    qtbot.addWidget(editor)
    qtbot.addWidget(suggestion)
    assert suggestion.settled
    suggestion.propose("国贸店", "依据：订单履约门店")
    assert (suggestion.settled, editor.value(), editor.property("state")) == (False, "国贸店", "suggested")
    with qtbot.waitSignal(suggestion.confirmed):
        suggestion.confirm()
    assert (suggestion.settled, editor.property("state")) == (True, "")
    suggestion.propose("望京店", "依据：上一张工单")
    qtbot.keyClicks(editor, "x")
    assert suggestion.settled
