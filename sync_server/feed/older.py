"""Finding what desktops keep no longer, by words, among what the person may see (SYNC §6).

The database narrows to tickets in which every word stands somewhere; whether it stands where this person may read it
is judged here, ticket by ticket, so that no hit tells of a note or a phone number that is not shown.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from domain.entities.people import CLASS_BIT
from domain.errors import InvalidInputError
from domain.wire.older import LONGEST_WORDS, MOST_FOUND, MOST_WORDS, OlderAnswer, OlderRequest, OlderTicket
from sync_server.access.predicate import visible
from sync_server.access.viewer import Viewer
from sync_server.store import tables as t
from sync_server.store.organisation import Tree
from sync_server.store.queries.tickets import TICKET
from sync_server.store.rows import ticket_of
from sync_server.store.unit_of_work import feed_head

BLOCK = 100
"""Tickets judged at once."""
MOST_BLOCKS = 10
"""Blocks of one page: the page may end before it is full, and goes on with the next."""


def words_of(request: OlderRequest) -> tuple[str, ...]:
    """What is asked for, word by word; raise InvalidInputError ``search_words`` where it is nothing or too much."""
    words = tuple(dict.fromkeys(request.words.lower().split()))
    if not words or len(words) > MOST_WORDS or len(request.words) > LONGEST_WORDS:
        raise InvalidInputError("search_words", most=MOST_WORDS)
    return words


def find_older(conn: Connection, viewer: Viewer, request: OlderRequest) -> OlderAnswer:
    """One page of tickets, newest first."""
    words = words_of(request)
    limit = max(1, min(request.limit, MOST_FOUND))
    found: list[OlderTicket] = []
    after = request.after
    for _ in range(MOST_BLOCKS):
        rows = _candidates(conn, viewer, words, after)
        for row in _readable(conn, viewer, words, rows):
            found.append(_told(row))
            if len(found) == limit:
                return OlderAnswer(found=tuple(found), next=row.id)
        if len(rows) < BLOCK:
            return OlderAnswer(found=tuple(found))
        after = rows[-1].id
    return OlderAnswer(found=tuple(found), next=after)


def _candidates(
    conn: Connection, viewer: Viewer, words: Sequence[str], after: str
) -> list[Row[tuple[object, ...]]]:
    """Tickets in sight in which every word stands somewhere."""
    old = t.ticket.c.closed_at < feed_head(conn).keep_since
    query = select(*TICKET).where(old, visible(viewer), *(_stands(word, viewer.tree) for word in words))
    if after:
        query = query.where(t.ticket.c.id < after)
    return list(conn.execute(query.order_by(t.ticket.c.id.desc()).limit(BLOCK)))


def _stands(word: str, tree: Tree) -> ColumnElement[bool]:
    said = select(t.entry.c.id).where(t.entry.c.ticket == t.ticket.c.id, _holds(t.entry.c.body, word))
    named = select(t.personal.c.key).where(
        t.personal.c.ticket == t.ticket.c.id, _holds(t.personal.c.value, word)
    )
    places = [unit.id for unit in tree.units.values() if word in unit.name.lower()]
    return or_(
        *(_holds(column, word) for column in (t.ticket.c.subject, t.ticket.c.number, t.ticket.c.provisional)),
        said.exists(),
        named.exists(),
        *([t.ticket.c.org.in_(places)] if places else []),
    )


def _holds(column: ColumnElement[str | None], word: str) -> ColumnElement[bool]:
    return column.icontains(word, autoescape=True)


def _readable(
    conn: Connection, viewer: Viewer, words: Sequence[str], rows: Sequence[Row[tuple[object, ...]]]
) -> Iterator[Row[tuple[object, ...]]]:
    """Those tickets in which every word stands where the person may read it."""
    texts = _texts(conn, words, [row.id for row in rows])
    for row in rows:
        classes = viewer.access(ticket_of(row)).classes
        unit = viewer.tree.units.get(row.org)
        read = [row.subject, row.number or "", row.provisional or "", unit.name if unit else ""]
        read += [text for field_class, text in texts[row.id] if CLASS_BIT[field_class] & classes]
        joined = "\n".join(read).lower()
        if classes and all(word in joined for word in words):
            yield row


def _texts(conn: Connection, words: Sequence[str], ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """The class and text of those children in which a word stands, by ticket; erased ones hold none."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    if not ids:
        return found
    for table, column in ((t.entry, t.entry.c.body), (t.personal, t.personal.c.value)):
        any_word = or_(*(_holds(column, word) for word in words))
        query = select(table.c.ticket, table.c.field_class, column).where(table.c.ticket.in_(ids), any_word)
        for ticket, field_class, text in conn.execute(query):
            found[ticket].append((field_class, text))
    return found


def _told(row: Row[tuple[object, ...]]) -> OlderTicket:
    return OlderTicket(
        id=row.id,
        number=row.number or row.provisional or "",
        subject=row.subject,
        status=row.status,
        org=row.org,
        created_at=row.created_at,
        closed_at=row.closed_at,
    )
