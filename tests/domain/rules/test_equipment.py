"""Models and fault codes: what is not in the catalogue, or no fault of that model, is refused (C04)."""

import pytest

from domain.entities.equipment import EquipmentModel
from domain.entities.forms import FormField, Option, Template
from domain.rules.equipment import check_equipment, faults_of, names_equipment
from domain.rules.facts import Refusal

FORM = Template(
    id="repair",
    version=1,
    name="Repair",
    fields=(
        FormField(key="model", label="Model", kind="equipment"),
        FormField(key="fault", label="Fault", kind="fault_code"),
    ),
)
MODELS = {
    "m1": EquipmentModel(id="m1", name="M1", faults=(Option(value="E1", label="leaks"),)),
    "m2": EquipmentModel(id="m2", name="M2", faults=(Option(value="E2", label="stops"),)),
}


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"model": "m1", "fault": "E1"}, []),
        ({"fault": "E2"}, []),
        ({"model": "m1", "fault": "E2"}, ["fault"]),
        ({"model": "m9"}, ["model"]),
        ({}, []),
    ],
)
def test_only_faults_of_the_model_are_taken(values: dict[str, str], wrong: list[str]) -> None:
    """Each wrong value is told by its field; without a model any known code will do."""
    try:
        check_equipment(MODELS, FORM, values)
        found = []
    except Refusal as refusal:
        found = [one["key"] for one in refusal.args_by_name["errors"]]
    assert found == wrong
    check_equipment({}, FORM, values)


def test_what_a_form_offers_follows_the_model() -> None:
    """The model's own codes, or all of them while none is chosen; edits of other fields are none of equipment."""
    assert [one.value for one in faults_of(MODELS, FORM, {"model": "m2"})] == ["E2"]
    assert [one.value for one in faults_of(MODELS, FORM, {})] == ["E1", "E2"]
    assert names_equipment(FORM, ["fields.fault"])
    assert not names_equipment(FORM, ["subject"])
