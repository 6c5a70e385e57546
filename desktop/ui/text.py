"""Texts in the person's language: `tr(key, **args)`, and the switch at run time."""

from functools import cache

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal
from PySide6.QtWidgets import QApplication

from resources import i18n

DEFAULT_LANGUAGE = "zh_CN"


class Speech(QObject):
    """The language in force, one for the process, as Qt's own translators are.

    `turning` before any widget hears of another one, for what they measure by; `changed` after all have.
    """

    turning = Signal()
    changed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.language = DEFAULT_LANGUAGE


speech = Speech()


class Counted(int):
    """A number that also says the word after it: `{count} {count:ticket|tickets}` takes the first form for one."""

    def __format__(self, spec: str) -> str:
        one, between, more = spec.partition("|")
        if not between:
            return super().__format__(spec)
        return one if self == 1 else more


@cache
def _texts(language: str) -> dict[str, str]:
    return i18n.load(language)


def tr(key: str, **args: object) -> str:
    """The text of a key with its {placeholders} filled; raises KeyError for a key neither language has."""
    text = _texts(speech.language).get(key)
    if text is None:
        text = _texts(DEFAULT_LANGUAGE)[key]
    return text.format(**{name: _counted(value) for name, value in args.items()}) if args else text


def _counted(value: object) -> object:
    return Counted(value) if isinstance(value, int) and not isinstance(value, bool) else value


def has_text(key: str) -> bool:
    """Whether a key made from a code (`refused.<code>`) has words, before it is asked for."""
    return key in _texts(DEFAULT_LANGUAGE)


def in_every_language(key: str) -> frozenset[str]:
    """The text of a key in each language that has it."""
    return frozenset(texts[key] for texts in map(_texts, i18n.LANGUAGES) if key in texts)


def language() -> str:
    """The language in force: `zh_CN` or `en`."""
    return speech.language


def set_language(code: str) -> None:
    """Switch at run time: every widget gets `QEvent.LanguageChange`, others `speech.changed`."""
    if code not in i18n.LANGUAGES:
        raise KeyError(code)
    if code == speech.language:
        return
    speech.language = code
    speech.turning.emit()
    for widget in QApplication.topLevelWidgets() if QCoreApplication.instance() else []:
        QCoreApplication.sendEvent(widget, QEvent(QEvent.Type.LanguageChange))
    speech.changed.emit(code)
