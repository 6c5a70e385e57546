"""Which list is shown: worklists and saved views, from the sidebar, the keys, the search box."""

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QObject, Signal

from desktop.ui.main.desk_area import DeskArea
from desktop.ui.main.drafts_menu import open_drafts
from desktop.ui.main.front import Front
from desktop.ui.main.navigation import ATTENTION, DRAFTS, NEW_VIEW, Navigation, list_keys
from desktop.ui.main.panels import Panels
from desktop.ui.main.save_view import SaveView
from desktop.ui.session import Session
from desktop.ui.tickets.filters import SavedView, worklist_conditions
from desktop.ui.tickets.list_page import ListPage
from desktop.ui.tickets.list_reader import Question
from desktop.ui.widgets.toast import Toasts
from domain.entities.conditions import Conditions


class Lists(QObject):
    """`ticket_wanted` when a draft leads to its ticket, `new_view_wanted` when a view is to be made."""

    ticket_wanted = Signal(str)
    new_view_wanted = Signal()

    def __init__(
        self,
        session: Session,
        navigation: Navigation,
        area: DeskArea,
        list_page: ListPage,
        front: Front,
        toasts: Toasts,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session, self._navigation, self._area = session, navigation, area
        self._list, self._front, self._toasts = list_page, front, toasts
        self.panels: Panels | None = None
        self.key = "todo"

    @property
    def title(self) -> str:
        """The name of the list shown."""
        return self._navigation.title(self.key)

    def show(self, key: str) -> None:
        """Show a worklist or a saved view."""
        self.key = key
        self._front.back()
        self._navigation.choose(key)
        self._area.show_list(key)
        view = self._navigation.view(key)
        if view is None:
            self._list.show_list(key, self.title, worklist=key)
        else:
            self._list.show_list(key, view.name, view=view)
        self._list.focus_table()

    def again(self) -> None:
        """Back to the list that was shown."""
        self.show(self.key)

    def go(self, key: str) -> None:
        """To whatever the sidebar names: a list, what needs attention, drafts."""
        if key == ATTENTION:
            self._front.back()
            self._navigation.choose(key)
            if self.panels is not None:
                self.panels.open_attention()
        elif key == NEW_VIEW:
            self._navigation.choose(self.key)
            self.new_view_wanted.emit()
        elif key == DRAFTS:
            self._navigation.choose(self.key)
            anchor = self._area.sidebar.item(DRAFTS)
            create = self._front.open_create
            open_drafts(self._session, anchor, ticket=self.ticket_wanted.emit, create=create)
        else:
            self.show(key)

    def go_to_place(self, place: int) -> None:
        """To the list at a place of the sidebar, counted from 0."""
        keys = list_keys(self._navigation.views)
        if place < len(keys):
            self.show(keys[place])

    def names(self) -> Sequence[tuple[str, str]]:
        """Every list with its name."""
        return [(key, self._navigation.title(key)) for key in list_keys(self._navigation.views)]

    def take_step(self, step: str) -> None:
        """Where an empty list leads."""
        if step == "new":
            self._front.open_create()
        else:
            self.show(step)

    def name_view(self, question: Question) -> None:
        """Ask for a name and keep the list as it is narrowed."""
        form = SaveView(self._list.head.save_view, " · ".join(one.words for one in question.shape.filters))
        form.named.connect(lambda name: self._keep_view(question, name))
        form.open()

    def drop_view(self) -> None:
        """Forget the view shown; undo in the toast."""
        self.drop(self.key)

    def drop(self, key: str) -> None:
        """Forget a view of one's own; undo in the toast."""
        dropped = self._navigation.drop_view(key)
        if dropped is not None:
            if key == self.key:
                self.show("todo")
            view, place = dropped
            self._toasts.say("toast.view_dropped", name=view.name, undo=lambda: self._restore(view, place))

    def _restore(self, view: SavedView, place: int) -> None:
        self.show(self._navigation.save_view(view, place))

    def _keep_view(self, question: Question, name: str) -> None:
        narrowed = question.conditions() or Conditions()
        basis = worklist_conditions(question.worklist, self._session.person.id)
        conditions = msgspec.structs.replace(narrowed, all=(*basis, *narrowed.all))
        shape = msgspec.structs.replace(question.shape, filters=())
        view = SavedView(id=self._session.ids.new(), name=name, conditions=conditions, shape=shape)
        self.show(self._navigation.save_view(view))
