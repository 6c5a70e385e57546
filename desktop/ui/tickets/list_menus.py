"""The menus of a list: what narrows it, what it is sorted by, which columns it shows."""

from collections.abc import Callable, Sequence
from functools import partial

from msgspec.structs import replace
from PySide6.QtWidgets import QWidget

from desktop.ui.directory import Directory
from desktop.ui.form.directory import Found
from desktop.ui.text import tr
from desktop.ui.theme import icon
from desktop.ui.tickets.filters import NOBODY, UNSOLVED, Filter, ListShape
from desktop.ui.tickets.pick import Pick
from desktop.ui.widgets.menu import Menu
from desktop.ui.widgets.priority import priority_text
from desktop.ui.widgets.status import status_text
from desktop.ui.widgets.ticket_row import Column, column_title
from domain.entities.ticket import PRIORITIES, STATUSES

SORTED_BY = {
    Column.SLA: "due",
    Column.UPDATED: "updated",
    Column.NUMBER: "number",
    Column.SUBJECT: "subject",
    Column.CUSTOMER: "customer",
    Column.STORE: "store",
    Column.STATUS: "status",
    Column.PRIORITY: "priority",
    Column.HANDLER: "handler",
}
"""What a click on a column's head sorts by."""
DESCENDING_FIRST = frozenset({"updated", "number", "created"})
GROUPS = ("", "store", "status", "priority", "handler", "due_day")
_ALWAYS_SHOWN = frozenset({Column.MARK, Column.NUMBER, Column.SUBJECT})

Narrow = Callable[[Filter], None]


def status_filter(statuses: Sequence[str]) -> Filter:
    """Only these statuses."""
    words = tr("list.unsolved") if tuple(statuses) == UNSOLVED else status_text(statuses[0])
    return Filter(field="status", values=tuple(statuses), words=words)


def filter_menu(parent: QWidget, narrow: Narrow, directory: Directory, *, me: str) -> Menu:
    """What a list may be narrowed by."""
    menu = Menu(parent=parent)
    status = Menu(tr("list.by.status"), menu)
    status.setIcon(icon("circle-half"))
    status.addAction(tr("list.unsolved"), lambda: narrow(status_filter(UNSOLVED)))
    status.addSeparator()
    for one in STATUSES:
        status.addAction(status_text(one), partial(narrow, status_filter((one,))))
    priority = Menu(tr("list.by.priority"), menu)
    priority.setIcon(icon("flag"))
    for level in PRIORITIES:
        words = tr("list.priority_is", priority=priority_text(level))
        chosen = Filter(field="priority", values=(level,), words=words)
        priority.addAction(priority_text(level), partial(narrow, chosen))
    menu.addMenu(status)
    menu.addMenu(priority)
    menu.addAction(icon("storefront"), tr("list.by.store"), lambda: _pick(parent, "org", narrow, directory))
    menu.addAction(icon("tag"), tr("list.by.category"), lambda: _pick(parent, "category", narrow, directory))
    menu.addMenu(_handler_menu(menu, parent, narrow, directory, me))
    lines = Menu(tr("list.by.line"), menu)
    lines.setIcon(icon("buildings"))
    for line in directory.lines():
        one_line = Filter(field="line", values=(line.id,), words=line.name)
        lines.addAction(line.name, partial(narrow, one_line))
    menu.addMenu(lines)
    return menu


def _handler_menu(menu: Menu, parent: QWidget, narrow: Narrow, directory: Directory, me: str) -> Menu:
    handler = Menu(tr("list.by.handler"), menu)
    handler.setIcon(icon("user"))
    mine = Filter(field="assignee", values=(me,), words=tr("list.mine"))
    nobody = Filter(field="assignee", values=(NOBODY,), words=tr("ticket.nobody"))
    handler.addAction(tr("list.mine"), lambda: narrow(mine))
    handler.addAction(tr("ticket.nobody"), lambda: narrow(nobody))
    handler.addAction(tr("list.somebody"), lambda: _pick(parent, "assignee", narrow, directory))
    return handler


def _pick(anchor: QWidget, field: str, narrow: Narrow, directory: Directory) -> None:
    """Let one be found by typing."""
    sources: dict[str, tuple[Callable[[str], Sequence[Found]], Callable[[str | None], str]]] = {
        "org": (directory.find_units, directory.unit),
        "category": (directory.find_categories, directory.category),
        "assignee": (directory.find_people, directory.person),
    }
    find, name = sources[field]
    shown = {"org": "store", "assignee": "handler"}.get(field, field)
    pick = Pick(anchor, find, title=tr(f"list.by.{shown}"), placeholder=tr(f"list.find.{shown}"))
    pick.picked.connect(lambda id: narrow(Filter(field=field, values=(id,), words=_chip(shown, name(id)))))
    pick.open()


def _chip(shown: str, name: str) -> str:
    return tr("list.chip", field=tr(f"list.by.{shown}"), value=name)


def sort_menu(
    parent: QWidget, shape: ListShape, sort: Callable[[str, bool], None], reshape: Callable[[ListShape], None]
) -> Menu:
    """What it is sorted by, which way, and what stands together."""
    menu = Menu(parent=parent)
    for name in ("due", "updated", "created", "priority", "status", "number", "store", "handler"):
        action = menu.addAction(tr(f"list.sort.{name}"))
        action.setCheckable(True)
        action.setChecked(name == shape.sort)
        action.triggered.connect(lambda _=False, name=name: sort(name, name in DESCENDING_FIRST))
    menu.addSeparator()
    turned = menu.addAction(tr("list.reverse"))
    turned.setCheckable(True)
    turned.setChecked(shape.descending)
    turned.triggered.connect(lambda: sort(shape.sort, not shape.descending))
    together = Menu(tr("list.group"), menu)
    for name in GROUPS:
        action = together.addAction(tr(f"list.sort.{name}") if name else tr("list.group_none"))
        action.setCheckable(True)
        action.setChecked(name == shape.group)
        action.triggered.connect(lambda _=False, name=name: reshape(replace(shape, group=name)))
    menu.addMenu(together)
    return menu


def column_menu(
    parent: QWidget,
    hidden: frozenset[Column],
    hide: Callable[[Column, bool], None],
    reset: Callable[[], None],
) -> Menu:
    """Which columns show."""
    menu = Menu(parent=parent)
    for column in Column:
        if column in _ALWAYS_SHOWN:
            continue
        action = menu.addAction(column_title(column))
        action.setCheckable(True)
        action.setChecked(column not in hidden)
        action.triggered.connect(lambda shown, column=column: hide(column, not shown))
    menu.addSeparator()
    menu.addAction(tr("list.reset_columns"), reset)
    return menu
