"""Making and editing a view of one's own: name, conditions, columns, order; how many tickets match is counted along."""

import re
from collections.abc import Callable
from datetime import date

from msgspec.structs import replace
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.replica.changed import Changed
from desktop.replica.queries.tickets import SORTS, view_count
from desktop.ui.form.reading_order import step
from desktop.ui.main.view_columns import ColumnsField
from desktop.ui.main.view_conditions import ConditionGroup, ConditionRow
from desktop.ui.main.view_fields import Vocabulary
from desktop.ui.session import Session
from desktop.ui.text import has_text, tr
from desktop.ui.tickets.filters import ListShape, SavedView, as_of
from desktop.ui.tickets.form_popover import FormPopover
from desktop.ui.tickets.list_menus import GROUPS
from desktop.ui.times import local
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.check_box import CheckBox
from desktop.ui.widgets.combo_box import ComboBox
from desktop.ui.widgets.field import Field
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.text_field import TextField
from domain.entities.conditions import Conditions
from domain.rules.conditions import check

WIDTH, _MOST_HEIGHT = 688, 460
_LONGEST = 40
_COUNT_REST_MS = 150
_PLACE = re.compile(r"(all|any)\[(\d+)\]")


class ViewEditor(FormPopover):
    """`saved` carries the view, `left` the one that was being written when it was closed without saving."""

    saved = Signal(object)
    left = Signal(object)
    dropped = Signal()

    def __init__(
        self,
        anchor: QWidget,
        session: Session,
        vocabulary: Vocabulary,
        view: SavedView,
        *,
        title: str,
        droppable: bool,
    ) -> None:
        super().__init__(
            anchor,
            title=title,
            verb=tr("list.save"),
            glyph="floppy-disk",
            width=WIDTH,
            most_height=_MOST_HEIGHT,
        )
        self._session, self._vocabulary, self._view = session, vocabulary, view
        self._cancel: Callable[[], None] = lambda: None
        self._done = False
        self._count_soon = QTimer(self)
        self._count_soon.setSingleShot(True)
        self._count_soon.setInterval(_COUNT_REST_MS)
        self._make(local(session.server_time.now()).date())
        self._make_foot(droppable)
        self._begun = self.view()
        self._connect()
        self._count()

    def _make(self, today: date) -> None:
        name = TextField(self._view.name)
        name.setMaxLength(_LONGEST)
        self._name = Field(tr("list.view_name"), name, required=True, check=self._check_name)
        held, shape = self._view.conditions, self._view.shape
        self.all = ConditionGroup(tr("view.all"), self._vocabulary, held.all, today=today)
        self.any = ConditionGroup(tr("view.any"), self._vocabulary, held.any, today=today)
        self.columns = ColumnsField(self._view.columns)
        self._sort = ComboBox([(one, tr(f"list.by_sort.{one}")) for one in SORTS])
        self._sort.set_value(shape.sort)
        self._descending = CheckBox(tr("list.reverse"))
        self._descending.set_value(shape.descending)
        self._group = ComboBox(
            [(one, tr(f"list.sort.{one}") if one else tr("list.group_none")) for one in GROUPS]
        )
        self._group.set_value(shape.group)
        for part in (self._name, self.all, self.any, _titled(tr("list.columns"), self.columns)):
            self.fields.addWidget(part)
        self.fields.addLayout(self._order())

    def _order(self) -> QHBoxLayout:
        """Sorting and grouping side by side."""
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(Field(tr("view.sort"), self._sort), 1)
        line.addWidget(self._descending, 0, Qt.AlignmentFlag.AlignBottom)
        line.addWidget(Field(tr("list.group"), self._group), 1)
        return line

    def _make_foot(self, droppable: bool) -> None:
        self._counted = Label(tone="text2")
        if droppable:
            drop = Button(tr("view.drop"), kind="danger", icon="trash")
            drop.clicked.connect(self._drop)
            self.foot.insertWidget(0, drop)
        self.foot.insertWidget(self.foot.count() - 3, self._counted)

    def _connect(self) -> None:
        for group in (self.all, self.any):
            group.edited.connect(self._count_soon.start)
            group.reshaped.connect(self._fit_soon)
        self.columns.reshaped.connect(self._fit_soon)
        self._count_soon.timeout.connect(self._count)
        self._session.bridge.changed.connect(self._on_changed)
        self.closed.connect(self._on_closed)

    # What it says.

    def view(self) -> SavedView:
        """The view as it is written now."""
        shape = ListShape(
            sort=self._sort.value(), descending=self._descending.value(), group=self._group.value()
        )
        return replace(
            self._view,
            name=self._name.value(),
            conditions=Conditions(all=self.all.conditions(), any=self.any.conditions()),
            shape=shape,
            columns=self.columns.value(),
            given=False,
        )

    def _check_name(self) -> str | None:
        return None if self._name.value() else tr("list.view_name_missing")

    def problems(self) -> list[tuple[ConditionRow, str]]:
        """The rows that can't be, each with its sentence."""
        found: dict[tuple[str, int], str] = {}
        for problem in check(self.view().conditions, self._vocabulary.kinds, spans=True):
            place = _PLACE.fullmatch(problem.place)
            if place is not None:
                key = f"view.wrong.{problem.code}"
                found[place[1], int(place[2])] = tr(key if has_text(key) else "view.wrong.condition")
        groups = {"all": self.all, "any": self.any}
        for name, group in groups.items():
            found.update({(name, index): sentence for index, sentence in group.troubles().items()})
        return [(groups[name].row(index), sentence) for (name, index), sentence in found.items()]

    # Counting.

    def _on_changed(self, moved: Changed) -> None:
        if "tickets" in moved.kinds:
            self._count_soon.start()

    def _count(self) -> None:
        self._cancel()
        if self.problems():
            self._counted.setText(tr("view.count_unknown"))
            return
        session = self._session
        conditions = as_of(self.view().conditions, session.server_time.now())

        def read() -> int:
            with session.replica.read() as conn:
                return view_count(conn, conditions)

        self._cancel = session.bridge.read(read, then=self._show_count, owner=self)

    def _show_count(self, count: int) -> None:
        self._counted.setText(tr("view.count", count=count))

    # Ending.

    def first_field(self) -> QWidget | None:
        editor: QWidget = self._name.editor
        return editor

    def submit(self) -> None:
        named, wrong = self._name.validate(), self.problems()
        for row, sentence in wrong:
            row.set_error(sentence)
        if not named:
            self._name.focus_editor()
        elif wrong:
            wrong[0][0].focus_value()
        else:
            self._done = True
            self.close()
            self.saved.emit(self.view())
        self._fit_soon()

    def _drop(self) -> None:
        self._done = True
        self.close()
        self.dropped.emit()

    def _on_closed(self) -> None:
        self._cancel()
        now = self.view()
        if not self._done and now != self._begun:
            self.left.emit(now)
        self.deleteLater()

    def _fit_soon(self) -> None:
        # Once rows have been laid out anew.
        QTimer.singleShot(0, self, self._fit)

    def _fit(self) -> None:
        self.fit()
        focused = self.focusWidget()
        if focused is not None:
            self.bring(focused)

    def focusNextPrevChild(self, next: bool) -> bool:
        # Rows join late; Tab goes as they stand.
        return step(self, focused=self.focusWidget(), forward=next)


def _titled(title: str, inside: QWidget) -> QWidget:
    held = QWidget()
    column = QVBoxLayout(held)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    column.addWidget(Label(title, kind="small", tone="text2"))
    column.addWidget(inside)
    return held
