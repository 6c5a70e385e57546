"""The words of both languages and the switch between them."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.text import has_text, language, set_language, speech, tr
from resources import i18n
from resources.i18n import __main__ as keeper


def test_placeholders_are_filled() -> None:
    """A text says what it is given, in each language's own order."""
    assert tr("toast.resolved", count=3) == "已解决 3 张工单"
    set_language("en")
    assert tr("toast.resolved", count=3) == "Tickets resolved: 3"


def test_one_is_not_said_as_many() -> None:
    """English takes the word that goes with the number; Chinese has one."""
    assert tr("together.urged", count=1, level="x") == "已催 1 次，催到x"
    set_language("en")
    assert tr("create.known", count=1, last="14:02") == "1 ticket · last 14:02"
    assert tr("create.known", count=2, last="14:02") == "2 tickets · last 14:02"


def test_unknown_key_is_an_error() -> None:
    """A key nobody wrote is found by the first test that shows it, not by a person."""
    with pytest.raises(KeyError):
        tr("no.such.key")
    assert not has_text("no.such.key")


def test_unknown_language_is_refused() -> None:
    """A setting that names a language we don't ship changes nothing."""
    with pytest.raises(KeyError):
        set_language("xx")
    assert language() == "zh_CN"


def test_switch_reaches_widgets_and_models(qtbot: QtBot) -> None:
    """Every widget hears of a switch through Qt's own event, everything else through one signal."""

    class Listener(QWidget):
        heard = 0

        def changeEvent(self, event: QEvent) -> None:
            self.heard += event.type() == QEvent.Type.LanguageChange

    window = QWidget()
    qtbot.addWidget(window)
    inner = Listener(window)
    with qtbot.waitSignal(speech.changed) as told:
        set_language("en")
    assert told.args == ["en"]
    assert inner.heard == 1


def test_files_are_sorted() -> None:
    """Sorted files keep two people's words from meeting on one line."""
    for code in i18n.LANGUAGES:
        keys = list(json.loads(i18n.path_of(code).read_text(encoding="utf-8")))
        assert keys == sorted(keys), f"run python -m resources.i18n sort ({code})"


def test_adding_words_keeps_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words are merged into both files, sorted, and nothing that was there is lost."""
    monkeypatch.setattr(i18n, "path_of", lambda code: tmp_path / f"{code}.json")
    for code in i18n.LANGUAGES:
        i18n.save(code, {"b": "1"})
    given = tmp_path / "given.json"
    given.write_text(json.dumps({"a": ["甲", "A"]}), encoding="utf-8")
    assert keeper.main(["add", str(given)]) == 0
    assert i18n.load("zh_CN") == {"a": "甲", "b": "1"}
    assert list(i18n.load("en")) == ["a", "b"]
    assert keeper.main(["what"]) == 2
