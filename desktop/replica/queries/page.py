"""One ticket with everything its page shows."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from desktop.replica import outbox, sql
from desktop.replica import rows as stored
from desktop.replica.facts import FactSource
from desktop.replica.outbox import Unsent
from desktop.replica.queries.notices import urges_read
from desktop.replica.queries.together import Related, open_incidents, related
from domain.entities.base import Entity, Instant
from domain.entities.configuration import Configuration
from domain.entities.forms import Template
from domain.entities.people import Access
from domain.entities.sla import Clock, Policy
from domain.entities.ticket import Entry, PersonalValue, Ticket
from domain.entities.urging import Superiors
from domain.rules.permissions import NEEDED_LEVEL, may
from domain.rules.ticket_clocks import policy_for, ticket_clocks
from domain.rules.ticket_values import description_of


class TicketPage(Entity):
    """A ticket as it is shown, with names for the ids in it; the clocks are as of the moment asked for."""

    ticket: Ticket
    entries: tuple[Entry, ...]  # in the order of time
    personal: tuple[PersonalValue, ...]
    template: Template | None
    unsent: tuple[Unsent, ...]
    local_entries: frozenset[str]  # timeline rows that the server has not confirmed
    people: Mapping[str, str]  # names by id of everybody who appears in it
    units: Mapping[str, str]
    store: str
    store_path: tuple[str, ...]  # names from the root down
    category_path: tuple[str, ...]
    team: str
    line: str
    policy: Policy | None
    clocks: tuple[Clock, ...]
    access: Access
    may: frozenset[str]  # the kinds of command the person may give here
    attention: tuple[int, ...]  # open items on it
    seen_rev: int | None
    related: tuple[Related, ...] = ()  # the other ends of its links
    incidents: tuple[str, ...] = ()  # of a problem: those not solved yet
    superiors: Superiors = Superiors()  # of its assignee
    urges_read: tuple[tuple[str, Instant], ...] = ()  # who has read the person's urges, newest first
    rules: Configuration = Configuration()  # as far as they are held here

    @property
    def number(self) -> str:
        """The official number, else the provisional one."""
        return self.ticket.number or self.ticket.provisional or ""


def ticket(conn: Connection, id: str, now: Instant) -> TicketPage | None:
    """Everything about one ticket; None where it is not held."""
    shown = stored.load_ticket(conn, id)
    if shown is None:
        return None
    facts = FactSource(conn)
    entries = tuple(stored.load_entries(conn, id))
    path, configuration = facts.org_path(shown.org), facts.configuration
    policy = policy_for(shown, configuration, path, description_of(entries))
    held = facts.reach.access(shown)
    above = facts.superiors(shown)
    people, units = _named(shown, entries, above)
    unit_names = _names(conn, "unit", {*units, *path})
    seen = sql.value(conn, "SELECT rev FROM seen WHERE ticket = ?", (id,))
    return TicketPage(
        ticket=shown,
        entries=entries,
        personal=tuple(stored.load_personal(conn, id)),
        template=facts.template(shown.template, shown.template_version),
        unsent=tuple(one for one in outbox.unsent(conn, id) if one.state in outbox.UNSENT),
        local_entries=frozenset(entry.id for entry in entries if not entry.rev),
        people=_names(conn, "person", people),
        units=unit_names,
        store=unit_names.get(shown.org, ""),
        store_path=tuple(unit_names.get(unit, "") for unit in path),
        category_path=tuple(
            configuration.categories[one].name for one in configuration.category_path(shown.category)
        ),
        team=_config_name(conn, "team", shown.team),
        line=_config_name(conn, "line", shown.line),
        policy=policy,
        clocks=ticket_clocks(entries, policy, configuration, now),
        access=held,
        may=frozenset(kind for kind in NEEDED_LEVEL if may(kind, held)),
        attention=tuple(
            sql.column(conn, "SELECT num FROM attention WHERE ticket = ? AND settled_at IS NULL", (id,))
        ),
        seen_rev=seen,
        related=related(conn, shown),
        incidents=open_incidents(conn, shown),
        superiors=above,
        urges_read=tuple(urges_read(conn, id)),
        rules=configuration,
    )


def _named(shown: Ticket, entries: Iterable[Entry], above: Superiors) -> tuple[set[str], set[str]]:
    """The people and units that a ticket and its timeline name."""
    people: set[str | None] = {shown.creator, shown.assignee, *shown.cc, above.direct, above.head}
    units: set[str | None] = {shown.org}
    for entry in entries:
        people.add(entry.person)
        for side in ("from", "to"):
            moved = entry.detail.get(side)
            if isinstance(moved, dict):
                people.add(moved.get("assignee"))
                units.add(moved.get("org"))
            elif entry.kind == "taken" and isinstance(moved, str):
                people.add(moved)
        if entry.kind == "urged":
            people.update(entry.detail.get("to", ()))
        if entry.kind == "cc":
            people.update(entry.detail.get("added", ()))
            people.update(entry.detail.get("removed", ()))
    return {one for one in people if one}, {one for one in units if one}


def _names(conn: Connection, table: str, ids: Iterable[str]) -> dict[str, str]:
    found = sql.rows(
        conn,
        f"SELECT id, name FROM {table} WHERE id IN (SELECT value FROM json_each(?))",
        (sql.text(sorted(ids)),),
    )
    return dict(found)


def _config_name(conn: Connection, kind: str, id: str | None) -> str:
    name = sql.value(
        conn,
        "SELECT json_extract(body, '$.name') FROM config WHERE kind = ? AND id = ? AND latest = 1",
        (kind, id),
    )
    return str(name) if name else ""
