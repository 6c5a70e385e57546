"""The sidebar's worklists and saved views with their counts, counted off the window's thread."""

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import QEvent, QObject, QTimer, Signal

from desktop.replica.changed import Changed
from desktop.replica.queries import config, drafts
from desktop.replica.queries.sync_state import sync_state
from desktop.replica.queries.tickets import view_count, worklist_counts
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.tickets.filters import SavedView, as_of, given_view, views_from
from desktop.ui.widgets.sidebar import Sidebar, SidebarItem
from domain.entities.base import Entity

# key, icon, tone
MINE = (
    ("todo", "tray", "text"),
    ("to_transfer", "arrow-bend-up-right", "text"),
    ("transferred", "arrows-left-right", "text"),
    ("done", "checks", "text"),
    ("created", "user-circle-plus", "text"),
    ("cc", "at", "text"),
)
TEAM = (
    ("unassigned", "users-three", "text"),
    ("soon", "hourglass-medium", "soon"),
    ("late", "warning-octagon", "late"),
)
WORKLISTS = tuple(key for key, _, _ in MINE + TEAM)
ATTENTION, DRAFTS, NEW_VIEW = "attention", "drafts", "new_view"
_UNCOUNTED = frozenset({"done"})  # it only ever grows
_COUNT_REST_MS = 250
_RECOUNT_MS = 20_000  # deadlines pass without anything moving
_VIEW = "view:"


class Counts(Entity):
    """What the sidebar and the bars show as figures."""

    by_key: dict[str, int]
    attention: int
    drafts: int
    notices: int
    unsent: int
    given: tuple[SavedView, ...] = ()  # an administrator's, for this person


class Navigation(QObject):
    """`chosen` tells a worklist, `view:ID`, attention or drafts; `counted` the figures."""

    chosen = Signal(str)
    counted = Signal(object)

    def __init__(self, session: Session, sidebar: Sidebar) -> None:
        super().__init__(sidebar)
        self._session, self._sidebar = session, sidebar
        self._cancel: Callable[[], None] = lambda: None
        self._own: list[SavedView] = views_from(session.settings.look(self._views_key))
        self._given: tuple[SavedView, ...] = ()
        self._fill()
        sidebar.chosen.connect(self.chosen)
        sidebar.installEventFilter(self)
        self._count_soon = QTimer(self)
        self._count_soon.setSingleShot(True)
        self._count_soon.setInterval(_COUNT_REST_MS)
        self._count_soon.timeout.connect(self.count)
        self._recount = QTimer(self)
        self._recount.timeout.connect(self.count)
        self._recount.start(_RECOUNT_MS)
        session.bridge.changed.connect(self._on_changed)

    @property
    def views(self) -> list[SavedView]:
        """Those an administrator gives, then the person's own."""
        return [*self._given, *self._own]

    @property
    def _views_key(self) -> str:
        return f"views.{self._session.person.id}"

    def _fill(self) -> None:
        for title, items in (("main.group.mine", MINE), ("main.group.team", TEAM)):
            self._sidebar.add_group(title)
            for key, glyph, tone in items:
                place = WORKLISTS.index(key) + 1
                item = SidebarItem(key, tr(f"worklist.{key}"), glyph, tone=tone, shortcut=f"Ctrl+{place}")
                item.set_count(0 if key in _UNCOUNTED else None)
                self._sidebar.add(item)
        self._sidebar.add_group("main.group.views")
        for view in self.views:
            self._add_view(view)
        self._sidebar.add(SidebarItem(NEW_VIEW, tr("main.new_view"), "plus"))
        attention = SidebarItem(
            ATTENTION, tr("main.attention"), "warning", tone="late", loud=True, shortcut="F8"
        )
        self._sidebar.add(attention, foot=True)
        self._sidebar.add(SidebarItem(DRAFTS, tr("main.drafts"), "note-pencil"), foot=True)

    def _add_view(self, view: SavedView, count: int | None = None) -> None:
        item = SidebarItem(_VIEW + view.id, view.name, "users-three" if view.given else "funnel-simple")
        item.set_count(count)
        self._sidebar.add(item)

    def title(self, key: str) -> str:
        """The name of a list."""
        view = self.view(key)
        return view.name if view is not None else tr(f"worklist.{key}")

    def view(self, key: str) -> SavedView | None:
        """The saved view of a key."""
        id = key.removeprefix(_VIEW)
        return next((one for one in self.views if key.startswith(_VIEW) and one.id == id), None)

    def choose(self, key: str) -> None:
        """Mark a list as the one shown."""
        if key in self._sidebar.keys():  # noqa: SIM118 - not a mapping
            self._sidebar.choose(key)

    def save_view(self, view: SavedView, place: int | None = None) -> str:
        """Keep a view in place of what it was before, else at a place among the person's own; returns its key."""
        before = list(self.views)
        known = next((at for at, one in enumerate(self._own) if one.id == view.id), None)
        if known is not None:
            self._own[known] = view
        else:
            self._own.insert(len(self._own) if place is None else place, view)
        self._lay(before)
        self._keep()
        self.count()
        return _VIEW + view.id

    def drop_view(self, key: str) -> tuple[SavedView, int] | None:
        """Forget a view; returns it with its place, so that it can be saved again."""
        view = self.view(key)
        if view is None or view.given:
            return None
        place = self._own.index(view)
        self._own.remove(view)
        self._sidebar.remove(key)
        self._keep()
        return view, place

    def _give(self, given: tuple[SavedView, ...]) -> None:
        """Show what an administrator gives now, above the person's own."""
        if given == self._given:
            return
        before = list(self.views)
        self._given = given
        self._lay(before)

    def _lay(self, before: Sequence[SavedView]) -> None:
        """Show the views as they are now instead of those before; the line for a new one stays below the last."""
        chosen = next((key for key in self._sidebar.keys() if self._sidebar.item(key).isChecked()), "")  # noqa: SIM118
        counts = {_VIEW + view.id: self._sidebar.item(_VIEW + view.id).count() for view in before}
        for key in (*counts, NEW_VIEW):
            self._sidebar.remove(key)
        for view in self.views:
            self._add_view(view, counts.get(_VIEW + view.id))
        self._sidebar.add(SidebarItem(NEW_VIEW, tr("main.new_view"), "plus"))
        self.choose(chosen)

    def _keep(self) -> None:
        self._session.settings.remember(self._views_key, [msgspec.to_builtins(view) for view in self._own])

    # Counting.

    def _on_changed(self, moved: Changed) -> None:
        if moved.kinds & {"tickets", "attention", "outbox", "drafts", "notices", "scope", "config"}:
            self._count_soon.start()

    def count(self) -> None:
        """Count everything anew."""
        session, own = self._session, tuple(self._own)
        person, now = session.person.id, session.server_time.now()

        def read() -> Counts:
            with session.replica.read() as conn:
                by_key = worklist_counts(conn, person, now)
                given = tuple(given_view(view) for view in config.views(conn, person))
                by_key |= {
                    _VIEW + view.id: view_count(conn, as_of(view.conditions, now)) for view in (*given, *own)
                }
                state = sync_state(conn)
                kept = len(drafts.drafts(conn))
            return Counts(
                by_key=by_key,
                attention=state.attention,
                drafts=kept,
                notices=state.notices,
                unsent=state.unsent,
                given=given,
            )

        self._cancel()
        self._cancel = session.bridge.read(read, then=self._show, owner=self)

    def _show(self, counts: Counts) -> None:
        self._give(counts.given)
        shown = {key: count for key, count in counts.by_key.items() if key not in _UNCOUNTED}
        self._sidebar.set_counts({**shown, ATTENTION: counts.attention, DRAFTS: counts.drafts})
        self.counted.emit(counts)

    def write_words(self) -> None:
        """After a switch of language."""
        for key in WORKLISTS:
            self._sidebar.item(key).set_label(tr(f"worklist.{key}"))
        self._sidebar.item(ATTENTION).set_label(tr("main.attention"))
        self._sidebar.item(DRAFTS).set_label(tr("main.drafts"))
        self._sidebar.item(NEW_VIEW).set_label(tr("main.new_view"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LanguageChange:
            self.write_words()
        return super().eventFilter(watched, event)


def key_of(view: SavedView) -> str:
    """What a view is called by lists and the sidebar."""
    return _VIEW + view.id


def list_keys(views: Sequence[SavedView]) -> list[str]:
    """Every list in the order of the sidebar."""
    return [*WORKLISTS, *(_VIEW + view.id for view in views)]
