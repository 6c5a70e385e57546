"""The editor of a person's own views: made, counted along, refused at the row, copied, dropped, gone on with."""

from datetime import date
from typing import get_args

import pytest
from PySide6.QtCore import Qt

from desktop.ui.main.view_conditions import ConditionRow
from desktop.ui.main.view_editor import ViewEditor
from desktop.ui.main.view_fields import OFFERED, Vocabulary
from desktop.ui.main.view_spans import SpanField
from desktop.ui.text import tr
from desktop.ui.tickets.table_look import NAMES, in_order
from desktop.ui.times import local
from desktop.ui.widgets.ticket_row import Column
from domain.entities.conditions import Condition, Conditions, FieldKind
from domain.rules.conditions import check
from tests.desktop.ui.keys import focused, press, write
from tests.desktop.ui.tickets.conftest import Opener, open_desk, world
from tests.desktop.ui.tickets.desk import Desk
from tests.desktop.ui.tickets.test_given_views import URGENT, _given
from tests.desktop.ui.world import START, World

__all__ = ["open_desk", "world"]


def _editor(desk: Desk) -> ViewEditor:
    desk.qtbot.waitUntil(
        lambda: desk.window.views.editor is not None and desk.window.views.editor.isVisible()
    )
    found = desk.window.views.editor
    assert found is not None
    return found


def _new(desk: Desk) -> ViewEditor:
    desk.window.area.sidebar.item("new_view").click()
    return _editor(desk)


def _counted(desk: Desk, editor: ViewEditor, words: str) -> None:
    desk.qtbot.waitUntil(lambda: words in editor._counted.text())


def test_view_is_made_counted_and_kept(world: World, open_desk: Opener) -> None:
    """From the sidebar: what is written counts at once, is shown as it says, and is there after a restart."""
    urgent = {world.ticket(f"急 {n}", priority="urgent") for n in range(2)}
    world.ticket("不急")
    desk = open_desk()
    editor = _new(desk)
    _counted(desk, editor, "3")
    write("我的急单")
    editor.all.add(Condition(field="priority", op="is", value="urgent"))
    _counted(desk, editor, "2")
    editor.columns._remove("store")
    editor.columns._move("status", -1)
    press(Qt.Key.Key_Return, ctrl=True)
    desk.qtbot.waitUntil(lambda: set(desk.window.list.model.ids()) == urgent)
    key = desk.window.lists.key
    desk.qtbot.waitUntil(lambda: desk.count(key) == 2)
    assert desk.window.list.table.hidden_columns() == {Column.STORE}
    assert desk.window.list.look.columns_shown()[:4] == ("number", "subject", "status", "customer")
    again = open_desk()
    assert again.window.navigation.title(key) == "我的急单"


def test_what_is_wrong_stands_at_its_row(world: World, open_desk: Opener) -> None:
    """A row without a value keeps the view from being saved and says so; filling it takes the sentence away."""
    desk = open_desk()
    editor = _new(desk)
    write("有错的")
    row = editor.all.add(Condition(field="assignee", op="is"))
    day = editor.any.add(Condition(field="created_at", op="gte"))
    day._shown.setText("昨天吧")  # type: ignore[union-attr]
    press(Qt.Key.Key_Return, ctrl=True)
    assert editor.isVisible()
    assert row._error.text()
    assert "2026-11-20" in day._error.text()
    row._op.set_value("is_unset")
    row._on_op()
    assert not row._error.text()
    day.removed.emit()
    editor.submit()
    desk.qtbot.waitUntil(lambda: desk.window.list._title == "有错的")


def test_tab_goes_as_the_rows_stand(world: World, open_desk: Opener) -> None:
    """A row that was added later is reached after those above it, before what is below."""
    desk = open_desk()
    editor = _new(desk)
    added = editor.all.add(Condition(field="subject", op="contains", value="x"))
    editor.all.row(0)._op.setFocus()
    for _ in range(8):  # six choices, the ×, and on
        press(Qt.Key.Key_Tab)
    assert focused() is added._field
    for _ in range(4):
        press(Qt.Key.Key_Tab)
    assert focused() is editor.all._more


def test_given_view_becomes_ones_own(world: World, open_desk: Opener) -> None:
    """A copy stands beside the administrator's; dropped it comes back by undo; edited it keeps its place."""
    ids = {world.ticket("急", priority="urgent")}
    desk = open_desk()
    _given(world, URGENT)
    navigation = desk.window.navigation
    navigation.count()
    desk.qtbot.waitUntil(lambda: navigation.view("view:given.urgent") is not None)
    desk.window.lists.show("view:given.urgent")
    desk.window.list.head.edit_view.click()
    _editor(desk).submit()
    desk.qtbot.waitUntil(lambda: desk.window.lists.key != "view:given.urgent")
    key = desk.window.lists.key
    mine = navigation.view(key)
    assert mine is not None
    assert (mine.given, mine.conditions, mine.shape.group) == (False, URGENT.conditions, "status")
    assert set(mine.columns) == {"number", "subject", "status"}
    desk.window.list.head.edit_view.click()
    editor = _editor(desk)
    editor._name.set_value("改过名")
    editor.submit()
    desk.qtbot.waitUntil(lambda: navigation.title(key) == "改过名")
    assert [one.name for one in navigation.views if not one.given] == ["改过名"]
    desk.window.list.head.edit_view.click()
    _editor(desk)._drop()
    assert navigation.view(key) is None
    desk.window.toasts.undo()
    assert navigation.title(key) == "改过名"
    desk.qtbot.waitUntil(lambda: set(desk.window.list.model.ids()) == ids)


def test_what_was_left_can_be_gone_on_with(world: World, open_desk: Opener) -> None:
    """Esc asks nothing; the toast brings back what was written. Nothing written, nothing said."""
    desk = open_desk()
    _new(desk)
    press(Qt.Key.Key_Escape)
    desk.qtbot.waitUntil(lambda: desk.window.views.editor is None)
    assert not desk.window.toasts.showing
    _new(desk)
    write("一半")
    press(Qt.Key.Key_Escape)
    desk.qtbot.waitUntil(lambda: desk.window.views.editor is None)
    desk.window.toasts.undo()
    assert _editor(desk).view().name == "一半"


@pytest.mark.parametrize("kind", get_args(FieldKind))
def test_only_what_can_be_compared_is_offered(kind: FieldKind) -> None:
    """Every comparison offered for a kind of field holds before domain.rules.conditions.check."""
    for op in OFFERED[kind]:
        value = [1] if op in ("in", "not_in") else "today" if op == "within" else 1
        one = Conditions(all=(Condition(field="x", op=op, value=value),))
        assert check(one, {"x": kind}, spans=True) == ()


def test_a_row_says_what_it_was_given(world: World, open_desk: Opener) -> None:
    """Whatever a given view compares comes out of its row as it went in, a moment to the millisecond."""
    desk = open_desk()
    vocabulary = Vocabulary(world.session, desk.window.directory)
    given = (
        Condition(field="status", op="in", value=["new", "on_hold"]),
        Condition(field="priority", op="is_not", value="low"),
        Condition(field="org", op="under", value="HZ001"),
        Condition(field="cc", op="in", value=["lina", world.session.person.id]),
        Condition(field="tags", op="not_in", value=["a", "b c"]),
        Condition(field="subject", op="starts_with", value="草莓"),
        Condition(field="due_at", op="gt", value=START + 1_234),
        Condition(field="customer", op="is_unset"),
        Condition(field="order_no", op="is", value="A-1"),
    )
    rows = [ConditionRow(vocabulary, one, today=_today(world)) for one in given]
    assert tuple(row.condition() for row in rows) == given
    forms = [key for key, one in vocabulary.fields.items() if key.startswith("fields.") and one.ops]
    assert forms
    for row in rows:
        row.deleteLater()


def _today(world: World) -> date:

    return local(world.session.server_time.now()).date()


def test_columns_always_hold_number_and_subject() -> None:
    """None given is all; what is not named comes first, the subject after the number; unknown names are left out."""
    assert in_order(()) == NAMES
    assert in_order(("status", "nothing")) == ("number", "subject", "status")
    assert in_order(("number", "sla")) == ("number", "subject", "sla")
    assert in_order(("subject", "number")) == ("subject", "number")


def test_a_span_is_counted_from_now(world: World, open_desk: Opener) -> None:
    """`last days` with a count written by hand holds what was made since; a count that is none is said at its row."""
    old = world.ticket("旧")
    world.clock.at += 3 * 86_400_000
    world.ticket("新")
    desk = open_desk()
    editor = _new(desk)
    write("最近的")
    row = editor.all.add(Condition(field="created_at", op="within", value="last_days:2"))
    _counted(desk, editor, "1")
    span = row._shown
    assert isinstance(span, SpanField)
    span._count.setFocus()
    span._count.selectAll()
    write("4")
    _counted(desk, editor, "2")
    span._count.selectAll()
    write("x")
    assert row.trouble() == tr("view.wrong.condition_value_no_span")
    span._count.selectAll()
    write("2")
    press(Qt.Key.Key_Return, ctrl=True)
    desk.qtbot.waitUntil(lambda: len(desk.window.list.model.ids()) == 1)
    assert old not in desk.window.list.model.ids()
