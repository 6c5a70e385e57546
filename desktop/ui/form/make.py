"""Makes the editor of a form field from its kind."""

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtWidgets import QWidget

from desktop.ui.attachments.bar import FilesField
from desktop.ui.attachments.box import Box
from desktop.ui.form.directory import Directory
from desktop.ui.form.editors import ChipChoice, DateField, MoneyField, NumberField, PhoneField
from desktop.ui.form.lookup import LookupField
from desktop.ui.text import tr
from desktop.ui.widgets.combo_box import ComboBox
from desktop.ui.widgets.text_area import TextArea
from desktop.ui.widgets.text_field import TextField
from domain.entities.equipment import EquipmentModel
from domain.entities.forms import FormField

TYPED_FROM = 10
"""From this many options on a choice is found by typing."""


class Maker:
    """Knows what editors need beside the field: the directory, today's date, and where files are attached."""

    def __init__(self, directory: Directory, today: date | None, box: Box | None = None) -> None:
        self._directory, self._today = directory, today
        self._by_kind: dict[str, Callable[[FormField], QWidget]] = {
            "long_text": lambda field: TextArea(placeholder=field.hint, least=2, most=6),
            "number": lambda field: NumberField(placeholder=field.hint),
            "money": lambda field: MoneyField(placeholder=field.hint),
            "date": self._date,
            "select": self._select,
            "multi_select": lambda field: ChipChoice([(one.value, one.label) for one in field.options]),
            "bool": lambda field: _combo([(True, tr("form.yes")), (False, tr("form.no"))]),
            "phone": lambda field: PhoneField(placeholder=field.hint, glyph="phone"),
            "store": self._store,
            "person": self._person,
            "equipment": self._equipment,
            "fault_code": lambda _: _combo([], typed=True),  # the form fills it in by the model
            "photo": lambda _: FilesField(box, photos=True),
            "file": lambda _: FilesField(box, photos=False),
        }

    def editor(self, field: FormField) -> QWidget:
        """The editor of a field; an unknown kind is a line of text."""
        make = self._by_kind.get(field.kind)
        return TextField(placeholder=field.hint) if make is None else make(field)

    def _date(self, field: FormField) -> QWidget:
        return DateField(today=self._today, placeholder=field.hint or tr("form.date_hint"))

    def _select(self, field: FormField) -> QWidget:
        return _combo(
            [(one.value, one.label) for one in field.options], typed=len(field.options) >= TYPED_FROM
        )

    def _equipment(self, field: FormField) -> QWidget:
        return _combo([(one.id, model_words(one)) for one in self._directory.models().values()], typed=True)

    def _store(self, field: FormField) -> QWidget:
        hint = field.hint or tr("form.find_store")
        find, name = self._directory.find_units, self._directory.unit_name
        return LookupField(find, name, glyph="storefront", placeholder=hint)

    def _person(self, field: FormField) -> QWidget:
        hint = field.hint or tr("form.find_person")
        find, name = self._directory.find_people, self._directory.person_name
        return LookupField(find, name, glyph="user", placeholder=hint)


def model_words(model: EquipmentModel) -> str:
    """Mastrena II · Thermoplan · 咖啡机."""
    return " · ".join(part for part in (model.name, model.maker, model.group) if part)


def _combo(options: Sequence[tuple[object, str]], *, typed: bool = False) -> ComboBox:
    return ComboBox(options, placeholder=tr("form.choose"), typed=typed)
