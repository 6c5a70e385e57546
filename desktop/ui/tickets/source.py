"""One ticket as the windows show it: read off the window's thread, and again whenever it moves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.commands import local
from desktop.replica.changed import Changed
from desktop.replica.queries import config, drafts
from desktop.replica.queries.tickets import TicketPage, ticket
from desktop.ui.directory import Directory
from desktop.ui.form.wording import value_words
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.tickets.events import Wording
from desktop.ui.tickets.rows import DONE, shown_number
from domain.entities.base import Instant
from domain.entities.calendars import Calendar
from domain.entities.flow import GATE, Gate, Node, Token
from domain.entities.sla import Clock
from domain.rules.ticket_clocks import latest
from domain.wire.attachments import AttachmentRef

if TYPE_CHECKING:
    from sqlalchemy import Connection

SEEN_AFTER_MS = 700
"""A ticket in view this long was looked at."""
_REREAD_MS = 60
DRAFT_KIND = "reply"


class Draft(msgspec.Struct, frozen=True):
    """What is being written."""

    body: str = ""
    internal: bool = False
    files: tuple[AttachmentRef, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A ticket with what its windows need beside it."""

    page: TicketPage
    calendar: Calendar | None
    calendars: Mapping[str, Calendar] = field(default_factory=dict)  # those its flow may name
    gates: Mapping[str, Gate] = field(default_factory=dict)
    draft: Draft
    now_at: Instant
    me: str
    directory: Directory

    @property
    def id(self) -> str:
        """The ticket's id."""
        return self.page.ticket.id

    @property
    def number(self) -> str:
        """The number as a chip before it tells provisional ones."""
        return shown_number(self.page.number)

    @property
    def provisional(self) -> bool:
        """Whether the server has not given a number yet."""
        return self.page.ticket.number is None

    def personal(self, key: str) -> str:
        """A value about the customer; "" where there is none."""
        return next((one.value or "" for one in self.page.personal if one.key == key), "")

    def tier(self) -> str:
        """The customer's tier in words; "" for none."""
        held = self.personal("tier") or self.page.ticket.fields.get("tier")
        template = self.page.template
        field = next((one for one in template.fields if one.key == "tier"), None) if template else None
        return value_words(field, held, self.directory) if held not in (None, "", "none") else ""

    @property
    def customer(self) -> str:
        """The customer's name, or what stands for it."""
        if self.page.ticket.requester == "colleague":
            return self.names("person", self.page.ticket.creator)
        return self.personal("name") or (tr("ticket.customer") if self.page.ticket.requester else "")

    def handler(self) -> str:
        """Who holds it: 我, a name, a team, or nobody."""
        held = self.page.ticket.assignee
        if held == self.me:
            return tr("ticket.me")
        if held:
            return self.names("person", held)
        if self.page.ticket.status in DONE:
            return ""
        return self.page.team or tr("ticket.nobody")

    def names(self, kind: str, id: str | None) -> str:
        """A name from what came with the ticket, else from the directory."""
        come: Mapping[str, str] = {"person": self.page.people, "unit": self.page.units}.get(kind, {})
        return come.get(id or "") or str(getattr(self.directory, kind)(id))

    def gate(self, token: Token) -> Node | None:
        """The gate that the ticket waits at before it may leave its department."""
        held = self.page.ticket.flow
        found = self.gates.get(held.gate) if held is not None and token.node == GATE else None
        return found.node() if found is not None else None

    def clocks(self) -> list[Clock]:
        """The newest cycle of each clock."""
        return list(latest(self.page.clocks).values())

    def may_reply(self) -> bool:
        """Whether a public reply is possible here."""
        held = self.page.ticket
        return "reply" in self.page.may and bool(held.requester) and held.status != "closed"

    def wording(self) -> Wording:
        """Puts its timeline into words."""
        template = self.page.template
        labels = {field.key: field.label for field in template.fields} if template else {}
        flow = template.flow if template else None
        labels |= {f"@{node.key}": node.name for node in flow.nodes if node.name} if flow else {}
        tickets = {one.ticket: shown_number(one.number) for one in self.page.related if one.here}
        return Wording(
            _Names(self), labels, me=self.me, now_at=self.now_at, customer=self.customer, tickets=tickets
        )


class _Names:
    """Names for the timeline: what came with the ticket first."""

    def __init__(self, shown: Shown) -> None:
        self._shown = shown

    def person(self, id: str | None) -> str:
        return self._shown.names("person", id)

    def unit(self, id: str | None) -> str:
        return self._shown.names("unit", id)

    def team(self, id: str | None) -> str:
        held = self._shown.page
        return held.team if id == held.ticket.team else self._shown.directory.team(id)

    def line(self, id: str | None) -> str:
        return self._shown.directory.line(id)

    def category(self, id: str | None) -> str:
        return self._shown.directory.category(id)


class TicketSource(QObject):
    """Holds which ticket is shown; `loaded` gives it, `gone` that it is no longer held."""

    loaded = Signal(object)
    gone = Signal()

    def __init__(self, session: Session, directory: Directory, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._directory = session, directory
        self._id = ""
        self.shown: Shown | None = None
        self._cancel: Callable[[], None] = lambda: None
        self._again = _single_shot(self, _REREAD_MS, self._read)
        self._seen = _single_shot(self, SEEN_AFTER_MS, self._mark_seen)
        session.bridge.changed.connect(self._on_changed)

    @property
    def id(self) -> str:
        """Which ticket; "" for none."""
        return self._id

    def show(self, id: str) -> None:
        """Show another ticket; "" for none."""
        if id == self._id:
            return
        self._cancel()
        self._again.stop()
        self._seen.stop()
        self._id, self.shown = id, None
        if id:
            self._read()

    def save_draft(self, body: str, internal: bool, files: tuple[AttachmentRef, ...] = ()) -> None:
        """Keep what is being written and attached; an empty one is forgotten."""
        id, session = self._id, self._session
        key, text = draft_key(id), msgspec.json.encode(Draft(body, internal, files)).decode()
        if body.strip() or files:
            at = session.clock.now()
            session.bridge.act(
                lambda: local.save_draft(session.replica, key, kind=DRAFT_KIND, body=text, at=at)
            )
        else:
            session.bridge.act(lambda: local.drop_draft(session.replica, key))

    def _read(self) -> None:
        id, session, directory = self._id, self._session, self._directory
        now = session.server_time.now()

        def read() -> Shown | None:
            with session.replica.read() as conn:
                return _shown(conn, id, now, session.person.id, directory)

        self._cancel()
        self._cancel = session.bridge.read(read, then=self._take, owner=self)

    def _take(self, shown: Shown | None) -> None:
        self.shown = shown
        if shown is None:
            self.gone.emit()
            return
        self.loaded.emit(shown)
        seen = shown.page.seen_rev
        if seen is None or seen < shown.page.ticket.rev:
            self._seen.start()

    def _mark_seen(self) -> None:
        id, session = self._id, self._session
        if id:
            session.bridge.act(lambda: local.mark_seen(session.replica, [id]))

    def _on_changed(self, moved: Changed) -> None:
        if self._id and (self._id in moved.tickets or "config" in moved.kinds or "scope" in moved.kinds):
            self._again.start()


def draft_key(ticket: str) -> str:
    """Under which id the draft of a ticket is kept."""
    return f"{DRAFT_KIND}:{ticket}"


def _shown(conn: "Connection", id: str, now: Instant, me: str, directory: Directory) -> Shown | None:
    page = ticket(conn, id, now)
    if page is None:
        return None
    calendar = None
    if page.policy is not None and page.policy.calendar:
        calendar = config.calendars(conn).get(page.policy.calendar)
    flows = page.template is not None and page.template.flow is not None
    kept = drafts.draft(conn, draft_key(id))
    return Shown(
        page=page,
        calendar=calendar,
        calendars=config.calendars(conn) if flows else {},
        gates=config.gates(conn) if page.ticket.flow is not None else {},
        draft=_draft(kept.body if kept else None),
        now_at=now,
        me=me,
        directory=directory,
    )


def _draft(body: Any) -> Draft:
    try:
        return msgspec.json.decode(body, type=Draft) if body else Draft()
    except msgspec.DecodeError:
        return Draft()


def _single_shot(owner: QObject, pause_ms: int, then: Callable[[], None]) -> QTimer:
    timer = QTimer(owner)
    timer.setSingleShot(True)
    timer.setInterval(pause_ms)
    timer.timeout.connect(then)
    return timer
