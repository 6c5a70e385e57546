"""The search index: a space around each Chinese character, phrase queries, newest first (PLATFORM, Search)."""

import re
import zlib
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from desktop.replica import sql

_WIDE = re.compile(r"([\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff])")
_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"\d[\d\s\-()+]{2,}\d")
_TAIL = 4
"""People remember the last four digits of a phone number."""

_NUM_SHIFT = 20


def spaced(text: str) -> str:
    """The text with each wide character as a word of its own."""
    return " ".join(_WIDE.split(text))


def phrase(text: str) -> str:
    """An FTS5 query for what somebody typed: each run between spaces a phrase, the last one a prefix."""
    parts = [" ".join(_WORD.findall(spaced(part))) for part in text.split()]
    quoted = [f'"{part}"' for part in parts if part]
    if not quoted:
        return ""
    # A Chinese character is a whole word already; letters and digits may be the beginning of one.
    if not _WIDE.search(text.rstrip()[-1]):
        quoted[-1] += " *"
    return " AND ".join(quoted)


def index(conn: Connection, ids: Iterable[str]) -> int:
    """Index these tickets as they are shown; those that are gone are taken out."""
    given = sorted(set(ids))
    remove(conn, given)
    docs: list[tuple[int, str, bytes]] = []
    words: list[tuple[int, str]] = []
    taken: dict[int, int] = {}
    for id, created_at, text in _texts(conn, given):
        num = max(_free_num(conn, created_at), taken.get(created_at, 0))
        taken[created_at] = num + 1
        docs.append((num, id, zlib.compress(text.encode(), 1)))
        words.append((num, spaced(text)))
    sql.run_many(conn, "INSERT INTO search_doc (num, ticket, words) VALUES (?, ?, ?)", docs)
    # In rising order: the index would be written out at each step back.
    sql.run_many(conn, "INSERT INTO search (rowid, words) VALUES (?, ?)", sorted(words))
    sql.run(
        conn, "UPDATE ticket SET indexed = 1 WHERE id IN (SELECT value FROM json_each(?))", (sql.text(given),)
    )
    return len(docs)


def index_slice(conn: Connection, limit: int) -> int:
    """Index up to `limit` tickets that are not indexed, newest first; 0 when nothing is left to do."""
    ids = sql.column(
        conn, "SELECT id FROM ticket WHERE indexed = 0 ORDER BY created_at DESC LIMIT ?", (limit,)
    )
    return index(conn, ids) if ids else 0


def remove(conn: Connection, ids: Iterable[str]) -> None:
    """Take tickets out of the index without a trace: it has to be told which words it holds."""
    found = sql.rows(
        conn,
        "SELECT num, words FROM search_doc WHERE ticket IN (SELECT value FROM json_each(?)) ORDER BY num",
        (sql.text(list(ids)),),
    )
    sql.run_many(
        conn,
        "INSERT INTO search (search, rowid, words) VALUES ('delete', ?, ?)",
        [(num, spaced(zlib.decompress(words).decode())) for num, words in found],
    )
    sql.run_many(conn, "DELETE FROM search_doc WHERE num = ?", [(num,) for num, _ in found])


def _free_num(conn: Connection, created_at: int) -> int:
    """A row id that sorts by the moment the ticket was created."""
    start = created_at << _NUM_SHIFT
    last = sql.value(
        conn, "SELECT max(num) FROM search_doc WHERE num >= ? AND num < ?", (start, start + (1 << _NUM_SHIFT))
    )
    return start if last is None else int(last) + 1


def _texts(conn: Connection, ids: Sequence[str]) -> list[tuple[str, int, str]]:
    """For each ticket when it was created, and everything by which it may be found."""
    given = (sql.text(ids),)
    said: dict[str, list[str]] = {}
    for id, value in sql.rows(
        conn,
        "SELECT ticket, value FROM personal WHERE value IS NOT NULL AND ticket IN (SELECT value FROM json_each(?))",
        given,
    ):
        said.setdefault(id, []).extend([value, *_numbers(value)])
    for id, body in sql.rows(
        conn,
        "SELECT ticket, body FROM entry WHERE body IS NOT NULL AND ticket IN (SELECT value FROM json_each(?))",
        given,
    ):
        said.setdefault(id, []).append(body)
    found = sql.rows(
        conn,
        "SELECT t.id, t.created_at, t.subject, t.number, t.provisional, u.name, u.initials, u.code, "
        "a.name, a.initials, c.name, c.initials FROM ticket t LEFT JOIN unit u ON u.id = t.org "
        "LEFT JOIN person a ON a.id = t.assignee LEFT JOIN person c ON c.id = t.creator "
        "WHERE t.id IN (SELECT value FROM json_each(?))",
        given,
    )
    return [
        (
            columns[0],
            columns[1],
            "\n".join([str(text) for text in columns[2:] if text] + said.get(columns[0], [])),
        )
        for columns in found
    ]


def _numbers(value: str) -> list[str]:
    """The digits of a phone number, whole and its end."""
    found = []
    for written in _DIGITS.findall(value):
        digits = re.sub(r"\D", "", written)
        found += [digits, digits[-_TAIL:]]
    tail = re.search(r"\*(\d{4})$", value)
    return found + ([tail.group(1)] if tail else [])
