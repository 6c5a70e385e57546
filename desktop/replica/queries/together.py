"""Tickets beside one: those it is linked with, a problem's open incidents, and what a merge would change."""

from collections.abc import Sequence

from sqlalchemy import Connection

from desktop.replica import rows, sql
from desktop.replica.facts import FactSource
from desktop.replica.queries.search import SearchHit, search
from domain.entities.base import Entity
from domain.entities.people import MANAGE
from domain.entities.ticket import OPEN_STATUSES, Ticket

MOST = 40


class Related(Entity):
    """One link of a ticket with what is known here of the other end; nothing where that is out of sight."""

    relation: str
    ticket: str
    here: bool = False
    number: str = ""
    provisional: bool = False
    subject: str = ""
    status: str = ""
    store: str = ""


class MergePreview(Entity):
    """What merging two tickets would change: who comes to follow which, by name."""

    same_customer: bool
    managed: bool  # the other, too
    follow_source: tuple[str, ...] = ()
    follow_target: tuple[str, ...] = ()


def related(conn: Connection, ticket: Ticket) -> tuple[Related, ...]:
    """The links of a ticket, in the order in which they came."""
    wanted = {link.ticket for link in ticket.links}
    if not wanted:
        return ()
    found = {
        id: Related(
            relation="",
            ticket=id,
            here=True,
            number=number or provisional or "",
            provisional=number is None,
            subject=subject,
            status=status,
            store=store or "",
        )
        for id, number, provisional, subject, status, store in sql.rows(
            conn,
            "SELECT t.id, t.number, t.provisional, t.subject, t.status, u.name FROM ticket t "
            "LEFT JOIN unit u ON u.id = t.org WHERE t.id IN (SELECT value FROM json_each(?))",
            (sql.text(sorted(wanted)),),
        )
    }
    return tuple(_linked(link.relation, link.ticket, found) for link in ticket.links)


def _linked(relation: str, ticket: str, found: dict[str, Related]) -> Related:
    known = found.get(ticket)
    if known is None:
        return Related(relation=relation, ticket=ticket)
    return Related(
        relation=relation,
        ticket=ticket,
        here=True,
        number=known.number,
        provisional=known.provisional,
        subject=known.subject,
        status=known.status,
        store=known.store,
    )


def open_incidents(conn: Connection, ticket: Ticket) -> tuple[str, ...]:
    """The unsolved tickets below a problem, or below what was merged into it."""
    if ticket.type != "problem":
        return ()
    heads = [ticket.id, *(link.ticket for link in ticket.links if link.relation == "merged_from")]
    found = sql.column(
        conn,
        "SELECT id FROM ticket WHERE parent IN (SELECT value FROM json_each(?)) "
        "AND status IN (SELECT value FROM json_each(?)) ORDER BY id",
        (sql.text(heads), sql.text(sorted(OPEN_STATUSES))),
    )
    return tuple(found)


def candidates(conn: Connection, ticket: str, text: str) -> Sequence[SearchHit]:
    """Tickets to merge or link with: by any word; with none typed those of the same customer."""
    if text:
        return [hit for hit in search(conn, text, MOST) if hit.id != ticket]
    held = rows.load_ticket(conn, ticket)
    phone = next((one.value for one in rows.load_personal(conn, ticket) if one.key == "phone"), None)
    if held is None or not (phone or held.customer):
        return []
    hits = search(conn, phone, MOST) if phone and not phone.startswith("*") else []
    return [hit for hit in hits if hit.id != ticket]


def merge_preview(conn: Connection, source: str, target: str) -> MergePreview | None:
    """Who would follow what after a merge; None where one of the two is not here."""
    one, other = rows.load_ticket(conn, source), rows.load_ticket(conn, target)
    if one is None or other is None:
        return None
    here, there = _watchers(one), _watchers(other)
    names: dict[str, str] = dict(
        sql.rows(
            conn,
            "SELECT id, name FROM person WHERE id IN (SELECT value FROM json_each(?))",
            (sql.text(sorted(here | there)),),
        )
    )
    return MergePreview(
        same_customer=one.customer is not None and one.customer == other.customer,
        managed=FactSource(conn).reach.access(other).level >= MANAGE,
        follow_source=tuple(sorted(names.get(id, id) for id in there - here)),
        follow_target=tuple(sorted(names.get(id, id) for id in here - there)),
    )


def _watchers(ticket: Ticket) -> frozenset[str]:
    return frozenset(one for one in (ticket.creator, ticket.assignee, *ticket.cc) if one)
