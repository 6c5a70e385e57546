"""The predicate of who may see a ticket, as SQL over the ticket table; equal to domain.rules.permissions."""

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from domain.rules.permissions import grant_classes
from sync_server.access.viewer import Viewer
from sync_server.store import tables as t


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """Rows of `ticket` that the viewer may see: by a grant, or by taking part."""
    if sees_all(viewer):
        return true()
    return or_(covered(viewer), takes_part(viewer.person))


def sees_all(viewer: Viewer) -> bool:
    """Whether one grant covers the whole tree and every line, so that nothing needs to be asked of a row."""
    return any(grant_classes(g) and not g.line and viewer.tree.is_root(g.unit) for g in viewer.grants)


def covered(viewer: Viewer) -> ColumnElement[bool]:
    """Rows of `ticket` that a grant of the viewer covers."""
    parts = [in_range(viewer, g.unit, g.line, deep=True) for g in viewer.grants if grant_classes(g)]
    return or_(*parts) if parts else false()


def in_range(viewer: Viewer, unit: str, line: str, *, deep: bool) -> ColumnElement[bool]:
    """Rows of `ticket` at a unit (with all below it) and line; an empty line means every line."""
    tests: list[ColumnElement[bool]] = []
    if not deep:
        tests.append(t.ticket.c.org == unit)
    elif not viewer.tree.is_root(unit):
        pos, end = viewer.tree.span(unit)
        below = select(t.org_unit.c.id).where(t.org_unit.c.pos >= pos, t.org_unit.c.pos < end)
        tests.append(t.ticket.c.org.in_(below))
    if line:
        tests.append(t.ticket.c.line == line)
    return and_(*tests) if tests else t.ticket.c.id.is_not(None)


def takes_no_part(person: str) -> ColumnElement[bool]:
    """Rows of `ticket` in which a person takes no part, those that name nobody among them."""
    followed = select(t.ticket_cc.c.ticket).where(t.ticket_cc.c.person == person)
    return and_(
        or_(t.ticket.c.assignee.is_(None), t.ticket.c.assignee != person),
        or_(t.ticket.c.creator.is_(None), t.ticket.c.creator != person),
        t.ticket.c.id.not_in(followed),
    )


def takes_part(person: str) -> ColumnElement[bool]:
    """Rows of `ticket` in which a person takes part: creator, assignee or cc."""
    followed = select(t.ticket_cc.c.ticket).where(t.ticket_cc.c.person == person)
    return or_(t.ticket.c.assignee == person, t.ticket.c.creator == person, t.ticket.c.id.in_(followed))
