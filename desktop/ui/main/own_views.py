"""The person's own views: made anew, edited, taken over from an administrator's; what was left can be gone on with."""

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop.ui.directory import Directory
from desktop.ui.main.lists import Lists
from desktop.ui.main.navigation import Navigation, key_of
from desktop.ui.main.view_editor import ViewEditor
from desktop.ui.main.view_fields import Vocabulary
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.tickets.filters import UNSOLVED, SavedView, shape_from
from desktop.ui.tickets.list_page import ListPage
from desktop.ui.widgets.toast import Toasts
from domain.entities.conditions import Condition, Conditions


class OwnViews(QObject):
    """One for the main window, beside Lists, which shows what was saved."""

    def __init__(
        self,
        session: Session,
        directory: Directory,
        navigation: Navigation,
        list_page: ListPage,
        lists: Lists,
        toasts: Toasts,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session, self._directory = session, directory
        self._navigation, self._list, self._lists, self._toasts = navigation, list_page, lists, toasts
        self.editor: ViewEditor | None = None

    def new(self) -> None:
        """Begin a view: of what is unsolved, until it says otherwise."""
        unsolved = Condition(field="status", op="in", value=list(UNSOLVED))
        view = SavedView(id=self._session.ids.new(), name="", conditions=Conditions(all=(unsolved,)))
        self._open(view, known=False)

    def edit(self) -> None:
        """Edit the view that shows; an administrator's becomes one's own."""
        view = self._navigation.view(self._lists.key)
        if view is None:
            return
        shown = self._as_shown(view)
        if view.given:
            mine = replace(
                shown, id=self._session.ids.new(), name=tr("view.copy", name=view.name), given=False
            )
            self._open(mine, known=False)
        else:
            self._open(shown, known=True)

    def _as_shown(self, view: SavedView) -> SavedView:
        """With the order and the columns that the person has given it since."""
        remembered = self._session.settings.look(f"list.{self._lists.key}")
        shape = view.shape if remembered is None else shape_from(remembered)
        return replace(view, shape=replace(shape, filters=()), columns=self._list.look.columns_shown())

    def _open(self, view: SavedView, *, known: bool) -> None:
        session, directory = self._session, self._directory

        def opened(vocabulary: Vocabulary) -> None:
            anchor: QWidget = self._list.head
            title = tr("view.edit" if known else "main.new_view")
            editor = ViewEditor(anchor, session, vocabulary, view, title=title, droppable=known)
            editor.saved.connect(self._save)
            editor.left.connect(lambda left: self._leave(left, known=known))
            editor.dropped.connect(lambda: self._lists.drop(key_of(view)))
            editor.destroyed.connect(lambda: self._forget(editor))
            self.editor = editor
            editor.open()

        session.bridge.read(lambda: Vocabulary(session, directory), then=opened, owner=self)

    def _forget(self, editor: ViewEditor) -> None:
        if self.editor is editor:
            self.editor = None

    def _save(self, view: SavedView) -> None:
        look, settings = self._list.look, self._session.settings
        look.save()
        key = self._navigation.save_view(view)
        settings.remember(f"list.{key}", msgspec.to_builtins(view.shape))
        settings.remember(f"table.{key}", None)
        look.forget()
        self._lists.show(key)

    def _leave(self, view: SavedView, *, known: bool) -> None:
        name = view.name or tr("main.new_view")
        self._toasts.say("toast.view_left", name=name, undo=lambda: self._open(view, known=known))
