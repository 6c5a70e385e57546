"""Prepared texts for replies and notes: those that fit what was said come first; filled in from the ticket."""

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop.replica.queries import config
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.text_modules import filling
from desktop.ui.text_modules.own import OwnTexts
from desktop.ui.text_modules.panel import ModulesPanel
from desktop.ui.text_modules.uses import count_use, uses
from desktop.ui.tickets.composer import Composer
from desktop.ui.tickets.source import Shown
from desktop.ui.times import day
from desktop.ui.widgets.popover import Popover
from desktop.ui.widgets.toast import toasts_of
from domain.entities.forms import TextModule
from domain.wire.text_modules import KeepTextModule

USE: Literal["reply"] = "reply"
WIDTH, HEIGHT = 440, 400
_ASKING = ("message", "created")


def filled(body: str, shown: Shown) -> str:
    """The text with what is known of the ticket in its placeholders; the others stay to be filled by hand."""
    ticket = shown.page.ticket
    known = filling.known_words(
        shown.page.template,
        ticket.fields,
        shown.directory,
        customer=shown.customer,
        number=shown.page.number,
        store=shown.page.store,
        order=ticket.order_no or "",
        date=day(shown.now_at, shown.now_at),
    )
    return filling.filled(body, known)


def heard(shown: Shown) -> str:
    """What is answered: the last that the requester said, else the subject."""
    said = (one.body for one in reversed(shown.page.entries) if one.kind in _ASKING and one.body)
    return next(said, shown.page.ticket.subject)


class ReplyTexts(QObject):
    """The list beside a composer. It is made anew each time it opens: the language may have changed."""

    def __init__(self, session: Session, composer: Composer, shown: Callable[[], Shown | None]) -> None:
        super().__init__(composer)
        self._session, self._composer, self._shown = session, composer, shown
        self._popover: Popover | None = None
        composer.modules_wanted.connect(self.open)

    def open(self) -> None:
        """Let one be chosen; Enter puts it where the cursor is."""
        shown = self._shown()
        if shown is None:
            return
        if self._popover is not None:
            # Not when it closed: what it asked of the server may still be under way then.
            self._popover.deleteLater()
        panel = self._panel(shown)
        popover = self._popover = Popover(self._composer.modules, width=WIDTH)
        popover.setAccessibleName(tr("composer.modules"))
        popover.body.setContentsMargins(0, 0, 0, 0)
        popover.body.addWidget(panel)
        panel.setFixedHeight(HEIGHT)
        panel.inserted.connect(self._insert)
        panel.left.connect(popover.close)
        popover.open()
        panel.focus_search()

    def _panel(self, shown: Shown) -> ModulesPanel:
        session, page = self._session, shown.page
        with session.replica.read() as conn:
            held = config.text_modules(conn, session.person.id, USE)
        panel = ModulesPanel(USE, keys=tr("module.keys"), width=WIDTH)
        panel.count_uses(uses(session.settings))
        panel.offer(held, page.rules.category_path, page.template.text_modules if page.template else ())
        typed, category = self._composer.body(), page.ticket.category or ""
        panel.suggest_for(typed, category, page.ticket.line, heard=heard(shown))
        own = KeepTextModule(name="", body=typed, use=USE, category=category, line=page.ticket.line)
        window: QWidget = self._composer.window()
        OwnTexts(session, panel, lambda: own, toasts_of(window))
        return panel

    def _insert(self, module: TextModule) -> None:
        shown = self._shown()
        if shown is None or self._popover is None:
            return
        self._popover.close()
        self._composer.insert(filled(module.body, shown))
        count_use(self._session.settings, module.id)
