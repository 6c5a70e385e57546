"""Resolving a ticket with its closure form: what is missing is asked for, and the first error is shown."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.ui.attachments.box import Box
from desktop.ui.form.lookup import LookupField
from desktop.ui.form.view import FormView
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.tickets.form_panel import values_of
from desktop.ui.tickets.form_popover import FormPopover
from desktop.ui.tickets.source import Shown
from desktop.ui.widgets.field import Field
from domain.entities.forms import Template
from domain.rules.forms import FieldError

ASKED = ("completion", "closure")


def asks(shown: Shown) -> bool:
    """Whether resolving has anything to ask for."""
    template = shown.page.template
    if template is None:
        return False
    return _wants_category(template, shown) or any(field.section in ASKED for field in template.fields)


def _wants_category(template: Template, shown: Shown) -> bool:
    return template.category_required_at != "never" and not shown.page.ticket.category


class Resolve(FormPopover):
    """`chosen` carries the fields of the closure form and the category, "" where it stays."""

    chosen = Signal(object, str)

    def __init__(self, anchor: QWidget, shown: Shown, session: Session) -> None:
        super().__init__(
            anchor, title=tr("resolve.title"), verb=tr("action.resolve.short"), glyph="check", width=376
        )
        template = shown.page.template
        assert template is not None
        self._category: Field | None = None
        if _wants_category(template, shown):
            directory = shown.directory
            editor = LookupField(directory.find_categories, directory.category, glyph="tag")
            label = tr("ticket.fact.category")
            self._category = Field(label, editor, required=True, check=self._check_category)
            self.fields.addWidget(self._category)
        self._form: FormView | None = None
        box = Box(session, self)
        box.show(shown.id)
        if any(field.section in ASKED for field in template.fields):
            self._form = FormView(
                template,
                values_of(shown),
                sections=ASKED,
                at="resolve",
                directory=shown.directory,
                columns=1,
                now_at=shown.now_at,
                box=box,
            )
            self._form.shown_changed.connect(self.fit)
            self.fields.addWidget(self._form)

    def _check_category(self) -> str | None:
        return None if self._category is None or self._category.value() else tr("resolve.category_missing")

    def first_field(self) -> QWidget | None:
        if self._category is not None:
            first: QWidget = self._category.editor
            return first
        if self._form is not None:
            for key in self._form.shown_keys():
                if self._form.focus_field(key):
                    return self._form.field(key).editor  # type: ignore[no-any-return]
        return None

    def submit(self) -> None:
        fine = self._category is None or self._category.validate()
        errors = self._form.validate() if self._form is not None else ()
        self.fit()
        if not fine and self._category is not None:
            self._category.focus_editor()
            return
        if errors and self._form is not None:
            self.complain(tr("error.form_invalid", count=len(errors)))
            self._form.focus_first_error()
            return
        fields: dict[str, Any] = self._form.values() if self._form is not None else {}
        category = str(self._category.value()) if self._category is not None else ""
        self.chosen.emit(fields, category)

    def mark(self, errors: list[dict[str, Any]]) -> None:
        """Show what the rules refused."""
        if self._form is not None:
            made = [FieldError(key=e["key"], code=e["code"], args=e.get("args", {})) for e in errors]
            self._form.mark(made)
            self._form.focus_first_error()
