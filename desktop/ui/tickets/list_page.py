"""A list of tickets: head, table, and what shows instead when there is nothing."""

import msgspec
from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from desktop.replica.changed import Changed
from desktop.replica.queries.tickets import TicketLine
from desktop.ui.directory import Directory
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.theme.tokens import ROW_HEIGHT, ROW_HEIGHT_COMFORTABLE
from desktop.ui.tickets.filters import Filter, ListShape, SavedView, shape_from
from desktop.ui.tickets.list_empty import ListEmpty
from desktop.ui.tickets.list_head import ListHead
from desktop.ui.tickets.list_keys import ListKeys
from desktop.ui.tickets.list_menus import (
    DESCENDING_FIRST,
    SORTED_BY,
    column_menu,
    filter_menu,
    sort_menu,
)
from desktop.ui.tickets.list_reader import ListReader, Question
from desktop.ui.tickets.model import TicketModel
from desktop.ui.tickets.place_kept import PlaceKept
from desktop.ui.tickets.resting import Resting
from desktop.ui.tickets.sections import Listing, Sections
from desktop.ui.tickets.table_look import TableLook
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.skeleton import SkeletonRows
from desktop.ui.widgets.ticket_row import Column
from desktop.ui.widgets.ticket_table import TicketTable

_CHANGED_REST_MS = 120


class ListPage(QWidget):
    """`chosen` tells the current ticket ("" for none), `marked` how many are chosen, `counted` how many there are."""

    chosen = Signal(str)
    marked = Signal(int)
    counted = Signal(int)
    opened = Signal(str)
    opened_apart = Signal(str)
    menu_wanted = Signal(QPoint)
    view_wanted = Signal(object)
    step_chosen = Signal(str)

    def __init__(self, session: Session, directory: Directory, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ground(self, "surface")
        self._session, self._directory = session, directory
        self._key, self._title = "", ""
        self._question = Question(worklist="todo")
        self._view: SavedView | None = None
        self._waiting: Listing | None = None
        self._told = ""
        self._asked_for = False
        self.head = ListHead()
        self.model = TicketModel(session)
        comfortable = session.settings.current.density == "comfortable"
        self.table = TicketTable(
            session.server_time.now, row_height=ROW_HEIGHT_COMFORTABLE if comfortable else ROW_HEIGHT
        )
        self.table.setModel(self.model)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._empty = ListEmpty()
        self._skeleton = SkeletonRows()
        self._skeleton.setContentsMargins(12, 8, 12, 0)
        self.look = TableLook(self.table, session.settings)
        self._reader = ListReader(session, self)
        self._resting = Resting(self.table)
        self._place = PlaceKept(self.table, self.model)
        self.sections = Sections(self.model, directory, session.settings)
        self._keys = ListKeys(self.table, self.model, self.sections)
        self._ask_soon = QTimer(self)
        self._ask_soon.setSingleShot(True)
        self._ask_soon.setInterval(_CHANGED_REST_MS)
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        self._below = QWidget()
        self._below.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._below.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self._stack = QStackedLayout(self._below)
        for page in (self.table, self._skeleton, self._empty):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self._below, 1)

    def _connect(self) -> None:
        header, selection = self.table.horizontalHeader(), self.table.selectionModel()
        header.setSortIndicatorClearable(False)
        header.sectionClicked.connect(self._on_head_clicked)
        selection.selectionChanged.connect(self._tell)
        selection.currentRowChanged.connect(self._tell)
        self.table.opened.connect(lambda index: self.opened.emit(self.model.id_at(index.row())))
        self.table.opened_apart.connect(lambda index: self.opened_apart.emit(self.model.id_at(index.row())))
        self.table.customContextMenuRequested.connect(
            lambda at: self.menu_wanted.emit(self.table.viewport().mapToGlobal(at))
        )
        self.model.provisional.connect(self.look.make_room)
        self._keys.folded.connect(lambda: self._put(self.sections.listing))
        self.head.filter_dropped.connect(lambda field: self._shape(self._question.shape.without(field)))
        self.head.text_changed.connect(self._on_text)
        self.head.text_left.connect(self.table.setFocus)
        self.head.add_filter.clicked.connect(self.open_filters)
        self.head.save_view.clicked.connect(lambda: self.view_wanted.emit(self._question))
        self.head.sort.clicked.connect(self._open_sorts)
        self.head.columns.clicked.connect(self._open_columns)
        self._empty.filters_dropped.connect(self.drop_filters)
        self._empty.step_chosen.connect(self.step_chosen)
        self._ask_soon.timeout.connect(self._ask)
        self._resting.rested.connect(self._on_rested)
        self._session.bridge.changed.connect(self._on_changed)

    # Which list.

    def show_list(
        self, key: str, title: str, *, worklist: str = "all", view: SavedView | None = None
    ) -> None:
        """Show a worklist or a saved view, as it was narrowed and sorted last."""
        self._key, self._title = key, title
        self._view = view
        remembered = self._session.settings.look(f"list.{key}")
        shape = view.shape if view and remembered is None else shape_from(remembered or {})
        self._question = Question(worklist=worklist, base=view.conditions if view else None, shape=shape)
        self._show_title()
        self.head.show_count(None)
        self.head.drop_text()
        self.look.show(key, view.columns if view else ())
        self._told = ""
        self.sections.show_list(key)
        self._place.forget()
        self._stack.setCurrentWidget(self._skeleton)
        self._show_shape()
        self._ask_now()

    def _show_title(self) -> None:
        view = self._view
        own, given = view is not None and not view.given, view is not None and view.given
        self.head.show_title(self._title, own=own, given=given)
        for part in (self.table, self._below):
            part.setAccessibleName(self._title)

    def set_title(self, title: str) -> None:
        """The same list by another name, as after a switch of language."""
        self._title = title
        self._show_title()
        self.look.take_language()
        self._show_shape()
        if self.sections.listing.group:
            self._put(self.sections.listing)
        self._show_what_there_is()

    def set_density(self, *, comfortable: bool) -> None:
        """Rows of 32 or 24."""
        height = ROW_HEIGHT_COMFORTABLE if comfortable else ROW_HEIGHT
        self.table.painting.row_height = height
        rows = self.table.verticalHeader()
        rows.setMinimumSectionSize(height)
        rows.setDefaultSectionSize(height)

    def narrow(self, one: Filter) -> None:
        """Narrow the list by one more."""
        self._shape(self._question.shape.with_filter(one))

    def drop_filters(self) -> None:
        """Show everything of the list."""
        self.head.drop_text()
        self._question = Question(worklist=self._question.worklist, base=self._question.base)
        self._shape(ListShape(sort=self._question.shape.sort))

    def sort_by(self, name: str, descending: bool) -> None:
        """Sort by what the replica can sort by."""
        self._shape(msgspec.structs.replace(self._question.shape, sort=name, descending=descending))

    def _shape(self, shape: ListShape) -> None:
        self._question = Question(
            worklist=self._question.worklist,
            base=self._question.base,
            shape=shape,
            text=self._question.text,
        )
        self._session.settings.remember(f"list.{self._key}", msgspec.to_builtins(shape))
        self._show_shape()
        self._ask_now()

    def _show_shape(self) -> None:
        shape = self._question.shape
        self.head.show_filters(shape.filters)
        self.head.show_sort(tr(f"list.by_sort.{shape.sort}"), descending=shape.descending)
        column = next((column for column, name in SORTED_BY.items() if name == shape.sort), None)
        order = Qt.SortOrder.DescendingOrder if shape.descending else Qt.SortOrder.AscendingOrder
        header = self.table.horizontalHeader()
        header.setSortIndicator(-1 if column is None else int(column), order)

    def _on_head_clicked(self, section: int) -> None:
        name = SORTED_BY.get(Column(section))
        if name is None:
            self._show_shape()
            return
        shape = self._question.shape
        turned = not shape.descending if shape.sort == name else name in DESCENDING_FIRST
        self.sort_by(name, turned)

    def _on_text(self, text: str) -> None:
        if text == self._question.text:
            if text:
                self.focus_table()
            return
        self._question = Question(
            worklist=self._question.worklist,
            base=self._question.base,
            shape=self._question.shape,
            text=text,
        )
        self._ask_now()

    # Reading.

    def reload(self) -> None:
        """Ask again for the same list."""
        self._ask_now()

    def _ask_now(self) -> None:
        """The person wants another order or choice of rows: it comes at once."""
        self._asked_for = True
        self._waiting = None
        self._ask()

    def _ask(self) -> None:
        key = self._key
        self._ask_soon.stop()
        self._reader.ask(self._question, lambda found: self._take(key, found))

    def _take(self, key: str, found: Listing) -> None:
        if key != self._key:
            return
        self.counted.emit(len(found.ids))
        self.head.show_count(len(found.ids))
        asked, self._asked_for = self._asked_for, False
        if found == self.sections.listing:
            self._waiting = None
            self._show_what_there_is()
            self._tell()
        elif not asked and self._resting.held() and self._showing_table():
            self._waiting = found
        else:
            self._put(found)

    def _showing_table(self) -> bool:
        return self._stack.currentWidget() is self.table and self.model.rowCount() > 0

    def _on_rested(self) -> None:
        if self._waiting is not None:
            found, self._waiting = self._waiting, None
            self._put(found)

    def _put(self, found: Listing) -> None:
        with self._place.kept():
            self.sections.put(found)
        self._show_what_there_is()
        if found.ids and not self.table.currentIndex().isValid():
            first = next((row for row in range(self.model.rowCount()) if self.model.id_at(row)), 0)
            self.table.setCurrentIndex(self.model.index(first, Column.SUBJECT))
        self._tell()

    def _show_what_there_is(self) -> None:
        if self.model.rowCount():
            self._bring(self.table)
            return
        words = [one.words for one in self._question.shape.filters]
        if self._question.text:
            words.append(self._question.text)
        self._empty.show_list(self._key, words)
        self._bring(self._empty)

    def _bring(self, page: QWidget) -> None:
        """Show another part of the list; if what it hides had the keyboard, this one gets it."""
        if self._stack.currentWidget() is page:
            return
        focused = self.window().focusWidget() in (self._below, self.table, self._empty)
        self._stack.setCurrentWidget(page)
        if focused:
            page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_changed(self, moved: Changed) -> None:
        if "tickets" in moved.kinds or "attention" in moved.kinds:
            self.model.refresh(moved.tickets, own=bool(moved.commands))
            if not self._ask_soon.isActive():
                self._ask_soon.start()
        elif "config" in moved.kinds:
            self.model.refresh(list(self.model.ids()[: self.table.rowAt(self.table.height()) + 1]))

    # What is chosen.

    def chosen_ids(self) -> list[str]:
        """The tickets chosen, in order; the current one where none is."""
        if self._stack.currentWidget() is not self.table:
            return []
        picked = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        if not picked and self.table.currentIndex().isValid():
            picked = [self.table.currentIndex().row()]
        return [id for row in picked if (id := self.model.id_at(row))]

    def chosen_lines(self) -> list[TicketLine]:
        """What is known of them."""
        lines = (self.model.line(id) for id in self.chosen_ids())
        return [line for line in lines if line is not None]

    def current_id(self) -> str:
        """The ticket the cursor is on; "" for none."""
        index = self.table.currentIndex()
        shown = self._stack.currentWidget() is self.table
        return self.model.id_at(index.row()) if shown and index.isValid() else ""

    def step(self, by: int) -> str:
        """Move the cursor to the ticket before or after, and tell which it is."""
        row, last = self.table.currentIndex().row() + by, self.model.rowCount() - 1
        while 0 <= row <= last and not self.model.id_at(row):
            row += by
        if 0 <= row <= last:
            self.table.selectRow(row)
        return self.current_id()

    def position(self) -> tuple[int, int]:
        """The cursor's place counted from 1, and how many there are."""
        return self.sections.position(self.current_id())

    def choose(self, id: str) -> bool:
        """Put the cursor on a ticket; False where the list does not hold it."""
        place = self.model.place_of(id)
        if place is None:
            return False
        self.table.selectRow(place)
        return True

    def focus_table(self) -> None:
        """Put the keyboard into the list."""
        shown = self._stack.currentWidget()
        target = shown if shown is not None and shown is not self._skeleton else self._below
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def anchor(self) -> QWidget:
        """What a pop-over about the chosen tickets stands beside."""
        return self._place.anchor()

    def copy(self) -> None:
        """Number and subject of the chosen tickets."""
        lines = self.chosen_lines()
        QGuiApplication.clipboard().setText("\n".join(f"{line.number}\t{line.subject}" for line in lines))

    def _tell(self) -> None:
        if self._place.moving:
            return
        id = self.current_id()
        self.marked.emit(len(self.table.selectionModel().selectedRows()) if id else 0)
        if id != self._told:
            self._told = id
            self.chosen.emit(id)

    # Menus.

    def open_filters(self) -> None:
        """What the list may be narrowed by."""
        menu = filter_menu(self.head.add_filter, self.narrow, self._directory, me=self._session.person.id)
        menu.popup(self.head.add_filter.mapToGlobal(QPoint(0, self.head.add_filter.height() + 4)))

    def _open_sorts(self) -> None:
        menu = sort_menu(self.head.sort, self._question.shape, self.sort_by, self._shape)
        menu.popup(self.head.sort.mapToGlobal(QPoint(0, self.head.sort.height() + 4)))

    def _open_columns(self) -> None:
        menu = column_menu(
            self.head.columns,
            self.table.hidden_columns(),
            lambda column, hidden: self.look.hide_column(column, hidden=hidden),
            self.look.reset,
        )
        menu.popup(self.head.columns.mapToGlobal(QPoint(0, self.head.columns.height() + 4)))

    def tick(self) -> None:
        """Once a second: the countdowns in sight."""
        if self._stack.currentWidget() is self.table and self.table.isVisible():
            self.model.tick()
            self.table.tick()
