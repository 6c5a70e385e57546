"""The page without its replica: scenarios, steps, help and bars, from a draft and back into one."""

from typing import Any

import msgspec
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.replica.queries.intake import Caller
from desktop.ui.attachments.box import Box
from desktop.ui.create.after import Outlook
from desktop.ui.create.after_step import AfterStep, target_words
from desktop.ui.create.bars import FootBar, HeadBar
from desktop.ui.create.category import CategoryStep
from desktop.ui.create.customer import CustomerStep
from desktop.ui.create.draft import Draft
from desktop.ui.create.gaps import gaps_of, mark, name_field, phone_field
from desktop.ui.create.known import Catalogue
from desktop.ui.create.left import LeftPane
from desktop.ui.create.matter import MatterStep
from desktop.ui.create.right import WIDTH as HELP_WIDTH
from desktop.ui.create.right import HelpPane
from desktop.ui.create.store import StoreStep
from desktop.ui.create.suggested import Suggestions
from desktop.ui.form.reading_order import step
from desktop.ui.form.view import FormView
from desktop.ui.text import tr
from desktop.ui.widgets.banner import Banner
from desktop.ui.widgets.polish import ground
from domain.entities.base import Instant
from domain.entities.forms import Template
from domain.wire.text_modules import KeepTextModule

HELP_FROM, SCENARIOS_FROM = 1200, 1000


class Sheet(QWidget):
    """`edited` tells any change by the person; the page asks `draft` for what stands here."""

    edited = Signal()

    def __init__(self, box: Box, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box = box
        self._draft = Draft(id="")
        self._template: Template | None = None
        self._catalogue: Catalogue | None = None
        self._now_at: Instant = 0
        self._late = self._quiet = False
        self.head, self.foot = HeadBar(), FootBar()
        self.left, self.help = LeftPane(), HelpPane()
        self.customer, self.category = CustomerStep(1), CategoryStep(2)
        self.store, self.matter, self.after = StoreStep(3), MatterStep(4, box), AfterStep(5)
        self.suggested = Suggestions(self.customer.name, self.forms)
        self.banner = Banner("info", "")
        self.banner.hide()
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        inside = QWidget()
        ground(inside, "surface")
        steps = QVBoxLayout(inside)
        steps.setContentsMargins(16, 12, 16, 12)
        steps.setSpacing(12)
        for part in (self.banner, self.customer, self.category, self.store, self.matter, self.after):
            steps.addWidget(part)
        steps.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(inside)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        centre = QVBoxLayout()
        centre.setSpacing(0)
        centre.addWidget(self._scroll, 1)
        centre.addWidget(self.foot)
        self._row = QHBoxLayout()
        self._row.setSpacing(0)
        self._row.addWidget(self.left)
        self._row.addLayout(centre, 1)
        self.help.setParent(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addLayout(self._row, 1)
        ground(self, "surface")

    def _connect(self) -> None:
        self.left.chosen.connect(self._on_template)
        self.left.taken.connect(self.customer.phone.focus_editor)
        for part in (self.customer, self.category, self.store, self.matter, self.after):
            part.edited.connect(self._on_edited)
        self.matter.described.connect(self._recommend)
        self.category.edited.connect(self._recommend)
        self.head.modules_wanted.connect(self.open_modules)
        self.head.duplicates_wanted.connect(lambda: self.help.setVisible(self.help.isHidden()))
        self.help.modules.left.connect(self._leave_help)
        self.foot.missing.clicked.connect(self.lead_to_first_gap)
        self.foot.priority.chosen.connect(self._on_priority)

    # From a draft and back.

    def offer(self, catalogue: Catalogue, *, now_at: Instant) -> None:
        """Know what there is to choose from."""
        self._catalogue, self._now_at = catalogue, now_at
        self.left.offer(catalogue.templates)
        self.after.cc.offer(catalogue.directory)

    def fill(self, draft: Draft) -> None:
        """Show a draft."""
        assert self._catalogue is not None
        self._quiet, self._draft, self._late = True, draft, False
        self.head.set_follows(draft.follows_number)
        template = self._catalogue.template(draft.template)
        if template is None and self._catalogue.templates:
            template = self._catalogue.templates[0]
        self.customer.phone.set_value(draft.phone)
        self.customer.name.set_value(draft.name)
        self.suggested.restore(draft.suggested)
        self.matter.subject.set_value(draft.subject)
        self.matter.description.set_value(draft.description)
        self.matter.files.bar.set_refs(draft.files)
        self.after.cc.set_value(draft.cc)
        if template is not None:
            self.left.choose(template.id)
            self._show_template(template)
        self.category.set_error("")
        self.category.set_value(draft.category)
        self.store.restore(draft.org, draft.org_suggested_by, settled=draft.org_settled)
        if draft.line:
            self.store.line.set_value(draft.line)
        self.matter.show_subject_hint(draft)
        self._quiet = False
        self._recommend()
        self._show_gaps()

    def draft(self) -> Draft:
        """What stands here now."""
        asked = {field.key for form in self.forms() for field in form.fields()}
        # What this template asks is as it stands here, emptied fields too; of others the draft remembers.
        kept = {key: value for key, value in self._draft.values.items() if key not in asked}
        kept |= {key: value for form in self.forms() for key, value in form.kept().items()}
        return msgspec.structs.replace(
            self._draft,
            template=self._template.id if self._template else "",
            values=kept,
            suggested=self.suggested.held(),
            phone=self.customer.phone.value(),
            name=self.customer.name.value(),
            category=self.category.value(),
            org=self.store.value(),
            org_suggested_by=self.store.source,
            org_settled=self.store.settled,
            line=str(self.store.line.value() or ""),
            subject=self.matter.subject.value(),
            description=self.matter.description.value(),
            cc=self.after.cc.value(),
            files=self.matter.files.bar.refs(),
        )

    def adopt(self, **values: Any) -> None:
        """Set what no editor shows: priority, tickets that are another matter, the time."""
        self._draft = msgspec.structs.replace(self._draft, **values)

    @property
    def template(self) -> Template | None:
        """The scenario that is chosen."""
        return self._template

    def own_text(self) -> KeepTextModule:
        """What is written now, as a text to keep; its name is still to be asked for."""
        return KeepTextModule(
            name="", body=self.matter.description.value(), category=self.category.value(), line=self.line()
        )

    def line(self) -> str:
        """The business line the ticket gets."""
        named = self._template.line if self._template else ""
        return named or str(self.store.line.value() or "")

    # The template.

    def _on_template(self, id: str) -> None:
        if self._quiet or self._catalogue is None or (self._template and self._template.id == id):
            return
        template = self._catalogue.template(id)
        if template is not None:
            self._draft = self.draft()
            self._show_template(template)
            self._on_edited()

    def _show_template(self, template: Template) -> None:
        assert self._catalogue is not None
        self._template = template
        lines = [] if template.line else list(self._catalogue.lines)
        self.store.offer(self._catalogue, lines)
        self.category.offer(self._catalogue, template)
        self.help.modules.offer(self._catalogue.modules, self._catalogue.category_path, template.text_modules)
        phone, name = phone_field(template), name_field(template)
        self.customer.set_required(phone is not None and phone.required)
        omit = frozenset(field.key for field in (phone, name) if field is not None)
        self.customer.show_form(self._form(template, "customer", omit))
        self.matter.show_form(self._form(template, "request", frozenset()))
        self.suggested.show()
        self._share()

    def _form(self, template: Template, section: str, omit: frozenset[str]) -> FormView:
        assert self._catalogue is not None
        form = FormView(
            template,
            self._draft.values,
            sections=(section,),
            omit=omit,
            directory=self._catalogue.directory,
            now_at=self._now_at,
            box=self._box,
        )
        form.changed.connect(self.suggested.touch)
        return form

    def forms(self) -> list[FormView]:
        """The template's fields: those about the customer, those about the matter."""
        return [form for form in (self.customer.form, self.matter.form) if form is not None]

    def form_values(self) -> dict[str, Any]:
        """What the ticket gets of the form: hidden fields left out."""
        return {key: value for form in self.forms() for key, value in form.values().items()}

    def _share(self) -> None:
        """Conditions of one part may read the values of the other."""
        for form in self.forms():
            for other in self.forms():
                if other is not form:
                    form.read_beside(other.values())

    # What is missing.

    def mark_gaps(self) -> bool:
        """Mark what is missing, lead to the first; False when something is."""
        gaps = gaps_of(self)
        self._late = bool(gaps)
        mark(self)
        self._show_gaps()
        if gaps:
            gaps[0].lead()
            QTimer.singleShot(0, self, self.reveal_focus)
        return not gaps

    def lead_to_first_gap(self) -> None:
        """Put the cursor where the first thing is missing."""
        for gap in gaps_of(self)[:1]:
            gap.lead()
            self.reveal_focus()

    def reveal_focus(self) -> None:
        """Scroll to what has the focus."""
        inside, focused = self._scroll.widget(), self._focused()
        if inside is not None and focused is not None and inside.isAncestorOf(focused):
            self._scroll.ensureWidgetVisible(focused, 0, 60)

    def _focused(self) -> QWidget | None:
        return self.focusWidget()

    def _show_gaps(self) -> None:
        gaps = gaps_of(self)
        self._late = self._late and bool(gaps)
        self.foot.missing.show_missing([gap.name for gap in gaps], late=self._late)
        known = bool(self.customer.phone.value()) and not self.customer.error()
        self.customer.set_done(known and not _wrong(self.customer.form))
        self.category.set_done(bool(self.category.value()))
        self.store.set_done(bool(self.store.value()) and self.store.settled)
        self.matter.set_done(self.matter.is_written() and not _wrong(self.matter.form))

    # What the page tells.

    def show_caller(self, caller: Caller | None, *, now_at: Instant) -> None:
        """Show what is known of the customer, and what may be the same matter."""
        self.customer.show_customer(caller, now_at=now_at)
        distinct = self._draft.distinct
        alike = tuple(one for one in caller.tickets if one.open and one.id not in distinct) if caller else ()
        self.help.show_duplicates(alike, now_at=now_at)
        self._fold()

    def show_outlook(self, outlook: Outlook, now_at: Instant) -> None:
        """Show what will become of the ticket."""
        self.after.show_outlook(outlook, now_at)
        self.foot.priority.show_priority(outlook.priority)
        first = next((one for one in outlook.promises if one.metric == "first_response"), None)
        self.foot.promise.setText(tr("create.promise", span=target_words(first)) if first else "")

    def open_modules(self) -> None:
        """Lead to the text modules."""
        self.help.show()
        self.help.raise_()
        self.help.modules.focus_search()

    def _recommend(self) -> None:
        self.help.modules.suggest_for(self.matter.description.value(), self.category.value(), self.line())

    def _on_priority(self, priority: str) -> None:
        self.adopt(priority=priority)
        self._on_edited()

    def _on_edited(self) -> None:
        if self._quiet:
            return
        self._share()
        self.matter.show_subject_hint(self.draft())
        self._show_gaps()
        self.edited.emit()

    def focusNextPrevChild(self, next: bool) -> bool:
        return step(self, self.help, focused=self._focused(), forward=next)

    # Narrow windows.

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= HELP_FROM
        if not event.oldSize().isValid() or (event.oldSize().width() >= HELP_FROM) != wide:
            self.help.setVisible(wide)
        self._row.setContentsMargins(0, 0, HELP_WIDTH if wide else 0, 0)
        top, foot = self.head.height(), 0 if wide else self.foot.height()
        self.help.setGeometry(self.width() - HELP_WIDTH, top, HELP_WIDTH, self.height() - top - foot)
        self._fold()

    def _leave_help(self) -> None:
        if self.width() < HELP_FROM:
            self.help.hide()
        self.matter.description.focus_editor()

    def _fold(self) -> None:
        self.head.set_folded(self.width() < HELP_FROM, duplicates=self.help.duplicates.count())
        self.left.set_folded(self.width() < SCENARIOS_FROM)


def _wrong(form: FormView | None) -> bool:
    return form is not None and bool(form.errors())
