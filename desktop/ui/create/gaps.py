"""What keeps a ticket from being sent, in the order of the page, and marking it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from desktop.ui.text import tr
from domain.entities.forms import FormField, Template

if TYPE_CHECKING:
    from desktop.ui.create.sheet import Sheet


@dataclass(frozen=True)
class Gap:
    """Something that is missing or wrong: its name, and how to get there."""

    name: str
    lead: Callable[[], object]


def phone_field(template: Template) -> FormField | None:
    """The field of a template that the phone number at the top stands for."""
    return next((f for f in template.fields if f.section == "customer" and f.kind == "phone"), None)


def name_field(template: Template) -> FormField | None:
    """The field of a template that the name at the top stands for."""
    return next((f for f in template.fields if f.section == "customer" and f.key == "name"), None)


def gaps_of(sheet: "Sheet") -> list[Gap]:
    """Everything that keeps the ticket from being sent."""
    template = sheet.template
    if template is None:
        return [Gap(tr("create.scenario"), sheet.left.take_focus)]
    found: list[Gap] = []
    name = name_field(template)
    if sheet.customer.error():
        found.append(Gap(tr("create.phone"), sheet.customer.phone.focus_editor))
    if name is not None and name.required and not sheet.customer.name.value():
        found.append(Gap(name.label, sheet.customer.name.setFocus))
    if _category_missing(sheet):
        found.append(Gap(tr("create.category"), sheet.category.focus))
    if not sheet.store.value():
        found.append(Gap(tr("create.store"), sheet.store.change))
    elif not sheet.store.settled:
        found.append(Gap(tr("create.confirm_store"), sheet.store.focus_confirm))
    if sheet.store.line_missing():
        found.append(Gap(tr("create.line"), sheet.store.line.setFocus))
    if not sheet.matter.is_written():
        found.append(Gap(tr("create.description"), sheet.matter.description.focus_editor))
    return found + _form_gaps(sheet)


def _category_missing(sheet: "Sheet") -> bool:
    template = sheet.template
    at_create = template is not None and template.category_required_at == "create"
    return at_create and not sheet.category.value()


def _form_gaps(sheet: "Sheet") -> list[Gap]:
    return [
        Gap(form.label_of(one.key), partial(form.focus_field, one.key))
        for form in sheet.forms()
        for one in form.errors()
    ]


def mark(sheet: "Sheet") -> None:
    """Say in place what is missing or wrong."""
    sheet.customer.phone.validate()
    sheet.category.set_error(tr("create.category_missing") if _category_missing(sheet) else "")
    if not sheet.store.value():
        sheet.store.set_error(tr("create.store_missing"))
    elif not sheet.store.settled:
        sheet.store.set_error(tr("create.store_unconfirmed"))
    if not sheet.matter.is_written():
        sheet.matter.description.set_error(tr("create.description_missing"))
    for form in sheet.forms():
        form.validate()
