"""The search index: a space around each Chinese character, phrase queries, newest first (PLATFORM, Search)."""

import re
from collections.abc import Iterable

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
    return _WIDE.sub(r" \1 ", text)


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
    count = 0
    for id in ids:
        remove(conn, [id])
        found = _words(conn, id)
        if found is None:
            continue
        created_at, words = found
        num = _free_num(conn, created_at)
        sql.run(conn, "INSERT INTO search_doc (num, ticket, words) VALUES (?, ?, ?)", (num, id, words))
        sql.run(conn, "INSERT INTO search (rowid, words) VALUES (?, ?)", (num, words))
        count += 1
    return count


def index_slice(conn: Connection, limit: int) -> int:
    """Index up to `limit` tickets that are not indexed, newest first; 0 when nothing is left to do."""
    ids = sql.column(
        conn, "SELECT id FROM ticket WHERE indexed = 0 ORDER BY created_at DESC LIMIT ?", (limit,)
    )
    index(conn, ids)
    sql.run(
        conn, "UPDATE ticket SET indexed = 1 WHERE id IN (SELECT value FROM json_each(?))", (sql.text(ids),)
    )
    return len(ids)


def remove(conn: Connection, ids: Iterable[str]) -> None:
    """Take tickets out of the index without a trace: it has to be told which words it holds."""
    for num, words in sql.rows(
        conn,
        "SELECT num, words FROM search_doc WHERE ticket IN (SELECT value FROM json_each(?))",
        (sql.text(list(ids)),),
    ):
        sql.run(conn, "INSERT INTO search (search, rowid, words) VALUES ('delete', ?, ?)", (num, words))
        sql.run(conn, "DELETE FROM search_doc WHERE num = ?", (num,))


def _free_num(conn: Connection, created_at: int) -> int:
    """A row id that sorts by the moment the ticket was created."""
    start = created_at << _NUM_SHIFT
    last = sql.value(
        conn, "SELECT max(num) FROM search_doc WHERE num >= ? AND num < ?", (start, start + (1 << _NUM_SHIFT))
    )
    return start if last is None else int(last) + 1


def _words(conn: Connection, id: str) -> tuple[int, str] | None:
    """When a ticket was created, and all the words by which it may be found."""
    found = sql.row(
        conn,
        "SELECT t.created_at, t.subject, t.number, t.provisional, u.name, u.initials, u.code, "
        "a.name, a.initials, c.name, c.initials FROM ticket t LEFT JOIN unit u ON u.id = t.org "
        "LEFT JOIN person a ON a.id = t.assignee LEFT JOIN person c ON c.id = t.creator WHERE t.id = ?",
        (id,),
    )
    if found is None:
        return None
    texts = [str(text) for text in found[1:] if text]
    personal = sql.column(conn, "SELECT value FROM personal WHERE ticket = ? AND value IS NOT NULL", (id,))
    for value in personal:
        texts.append(value)
        texts += _numbers(value)
    texts += sql.column(conn, "SELECT body FROM entry WHERE ticket = ? AND body IS NOT NULL", (id,))
    return found[0], spaced("\n".join(texts))


def _numbers(value: str) -> list[str]:
    """The digits of a phone number, whole and its end."""
    found = []
    for written in _DIGITS.findall(value):
        digits = re.sub(r"\D", "", written)
        found += [digits, digits[-_TAIL:]]
    tail = re.search(r"\*(\d{4})$", value)
    return found + ([tail.group(1)] if tail else [])
