"""A form that asks for a model of equipment and its fault code (C04)."""

from pytestqt.qtbot import QtBot

from desktop.ui.form.directory import LoadedDirectory
from desktop.ui.form.view import FormView
from desktop.ui.form.wording import value_words
from tests.domain.rules.test_equipment import FORM, MODELS


def test_fault_codes_follow_the_model(qtbot: QtBot) -> None:
    """Another model offers its own codes and takes back what it can't show; both are told in words."""
    directory = LoadedDirectory((), (), MODELS)
    view = FormView(FORM, {"model": "m1", "fault": "E1"}, sections=("request",), directory=directory)
    qtbot.addWidget(view)
    fault, model = view.field("fault").editor, view.field("model").editor
    assert [fault.itemText(index) for index in range(fault.count())] == ["E1 leaks"]
    model.set_value("m2")
    model.edited.emit()
    assert view.values() == {"model": "m2"}
    assert [fault.itemData(index) for index in range(fault.count())] == ["E2"]
    fault.set_value("E2")
    fault.edited.emit()
    assert view.values() == {"model": "m2", "fault": "E2"}
    words = [value_words(field, view.values()[field.key], directory) for field in FORM.fields]
    assert words == ["M2", "E2 stops"]
