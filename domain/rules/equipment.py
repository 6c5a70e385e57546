"""Which model a form names, and which fault codes that model can show (capability C04)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from domain.entities.equipment import EquipmentModel
from domain.entities.forms import FormField, Option, Template
from domain.rules.facts import Refusal

EQUIPMENT, FAULT = "equipment", "fault_code"


def model_field(template: Template) -> FormField | None:
    """The form's field for the model; the first where there are several."""
    return next((field for field in template.fields if field.kind == EQUIPMENT), None)


def faults_of(
    models: Mapping[str, EquipmentModel], template: Template, values: Mapping[str, Any]
) -> Sequence[Option]:
    """The fault codes of the model that is filled in; those of every model while none is."""
    field = model_field(template)
    chosen = models.get(str(values.get(field.key) or "")) if field is not None else None
    if chosen is not None:
        return chosen.faults
    return tuple({one.value: one for model in models.values() for one in model.faults}.values())


def names_equipment(template: Template | None, keys: Iterable[str]) -> bool:
    """Whether one of these keys (`fields.KEY`) is a model or a fault code."""
    fields = template.fields if template is not None else ()
    ours = {f"fields.{field.key}" for field in fields if field.kind in (EQUIPMENT, FAULT)}
    return not ours.isdisjoint(keys)


def check_equipment(
    models: Mapping[str, EquipmentModel], template: Template | None, values: Mapping[str, Any]
) -> None:
    """Refuse (``form_invalid``) a model that is not in the catalogue, and a fault code that its model can't show.

    Where no catalogue is known, nothing is judged.
    """
    if template is None or not models:
        return
    known = {EQUIPMENT: set(models), FAULT: {one.value for one in faults_of(models, template, values)}}
    errors = [
        {
            "key": field.key,
            "code": "field_unknown_option",
            "args": {"label": field.label, "value": str(value)},
        }
        for field in template.fields
        if field.kind in known and (value := values.get(field.key)) and value not in known[field.kind]
    ]
    if errors:
        raise Refusal("form_invalid", errors=errors)
