"""Which action does what in the main window; one line each."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop.ui.actions import add_worklist_keys
from desktop.ui.main.focus import next_pane
from desktop.ui.main.follow_up import follow_up
from desktop.ui.main.navigation import ATTENTION
from desktop.ui.session import Session

if TYPE_CHECKING:
    from desktop.ui.main_window import MainWindow


def bind_actions(window: "MainWindow", session: Session) -> None:
    """Connect every action of the window but those on tickets, which `tickets.acting` carries out."""
    _bind_window(window, session)
    _bind_list(window)
    add_worklist_keys(window, window.lists.go_to_place)


def _bind_window(window: "MainWindow", session: Session) -> None:
    bind, panels = window.actions_.connect_to, window.panels
    bind("new", window.front.open_create)
    bind("search", window.search)
    create = window.front.open_create
    bind("follow_up", lambda: window.with_current(lambda id: follow_up(session, id, create)))
    bind("undo", window.gestures.undo_last)
    bind("sync_now", session.sync.sync_now)
    bind("sync_panel", lambda: panels.open_sync(window.status.sync))
    bind("next_problem", lambda: window.lists.go(ATTENTION))
    bind("new_view", window.views.new)
    bind("reports", window.front.open_reports)
    bind("next_pane", lambda: next_pane(window.panes(), 1))
    bind("previous_pane", lambda: next_pane(window.panes(), -1))
    bind("sidebar", window.area.toggle_sidebar)
    bind("pane", window.cycle_pane)
    bind("full_screen", lambda: window.showNormal() if window.isFullScreen() else window.showFullScreen())
    bind("settings", lambda: panels.open_settings(window.top.menu_bar))
    bind("sign_out", session.sign_out)
    bind("shortcuts", lambda: panels.open_shortcuts(window.top.menu_bar))
    bind("close_window", lambda: window.front.back() if window.front.covers() else window.close())


def _on_list(window: "MainWindow", act: Callable[[], object]) -> Callable[[], None]:
    """Only while the list is what the person sees."""

    def guarded() -> None:
        if window.place.on_list():
            act()

    return guarded


def _bind_list(window: "MainWindow") -> None:
    bind = window.actions_.connect_to
    bind("open", lambda: window.with_current(window.open_ticket))
    bind("open_apart", lambda: window.with_current(window.front.open_apart))
    bind("filter", _on_list(window, window.list.head.filter_by_text))
    bind("copy", _on_list(window, window.list.copy))
    bind("select_all", _on_list(window, window.list.table.selectAll))
    bind("reply", lambda: window.write(internal=False))
    bind("note", lambda: window.write(internal=True))
    bind("next_tab", window.next_tab)
    bind("flow", window.show_flow)
    bind("previous_ticket", lambda: window.step(-1))
    bind("next_ticket", lambda: window.step(1))
    bind("remind", lambda: window.with_current(window.remind))
