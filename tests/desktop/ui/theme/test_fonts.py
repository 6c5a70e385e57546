"""Fonts speak the language: in English quotes are as narrow as Latin ones, on widgets that stand already, too."""

from pytestqt.qtbot import QtBot

from desktop.ui.text import set_language
from desktop.ui.theme import metrics
from desktop.ui.theme.tokens import FAMILIES, LATIN_FAMILIES
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.painting import width


def test_punctuation_is_latin_in_english(qtbot: QtBot) -> None:
    """The families turn with the language and back; what was measured before is measured anew."""
    label = Label("“Close”")
    qtbot.addWidget(label)
    chinese = width("“Close”")
    assert label.font().families()[0] == FAMILIES[0]
    set_language("en")
    assert label.font().families()[: len(LATIN_FAMILIES)] == list(LATIN_FAMILIES)
    assert metrics().horizontalAdvance("“”") < metrics().horizontalAdvance("工")
    assert width("“Close”") <= chinese
    set_language("zh_CN")
    assert label.font().families()[0] == FAMILIES[0]
    assert width("“Close”") == chinese
