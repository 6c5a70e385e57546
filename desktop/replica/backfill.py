"""The ranges still to be filled, in the order in which a person needs them (SYNC §6)."""

from collections.abc import Iterable

from sqlalchemy import Connection

from desktop.replica import meta, sql
from domain.entities.base import Entity
from domain.wire.sync import Range

CONFIG, MINE, OPEN, REST = range(4)

_COLUMNS = "kind, unit, line, deep, open"
_HELD = "filling_held"
_SAME = "kind = ? AND unit = ? AND line = ? AND deep = ? AND open IS ?"


class Filling(Entity):
    """A range and how far it is filled."""

    range: Range
    after: str


def queue(conn: Connection, ranges: Iterable[Range]) -> None:
    """Queue ranges to be filled from their beginning."""
    for one in ranges:
        drop(conn, one)
        position = CONFIG if one.kind == "config" else MINE if one.kind == "mine" else REST
        if one.kind == "unit" and one.open is not False:
            position = OPEN
        sql.run(
            conn,
            f"INSERT INTO backfill ({_COLUMNS}, position, after, done) VALUES (?, ?, ?, ?, ?, ?, '', 0)",
            (*_key(one), position),
        )


def queue_units(conn: Connection, ranges: Iterable[Range]) -> None:
    """Queue ranges of units: all their open tickets before the first resolved one."""
    for one in ranges:
        queue(conn, [Range(kind="unit", unit=one.unit, line=one.line, deep=one.deep, open=True)])
        queue(conn, [Range(kind="unit", unit=one.unit, line=one.line, deep=one.deep, open=False)])


def following(conn: Connection) -> Filling | None:
    """The range to ask for next."""
    found = sql.row(
        conn, f"SELECT {_COLUMNS}, after FROM backfill WHERE done = 0 ORDER BY position, num LIMIT 1"
    )
    return None if found is None else Filling(range=_range(*found[:5]), after=found[5])


def hold(conn: Connection, *, held: bool) -> None:
    """The person has the rest of their scope wait, or go on coming."""
    meta.put(conn, _HELD, "1" if held else "")


def is_held(conn: Connection) -> bool:
    """Whether the rest of the scope waits until the person has it go on."""
    return meta.get(conn, _HELD) == "1"


def undone_units(conn: Connection) -> list[Range]:
    """The ranges of units that are not filled, without telling open from resolved."""
    found = sql.rows(
        conn, "SELECT DISTINCT kind, unit, line, deep, NULL FROM backfill WHERE done = 0 AND kind = 'unit'"
    )
    return [_range(*columns) for columns in found]


def advance(conn: Connection, filled: Range, *, asked: str, following: str, done: bool) -> None:
    """Note a page; one that was asked for before the range began anew is passed over."""
    if done:
        sql.run(conn, f"UPDATE backfill SET done = 1 WHERE {_SAME} AND after = ?", (*_key(filled), asked))
        _finish(conn)
    else:
        sql.run(
            conn,
            f"UPDATE backfill SET after = ? WHERE {_SAME} AND after = ? AND done = 0",
            (following, *_key(filled), asked),
        )


def fill_all(conn: Connection) -> None:
    """Every range of tickets is filled: all that there is has come by another way."""
    sql.run(conn, "UPDATE backfill SET done = 1 WHERE kind IN ('mine', 'unit')")
    _finish(conn)


def drop(conn: Connection, one: Range) -> None:
    """Forget a range; a unit's without `open` means both its halves."""
    if one.kind == "unit" and one.open is None:
        sql.run(
            conn,
            "DELETE FROM backfill WHERE kind = 'unit' AND unit = ? AND line = ? AND deep = ?",
            _key(one)[1:4],
        )
    else:
        sql.run(conn, f"DELETE FROM backfill WHERE {_SAME}", _key(one))


def restart(conn: Connection) -> None:
    """Forget what was filled; the next scope fills everything, then what was not confirmed is asked for."""
    sql.run(conn, "DELETE FROM backfill")
    sql.run(conn, "DELETE FROM wanted")
    meta.put(conn, "unconfirmed", 1)


def _finish(conn: Connection) -> None:
    """After everything was filled anew, ask for those tickets that did not come: they may be gone."""
    if sql.value(conn, "SELECT 1 FROM backfill WHERE done = 0 LIMIT 1") is not None:
        return
    if not meta.get(conn, "recovery"):
        confirm(conn)


def confirm(conn: Connection) -> None:
    """Ask for those tickets that did not come again; not before a restored server was given what it may lack."""
    if not meta.number(conn, "unconfirmed"):
        return
    meta.put(conn, "unconfirmed", 0)
    sql.run(
        conn,
        "INSERT OR IGNORE INTO wanted SELECT id FROM ticket t LEFT JOIN base b ON b.ticket = t.id "
        "WHERE CASE WHEN b.ticket IS NULL THEN t.rev = 0 "
        "ELSE b.rev = 0 AND json_extract(b.doc, '$.ticket') IS NOT NULL END",
    )


def _key(one: Range) -> tuple[object, ...]:
    return one.kind, one.unit, one.line, int(one.deep), None if one.open is None else int(one.open)


def _range(kind: str, unit: str, line: str, deep: int, open: int | None) -> Range:
    given = None if open is None else bool(open)
    return Range(kind=kind, unit=unit, line=line, deep=bool(deep), open=given)  # type: ignore[arg-type]
