"""Step 2: the category, by frequent and recent chips or from the whole tree."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.ui.create.category_chooser import CategoryChooser
from desktop.ui.create.known import Catalogue
from desktop.ui.create.step import Step
from desktop.ui.form.wrap_layout import WrapLayout
from desktop.ui.text import tr
from desktop.ui.widgets.button import LinkButton
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.field import ErrorLine
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import width
from domain.entities.forms import Template

_MOST_RECENT = 5
_CAPTION = 28


class CategoryStep(Step):
    """`edited` tells that another category was chosen."""

    edited = Signal()

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(number, tr("create.category"), parent)
        self._catalogue: Catalogue | None = None
        self._chosen = ""
        self._chips: list[tuple[str, Chip]] = []
        self._frequent, self._recent = self._row("create.frequent"), self._row("create.recent")
        self._path = Label(kind="small", tone="text2", elide=True)
        self.change = LinkButton(tr("create.choose_category"))
        self.change.clicked.connect(self.open_chooser)
        self._error = ErrorLine()
        self._path.setAlignment(Qt.AlignmentFlag.AlignRight)
        last = QHBoxLayout()
        last.setSpacing(12)
        last.addWidget(self._recent[0], 2)
        last.addWidget(self._path, 1)
        last.addWidget(self.change)
        self.body.addWidget(self._frequent[0])
        self.body.addLayout(last)
        self.body.addWidget(self._error)
        self.body.setSpacing(4)

    def _row(self, caption: str) -> tuple[QWidget, WrapLayout]:
        room = QWidget()
        row = QHBoxLayout(room)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        told = Label(tr(caption), kind="small", tone="text2")
        told.setFixedSize(
            max(_CAPTION, width(tr("create.frequent"), "small"), width(tr("create.recent"), "small")), 24
        )
        row.addWidget(told)
        chips = WrapLayout(gap=4, line_gap=4)
        row.addLayout(chips, 1)
        return room, chips

    def offer(self, catalogue: Catalogue, template: Template) -> None:
        """Show the chips of a template."""
        self._catalogue = catalogue
        for _, chips in (self._frequent, self._recent):
            chips.empty()
        self._chips = []
        frequent = [one for one in template.frequent_categories if catalogue.category(one)]
        recent = [
            one for one in catalogue.recent_categories if catalogue.category(one) and one not in frequent
        ]
        for (room, chips), ids in ((self._frequent, frequent), (self._recent, recent[:_MOST_RECENT])):
            room.setVisible(bool(ids))
            for id in ids:
                chips.addWidget(self._chip(catalogue, id))
        self._show_choice()

    def _chip(self, catalogue: Catalogue, id: str) -> Chip:
        category = catalogue.category(id)
        chip = Chip(category.name if category else id, large=True, choosable=True)
        chip.setToolTip(catalogue.category_words(id))
        chip.clicked.connect(lambda checked: self._choose(id if checked else ""))
        self._chips.append((id, chip))
        return chip

    def chips(self) -> list[Chip]:
        """The frequent ones, then the recent ones."""
        return [chip for _, chip in self._chips]

    def value(self) -> str:
        """The id of the category, or ""."""
        return self._chosen

    def set_value(self, id: str) -> None:
        """Choose by program."""
        self._chosen = id
        self._show_choice()

    def set_error(self, sentence: str) -> None:
        """Say below what is missing; "" clears it."""
        self._error.set_text(sentence)

    def focus(self) -> None:
        """Put the cursor on the first chip, or on the link where there are none."""
        (self._chips[0][1] if self._chips else self.change).setFocus()

    def open_chooser(self) -> None:
        """Choose from the whole tree."""
        if self._catalogue is None:
            return
        chooser = CategoryChooser(self._catalogue, self.change)
        chooser.chosen.connect(self._choose)
        chooser.open()

    def _choose(self, id: str) -> None:
        self._chosen = id
        self._show_choice()
        self.edited.emit()

    def _show_choice(self) -> None:
        for id, chip in self._chips:
            chip.setChecked(id == self._chosen)
            chip.updateGeometry()
        words = self._catalogue.category_words(self._chosen) if self._catalogue and self._chosen else ""
        self._path.setText(words)
        self.change.setText(tr("widget.change") if self._chosen else tr("create.choose_category"))
        self.change.updateGeometry()
        if self._chosen:
            self.set_error("")
