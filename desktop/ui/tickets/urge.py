"""Urging: why, whom it will reach, when it goes further up, and how long until one may urge again."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.ui.text import tr
from desktop.ui.tickets.form_popover import FormPopover
from desktop.ui.tickets.reason import reason_chips, reason_field
from desktop.ui.tickets.source import Shown
from desktop.ui.times import moment
from desktop.ui.widgets.key_values import KeyValues
from domain.entities.base import Instant
from domain.rules.decide_urging import cooldown_left_ms, own_urges
from domain.rules.urging import urging_for

REASONS = ("called_again", "store_waits", "promised", "worse")
_WIDTH = 96


class UrgeForm(FormPopover):
    """`chosen` carries the reason; several tickets are urged with one."""

    chosen = Signal(str)

    def __init__(self, anchor: QWidget, shown: Shown | None, *, now_at: Instant, count: int = 1) -> None:
        title = tr("urge.title") if count == 1 else tr("urge.title_many", count=count)
        super().__init__(
            anchor, title=title, verb=tr("action.urge.short"), glyph="megaphone-simple", width=376
        )
        self._reason = reason_field("urge")
        self.fields.addWidget(self._reason)
        self.fields.addWidget(reason_chips(self._reason, "urge", REASONS))
        if shown is not None:
            self.fields.addWidget(KeyValues(standing(shown, now_at), label_width=_WIDTH))
            wait = minutes_left(shown, now_at)
            if wait:
                self.complain(tr("error.urge_cooldown", minutes=wait))

    def first_field(self) -> QWidget | None:
        editor: QWidget = self._reason.editor
        return editor

    def submit(self) -> None:
        if not self._reason.validate():
            self.fit()
            self._reason.focus_editor()
            return
        self.chosen.emit(self._reason.value())


def standing(shown: Shown, now_at: Instant) -> list[tuple[str, str]]:
    """Where the ladder stands: who holds the ticket, who is above them, how often it was urged, what comes next."""
    held, above = shown.page.ticket, shown.page.superiors
    lines = [(tr("urge.handler"), shown.handler())]
    if above.direct:
        lines.append((tr("urge.superior"), shown.names("person", above.direct)))
    if above.head:
        # No roster names heads: they are found along the superiors (RULES §8).
        lines.append((tr("urge.head"), tr("urge.head_from", name=shown.names("person", above.head))))
    state = held.urged
    lines.append((tr("urge.level"), tr(f"urge.level.{state.level if state else 0}")))
    if state is not None:
        times = tr("urge.times", count=state.count, time=moment(state.last_at, now_at, full=True))
        lines.append((tr("urge.so_far"), times))
        lines.append((tr("urge.read"), urge_readers(shown, now_at)))
        if state.next_at is not None:
            lines.append((tr("urge.next"), moment(state.next_at, now_at, full=True)))
    return [(label, value) for label, value in lines if value]


def urge_readers(shown: Shown, now_at: Instant) -> str:
    """Who has read the newest urge, and when: 郭婷 10:05."""
    state = shown.page.ticket.urged
    since = state.last_at if state is not None else now_at
    read = [(person, at) for person, at in shown.page.urges_read if at >= since]
    names = (f"{shown.names('person', person)} {moment(at, now_at)}" for person, at in reversed(read))
    return tr("ticket.list_separator").join(names)


def minutes_left(shown: Shown, now_at: Instant) -> int:
    """Whole minutes until this person may urge again."""
    mine = own_urges(shown.page.entries, shown.me)
    urging = urging_for(shown.page.rules, shown.page.ticket.line)
    return max(0, -(-cooldown_left_ms(mine, urging.cooldown_s, now_at) // 60_000))
