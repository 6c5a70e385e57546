"""Handling tickets: found by their number, then worked on with the keys that stand beside the actions."""

from functools import partial
from typing import Any

import shiboken6
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListView, QMenu, QWidget

from desktop.app import App
from desktop.replica.queries.tickets import rows
from desktop.ui.form.view import FormView
from desktop.ui.main.search import SearchHits
from desktop.ui.tickets.composer import Composer
from desktop.ui.tickets.form_popover import FormPopover
from desktop.ui.tickets.list_page import ListPage
from desktop.ui.tickets.pause import Pause, choices
from desktop.ui.tickets.pick import PickList
from desktop.ui.tickets.resolve import Resolve
from desktop.ui.tickets.ticket_page import TicketPage
from desktop.ui.tickets.transfer import Transfer
from desktop.ui.widgets.search_box import SearchBox
from desktop.ui.widgets.sidebar import SidebarItem
from desktop.ui.widgets.text_area import TextArea
from desktop.ui.widgets.text_field import TextField
from desktop.ui.widgets.ticket_row import Column
from domain.entities.ticket import PRIORITIES
from tests.demo import hands
from tests.demo.acts.looking import signed_in

MOST_NAMESAKES = 20


class Handling:
    """One ticket at a time, on its page."""

    def __init__(self, app: App) -> None:
        self._app = app

    # Finding.

    def show_list(self, key: str) -> int:
        """Choose a worklist at the left; returns how many tickets it shows."""
        hands.press("Esc", self._window())
        for item in hands.parts(self._window(), SidebarItem):
            if item.key == key:
                hands.click(item)
        hands.rest(300)
        return hands.part(self._window(), ListPage).model.rowCount()

    def select(self, id: str) -> bool:
        """Click a ticket in the list shown."""
        page = hands.part(self._window(), ListPage)
        hands.until(lambda: page.model.place_of(id) is not None, f"{id} in the list")
        hands.click_row(page.table, page.model.place_of(id) or 0, Column.SUBJECT)
        hands.rest(200)
        return True

    def search(self, text: str, wanted: str, picture: str = "") -> list[str]:
        """Type into the search box (Ctrl+K) until a ticket is found; returns all that are."""
        hits = self._search(text)
        hands.until(
            lambda: wanted in [one.key for one in _entries(hits)], f"{wanted} among the hits for {text}"
        )
        found = [one.key for one in _entries(hits) if one.kind == "ticket"]
        self._maybe_picture(picture)
        hands.press("Esc", hands.part(self._window(), SearchBox))
        return found

    def open_ticket(self, id: str) -> bool:
        """Find a ticket by its number with Ctrl+K and open it with Enter."""
        with signed_in(self._app).session.replica.read() as conn:
            lines = rows(conn, [id])
        if not lines:
            raise hands.NotHeld(f"ticket {id} is not here")
        hits = self._search(lines[0].number)
        hands.until(lambda: id in [one.key for one in _entries(hits)], f"{lines[0].number} among the hits")
        box = hands.part(self._window(), SearchBox)
        listed = hits.findChildren(QListView)[0]
        for _ in range(len(_entries(hits))):
            if _entry(listed.currentIndex()).key == id:
                break
            hands.press("Down", box)
        hands.press("Return", box)
        hands.until(lambda: self._shown() == id, f"the page of {lines[0].number}")
        return True

    def _search(self, text: str) -> SearchHits:
        hands.press("Ctrl+K", self._window())
        box = hands.part(self._window(), SearchBox)
        hands.until(box.hasFocus, "the search box has the keyboard")
        hands.write(box, text)
        # Nobody reads what was found before the typing has rested.
        hands.rest(400)
        return hands.part(self._window(), SearchHits)

    def back(self) -> bool:
        """Back to the list with Esc."""
        hands.press("Esc", self._window())
        hands.until(lambda: not hands.parts(self._window(), TicketPage), "the list again")
        return True

    # Working on the ticket that is open.

    def take(self) -> bool:
        """Press T."""
        me = signed_in(self._app).session.person.id
        hands.press("T", self._page())
        hands.until(lambda: self._line().assignee == me, "the ticket is mine")
        return True

    def reply(self, text: str, *, internal: bool = False) -> bool:
        """Press R (N for a note), write, and send with Ctrl+Enter."""
        hands.press("N" if internal else "R", self._page())
        composer = hands.part(self._page(), Composer)
        area = hands.part(composer, TextArea)
        hands.until(area.hasFocus, "the composer has the keyboard")
        hands.write(area, text, anew=False)
        hands.press("Ctrl+Return", area)
        hands.until(lambda: text in self._said(), "what was written stands in the timeline")
        hands.until(lambda: not composer.body(), "the composer is empty again")
        return True

    def note(self, text: str) -> bool:
        """An internal note."""
        return self.reply(text, internal=True)

    def pause(self, reason: str) -> bool:
        """Press P, say why, take the first end that is offered."""
        hands.press("P", self._page())
        form = hands.window(Pause)
        hands.write(hands.part(form, TextField), reason)
        hands.chip(form, self._first_end())
        self._submit(form)
        hands.until(lambda: self._line().status == "on_hold", "the ticket is paused")
        return True

    def _first_end(self) -> str:
        return choices(signed_in(self._app).session.server_time.now())[0][0]

    def resume(self) -> bool:
        """Press P again."""
        hands.press("P", self._page())
        hands.until(lambda: self._line().status not in ("on_hold", "pending"), "the ticket goes on")
        return True

    def transfer(self, to: str, note: str, unit: str = "", picture: str = "") -> bool:
        """Press F, find the unit by name (its id tells namesakes apart), say why."""
        hands.press("F", self._page())
        form = hands.window(Transfer)
        places = hands.part(form, PickList)
        hands.write(places.field, to)
        hands.until(lambda: (found := places.current()) and found.name == to, f"{to} among the places")
        for _ in range(MOST_NAMESAKES):
            found = places.current()
            if found is None or not unit or found.id.endswith(unit):
                break
            hands.press("Down", places.field)
        hands.press("Return", places.field)
        hands.write(hands.part(form, TextArea), note)
        self._maybe_picture(picture)
        self._submit(form)
        return True

    def resolve(self, fields: dict[str, Any], picture: str = "") -> bool:
        """Press E, fill in the closure form."""
        hands.press("E", self._page())
        form = hands.window(Resolve)
        view = hands.part(form, FormView)
        for key, value in fields.items():
            hands.until(partial(_shows, view, key), f"the field {key} shows")
            hands.fill(view.field(key).editor, value)
        self._maybe_picture(picture)
        self._submit(form)
        hands.until(lambda: self._line().status == "resolved", "the ticket is resolved")
        return True

    def set_priority(self, priority: str) -> bool:
        """Press I and the digit of the priority."""
        hands.press("I", self._page())
        menu = hands.window(QMenu)
        QTest.keyClick(menu, Qt.Key(Qt.Key.Key_1 + PRIORITIES.index(priority)))
        hands.until(lambda: self._line().priority == priority, f"the priority is {priority}")
        return True

    def show_tab(self, place: int) -> bool:
        """Go on so many tabs with Ctrl+Tab."""
        for _ in range(place):
            hands.press("Ctrl+Tab", self._page())
        hands.rest(200)
        return True

    # Inside.

    def _submit(self, form: FormPopover) -> None:
        hands.press("Ctrl+Return", form)
        hands.rest()
        # A form that was taken is gone at once.
        if shiboken6.isValid(form) and form.isVisible() and hands.complaints(form):
            raise hands.NotHeld(f"the form says {hands.complaints(form)}")
        hands.until(lambda: not hands.windows(type(form)), "the form closes")

    def _maybe_picture(self, file: str) -> None:
        if file:
            hands.rest()
            hands.screen().save(file)

    def _shown(self) -> str:
        pages = hands.parts(self._window(), TicketPage)
        return pages[0].shown.id if pages and pages[0].shown is not None else ""

    def _page(self) -> TicketPage:
        return hands.part(self._window(), TicketPage)

    def _line(self) -> Any:
        with signed_in(self._app).session.replica.read() as conn:
            return rows(conn, [self._shown()])[0]

    def _said(self) -> list[str]:
        shown = self._page().shown
        return [entry.body or "" for entry in shown.page.entries] if shown is not None else []

    def _window(self) -> QWidget:
        if self._app.window is None:
            raise hands.NotHeld("nobody is signed in")
        return self._app.window


def _shows(view: FormView, key: str) -> bool:
    return key in view.shown_keys()


def _entries(hits: SearchHits) -> list[Any]:
    model = hits.findChildren(QListView)[0].model()
    return [_entry(model.index(row, 0)) for row in range(model.rowCount())]


def _entry(index: QModelIndex) -> Any:
    return index.data(Qt.ItemDataRole.UserRole)
