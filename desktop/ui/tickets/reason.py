"""Why something is done: a required field, and chips that fill it in; words stand under the gesture's key."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from desktop.ui.form.wrap_layout import WrapLayout
from desktop.ui.text import tr
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.field import Field
from desktop.ui.widgets.text_field import TextField


def reason_field(key: str, *, missing: str = "error.reason_missing") -> Field:
    """The field of a gesture; `missing` is what is said where it is left empty."""

    def check() -> str | None:
        return None if field.value() else tr(missing)

    hint = TextField(placeholder=tr(f"{key}.reason_hint"))
    field = Field(tr(f"{key}.reason"), hint, required=True, check=check)
    return field


def reason_chips(field: Field, key: str, reasons: Sequence[str]) -> QWidget:
    """What is said most often; a click writes it into the field."""
    box = QWidget()
    row = WrapLayout(box)
    for reason in reasons:
        words = tr(f"{key}.because.{reason}")
        chip = Chip(words, clickable=True, large=True)
        chip.clicked.connect(lambda _=False, words=words: field.set_value(words))
        row.addWidget(chip)
    return box
