"""What falls due, in the words of the pop-up and the inbox."""

from desktop.replica.due import Due
from desktop.replica.queries.notices import NoticeLine
from desktop.replica.queries.tickets import TicketLine
from desktop.ui.text import has_text, language, tr
from desktop.ui.tickets.rows import countdown
from desktop.ui.times import local, moment
from desktop.ui.widgets.reminder_card import ReminderContent
from domain.entities.base import Instant
from domain.rules.notice_text import filled, text_for

APP = "app"
"""The channel that a template's words for this program stand under."""
_LOOKS = {
    "soon": ("hourglass-medium", "soon"),
    "late": ("warning-octagon", "late"),
    "own": ("bell-ringing", "accent"),
    "assigned": ("tray", "accent"),
    "transferred": ("arrow-bend-up-right", "accent"),
    "message": ("chat-circle-text", "accent"),
    "replied": ("chat-circle-text", "accent"),
    "resolved": ("check-circle", "ok"),
    "cc": ("at", "accent"),
    "urged": ("megaphone-simple", "late"),
    "urge_read": ("checks", "ok"),
    "taken_over": ("hand", "accent"),
    "calendar_year": ("calendar", "soon"),
    "unplaced": ("users-three", "soon"),
}


def look_of(kind: str) -> tuple[str, str]:
    """Icon and tone of a kind."""
    return _LOOKS.get(kind, ("bell", "accent"))


def title_of(kind: str) -> str:
    """即将超时, 你的提醒, 分派给你."""
    key = f"reminder.kind_{kind}"
    return tr(key) if has_text(key) else tr("reminder.title")


def content_of(due: Due, line: TicketLine | None, now_at: Instant) -> ReminderContent:
    """A reminder as the pop-up shows it; of a ticket that is not held any more only what is known."""
    glyph, tone = look_of(due.kind)
    clock = countdown(line) if line is not None and due.kind in ("soon", "late", "own") else None
    return ReminderContent(
        id=due.id,
        title=title_of(due.kind),
        time=f"{local(due.at):%H:%M}",
        tone=tone,
        glyph=glyph,
        number=line.number if line else "",
        priority=line.priority if line else "",
        place=" · ".join(part for part in (line.store, line.customer) if part) if line else "",
        subject=line.subject if line else due.words or title_of(due.kind),
        countdown=clock,
        note=_note(due, line, now_at),
    )


def _note(due: Due, line: TicketLine | None, now_at: Instant) -> str:
    if due.words and line is not None:
        return due.words
    if line is None or line.due_at is None or due.kind not in ("soon", "late", "own"):
        return ""
    key = f"reminder.metric_{line.due_metric}"
    metric = tr(key) if has_text(key) else ""
    return tr("reminder.due", metric=metric, time=moment(line.due_at, now_at, full=True)).strip("，, ")


def notice_words(notice: NoticeLine) -> str:
    """What the server told, in a few words: ours, else the administrator's."""
    key = f"notice.kind_{notice.kind}"
    if has_text(key):
        return tr(key)
    text = (
        text_for(notice.template, APP, language().partition("_")[0]) if notice.template is not None else None
    )
    if text is None:
        return tr("notice.kind_other")
    given = {name: str(value) for name, value in notice.detail.items()}
    values = {
        **given,
        "number": notice.number or given.get("number", ""),
        "subject": notice.subject,
        "reason": notice.reason or given.get("reason", ""),
        "store": notice.store,
        "handler": notice.handler,
        "status": tr(f"status.{notice.status}") if notice.status else "",
        "priority": tr(f"priority.{notice.priority}") if notice.priority else "",
        "due": f"{local(notice.due_at):%m-%d %H:%M}" if notice.due_at else "",
    }
    return filled(text.subject or text.body, values, one_line=True)
