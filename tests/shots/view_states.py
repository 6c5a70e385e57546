"""A list being narrowed; a view of one's own, being made and edited."""

from collections.abc import Callable, Mapping

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from domain.entities.conditions import Condition
from tests.desktop.ui.world import START
from tests.shots.stage import Stage, settle
from tests.shots.stories import ME


def filters(stage: Stage) -> None:
    """What a list may be narrowed by."""
    stage.window.list.open_filters()
    settle()


def grouped(stage: Stage) -> None:
    """Tickets under headings, one of them folded, the cursor on it."""
    page = stage.window.list
    page._shape(msgspec.structs.replace(page._question.shape, group="due_day"))
    settle(0.5)
    stage.choose("strawberries")
    page.table.setCurrentIndex(page.model.index(0, 2))
    stage.window.list.focus_table()
    QTest.keyClick(page.table, Qt.Key.Key_Left)
    settle()


def view_editor(stage: Stage) -> None:
    """A view of one's own being written, a condition of it not yet complete."""
    stage.window.lists.show("view:v1")
    stage.window.list.head.edit_view.click()
    settle(0.8)
    editor = stage.window.views.editor
    assert editor is not None
    editor.all.add_empty()
    editor.any.add(Condition(field="status", op="in", value=["new", "open"]))
    editor.any.add(Condition(field="assignee", op="in", value=[ME, "lina"]))
    editor.any.add(Condition(field="created_at", op="gte", value=START - 9 * 86_400_000))
    editor.any.add(Condition(field="due_at", op="within", value="over_hours:4"))
    settle()
    editor.submit()
    settle()


def new_view(stage: Stage) -> None:
    """Making a view, from the sidebar."""
    stage.window.area.sidebar.item("new_view").click()
    settle(0.8)


VIEWS: Mapping[str, Callable[[Stage], None]] = {
    "filters": filters,
    "grouped": grouped,
    "view_editor": view_editor,
    "new_view": new_view,
}
