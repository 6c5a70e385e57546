"""Prepared texts for replies and notes, found by typing; placeholders are filled from the ticket."""

import re
from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from desktop.replica.config_rows import initials
from desktop.replica.queries import config
from desktop.ui.form.directory import Found
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.tickets.pick import Pick
from desktop.ui.tickets.source import Shown
from desktop.ui.times import day
from domain.entities.forms import TextModule

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


def filled(body: str, shown: Shown) -> str:
    """The text with what is known of the ticket in its placeholders; the others stay to be filled by hand."""
    template = shown.page.template
    known = {
        tr("module.customer"): shown.customer,
        tr("module.number"): shown.page.number,
        tr("module.store"): shown.page.store,
        tr("module.date"): day(shown.now_at, shown.now_at),
    }
    for field in template.fields if template else ():
        value = shown.page.ticket.fields.get(field.key)
        if value not in (None, "", [], ()):
            known[field.label] = str(value)
    return _PLACEHOLDER.sub(lambda found: known.get(found[1].strip()) or found[0], body)


def fits(module: TextModule, text: str) -> bool:
    """Whether a module is meant by what was typed: its name, initials, or words in it."""
    wanted = text.casefold()
    return (
        wanted in module.name.casefold()
        or wanted in module.body.casefold()
        or initials(module.name).startswith(wanted)
    )


def open_modules(
    session: Session, anchor: QWidget, shown: Shown, insert: Callable[[str], None], *, use: str = "reply"
) -> None:
    """Let one be chosen; those of the ticket's category and scenario come first."""
    with session.replica.read() as conn:
        held = config.text_modules(conn, session.person.id, use)
    template = shown.page.template
    first = set(template.text_modules) if template else set()
    category = shown.page.ticket.category
    held.sort(key=lambda one: (one.id not in first and (not category or one.category != category), one.name))
    by_id = {one.id: one for one in held}

    def find(text: str) -> Sequence[Found]:
        return [
            Found(id=one.id, name=one.name, detail=one.body.replace("\n", " "))
            for one in held
            if fits(one, text)
        ]

    pick = Pick(anchor, find, title=tr("composer.modules"), placeholder=tr("composer.find_module"), wide=True)
    pick.picked.connect(lambda id: insert(filled(by_id[id].body, shown)))
    pick.open()
