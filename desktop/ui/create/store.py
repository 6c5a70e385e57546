"""Step 3: the store that is responsible, suggested with its reason until a person confirms it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.ui.create.known import Catalogue
from desktop.ui.create.places import found_near
from desktop.ui.create.step import Step
from desktop.ui.form.directory import Found
from desktop.ui.form.lookup import LookupField
from desktop.ui.text import tr
from desktop.ui.widgets.combo_box import ComboBox
from desktop.ui.widgets.field import ErrorLine
from desktop.ui.widgets.suggestion import Suggestion
from domain.rules.nearest import StoreMap


class StoreStep(Step):
    """`edited` tells of another store or line, or that the suggestion was confirmed."""

    edited = Signal()

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(number, tr("create.store"), parent)
        self._source, self._lines = "", 0
        self._catalogue: Catalogue | None = None
        self._places: StoreMap | None = None
        self.store = LookupField(
            self._find, self._name, glyph="storefront", placeholder=tr("form.find_store")
        )
        self.store.setAccessibleName(tr("create.store"))
        self.store.setFixedWidth(200)
        self.suggestion = Suggestion(self.store)
        self.line = ComboBox(placeholder=tr("create.line"))
        self.line.setAccessibleName(tr("create.line"))
        self.line.setFixedWidth(140)
        self.line.hide()
        self._error = ErrorLine()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.store)
        row.addWidget(self.line)
        row.addWidget(self.suggestion, 1)
        row.addStretch(0)
        self.body.addLayout(row)
        self.body.addWidget(self._error)
        self.body.setSpacing(4)
        row.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.store.edited.connect(self._on_edited)
        self.line.edited.connect(self.edited)
        self.suggestion.confirmed.connect(self._on_confirmed)
        self.suggestion.change_wanted.connect(self.change)

    def _find(self, text: str) -> Sequence[Found]:
        """By name, initials or code; whatever else was typed is taken for a place."""
        if self._catalogue is None:
            return ()
        named = self._catalogue.stores.find_units(text)
        return named or found_near(self._places, text, self._catalogue)

    def take_places(self, places: StoreMap) -> None:
        """Know from now on where the stores lie."""
        self._places = places

    def propose_near(self, text: str) -> None:
        """Suggest the store nearest to a place, where nothing better is known."""
        found = found_near(self._places, text, self._catalogue) if self._catalogue else ()
        if found and not self.value():
            self.propose(found[0].id, "location")

    def _name(self, id: str) -> str:
        return self._catalogue.directory.unit_name(id) if self._catalogue else id

    def offer(self, catalogue: Catalogue, lines: list[tuple[str, str]]) -> None:
        """Know the stores, and the business lines where there is a choice."""
        self._catalogue = catalogue
        self._lines = len(lines)
        self.line.set_options(lines)
        self.line.setVisible(len(lines) > 1)
        if len(lines) == 1:
            self.line.set_value(lines[0][0])

    def value(self) -> str:
        """The id of the store, or ""."""
        return str(self.store.value() or "")

    @property
    def source(self) -> str:
        """Where the store came from; empty once a person chose it."""
        return self._source

    @property
    def settled(self) -> bool:
        """Whether nothing is left to confirm."""
        return self.suggestion.settled

    def line_missing(self) -> bool:
        """Whether there is a choice of lines and none is made."""
        return self._lines > 1 and not self.line.value()

    def restore(self, org: str, source: str, *, settled: bool) -> None:
        """Fill it from a draft."""
        self.suggestion.forget()
        self._error.set_text("")
        self._source = source
        if org and source and not settled:
            self.suggestion.propose(org, tr(f"create.reason_{source}"))
        else:
            self.store.set_value(org)

    def propose(self, org: str, source: str, *, instead: bool = False) -> None:
        """Suggest a store, unless the person has settled on one; `instead`: then, too, where it is another one."""
        if self.value() and self.settled and (not instead or self.value() == org):
            return
        self._source = source
        self.suggestion.propose(org, tr(f"create.reason_{source}"))
        self._error.set_text("")
        self.edited.emit()

    def withdraw(self) -> None:
        """Take an unconfirmed suggestion back."""
        if not self.settled:
            self.store.set_value("")
            self.store.edited.emit()

    def confirm(self) -> bool:
        """Confirm the suggestion; False when there is none."""
        if self.settled:
            return False
        self.suggestion.confirm()
        return True

    def change(self) -> None:
        """Let the person type another store."""
        self.store.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.store.selectAll()

    def focus_confirm(self) -> None:
        """Put the focus on the button that confirms."""
        self.suggestion.focus_confirm()

    def set_error(self, sentence: str) -> None:
        """Say below what is missing; "" clears it."""
        self._error.set_text(sentence)

    def _on_edited(self) -> None:
        self._source = ""
        if self.value():
            self._error.set_text("")
        self.edited.emit()

    def _on_confirmed(self) -> None:
        self._error.set_text("")
        self.edited.emit()
