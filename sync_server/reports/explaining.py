"""Why a ticket is as it is: read from its timeline, the configuration, and the record of who was told."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from domain.entities.base import Instant
from domain.entities.configuration import Configuration
from domain.entities.explaining import Section, Told
from domain.entities.ticket import Entry, Ticket
from domain.rules.explain import Explained
from domain.rules.rule_values import rule_values
from domain.rules.ticket_clocks import latest, with_deadlines
from sync_server.store import tables as t
from sync_server.store.organisation import Tree
from sync_server.store.queries.tickets import TICKET, entries_of
from sync_server.store.rows import ticket_of

MOST_TOLD = 40
"""Of the newest messages."""


def ticket_numbered(conn: Connection, number: str) -> Ticket | None:
    """The ticket of an official number, or of an id."""
    c = t.ticket.c
    query = select(*TICKET).where((c.number == number) | (c.id == number))
    row = conn.execute(query).first()
    return ticket_of(row) if row is not None else None


def explained(
    conn: Connection,
    ticket: Ticket,
    *,
    configuration: Configuration,
    tree: Tree,
    now: Instant,
    internal: bool = True,
) -> tuple[Section, ...]:
    """The sections of an explanation as of now."""
    timeline = entries_of(conn, [ticket.id]).get(ticket.id, [])
    values = values_now(ticket, timeline, configuration=configuration, tree=tree, now=now)
    _, _, clocks = with_deadlines(ticket, timeline, configuration, tree.path(ticket.org), now)
    found = Explained(
        ticket,
        timeline,
        values,
        configuration,
        clocks=latest(clocks).values(),
        told=told_of(conn, ticket.id) if internal else (),
    )
    return found.sections(internal=internal)


def values_now(
    ticket: Ticket, timeline: Sequence[Entry], *, configuration: Configuration, tree: Tree, now: Instant
) -> dict[str, object]:
    """What conditions see of a ticket now."""
    return rule_values(
        ticket,
        timeline,
        org_path=tree.path(ticket.org),
        category_path=configuration.category_path(ticket.category),
        now=now,
    )


def told_of(conn: Connection, ticket: str) -> list[Told]:
    """Who was told of a ticket, newest last: inside the program and by other channels."""
    n, d = t.notice.c, t.delivery.c
    notices = conn.execute(
        select(n.person, n.kind, n.at, n.read_at)
        .where(n.ticket == ticket)
        .order_by(n.at.desc())
        .limit(MOST_TOLD)
    )
    found = [
        Told(to=row.person, kind=row.kind, at=row.at, state="read" if row.read_at else "sent")
        for row in notices
    ]
    sent = conn.execute(
        select(d.to_kind, d.recipient, d.channel, d.template, d.at, d.state)
        .where(d.ticket == ticket)
        .order_by(d.at.desc())
        .limit(MOST_TOLD)
    )
    found += [
        Told(
            to=row.recipient if row.to_kind == "person" else "",
            to_kind=row.to_kind,
            channel=row.channel,
            kind=row.template,
            at=row.at,
            state=row.state,
        )
        for row in sent
    ]
    return sorted(found, key=lambda one: one.at)[-MOST_TOLD:]
