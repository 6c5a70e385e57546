"""Taking up a closed ticket again: the page of a new one, filled with what is known, linked with the old."""

from collections.abc import Callable

from desktop.commands import local
from desktop.replica import rows
from desktop.replica.facts import FactSource
from desktop.ui.create.draft import KIND, Draft, body_of
from desktop.ui.session import Session
from domain.rules.forms import file_fields


def follow_up(session: Session, ticket: str, open_draft: Callable[[str], None]) -> None:
    """Keep a draft that follows a ticket, then open it; nothing where the ticket is no longer here."""
    draft = _draft(session, ticket)
    if draft is None:
        return
    at = session.clock.now()
    session.bridge.act(
        lambda: local.save_draft(session.replica, draft.id, kind=KIND, body=body_of(draft), at=at),
        then=lambda _: open_draft(draft.id),
    )


def _draft(session: Session, ticket: str) -> Draft | None:
    """What a new ticket about the same matter begins with."""
    with session.replica.read() as conn:
        held = rows.load_ticket(conn, ticket)
        personal = {one.key: one.value for one in rows.load_personal(conn, ticket) if not one.masked}
        template = FactSource(conn).template(held.template, held.template_version) if held else None
    if held is None:
        return None
    files = file_fields(template) if template is not None else {}
    return Draft(
        id=session.ids.new(),
        template=held.template,
        values={key: value for key, value in held.fields.items() if key not in files},
        phone=personal.get("phone") or "",
        name=personal.get("name") or "",
        category=held.category or "",
        org=held.org,
        org_settled=True,
        line=held.line,
        subject=held.subject,
        cc=held.cc,
        follows=ticket,
        follows_number=held.number or held.provisional or "",
        left=True,
    )
