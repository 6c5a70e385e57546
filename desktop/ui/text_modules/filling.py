"""Placeholders of a text module: filled from what is known, the others marked until somebody does."""

import re
from collections.abc import Mapping
from typing import Any

from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit

from desktop.ui.form.directory import Directory
from desktop.ui.form.wording import value_words
from desktop.ui.text import in_every_language
from desktop.ui.theme import colour
from desktop.ui.widgets.text_area import TextArea
from domain.entities.forms import Template

PLACEHOLDER = re.compile(r"\{([^{}\n]{1,20})\}")


def known_words(
    template: Template | None, values: Mapping[str, Any], directory: Directory, **named: str
) -> Mapping[str, str]:
    """What placeholders stand for: the form's fields by their labels, `named` by the words `module.NAME`.

    By those of every language: a module may be written in another one than the window's.
    """
    fields = template.fields if template is not None else ()
    known = {
        field.label.casefold(): value_words(field, values[field.key], directory)
        for field in fields
        if values.get(field.key) not in (None, "", [], ())
    }
    for name, text in named.items():
        known |= {word.casefold(): text for word in in_every_language(f"module.{name}") if text}
    return known


def filled(body: str, known: Mapping[str, str]) -> str:
    """The text with the placeholders that are known filled in; the others stay."""
    return PLACEHOLDER.sub(lambda found: known.get(found[1].strip().casefold()) or found[0], body)


def first_placeholder(text: str) -> tuple[int, int] | None:
    """Where the first placeholder that is still open stands."""
    found = PLACEHOLDER.search(text)
    return found.span() if found else None


def insert(area: TextArea, text: str) -> None:
    """Put a text in at the cursor, and choose its first open placeholder, to be written over."""
    cursor = area.textCursor()
    cursor.removeSelectedText()
    start = cursor.position()
    cursor.insertText(text)
    open_place = first_placeholder(text)
    if open_place is not None:
        _choose(cursor, text, *open_place, start=start)
    area.setTextCursor(cursor)
    area.setFocus()


def _choose(cursor: QTextCursor, text: str, first: int, end: int, *, start: int = 0) -> None:
    """Select a part of a text that begins at `start`; Qt counts UTF-16 units, two for an emoji."""
    before, within = (len(part.encode("utf-16-le")) // 2 for part in (text[:first], text[first:end]))
    cursor.setPosition(start + before)
    cursor.setPosition(start + before + within, QTextCursor.MoveMode.KeepAnchor)


def mark_open(area: TextArea) -> None:
    """From now on, set off the placeholders that nobody has filled."""

    def mark() -> None:
        text = area.toPlainText()
        area.setExtraSelections([_marked(area, text, *found.span()) for found in PLACEHOLDER.finditer(text)])

    area.textChanged.connect(mark)
    mark()


def _marked(area: TextArea, text: str, first: int, end: int) -> QTextEdit.ExtraSelection:
    mark, cursor, look = QTextEdit.ExtraSelection(), area.textCursor(), QTextCharFormat()
    _choose(cursor, text, first, end)
    look.setBackground(colour("soon_soft"))
    look.setForeground(colour("soon"))
    mark.cursor, mark.format = cursor, look
    return mark
