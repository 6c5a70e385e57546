"""Why a ticket is as it is: policy, deadlines, rules, route and messages in words, section by section."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from desktop.ui.sentences import error_words
from desktop.ui.session import Session
from desktop.ui.text import has_text, tr
from desktop.ui.tickets.copy_head import copy_head
from desktop.ui.tickets.source import Shown
from desktop.ui.times import moment
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.popover import Popover
from domain.entities.base import Instant
from domain.entities.explaining import Section
from domain.errors import GongdanError
from domain.rules.explain_words import sentences

WIDTH, HEIGHT = 600, 400


class _Speech:
    """The window's words, names and times."""

    def __init__(self, shown: Shown) -> None:
        self._shown = shown

    def say(self, key: str, /, **args: Any) -> str:
        """The sentence of a key."""
        if not has_text(key):
            return key
        try:
            return tr(key, **args)
        except KeyError:  # a server of another version may leave out what the sentence names
            return tr(key.partition("{")[0])

    def name(self, kind: str, id: str) -> str:
        """A name by kind and id."""
        return self._shown.names(kind, id) or id

    def moment(self, at: Instant) -> str:
        """An instant as everywhere in the windows."""
        return moment(at, self._shown.now_at, full=True)


class Explain(Popover):
    """What is known here at once; what the server says as soon as it has answered."""

    def __init__(self, anchor: QWidget, session: Session, shown: Shown) -> None:
        super().__init__(anchor, width=WIDTH)
        self.setAccessibleName(tr("action.explain"))
        self._speech, self._text = _Speech(shown), ""
        self._told = Label(tr("explain.asking"), kind="small", tone="text2", wrap=True)
        self._scroll = QScrollArea()
        self._scroll.setAccessibleName(tr("action.explain"))
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFixedHeight(HEIGHT)
        self.body.addLayout(copy_head(tr("action.explain"), copy=self._copy, close=self.close))
        self.body.addWidget(self._told)
        self.body.addWidget(self._scroll)
        explaining, now = session.explaining, session.server_time.now()
        if explaining is None:
            self._told.setText(tr("explain.rules_unknown"))
            return
        self.show_sections(explaining.known(shown.id, now))
        id = shown.id
        self.adjustSize()
        session.bridge.read(lambda: explaining.ask(id), then=self._answered, failed=self._failed, owner=self)

    def show_sections(self, sections: Sequence[Section]) -> None:
        """Show these instead."""
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(6)
        texts: list[str] = []
        for section in sections:
            title = tr(f"explain.section.{section.name}")
            heading = Label(title, kind="body_bold")
            heading.setContentsMargins(0, 8 if texts else 0, 0, 0)
            column.addWidget(heading)
            texts.append(title)
            for sentence in sentences(section, self._speech):
                column.addWidget(Label(sentence, tone="text2", wrap=True))
                texts.append(f"  {sentence}")
        column.addStretch(1)
        self._scroll.setWidget(inside)
        self._text = "\n".join(texts)

    def _answered(self, sections: Sequence[Section]) -> None:
        self._told.hide()
        self.show_sections(sections)

    def _failed(self, error: GongdanError) -> None:
        self._told.setText(tr("explain.offline", reason=error_words(error)))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
