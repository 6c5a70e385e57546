"""What was begun and not sent: replies, notes and new tickets, to go on with."""

from collections.abc import Callable
from functools import partial

import msgspec
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

from desktop.replica.queries import drafts
from desktop.replica.queries.tickets import rows
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.theme import icon
from desktop.ui.theme.fonts import metrics
from desktop.ui.tickets.source import DRAFT_KIND
from desktop.ui.times import moment
from desktop.ui.widgets.menu import Menu

_MOST, _WIDE = 15, 360


def open_drafts(
    session: Session, anchor: QWidget, *, ticket: Callable[[str], None], create: Callable[[str], None]
) -> None:
    """A menu of drafts, the latest first."""
    now_at = session.clock.now()
    with session.replica.read() as conn:
        held = drafts.drafts(conn)[:_MOST]
        named = {line.id: line for line in rows(conn, [_ticket_of(one.id) for one in held])}
    menu = Menu(parent=anchor)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for one in held:
        when = moment(one.updated_at, now_at)
        if one.kind != DRAFT_KIND:
            words = f"{tr('drafts.create')}\t{when}"
            menu.addAction(icon("plus-circle"), words, partial(create, one.id))
            continue
        id = _ticket_of(one.id)
        line = named.get(id)
        words = f"{line.number} {_said(one.body)}" if line is not None else _said(one.body)
        shown = metrics("body").elidedText(words.replace("&", "&&"), Qt.TextElideMode.ElideRight, _WIDE)
        menu.addAction(icon("chat-circle-text"), f"{shown}\t{when}", lambda id=id: ticket(id))
    if not held:
        nothing = menu.addAction(tr("drafts.none"))
        nothing.setEnabled(False)
    menu.popup(anchor.mapToGlobal(QPoint(0, -menu.sizeHint().height() - 4)))


def _ticket_of(draft: str) -> str:
    return draft.partition(":")[2]


def _said(body: str) -> str:
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return body
    return str(found[0] if isinstance(found, list) and found else found.get("body", "")).replace("\n", " ")
